//! Until when somebody waits for what a thread is doing.
//!
//! A request is answered "try again" when its time is up, whatever its thread still hangs on. What
//! that thread does afterwards must not be written: the person has been told it was not, and has
//! perhaps entered it again.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crm_core::{Error, Result};

thread_local! {
    static UNTIL: Cell<Option<Instant>> = const { Cell::new(None) };
    /// `None`: the waits of this thread's work do not add up.
    static WAITED: Cell<Option<Duration>> = const { Cell::new(None) };
}

/// How long a request may wait for connections and locks of SQLite in all before the answer is "try again".
/// It needs several one after the other: each with a time of its own would be two or three times as long.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// Shorter waits are those of a database that is busy, not of one that is stuck, and are not added up: an
/// array of a thousand customers has a thousand of them.
const SHORT: Duration = Duration::from_millis(50);
/// What has more time than this, such as an import, comes back to the database again and again, and may wait
/// each time anew.
const LONG: Duration = Duration::from_secs(10);

/// Runs `work`, for which nobody waits any more after `until`: from then on this thread is lent no
/// connection and commits no transaction ([`Error::Unavailable`]).
pub fn within<T>(until: Instant, work: impl FnOnce() -> T) -> T {
    /// The thread is used again, also after a panic.
    struct Restored(Option<Instant>, Option<Duration>);

    impl Drop for Restored {
        fn drop(&mut self) {
            UNTIL.set(self.0);
            WAITED.set(self.1);
        }
    }

    let is_long = until.saturating_duration_since(Instant::now()) > LONG;
    let waited = (!is_long).then_some(Duration::ZERO);
    let _restored = Restored(UNTIL.replace(Some(until)), WAITED.replace(waited));
    work()
}

/// How long this thread may still wait for a connection or a lock of SQLite; `None` where nobody waits for it.
pub(crate) fn patience() -> Option<Duration> {
    UNTIL.get().map(|_| PATIENCE.saturating_sub(WAITED.get().unwrap_or_default()).max(SHORT))
}

/// Takes note that this thread's work has waited, also for the thread.
pub fn waited(time: Duration) {
    WAITED.set(WAITED.get().map(|waited| waited.saturating_add(time.saturating_sub(SHORT))));
}

/// Whether this thread does something that takes its time, such as an import.
pub(crate) fn is_long() -> bool {
    UNTIL.get().is_some() && WAITED.get().is_none()
}

/// Whether somebody waits for this thread who does not wait long.
pub(crate) fn is_short() -> bool {
    UNTIL.get().is_some() && WAITED.get().is_some()
}

/// How long somebody still waits for what this thread is doing; `None`: as long as it takes.
pub fn left() -> Option<Duration> {
    UNTIL.get().map(|until| until.saturating_duration_since(Instant::now()))
}

/// Until when somebody waits for what this thread is doing; `None`: as long as it takes.
pub(crate) fn until() -> Option<Instant> {
    UNTIL.get()
}

/// What came of work, which is as good as failed when nobody waits for it any more.
pub(crate) fn in_time<T>(result: Result<T>) -> Result<T> {
    match result {
        Ok(_) if is_past() => Err(Error::Unavailable),
        result => result,
    }
}

/// Whether nobody waits any more for what this thread is doing.
pub(crate) fn is_past() -> bool {
    UNTIL.get().is_some_and(|until| Instant::now() >= until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_waits_add_up_and_short_ones_do_not() {
        let until = Instant::now() + Duration::from_secs(5);
        assert_eq!(patience(), None);
        within(until, || {
            for _ in 0..1_000 {
                waited(Duration::from_millis(40));
            }
            assert_eq!(patience(), Some(PATIENCE));
            waited(Duration::from_millis(650));
            waited(Duration::from_millis(650));
            assert_eq!(patience(), Some(Duration::from_millis(300)));
            within(until, || assert_eq!(patience(), Some(PATIENCE)));
            waited(Duration::from_secs(5));
            assert_eq!(patience(), Some(SHORT));
        });
        within(until, || assert_eq!(patience(), Some(PATIENCE)));
    }

    #[test]
    fn an_import_waits_each_time_anew() {
        within(Instant::now() + Duration::from_secs(45), || {
            waited(Duration::from_secs(1));
            waited(Duration::from_secs(1));
            assert_eq!(patience(), Some(PATIENCE));
        });
    }
}
