//! SQL that diesel's own language cannot say, as an expression.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping, is_aggregate,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::SmallInt;

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

/// States of records, said in the SQL and not bound: an index of only the rows that are not deleted serves
/// no query whose plan is made before its values are known.
impl Literal<SmallInt> {
    /// [`crm_core::DELETED`], of records of every kind.
    pub const DELETED: Self = Self::new("-1");
    /// What follow-ups, demands, satisfaction records and contracts are until they are deleted.
    pub const LIVE: Self = Self::new("0");
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
