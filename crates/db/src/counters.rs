//! Exact totals of common lists.
//!
//! Counting a hundred thousand rows is the whole cost of a list, so each write keeps the totals it
//! changes in its own transaction. A total may be spread over several rows, its shards, so that nobody
//! ever waits for one: on PostgreSQL a writer adds to a shard that no other transaction has locked,
//! and begins another where there is none. So there are as many as have written at once, and totals
//! can be kept anywhere in a transaction and in any order. SQLite has one writer, and one shard.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};

use crm_core::{Result, StaffId};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde::Serialize;

use crate::{Conn, Engine, Predicate, Statement};

/// A total that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counter {
    /// Customers not deleted.
    CustomersLive,
    /// Customers deleted.
    CustomersDeleted,
    /// Customers not deleted in the public pool.
    CustomersPooled,
    /// Customers not deleted of this owner.
    CustomersOwned(StaffId),
    /// Customers not deleted one of whose names contains this, one of [`text_search::parts`](crate::text_search::parts).
    CustomersNamed(String),
    /// Organizations not deleted.
    OrganizationsLive,
    /// Organizations deleted.
    OrganizationsDeleted,
}

/// What the names of the totals of owners begin with, and of those of names.
const OWNED: &str = "customers.owned.";
const NAMED: &str = "customers.named.";
/// How many totals are changed by one statement: PostgreSQL lets none run for long.
const AT_ONCE: usize = 500;

impl Counter {
    fn name(&self) -> Cow<'static, str> {
        match self {
            Self::CustomersLive => "customers.live".into(),
            Self::CustomersDeleted => "customers.deleted".into(),
            Self::CustomersPooled => "customers.pooled".into(),
            Self::CustomersOwned(owner) => format!("{OWNED}{owner}").into(),
            Self::CustomersNamed(part) => format!("{NAMED}{part}").into(),
            Self::OrganizationsLive => "organizations.live".into(),
            Self::OrganizationsDeleted => "organizations.deleted".into(),
        }
    }
}

/// What a write changes in the totals, or several writes of one transaction together.
#[derive(Clone, Debug, Default)]
pub struct Totals(BTreeMap<Cow<'static, str>, i64>);

#[derive(Serialize)]
struct Change<'a> {
    name: &'a str,
    by: i64,
}

impl Totals {
    /// Adds to one of them.
    pub fn add(&mut self, counter: &Counter, by: i64) {
        *self.0.entry(counter.name()).or_default() += by;
    }

    /// Adds what another write changes.
    pub fn merge(&mut self, other: Self) {
        for (name, by) in other.0 {
            *self.0.entry(name).or_default() += by;
        }
    }

    /// Writes it all, inside the transaction that changes the rows: once for all its rows where they
    /// are thousands, for PostgreSQL keeps each state a row had in a transaction until it ends.
    ///
    /// # Errors
    /// What the database answers.
    pub fn keep(&self, conn: &mut Conn) -> Result<()> {
        let changes = self.0.iter().filter(|(_, by)| **by != 0).map(|(name, by)| Change { name, by: *by });
        let changes: Vec<Change<'_>> = changes.collect();
        changes.chunks(AT_ONCE).try_for_each(|changes| write(conn, changes))?;
        // Of those who have something there are few: what names contain comes and goes.
        let gone: Vec<&str> = changes.iter().filter(|change| change.by < 0).map(|change| change.name).collect();
        let gone: Vec<&str> = gone.into_iter().filter(|name| name.starts_with(NAMED)).collect();
        gone.chunks(AT_ONCE).try_for_each(|gone| forget(conn, gone))
    }
}

/// Adds to some totals, inside the transaction that changes the rows.
///
/// # Errors
/// What the database answers.
pub fn add(conn: &mut Conn, changes: &[(Counter, i64)]) -> Result<()> {
    let mut totals = Totals::default();
    for (counter, by) in changes {
        totals.add(counter, *by);
    }
    totals.keep(conn)
}

