//! Until when somebody waits for what a thread is doing.
//!
//! A request is answered "try again" when its time is up, whatever its thread still hangs on. What
//! that thread does afterwards must not be written: the person has been told it was not, and has
//! perhaps entered it again.

use std::cell::Cell;
use std::time::{Duration, Instant};

thread_local! {
    static UNTIL: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Runs `work`, for which nobody waits any more after `until`: from then on this thread is lent no
/// connection and commits no transaction ([`Error::Unavailable`](crm_core::Error::Unavailable)).
pub fn within<T>(until: Instant, work: impl FnOnce() -> T) -> T {
    /// The thread is used again, also after a panic.
    struct Restored(Option<Instant>);

    impl Drop for Restored {
        fn drop(&mut self) {
            UNTIL.set(self.0);
        }
    }

    let _restored = Restored(UNTIL.replace(Some(until)));
    work()
}

/// How long somebody still waits for what this thread is doing; `None`: as long as it takes.
pub fn left() -> Option<Duration> {
    UNTIL.get().map(|until| until.saturating_duration_since(Instant::now()))
}

/// Whether nobody waits any more for what this thread is doing.
pub(crate) fn is_past() -> bool {
    UNTIL.get().is_some_and(|until| Instant::now() >= until)
}
