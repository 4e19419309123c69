//! Writes of several threads in one transaction of SQLite, so that they share one sync of the disk.
//!
//! One connection writes, and whoever wants to write waits in [`line`](crate::line) for it. Whoever has done its
//! work and sees that others wait does not commit: it hands the connection with its open transaction to the
//! next one, and waits for what becomes of it. The last one commits, and all are told. So nobody ever waits
//! for company, and a lone writer does what it would do without all this.
//!
//! - Each one after the first works under a savepoint, and is undone alone when it fails.
//! - What they make findable is written when all have done their work: see [`put_off`].
//! - It sees what those before it have written and not committed. That is sound because it cannot be committed
//!   without them; and because a refusal may come of what it saw, one that failed waits for the commit too.
//! - A commit that fails, a transaction that SQLite ends by itself (a full disk) and a panic fail all who wrote in
//!   it: nobody is told that a write was done before it is on the disk.
//! - Constraints are checked by the statement that breaks them. A deferred one (there is none) would fail a group
//!   for the fault of one.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant as Tick};

use crm_core::{Error, Result};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::lender::{Got, Lender, Lent};
use crate::text_search::Document;
use crate::transaction::{begin, commit, finish, roll_back};
use crate::{Conn, Statement, deadline, put_off};

/// A transaction this old is not handed on: those who wrote in it wait for the others.
const AGE: Duration = Duration::from_millis(10);
/// How many write in one transaction at most.
const MEMBERS: u32 = 64;
/// A transaction is not handed on when one who wrote in it has less time left than this.
const MARGIN: Duration = Duration::from_secs(1);

/// Runs `work` in a transaction, perhaps with others. What has long time, such as an import, begins its own.
pub(crate) fn write<T>(lender: &Lender, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    // Those who have written would wait for it.
    let got = if deadline::is_long() { Got::Free(lender.lend()?) } else { lender.lend_or_join()? };
    match got {
        Got::Free(lent) => first(lent, work),
        Got::Open(transaction) => transaction.join(work),
    }
}

/// Needs no savepoint: to undo the first is to undo all there is.
fn first<T>(mut lent: Lent, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    let begun = begin(lent.conn());
    if begun.is_err() {
        lent.settle(&begun);
    }
    begun?;
    let since = Tick::now();
    let (result, documents) = part(lent.conn(), work);
    match result {
        Ok(value) if lent.line().is_some_and(|line| line.is_waited_in()) && stands(lent.conn()) => {
            Transaction::new(lent, since, documents).go_on(Ok(value))
        }
        result => {
            let result = result.and_then(|value| put_off::write(lent.conn(), documents).map(|()| value));
            let result = finish(lent.conn(), result);
            lent.settle(&result);
            result
        }
    }
}

/// Runs `work`, and tells with its result what it made findable that is still to be written. Nothing is put off by
/// what has long time: it writes much, and looks for it.
fn part<T>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T>) -> (Result<T>, Vec<Document>) {
    if deadline::is_short() {
        put_off::gathering(|| deadline::in_time(work(conn)))
    } else {
        (deadline::in_time(work(conn)), Vec::new())
    }
}

/// Whether a transaction is open. SQLite ends it by itself on some failures; after work that went on all the
/// same, the savepoint of the next one would be a transaction of its own.
fn stands(conn: &mut Conn) -> bool {
    // Refused inside a transaction, and only there.
    let begun = conn.batch_execute("BEGIN").is_ok();
    if begun {
        let _ = conn.batch_execute("ROLLBACK");
    }
    !begun
}

/// An open transaction in which somebody has written.
pub(crate) struct Transaction {
    lent: Lent,
    /// After the connection: in a panic the transaction ends before they are told.
    group: Group,
    since: Tick,
    members: u32,
    /// What they made findable.
    documents: Vec<Document>,
    /// When the first of those who wrote in it is not waited for any more.
    until: Option<Tick>,
}

