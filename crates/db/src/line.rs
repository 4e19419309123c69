//! The line before SQLite's one writing connection: whoever comes first is called first.
//!
//! A pool of one would do for that, but nobody can see whether somebody waits for it, nor give a
//! connection to the next one in the middle of a transaction.

use std::collections::VecDeque;
use std::sync::mpsc::{self, SendError, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::group::Transaction;

/// Those who want the connection.
#[derive(Default)]
pub(crate) struct Line(Mutex<State>);

#[derive(Default)]
struct State {
    /// Somebody has the turn. Only then does anybody wait.
    taken: bool,
    waiting: VecDeque<Waiting>,
    /// How many have waited, ever.
    numbers: u64,
}

struct Waiting {
    number: u64,
    call: SyncSender<Called>,
}

/// What one is called to.
pub(crate) enum Called {
    /// The connection is in its pool, for whoever has the turn.
    Free(Turn),
    /// Others have written in this transaction, and have not ended it.
    Open(Transaction),
}

impl Line {
    /// Waits to be called, no longer than this; `None` when it took longer.
    pub(crate) fn wait(self: &Arc<Self>, patience: Duration) -> Option<Called> {
        let (number, called) = {
            let mut state = self.state();
            if !state.taken {
                state.taken = true;
                return Some(Called::Free(Turn(Arc::clone(self))));
            }
            // One call: whoever calls is never held up.
            let (call, called) = mpsc::sync_channel(1);
            state.numbers = state.numbers.wrapping_add(1);
            let number = state.numbers;
            state.waiting.push_back(Waiting { number, call });
            (number, called)
        };
        match called.recv_timeout(patience) {
            Ok(called) => Some(called),
            Err(_) if self.leave(number) => None,
            // Called in this very moment.
            Err(_) => called.recv().ok(),
        }
    }

    /// Calls the next one to this transaction, to which the turn belongs; gives it back when nobody waits.
    pub(crate) fn call_to(&self, transaction: Transaction) -> Result<(), Transaction> {
        let Some(next) = self.state().waiting.pop_front() else { return Err(transaction) };
        match next.call.send(Called::Open(transaction)) {
            Err(SendError(Called::Open(transaction))) => Err(transaction),
            _ => Ok(()),
        }
    }

    /// Whether anybody waits.
    pub(crate) fn is_waited_in(&self) -> bool {
        !self.state().waiting.is_empty()
    }

    /// Whether this one had not been called yet.
    fn leave(&self, number: u64) -> bool {
        let mut state = self.state();
        let place = state.waiting.iter().position(|waiting| waiting.number == number);
        place.is_some_and(|place| state.waiting.remove(place).is_some())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Being the one who may have the connection. The next one is called when this is dropped.
pub(crate) struct Turn(Arc<Line>);

impl Turn {
    /// The line it is the turn of.
    pub(crate) fn line(&self) -> &Arc<Line> {
        &self.0
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let next = {
            let mut state = self.0.state();
            let next = state.waiting.pop_front();
            state.taken = next.is_some();
            next
        };
        if let Some(next) = next {
            // Should nobody be there after all, the turn is dropped again, and goes on to the one behind.
            let _ = next.call.send(Called::Free(Self(Arc::clone(&self.0))));
        }
    }
}
