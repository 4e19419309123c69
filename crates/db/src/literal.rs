//! SQL that diesel's own language cannot say, as an expression.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping, is_aggregate,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};

use crate::Backend;

/// An expression of this SQL, as `diesel::dsl::sql` makes one; but the query it is in is prepared once
/// on each connection.
#[derive(Clone, Copy, Debug)]
pub struct Literal<T> {
    sql: &'static str,
    kind: PhantomData<T>,
}

impl<T> Literal<T> {
    /// This SQL, which is of type `T`.
    pub const fn new(sql: &'static str) -> Self {
        Self { sql, kind: PhantomData }
    }
}

impl<T: TypedExpressionType> Expression for Literal<T> {
    type SqlType = T;
}

impl<T: TypedExpressionType, From> AppearsOnTable<From> for Literal<T> {}
impl<T: TypedExpressionType, From> SelectableExpression<From> for Literal<T> {}

impl<T, G> ValidGrouping<G> for Literal<T> {
    type IsAggregate = is_aggregate::Never;
}

impl<T> QueryId for Literal<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T> QueryFragment<Backend> for Literal<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql(self.sql);
        Ok(())
    }
}
