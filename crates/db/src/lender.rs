//! Lending connections out of a pool, and counting how long that takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant as Tick};

use crm_core::{Error, Result};
use diesel::r2d2::{Pool, PooledConnection};

use crate::pool::{Manager, ping};
use crate::{Conn, deadline};

/// A pool of connections.
#[derive(Clone)]
pub(crate) struct Lender(Arc<Inner>);

struct Inner {
    name: &'static str,
    pool: Pool<Manager>,
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

impl Lender {
    pub(crate) fn new(name: &'static str, pool: Pool<Manager>) -> Self {
        Self(Arc::new(Inner {
            name,
            pool,
            lent: AtomicU64::new(0),
            timeouts: AtomicU64::new(0),
            waited_micros: AtomicU64::new(0),
        }))
    }

    /// A connection, unless nobody waits for the thread's work any more or none is free in time.
    pub(crate) fn lend(&self) -> Result<Lent> {
        if deadline::is_past() {
            return Err(Error::Unavailable);
        }
        let asked = Tick::now();
        let got = match deadline::patience() {
            Some(patience) => self.0.pool.get_timeout(patience),
            None => self.0.pool.get(),
        };
        deadline::waited(asked.elapsed());
        let waited = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.0.waited_micros.fetch_add(waited, Ordering::Relaxed);
        match got {
            Ok(slot) => {
                self.0.lent.fetch_add(1, Ordering::Relaxed);
                Ok(Lent(Box::new(slot)))
            }
            Err(_) => {
                self.0.timeouts.fetch_add(1, Ordering::Relaxed);
                Err(Error::Unavailable)
            }
        }
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
pub(crate) struct Lent(Box<PooledConnection<Manager>>);

impl Lent {
    pub(crate) fn conn(&mut self) -> &mut Conn {
        &mut self.0.conn
    }

    /// To be called when the work is done. After a failure of the database the connection may be dead:
    /// a dead one is not lent again.
    pub(crate) fn settle<T>(&mut self, result: &Result<T>) {
        self.0.used = Tick::now();
        if matches!(result, Err(Error::Unavailable | Error::Internal(_))) {
            self.0.broken = ping(&mut self.0.conn).is_err();
        }
    }

    /// Not to be lent again, whatever state it is in.
    pub(crate) fn discard(mut self) {
        self.0.broken = true;
    }
}
