//! Exact totals of the common unfiltered lists.
//!
//! Counting a hundred thousand rows is the whole cost of a list, so each write keeps the total in
//! its own transaction. A total is spread over shards, so that writers on PostgreSQL do not queue
//! for one row; SQLite has one writer anyway.

use std::hash::{BuildHasher, RandomState};

use crm_core::Result;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, SmallInt, Text};

use crate::{Conn, Engine};

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
        Engine::Postgres => i16::try_from(RandomState::new().hash_one(0) % SHARDS).unwrap_or(0),
    };
    for (counter, by) in changes.iter().filter(|(_, by)| *by != 0) {
        diesel::sql_query(
            "INSERT INTO counters (name, shard, value) VALUES ($1, $2, $3) \
             ON CONFLICT (name, shard) DO UPDATE SET value = counters.value + excluded.value",
        )
        .bind::<Text, _>(counter.name())
        .bind::<SmallInt, _>(shard)
        .bind::<BigInt, _>(*by)
        .execute(conn)?;
    }
    Ok(())
}

/// The sum of some totals, in one statement.
///
/// # Errors
/// What the database answers.
pub fn total(conn: &mut Conn, of: &[Counter]) -> Result<i64> {
    use crate::schema::counters::dsl::{counters, name, value};

    let names: Vec<&str> = of.iter().map(|counter| counter.name()).collect();
    // Sixteen rows a total at most: added up here, where 64 bits need no cast on either engine.
    let values: Vec<i64> = counters.filter(name.eq_any(names)).select(value).load(conn)?;
    Ok(values.into_iter().sum())
}
