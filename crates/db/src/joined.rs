//! Several writes of one thread in one transaction.
//!
//! Services open their transactions themselves. While a [`Run`] stands on a thread, the first of its
//! writes opens a transaction that every later write and read of the thread joins, each write under a
//! savepoint of its own, so that one that fails is undone alone. The transaction ends with the run.

use std::cell::RefCell;

use crm_core::{Error, Result};

use crate::lender::Lent;
use crate::transaction::{begin, begin_inner, finish, roll_back};
use crate::{Conn, Db, deadline, retry};

thread_local! {
    static RUN: RefCell<Option<State>> = const { RefCell::new(None) };
}

struct State {
    db: Db,
    request: retry::Request,
    stage: Stage,
    /// Whether a write has succeeded.
    wrote: bool,
}

enum Stage {
    /// Nothing has been written yet.
    Unopened,
    Open(Lent),
    /// Somebody works with the connection just now.
    Working,
    /// Somebody else has done the same request meanwhile.
    Lost,
    /// The transaction ended by itself, as with a lost connection or a full disk: what was written
    /// before is gone, and what came after would stand alone.
    Broken,
}

/// The writes of this thread are joined while this stands.
pub(crate) struct Run(());

/// What a run has come to.
pub(crate) enum Ended {
    /// It has written nothing.
    Nothing,
    /// It has written this, which is not committed.
    Written(Lent),
    /// Somebody else did the same request meanwhile; nothing was written here.
    Lost,
    /// The transaction ended by itself; nothing was written.
    Broken,
}

impl Run {
    /// Joins the writes of this thread to `db` from here on.
    pub(crate) fn start(db: &Db, request: &retry::Request) -> Self {
        let state = State { db: db.clone(), request: request.clone(), stage: Stage::Unopened, wrote: false };
        RUN.set(Some(state));
        Self(())
    }

    /// Ends it. What was not written under any savepoint that held is rolled back here.
    pub(crate) fn end(self) -> Ended {
        match RUN.take() {
            Some(State { stage: Stage::Open(lent), wrote: true, .. }) => Ended::Written(lent),
            Some(State { stage: Stage::Open(lent), .. }) => {
                undo(lent);
                Ended::Nothing
            }
            Some(State { stage: Stage::Lost, .. }) => Ended::Lost,
            Some(State { stage: Stage::Broken, .. }) => Ended::Broken,
            _ => Ended::Nothing,
        }
    }
}

impl Drop for Run {
    /// After a panic: the transaction ends with its connection.
    fn drop(&mut self) {
        if let Some(State { stage: Stage::Open(lent), .. }) = RUN.take() {
            lent.discard();
        }
    }
}

/// Ends a joined transaction as if it had never been.
pub(crate) fn undo(mut lent: Lent) {
    let undone = finish::<()>(lent.conn(), Err(Error::Unavailable));
    lent.settle(&undone);
}

/// The connection of the thread's transaction, for one piece of work.
pub(crate) struct Joined {
    lent: Option<Lent>,
    wrote: bool,
    broken: bool,
}

impl Joined {
    /// For a write: opens the transaction where there is none yet. `None` where nothing is joined.
    pub(crate) fn for_write(db: &Db) -> Result<Option<Self>> {
        match Self::take(db) {
            None => Ok(None),
            Some((Stage::Open(lent), _)) => Ok(Some(Self::over(lent))),
            Some((Stage::Unopened, request)) => match open(db, &request) {
                Ok(Some(lent)) => Ok(Some(Self::over(lent))),
                Ok(None) => Err(stay(Stage::Lost, Error::Unavailable)),
                Err(error) => Err(stay(Stage::Unopened, error)),
            },
            Some((stage, _)) => Err(stay(stage, Error::Unavailable)),
        }
    }

    /// For a read: what the transaction has written is seen by nobody else.
    pub(crate) fn for_read(db: &Db) -> Option<Self> {
        match Self::take(db) {
            Some((Stage::Open(lent), _)) => Some(Self::over(lent)),
            Some((stage, _)) => {
                put_back(stage, false);
                None
            }
            None => None,
        }
    }

    fn over(lent: Lent) -> Self {
        Self { lent: Some(lent), wrote: false, broken: false }
    }

    fn take(db: &Db) -> Option<(Stage, retry::Request)> {
        RUN.with_borrow_mut(|run| match run {
            Some(state) if state.db.is(db) && !matches!(state.stage, Stage::Working) => {
                Some((std::mem::replace(&mut state.stage, Stage::Working), state.request.clone()))
            }
            _ => None,
        })
    }

    /// Runs `work` under a savepoint.
    pub(crate) fn write<T>(mut self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let Some(lent) = &mut self.lent else { return Err(Error::Unavailable) };
        begin_inner(lent.conn())?;
        match deadline::in_time(work(lent.conn())) {
            Ok(value) => {
                let released = finish(lent.conn(), Ok(value));
                (self.wrote, self.broken) = (released.is_ok(), released.is_err());
                released
            }
            Err(error) => {
                self.broken = !roll_back(lent.conn());
                Err(error)
            }
        }
    }

    /// Runs `work`, which only reads.
    pub(crate) fn read<T>(mut self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let Some(lent) = &mut self.lent else { return Err(Error::Unavailable) };
        work(lent.conn())
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        match self.lent.take() {
            Some(lent) if std::thread::panicking() => lent.discard(),
            Some(lent) if self.broken => {
                lent.discard();
                put_back(Stage::Broken, false);
            }
            Some(lent) => put_back(Stage::Open(lent), self.wrote),
            None => {}
        }
    }
}

fn put_back(stage: Stage, wrote: bool) {
    RUN.with_borrow_mut(|run| {
        if let Some(state) = run {
            state.stage = stage;
            state.wrote |= wrote;
        }
    });
}

fn stay(stage: Stage, error: Error) -> Error {
    put_back(stage, false);
    error
}

/// Opens the transaction and takes the key in it; `None` when somebody has it. Whoever is at it in this
/// moment is waited for, as long as the database lets one wait.
fn open(db: &Db, request: &retry::Request) -> Result<Option<Lent>> {
    let mut lent = db.writer().lend()?;
    let begun = begin(lent.conn());
    lent.settle(&begun);
    begun?;
    match retry::claim(lent.conn(), request, db.now()) {
        Ok(true) => Ok(Some(lent)),
        Ok(false) => {
            undo(lent);
            Ok(None)
        }
        Err(error) => {
            undo(lent);
            Err(error)
        }
    }
}
