//! "One of these ids" as one bound value, so that a query has the same text for two ids and for a
//! thousand: it is prepared once and kept, and there is no limit to split lists for. One id alone, as
//! of a page with one record, is compared as it is: no list has to be taken apart for it.

use crm_core::Id;
use diesel::QueryResult;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Text};

use crate::Backend;
use crate::connection::Engine;

/// Ids as they are bound: one as it is, several as numbers with commas between them.
#[derive(Clone, Debug)]
pub(crate) enum Ids {
    One(i64),
    Several(String),
}

impl Ids {
    pub(crate) fn new<I: Id>(ids: impl IntoIterator<Item = I>) -> Self {
        let mut ids = ids.into_iter().map(Id::raw);
        match (ids.next(), ids.next()) {
            (Some(only), None) => Self::One(only),
            (first, second) => {
                let all = first.into_iter().chain(second).chain(ids);
                Self::Several(all.map(|id| id.to_string()).collect::<Vec<_>>().join(","))
            }
        }
    }

    /// The condition behind a column.
    pub(crate) fn walk<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        let several = match self {
            Self::One(id) => {
                out.push_sql(" = ");
                return out.push_bind_param::<BigInt, _>(id);
            }
            Self::Several(several) => several,
        };
        let (before, after) = match Engine::of(out.backend()) {
            Engine::Sqlite => (" IN (SELECT value FROM json_each('[' || ", " || ']'))"),
            Engine::Postgres => (" = ANY(CAST(string_to_array(", ", ',') AS BIGINT[]))"),
        };
        out.push_sql(before);
        out.push_bind_param::<Text, _>(several)?;
        out.push_sql(after);
        Ok(())
    }
}

/// The condition that a column is one of these ids.
#[derive(Clone, Debug)]
pub struct Among<C> {
    column: C,
    ids: Ids,
}

/// `column` is one of these ids, of which there may be any number; none: never.
pub fn among<C, I: Id>(column: C, ids: impl IntoIterator<Item = I>) -> Among<C> {
    Among { column, ids: Ids::new(ids) }
}

impl<C> Expression for Among<C> {
    type SqlType = Bool;
}

impl<C: AppearsOnTable<T>, T> AppearsOnTable<T> for Among<C> {}
impl<C: SelectableExpression<T>, T> SelectableExpression<T> for Among<C> {}

impl<C, G> ValidGrouping<G> for Among<C> {
    type IsAggregate = is_aggregate::Never;
}

impl<C> QueryId for Among<C> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C: QueryFragment<Backend>> QueryFragment<Backend> for Among<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        self.ids.walk(out)
    }
}
