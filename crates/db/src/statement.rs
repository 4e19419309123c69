//! A whole query put together at run time, with its values bound.

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Untyped;
use diesel::{QueryResult, RunQueryDsl};

use crate::{Backend, Conn, Predicate};

/// A query made of SQL and bound values, like [`diesel::sql_query`] but with a [`Predicate`] where one is
/// needed. Its rows are read by name (`QueryableByName`).
#[derive(Clone, Debug)]
pub struct Statement(Predicate);

impl Statement {
    /// The query that this says, from its first word to its last.
    pub fn new(query: Predicate) -> Self {
        Self(query)
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
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}
