//! Transactions: begun, kept and undone the same way on both engines.

use std::time::{Duration, Instant as Tick};

use crm_core::Result;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::{RunQueryDsl, SqliteConnection};

use crate::pool::SQLITE_BUSY_MS;
use crate::{Conn, Statement, deadline, per_backend};

/// Runs `work` in a transaction: committed when it returns `Ok` in time, else undone.
pub(crate) fn in_transaction<T>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    begin(conn)?;
    let result = work(conn);
    finish(conn, result)
}

/// Runs `work`, which only reads: all of it sees the state of SQLite's database in which it began. So a page agrees
/// with its total, and SQLite's locks are taken and given back once and not for each statement.
pub(crate) fn in_one_state<T>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    Statement::of("BEGIN").execute(conn)?;
    let result = work(conn);
    // There is nothing to keep. Should the connection not even be able to end this, it is not lent again.
    let ended = Statement::of("COMMIT").execute(conn);
    result.and_then(|value| Ok(ended.map(|_| value)?))
}

pub(crate) fn begin(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(conn) => begin_to_write(conn)?,
        Conn::Pg(conn) => AnsiTransactionManager::begin_transaction(conn)?,
    }
    Ok(())
}

/// Takes the write lock now: a transaction that read first and then wants to write could only fail when
/// another process wrote in between.
fn begin_to_write(conn: &mut SqliteConnection) -> diesel::QueryResult<()> {
    let asked = Tick::now();
    let patience = deadline::patience().unwrap_or(Duration::from_millis(SQLITE_BUSY_MS.into()));
    loop {
        let begun = AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE");
        let locked = matches!(&begun, Err(diesel::result::Error::DatabaseError(_, said)) if said.message() == "database is locked");
        if !locked || asked.elapsed() >= patience {
            deadline::waited(asked.elapsed());
            return begun;
        }
    }
}

/// Begins a part of a transaction that can be undone alone.
pub(crate) fn begin_inner(conn: &mut Conn) -> Result<()> {
    Ok(per_backend!(conn, conn => AnsiTransactionManager::begin_transaction(conn))?)
}

/// Ends what was begun last: it stays when the work succeeded in time, else it is undone.
pub(crate) fn finish<T>(conn: &mut Conn, result: Result<T>) -> Result<T> {
    match deadline::in_time(result) {
        Ok(value) => {
            commit(conn)?;
            Ok(value)
        }
        Err(error) => {
            roll_back(conn);
            Err(error)
        }
    }
}

/// Keeps what was begun last.
pub(crate) fn commit(conn: &mut Conn) -> Result<()> {
    Ok(per_backend!(conn, conn => AnsiTransactionManager::commit_transaction(conn))?)
}

/// Undoes what was begun last; whether that worked.
pub(crate) fn roll_back(conn: &mut Conn) -> bool {
    // The reason the work failed matters more than a rollback that failed after it; the connection is
    // tried before it is lent again.
    let undone = per_backend!(conn, conn => AnsiTransactionManager::rollback_transaction(conn));
    if let Err(error) = &undone {
        tracing::warn!(%error, "rollback failed");
    }
    undone.is_ok()
}
