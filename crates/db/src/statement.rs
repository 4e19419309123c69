//! A whole query put together at run time, with its values bound.

use std::borrow::Cow;
use std::marker::PhantomData;

use crm_core::Instant;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Untyped;
use diesel::{QueryResult, RunQueryDsl};

use crate::{Backend, Conn, Predicate};

/// A query made of SQL and bound values. Unlike [`diesel::sql_query`] it is prepared once on each
/// connection: a text that comes again is not parsed again. Its rows are read by name
/// (`QueryableByName`), or in order where their types are told ([`Statement::rows`]).
#[derive(Clone, Debug)]
pub struct Statement {
    query: Predicate,
    /// What follows the last value.
    rest: Cow<'static, str>,
}

impl Statement {
    /// The query that this says, from its first word to its last.
    pub fn new(query: Predicate) -> Self {
        Self { query, rest: Cow::Borrowed("") }
    }

    /// The query of this SQL, in which each `?` stands for a value: they are given one after the other.
    pub fn of(sql: impl Into<Cow<'static, str>>) -> Self {
        Self { query: Predicate::default(), rest: sql.into() }
    }

    /// The query, whose rows have columns of these types in this order: they are read like those of
    /// diesel's own queries, faster than by name.
    pub fn rows<Types>(self) -> Rows<Types> {
        Rows { statement: self, types: PhantomData }
    }

    /// The next value is this number.
    #[must_use]
    pub fn int(self, value: i64) -> Self {
        self.up_to_next(|query| query.int(value))
    }

    /// The next value is this moment.
    #[must_use]
    pub fn instant(self, value: Instant) -> Self {
        self.up_to_next(|query| query.instant(value))
    }

    /// The next value is this text.
    #[must_use]
    pub fn text(self, value: impl Into<String>) -> Self {
        self.up_to_next(|query| query.text(value))
    }

    fn up_to_next(self, add: impl FnOnce(Predicate) -> Predicate) -> Self {
        let (before, rest) = match self.rest {
            Cow::Borrowed(text) => {
                let (before, rest) = text.split_once('?').unwrap_or((text, ""));
                (Cow::Borrowed(before), Cow::Borrowed(rest))
            }
            Cow::Owned(text) => {
                let (before, rest) = text.split_once('?').unwrap_or((&text, ""));
                (Cow::Owned(before.to_owned()), Cow::Owned(rest.to_owned()))
            }
        };
        Self { query: add(self.query.sql(before)), rest }
    }
}

impl Query for Statement {
    type SqlType = Untyped;
}

impl RunQueryDsl<Conn> for Statement {}

impl QueryId for Statement {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Backend> for Statement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(&self.rest);
        Ok(())
    }
}

/// A [`Statement`] whose rows have columns of known types.
#[derive(Clone, Debug)]
pub struct Rows<Types> {
    statement: Statement,
    types: PhantomData<Types>,
}

impl<Types> Query for Rows<Types> {
    type SqlType = Types;
}

impl<Types> RunQueryDsl<Conn> for Rows<Types> {}

impl<Types> QueryId for Rows<Types> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Types> QueryFragment<Backend> for Rows<Types> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        self.statement.walk_ast(out)
    }
}
