//! A condition put together at run time, with its values bound, for what diesel's own language
//! cannot say on two engines at once: visibility and text search.

use std::borrow::Cow;

use crm_core::{Id, Instant};
use diesel::QueryResult;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Text, Timestamp};

use crate::Backend;
use crate::among::Ids;

#[derive(Clone, Debug)]
enum Part {
    Sql(Cow<'static, str>),
    Instant(Instant),
    Int(i64),
    Text(String),
    Ids(Ids),
}

/// A condition made of SQL and bound values. The SQL is the program's own text, never a caller's.
#[derive(Clone, Debug, Default)]
pub struct Predicate(Vec<Part>);

impl Predicate {
    /// A condition that starts with this SQL.
    pub fn new(sql: impl Into<Cow<'static, str>>) -> Self {
        Self(vec![Part::Sql(sql.into())])
    }

    /// Goes on with this SQL.
    #[must_use]
    pub fn sql(mut self, sql: impl Into<Cow<'static, str>>) -> Self {
        self.0.push(Part::Sql(sql.into()));
        self
    }

    /// Goes on with this moment, bound.
    #[must_use]
    pub fn instant(mut self, value: Instant) -> Self {
        self.0.push(Part::Instant(value));
        self
    }

    /// Goes on with this number, bound.
    #[must_use]
    pub fn int(mut self, value: i64) -> Self {
        self.0.push(Part::Int(value));
        self
    }

    /// Goes on with this text, bound.
    #[must_use]
    pub fn text(mut self, value: impl Into<String>) -> Self {
        self.0.push(Part::Text(value.into()));
        self
    }

    /// Goes on with the condition that what stands before is one of these ids; none: never.
    #[must_use]
    pub fn among<I: Id>(mut self, ids: impl IntoIterator<Item = I>) -> Self {
        self.0.push(Part::Ids(Ids::new(ids)));
        self
    }

    /// Goes on with another condition.
    #[must_use]
    pub fn then(mut self, other: Predicate) -> Self {
        self.0.extend(other.0);
        self
    }
}

impl Expression for Predicate {
    type SqlType = Bool;
}

impl<T> AppearsOnTable<T> for Predicate {}
impl<T> SelectableExpression<T> for Predicate {}

impl<G> ValidGrouping<G> for Predicate {
    type IsAggregate = is_aggregate::Never;
}

impl QueryId for Predicate {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Backend> for Predicate {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        for part in &self.0 {
            match part {
                Part::Sql(sql) => out.push_sql(sql),
                Part::Instant(value) => out.push_bind_param::<Timestamp, _>(value)?,
                Part::Int(value) => out.push_bind_param::<BigInt, _>(value)?,
                Part::Text(value) => out.push_bind_param::<Text, _>(value)?,
                Part::Ids(ids) => ids.walk(out.reborrow())?,
            }
        }
        Ok(())
    }
}
