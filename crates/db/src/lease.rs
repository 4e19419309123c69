//! Leases: which of several processes does a task now.
//!
//! A lease is a row with an end, by the database's own clock, so that machines need not agree on the
//! time. Who dies holding one simply lets it run out.

use crm_core::{Instant, Result};
use diesel::RunQueryDsl;
use diesel::prelude::QueryableByName;
use diesel::sql_types::{BigInt, Text, Timestamp};

use crate::Conn;

#[derive(QueryableByName)]
struct Now {
    #[diesel(sql_type = Timestamp)]
    now: Instant,
}

#[derive(QueryableByName)]
struct Held {
    #[diesel(sql_type = BigInt)]
    held: i64,
}

/// Takes or renews a lease for so many seconds from now; `false` while somebody else has it. Call it in
/// a transaction of its own: on PostgreSQL others wait for the row until that ends.
///
/// # Errors
/// What the database answers.
pub fn take(conn: &mut Conn, name: &str, holder: &str, seconds: i64) -> Result<bool> {
    // UTC on both engines: text on SQLite, and PostgreSQL sends every moment as UTC.
    let now = diesel::sql_query("SELECT CURRENT_TIMESTAMP AS now").get_result::<Now>(conn)?.now;
    let taken = diesel::sql_query(
        "INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at \
         WHERE leases.holder = excluded.holder OR leases.expires_at <= $4",
    )
    .bind::<Text, _>(name)
    .bind::<Text, _>(holder)
    .bind::<Timestamp, _>(now.plus_seconds(seconds))
    .bind::<Timestamp, _>(now)
    .execute(conn)?;
    Ok(taken > 0)
}

/// Whether somebody else has the lease now.
///
/// # Errors
/// What the database answers.
pub fn is_held_by_another(conn: &mut Conn, name: &str, holder: &str) -> Result<bool> {
    let others = diesel::sql_query(
        "SELECT COUNT(*) AS held FROM leases WHERE name = $1 AND holder <> $2 AND expires_at > CURRENT_TIMESTAMP",
    )
    .bind::<Text, _>(name)
    .bind::<Text, _>(holder)
    .get_result::<Held>(conn)?;
    Ok(others.held > 0)
}

/// Gives a lease back before its time, for whoever comes next.
///
/// # Errors
/// What the database answers.
pub fn give_back(conn: &mut Conn, name: &str, holder: &str) -> Result<()> {
    diesel::sql_query("DELETE FROM leases WHERE name = $1 AND holder = $2")
        .bind::<Text, _>(name)
        .bind::<Text, _>(holder)
        .execute(conn)?;
    Ok(())
}