impl Transaction {
    fn new(lent: Lent, since: Tick, documents: Vec<Document>) -> Self {
        Self { lent, group: Group(Arc::default()), since, members: 0, documents, until: None }
    }

    /// Runs `work` in it, as a part that can be undone alone.
    fn join<T>(mut self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let conn = self.lent.conn();
        let (result, documents) = match savepoint(conn, "SAVEPOINT member") {
            Ok(()) => part(conn, work),
            Err(error) => (Err(error), Vec::new()),
        };
        if result.is_ok() {
            self.documents.extend(documents);
        }
        let undone = if result.is_err() { savepoint(conn, "ROLLBACK TO member") } else { Ok(()) };
        match undone.and_then(|()| savepoint(conn, "RELEASE member")) {
            Ok(()) => self.go_on(result),
            Err(_) => {
                // It ended by itself, and what was refused in it may be as it was before.
                let _ = self.end(false);
                Err(result.err().filter(|error| matches!(error, Error::Internal(_))).unwrap_or(Error::Unavailable))
            }
        }
    }

    /// Hands it on or commits it; `result` is what came of this thread's part.
    fn go_on<T>(mut self, result: Result<T>) -> Result<T> {
        self.members = self.members.saturating_add(1);
        if result.is_ok() {
            self.until = [self.until, deadline::until()].into_iter().flatten().min();
        }
        let outcome = Arc::clone(&self.group.0);
        match self.hand_on() {
            Ok(()) => outcome.told(),
            Err(last) => last.commit().1,
        }?;
        result
    }

    /// Gives it to the next one; back when nobody waits or those in it should not.
    fn hand_on(self) -> Result<(), Self> {
        let has_time = self.until.is_none_or(|until| until.saturating_duration_since(Tick::now()) > MARGIN);
        let may_grow = has_time && self.members < MEMBERS && self.since.elapsed() < AGE;
        match self.lent.line().filter(|_| may_grow).cloned() {
            Some(line) => line.call_to(self),
            None => Err(self),
        }
    }

    /// Commits it and tells all who wrote in it; its connection, and whether that succeeded.
    pub(crate) fn commit(self) -> (Lent, Result<()>) {
        // One of them may have been told "try again" meanwhile.
        let in_time = self.until.is_none_or(|until| Tick::now() < until);
        self.end(in_time)
    }

    fn end(self, keep: bool) -> (Lent, Result<()>) {
        let Self { mut lent, group, documents, .. } = self;
        let written = if keep { put_off::write(lent.conn(), documents) } else { Err(Error::Unavailable) };
        let result = match written {
            Ok(()) => commit(lent.conn()),
            Err(error) => {
                roll_back(lent.conn());
                Err(error)
            }
        };
        lent.settle(&result);
        group.0.tell(&result);
        (lent, result)
    }
}

fn savepoint(conn: &mut Conn, statement: &'static str) -> Result<()> {
    Statement::of(statement).execute(conn)?;
    Ok(())
}

/// All who wrote in a transaction.
struct Group(Arc<Outcome>);

impl Drop for Group {
    /// After a panic.
    fn drop(&mut self) {
        self.0.tell(&Err(Error::Unavailable));
    }
}

/// What became of a transaction.
#[derive(Default)]
struct Outcome(OnceLock<Ended>);

enum Ended {
    Committed,
    Unavailable,
    /// With this reason.
    Failed(String),
}

impl Outcome {
    fn tell(&self, result: &Result<()>) {
        let ended = match result {
            Ok(()) => Ended::Committed,
            Err(Error::Internal(reason)) => Ended::Failed(reason.to_string()),
            Err(_) => Ended::Unavailable,
        };
        // Told once: what is said when everything is over changes nothing.
        let _ = self.0.set(ended);
    }

    /// Waits until it is known.
    fn told(&self) -> Result<()> {
        match self.0.wait() {
            Ended::Committed => Ok(()),
            Ended::Unavailable => Err(Error::Unavailable),
            Ended::Failed(reason) => Err(Error::internal(format!("the transaction was not committed: {reason}"))),
        }
    }
}
