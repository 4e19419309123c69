//! The columns of a row as SQL text, made once instead of once for each query.

use diesel::Selectable;
use diesel::query_builder::{QueryBuilder, QueryFragment};
use diesel::sqlite::{Sqlite, SqliteQueryBuilder};

/// The columns that `T` is read from, in order, each with its table, as both engines read them: for a
/// [`Statement`](crate::Statement) whose text is kept, since diesel writes a column's name letter by
/// letter whenever a query is run.
pub fn columns<T>() -> String
where
    T: Selectable<Sqlite>,
    T::SelectExpression: QueryFragment<Sqlite>,
{
    let mut text = SqliteQueryBuilder::new();
    match T::construct_selection().to_sql(&mut text, &Sqlite) {
        Ok(()) => text.finish().replace('`', "\""),
        // A selection of columns has nothing that could fail; if it had, the database would say so.
        Err(error) => error.to_string(),
    }
}
