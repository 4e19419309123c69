//! Exact totals of the common unfiltered lists.
//!
//! Counting a hundred thousand rows is the whole cost of a list, so each write keeps the total in
//! its own transaction. A total is spread over shards, so that writers on PostgreSQL do not queue
//! for one row; SQLite has one writer anyway.

use std::hash::{BuildHasher, RandomState};

use crm_core::Result;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::{Conn, Engine, Statement};

/// A total that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counter {
    /// Customers not deleted.
    CustomersLive,
    /// Customers deleted.
    CustomersDeleted,
    /// Organizations not deleted.
    OrganizationsLive,
    /// Organizations deleted.
    OrganizationsDeleted,
}

impl Counter {
    /// The total, as SQL for a statement that asks for more.
    pub fn sql(self) -> String {
        let name = self.name();
        format!("(SELECT CAST(COALESCE(SUM(value), 0) AS BIGINT) FROM counters WHERE name = '{name}')")
    }

    fn name(self) -> &'static str {
        match self {
            Self::CustomersLive => "customers.live",
            Self::CustomersDeleted => "customers.deleted",
            Self::OrganizationsLive => "organizations.live",
            Self::OrganizationsDeleted => "organizations.deleted",
        }
    }
}

const SHARDS: u64 = 16;

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

/// Adds to several totals, inside the transaction that changes the rows. Call it last: on
/// PostgreSQL the rows stay locked until the end.
///
/// # Errors
/// What the database answers.
pub fn add(conn: &mut Conn, changes: &mut [(Counter, i64)]) -> Result<()> {
    // One order for everybody: two transactions must not wait for each other's rows.
    changes.sort();
    let shard = match conn.engine() {
        Engine::Sqlite => 0,
        Engine::Postgres => i64::try_from(RandomState::new().hash_one(0) % SHARDS).unwrap_or(0),
    };
    for (counter, by) in changes.iter().filter(|(_, by)| *by != 0) {
        Statement::of(
            "INSERT INTO counters (name, shard, value) VALUES (?, ?, ?) \
             ON CONFLICT (name, shard) DO UPDATE SET value = counters.value + excluded.value",
        )
        .text(counter.name())
        .int(shard)
        .int(*by)
        .execute(conn)?;
    }
    Ok(())
}

/// The sum of some totals, in one statement.
///
/// # Errors
/// What the database answers.
pub fn total(conn: &mut Conn, of: &[Counter]) -> Result<i64> {
    let names = vec!["?"; of.len()].join(", ");
    let query = Statement::of(format!("SELECT value FROM counters WHERE name IN ({names})"));
    // Sixteen rows a total at most: added up here, where 64 bits need no cast on either engine.
    let rows: Vec<Kept> = of.iter().fold(query, |query, counter| query.text(counter.name())).load(conn)?;
    Ok(rows.into_iter().map(|row| row.value).sum())
}