fn write(conn: &mut Conn, changes: &[Change<'_>]) -> Result<()> {
    const SQLITE: &str = "INSERT INTO counters (name, shard, value) \
         SELECT value ->> 'name', 0, value ->> 'by' FROM json_each(?) WHERE 1 \
         ON CONFLICT (name, shard) DO UPDATE SET value = counters.value + excluded.value";
    // Whoever has a row locked is passed by. A new shard's number is drawn from so many that two never meet. The
    // limit is how many there are: without it PostgreSQL takes them for a hundred, and reads the whole table.
    const POSTGRES: &str = "WITH wanted AS (SELECT name, by FROM json_to_recordset(CAST(? AS JSON)) AS given (name TEXT, by BIGINT) LIMIT ?), \
         free AS MATERIALIZED (SELECT wanted.by, shards.name, shards.shard FROM wanted CROSS JOIN LATERAL \
         (SELECT name, shard FROM counters WHERE counters.name = wanted.name LIMIT 1 FOR UPDATE SKIP LOCKED) AS shards), \
         kept AS (UPDATE counters SET value = counters.value + free.by FROM free \
         WHERE counters.name = free.name AND counters.shard = free.shard RETURNING counters.name) \
         INSERT INTO counters (name, shard, value) \
         SELECT name, ?, by FROM wanted WHERE NOT EXISTS (SELECT 1 FROM kept WHERE kept.name = wanted.name) \
         ON CONFLICT (name, shard) DO UPDATE SET value = counters.value + excluded.value";
    let given = serde_json::to_string(changes).map_err(crm_core::Error::internal)?;
    match conn.engine() {
        Engine::Sqlite => Statement::of(SQLITE).text(given).execute(conn)?,
        Engine::Postgres => {
            let many = i64::try_from(changes.len()).unwrap_or(i64::MAX);
            Statement::of(POSTGRES).text(given).int(many).int(new_shard()).execute(conn)?
        }
    };
    Ok(())
}

/// Takes away those of these totals that are nought, as far as nobody has their shards locked. They would stay for
/// every name there ever was.
fn forget(conn: &mut Conn, names: &[&str]) -> Result<()> {
    const SQLITE: &str =
        "DELETE FROM counters WHERE value = 0 AND shard = 0 AND name IN (SELECT value FROM json_each(?))";
    // Shards may be taken away that together are nought. Those of a total that is something are not locked: whoever
    // adds to it would begin another.
    const POSTGRES: &str = "WITH given AS (SELECT value AS name FROM json_array_elements_text(CAST(? AS JSON)) LIMIT ?), \
         nought AS MATERIALIZED (SELECT name FROM given \
         WHERE (SELECT SUM(value) FROM counters WHERE counters.name = given.name) = 0), \
         free AS MATERIALIZED (SELECT shards.name, shards.shard, shards.value FROM nought CROSS JOIN LATERAL \
         (SELECT name, shard, value FROM counters WHERE counters.name = nought.name FOR UPDATE SKIP LOCKED) AS shards), \
         gone AS (SELECT name FROM free GROUP BY name HAVING SUM(value) = 0) \
         DELETE FROM counters USING free, gone WHERE free.name = gone.name \
         AND counters.name = free.name AND counters.shard = free.shard AND counters.value = free.value";
    let given = serde_json::to_string(names).map_err(crm_core::Error::internal)?;
    match conn.engine() {
        Engine::Sqlite => Statement::of(SQLITE).text(given).execute(conn)?,
        Engine::Postgres => {
            let many = i64::try_from(names.len()).unwrap_or(i64::MAX);
            Statement::of(POSTGRES).text(given).int(many).execute(conn)?
        }
    };
    Ok(())
}

fn new_shard() -> i64 {
    i64::try_from(RandomState::new().hash_one(0) >> 1).unwrap_or_default()
}

/// The sum of some totals, as an expression.
pub fn sum(of: &[Counter]) -> Predicate {
    let names = of.iter().enumerate().fold(Predicate::new("name IN ("), |names, (index, counter)| {
        let names = if index == 0 { names } else { names.sql(", ") };
        names.text(counter.name())
    });
    summed(names.sql(")"))
}

/// How many customers not deleted the people have who meet this condition on rows of `staff`, as an
/// expression.
pub fn owned_by(people: Predicate) -> Predicate {
    let names = Predicate::new(format!("name IN (SELECT '{OWNED}' || staff.id FROM staff WHERE "));
    summed(names.then(people).sql(")"))
}

fn summed(names: Predicate) -> Predicate {
    Predicate::new("(SELECT CAST(COALESCE(SUM(value), 0) AS BIGINT) FROM counters WHERE ").then(names).sql(")")
}

/// The sum of some totals.
///
/// # Errors
/// What the database answers.
pub fn total(conn: &mut Conn, of: &[Counter]) -> Result<i64> {
    Ok(Statement::new(Predicate::new("SELECT ").then(sum(of))).rows::<BigInt>().get_result(conn)?)
}
