//! What came and went in times that are over.
//!
//! Events are only ever added, with the time at which they are: some hours after its end the numbers of a period are
//! what they will always be, and counting them again would cost the more the more customers there are. They are
//! kept in memory, by whose they are; and so are those of the part of a period that is over. Should older events be
//! added all the same, as by a command that fills a database with a past, all that is kept is forgotten: the ids of
//! events grow, and new ones are looked at.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crm_core::{Instant, Result, StaffId};
use crm_db::{Conn, Statement};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Timestamp};

/// How long after its end a period may still get events, in seconds: a transaction that takes long, and a clock that is
/// behind.
const SETTLED: i64 = 7_200;
/// How far apart the moments are up to which the numbers of a period that goes on are kept, in seconds.
const STEP: i64 = 3_600;
/// How many numbers are kept.
const KEPT: usize = 4_000;

/// What is known of periods that are over.
#[derive(Debug, Default)]
pub(super) struct Closed(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// The last event that was looked at; `None` before the first look.
    last: Option<i64>,
    /// How often everything was forgotten.
    forgotten: u64,
    counts: HashMap<Key, i64>,
}

/// What a number counts: of which direction, from when to when, whose (`None`: everybody's).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) came: bool,
    pub(super) start: Instant,
    pub(super) end: Instant,
    pub(super) people: Option<Arc<[StaffId]>>,
}

/// What was known at a moment.
pub(super) struct Memory<'a> {
    closed: &'a Closed,
    forgotten: u64,
    is_current: bool,
    settled: Instant,
}

impl Closed {
    /// What is known now, after a look at the events that were added.
    pub(super) fn look(&self, conn: &mut Conn, now: Instant) -> Result<Memory<'_>> {
        const FIRST: &str = "SELECT COALESCE(MAX(id), 0), COALESCE(MAX(id), 0), NULL FROM customer_events";
        // The limit keeps PostgreSQL from looking for the oldest of all by their times; the rest is for the next time.
        const ADDED: &str = "SELECT (SELECT COALESCE(MAX(id), 0) FROM customer_events), COALESCE(MAX(id), 0), \
             MIN(created_at) FROM (SELECT id, created_at FROM customer_events WHERE id > ? ORDER BY id LIMIT 100000) AS added";
        let settled = now.plus_seconds(-SETTLED);
        let since = self.known().last;
        let look = since.map_or_else(|| Statement::of(FIRST), |last| Statement::of(ADDED).int(last));
        let look = look.rows::<(BigInt, BigInt, Nullable<Timestamp>)>();
        let (newest, last, oldest): (i64, i64, Option<Instant>) = look.get_result(conn)?;
        let mut known = self.known();
        // Two may look for the first time at once: what came between them nobody has looked at.
        let unseen = since.is_none() && known.last.is_some_and(|known| known < last);
        if unseen || oldest.is_some_and(|oldest| oldest < settled) {
            known.counts.clear();
            known.forgotten += 1;
        }
        known.last = known.last.max(Some(last));
        // What is read may be an older state than the one in which others have looked: it says nothing that stays.
        let is_current = known.last <= Some(newest);
        Ok(Memory { closed: self, forgotten: known.forgotten, is_current, settled })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory<'_> {
    /// The moment inside this period up to which it is over, if it is in part.
    pub(super) fn border(&self, start: Instant, end: Instant) -> Option<Instant> {
        let border = self.settled.plus_seconds(-self.settled.unix().rem_euclid(STEP));
        (start < border && border < end).then_some(border)
    }

    /// The number, if it is known.
    pub(super) fn count(&self, key: &Key) -> Option<i64> {
        if !self.is_over(key) {
            return None;
        }
        self.closed.known().counts.get(key).copied()
    }

    /// Keeps a number that was counted since, if its period is over.
    pub(super) fn keep(&self, key: Key, count: i64) {
        let mut known = self.closed.known();
        if !self.is_over(&key) || !self.is_current || known.forgotten != self.forgotten {
            return;
        }
        if known.counts.len() >= KEPT {
            known.counts.clear();
        }
        known.counts.insert(key, count);
    }

    fn is_over(&self, key: &Key) -> bool {
        key.end <= self.settled
    }
}
