//! Link tables: the people, customers or organizations a record names, in the order they were given.
//!
//! All link tables have the same three columns, so the SQL is written once, here.

use std::collections::HashMap;
use std::marker::PhantomData;

use crm_core::{Id, Result};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::{Conn, Predicate, Statement};

/// Rows per `INSERT`: both engines limit the bound values of one statement.
const CHUNK: usize = 500;

/// The list in pieces that fit one statement.
pub fn chunks<T>(ids: &[T]) -> std::slice::Chunks<'_, T> {
    ids.chunks(CHUNK)
}

/// These ids, each once, in their order: the order in which everybody locks.
pub fn distinct<I: Id>(ids: impl IntoIterator<Item = I>) -> Vec<I> {
    let mut ids: Vec<I> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// What is known of these ids, in the order they were given: the names of what a record names.
pub fn in_order<I: Id, T: Clone>(ids: &[I], known: &HashMap<I, T>) -> Vec<T> {
    ids.iter().filter_map(|id| known.get(id).cloned()).collect()
}

/// A link table from records of one kind (`From`) to records of another (`To`).
#[derive(Clone, Copy, Debug)]
pub struct Links<From, To> {
    table: &'static str,
    from: &'static str,
    to: &'static str,
    kinds: PhantomData<(From, To)>,
}

#[derive(QueryableByName)]
struct Link {
    #[diesel(sql_type = BigInt)]
    from_id: i64,
    #[diesel(sql_type = BigInt)]
    to_id: i64,
}

impl<From: Id, To: Id> Links<From, To> {
    /// The link table of this name, with the columns `from`, `to` and `position`.
    pub const fn new(table: &'static str, from: &'static str, to: &'static str) -> Self {
        Self { table, from, to, kinds: PhantomData }
    }

    /// What one record names, in order.
    ///
    /// # Errors
    /// What the database answers.
    pub fn of(&self, conn: &mut Conn, record: From) -> Result<Vec<To>> {
        Ok(self.of_all(conn, &[record])?.remove(&record).unwrap_or_default())
    }

    /// What each of these records names, in order; one statement for a page of records.
    ///
    /// # Errors
    /// What the database answers.
    pub fn of_all(&self, conn: &mut Conn, records: &[From]) -> Result<HashMap<From, Vec<To>>> {
        let mut found: HashMap<From, Vec<To>> = HashMap::with_capacity(records.len());
        if records.is_empty() {
            return Ok(found);
        }
        let Self { table, from, to, .. } = self;
        let query = Predicate::new(format!("SELECT {from} AS from_id, {to} AS to_id FROM {table} WHERE {from}"))
            .among(records.iter().copied())
            .sql(format!(" ORDER BY {from}, position"));
        for link in Statement::new(query).load::<Link>(conn)? {
            found.entry(From::from_raw(link.from_id)).or_default().push(To::from_raw(link.to_id));
        }
        Ok(found)
    }

    /// Makes the record name these and no others.
    ///
    /// # Errors
    /// What the database answers.
    pub fn replace(&self, conn: &mut Conn, record: From, to: &[To]) -> Result<()> {
        let Self { table, from, .. } = self;
        Statement::of(format!("DELETE FROM {table} WHERE {from} = ?")).int(record.raw()).execute(conn)?;
        self.insert(conn, record, to)
    }

    /// Makes a record that names none yet name these.
    ///
    /// # Errors
    /// What the database answers.
    pub fn insert(&self, conn: &mut Conn, record: From, to: &[To]) -> Result<()> {
        let Self { table, from, to: column, .. } = self;
        // PostgreSQL locks what a link points at, row by row: in the order of the ids, as everybody does.
        let mut links: Vec<(i64, To)> = (0..).zip(to.iter().copied()).collect();
        links.sort_unstable_by_key(|(_, id)| *id);
        for links in chunks(&links) {
            let rows = vec!["(?, ?, ?)"; links.len()].join(", ");
            let insert = Statement::of(format!("INSERT INTO {table} ({from}, {column}, position) VALUES {rows}"));
            let fill =
                |insert: Statement, (position, id): &(i64, To)| insert.int(record.raw()).int(id.raw()).int(*position);
            links.iter().fold(insert, fill).execute(conn)?;
        }
        Ok(())
    }
}
