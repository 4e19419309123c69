//! Stages, sources and categories: the option tables of customers (vendor-surfaces §1). They have
//! the same columns, so the SQL is written once, here.

use std::collections::HashMap;
use std::marker::PhantomData;

use crm_core::{CategoryId, Error, Id, Patch, Problems, Result, SourceId, StageId};
use crm_db::{Backend, Conn, chunks, distinct};
use crm_staff::people::note_missing;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

/// One of the option tables, whose rows have ids of this kind.
#[derive(Clone, Copy, Debug)]
pub struct OptionTable<I> {
    table: &'static str,
    kind: PhantomData<I>,
}

/// How far customers come.
pub const STAGES: OptionTable<StageId> = OptionTable::new("customer_stages");
/// Where customers come from.
pub const SOURCES: OptionTable<SourceId> = OptionTable::new("customer_sources");
/// What kinds of customers there are.
pub const CATEGORIES: OptionTable<CategoryId> = OptionTable::new("customer_categories");

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

impl<I: Id> OptionTable<I> {
    const fn new(table: &'static str) -> Self {
        Self { table, kind: PhantomData }
    }

    /// What these options are called, retired ones too.
    ///
    /// # Errors
    /// What the database answers.
    pub fn names(&self, conn: &mut Conn, ids: impl IntoIterator<Item = I>) -> Result<HashMap<I, String>> {
        let ids = distinct(ids);
        let mut names = HashMap::with_capacity(ids.len());
        for ids in chunks(&ids) {
            let list = (1..=ids.len()).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ");
            let text = format!("SELECT id, name FROM {} WHERE id IN ({list})", self.table);
            let mut query = diesel::sql_query(text).into_boxed::<Backend>();
            for id in ids {
                query = query.bind::<BigInt, _>(id.raw());
            }
            let rows: Vec<Named> = query.load(conn)?;
            names.extend(rows.into_iter().map(|row| (I::from_raw(row.id), row.name)));
        }
        Ok(names)
    }

    /// Whether customers may be given this option: it is there and not retired.
    pub(crate) fn is_active(&self, conn: &mut Conn, id: I) -> Result<bool> {
        let text = format!("SELECT id FROM {} WHERE id = $1 AND is_active = 1", self.table);
        let found: Option<Found> = diesel::sql_query(text).bind::<BigInt, _>(id.raw()).get_result(conn).optional()?;
        Ok(found.is_some())
    }
}

/// Notes on `field` an option that is missing or retired; the one the customer has already (`kept`)
/// is not asked about again.
pub(crate) fn check<I: Id>(
    conn: &mut Conn,
    problems: &mut Problems,
    options: &OptionTable<I>,
    field: &str,
    id: &Patch<I>,
    kept: Option<I>,
) -> Result<()> {
    let Some(id) = id.value().copied().filter(|id| Some(*id) != kept) else { return Ok(()) };
    if !options.is_active(conn, id)? {
        note_missing(problems, field, &[id], &[]);
    }
    Ok(())
}

/// The stage a new customer is in: the default one, else the first that is not retired.
pub(crate) fn first_stage(conn: &mut Conn) -> Result<StageId> {
    let found: Option<Found> = diesel::sql_query(
        "SELECT id FROM customer_stages WHERE is_active = 1 ORDER BY is_default DESC, sort_num, id LIMIT 1",
    )
    .get_result(conn)
    .optional()?;
    found.map(|found| StageId(found.id)).ok_or_else(|| Error::internal("no stage is active"))
}
