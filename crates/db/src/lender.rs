//! Lending connections out of a pool, and counting how long that takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant as Tick};

use crm_core::{Error, Result};
use diesel::r2d2::{Pool, PooledConnection};

use crate::group::Transaction;
use crate::line::{Called, Line, Turn};
use crate::pool::{Manager, POOL_WAIT, ping};
use crate::{Conn, deadline};

/// A pool of connections.
#[derive(Clone)]
pub(crate) struct Lender(Arc<Inner>);

struct Inner {
    name: &'static str,
    pool: Pool<Manager>,
    /// Where those who want the one connection of this pool wait. Without it they wait for the pool.
    line: Option<Arc<Line>>,
    lent: AtomicU64,
    timeouts: AtomicU64,
    waited_micros: AtomicU64,
}

/// How a pool of connections is used.
#[derive(Clone, Copy, Debug)]
pub struct PoolUse {
    /// Which pool: `reader` and `writer` on SQLite, `all` on PostgreSQL.
    pub name: &'static str,
    /// How many connections it may have open.
    pub max: u32,
    /// How many are lent.
    pub in_use: u32,
    /// How many are open and wait to be lent.
    pub idle: u32,
    /// How many times one has been lent.
    pub lent: u64,
    /// How many times none was free in time.
    pub timeouts: u64,
    /// How long all those who asked have waited together.
    pub waited: Duration,
}

/// What one who wants to write gets.
pub(crate) enum Got {
    /// A connection to begin a transaction on.
    Free(Lent),
    /// A transaction that others have written in and have not ended.
    Open(Transaction),
}

impl Lender {
    pub(crate) fn new(name: &'static str, pool: Pool<Manager>) -> Self {
        Self::with_line(name, pool, None)
    }

    /// Lends the one connection of this pool, and hands over transactions: see [`Lender::lend_or_join`].
    pub(crate) fn of_one(name: &'static str, pool: Pool<Manager>) -> Self {
        Self::with_line(name, pool, Some(Arc::default()))
    }

    fn with_line(name: &'static str, pool: Pool<Manager>, line: Option<Arc<Line>>) -> Self {
        Self(Arc::new(Inner {
            name,
            pool,
            line,
            lent: AtomicU64::new(0),
            timeouts: AtomicU64::new(0),
            waited_micros: AtomicU64::new(0),
        }))
    }

    /// A connection on which no transaction is open, unless nobody waits for the thread's work any more or
    /// none is free in time.
    pub(crate) fn lend(&self) -> Result<Lent> {
        match self.lend_or_join()? {
            Got::Free(lent) => Ok(lent),
            // Whether that succeeded is the concern of those who wrote in it.
            Got::Open(transaction) => Ok(transaction.commit().0),
        }
    }

    /// A connection, or the transaction of others on it, unless nobody waits for the thread's work any more
    /// or none is free in time.
    pub(crate) fn lend_or_join(&self) -> Result<Got> {
        if deadline::is_past() {
            return Err(Error::Unavailable);
        }
        let asked = Tick::now();
        let got = self.get(asked, deadline::patience().unwrap_or(POOL_WAIT));
        deadline::waited(asked.elapsed());
        let waited = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.0.waited_micros.fetch_add(waited, Ordering::Relaxed);
        let count = if got.is_some() { &self.0.lent } else { &self.0.timeouts };
        count.fetch_add(1, Ordering::Relaxed);
        got.ok_or(Error::Unavailable)
    }

    fn get(&self, asked: Tick, patience: Duration) -> Option<Got> {
        let turn = match &self.0.line {
            None => None,
            Some(line) => match line.wait(patience)? {
                Called::Free(turn) => Some(turn),
                Called::Open(transaction) => return Some(Got::Open(transaction)),
            },
        };
        let slot = self.0.pool.get_timeout(patience.saturating_sub(asked.elapsed())).ok()?;
        Some(Got::Free(Lent { slot: Box::new(slot), turn }))
    }

    pub(crate) fn in_use(&self) -> PoolUse {
        let state = self.0.pool.state();
        PoolUse {
            name: self.0.name,
            max: self.0.pool.max_size(),
            in_use: state.connections.saturating_sub(state.idle_connections),
            idle: state.idle_connections,
            lent: self.0.lent.load(Ordering::Relaxed),
            timeouts: self.0.timeouts.load(Ordering::Relaxed),
            waited: Duration::from_micros(self.0.waited_micros.load(Ordering::Relaxed)),
        }
    }
}

/// A connection out of its pool, until it is dropped.
pub(crate) struct Lent {
    slot: Box<PooledConnection<Manager>>,
    /// After the connection: it is back in its pool before the next one is called.
    turn: Option<Turn>,
}

impl Lent {
    pub(crate) fn conn(&mut self) -> &mut Conn {
        &mut self.slot.conn
    }

    /// To be called when the work is done. After a failure of the database the connection may be dead:
    /// a dead one is not lent again.
    pub(crate) fn settle<T>(&mut self, result: &Result<T>) {
        self.slot.used = Tick::now();
        if matches!(result, Err(Error::Unavailable | Error::Internal(_))) {
            self.slot.broken = ping(&mut self.slot.conn).is_err();
        }
    }

    /// Not to be lent again, whatever state it is in.
    pub(crate) fn discard(mut self) {
        self.slot.broken = true;
    }

    /// The line of those who wait for this connection.
    pub(crate) fn line(&self) -> Option<&Arc<Line>> {
        self.turn.as_ref().map(Turn::line)
    }
}
