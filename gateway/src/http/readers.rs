//! The threads on which requests read.
//!
//! There are as many as there are connections to read with: more would wait for those. Under load each takes the
//! next request when it has done one, where a thread for each request is woken for it and put to sleep again,
//! which takes longer than to read a record. Who writes waits for others on a thread of its own
//! ([`beside`](super::dispatch)), and so does what takes long, as an export.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use crm_core::Error;
use crossbeam_channel::{Sender, unbounded};
use tokio::sync::oneshot;

use super::Failure;

/// How long a request waits for a thread, as it does for a connection.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Nobody has begun it.
const WAITS: u8 = 0;
/// It is being done, or has been.
const BEGUN: u8 = 1;
/// Nobody waits for it any more.
const GIVEN_UP: u8 = 2;

type Job = Box<dyn FnOnce() + Send>;

/// The threads; they end when this is dropped and what they do is done.
#[derive(Debug)]
pub struct Readers(Sender<Job>);

impl Readers {
    /// So many threads.
    ///
    /// # Errors
    /// When the system has none to give.
    pub fn new(threads: u32) -> std::io::Result<Self> {
        let (send, take) = unbounded::<Job>();
        for _ in 0..threads.max(1) {
            let take = take.clone();
            let work = move || take.iter().for_each(|job| job());
            std::thread::Builder::new().name("reader".to_owned()).spawn(work)?;
        }
        Ok(Self(send))
    }

    /// Runs this on one of them, within so long; it is told how long it has waited for that.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        time: Duration,
        work: impl FnOnce(Duration) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let (asked, state) = (Instant::now(), Arc::new(AtomicU8::new(WAITS)));
        let (tell, mut told) = oneshot::channel();
        let begun = Arc::clone(&state);
        let job = move || {
            if begun.swap(BEGUN, Ordering::Relaxed) == WAITS {
                let waited = asked.elapsed();
                // A panic ends the request, and not the thread.
                let _ = tell.send(catch_unwind(AssertUnwindSafe(|| work(waited))));
            }
        };
        let unavailable = || Err(Error::Unavailable.into());
        if self.0.send(Box::new(job)).is_err() {
            return unavailable();
        }
        let outcome = match tokio::time::timeout(PATIENCE, &mut told).await {
            Ok(outcome) => outcome,
            Err(_) if state.swap(GIVEN_UP, Ordering::Relaxed) == WAITS => return unavailable(),
            Err(_) => match tokio::time::timeout(time.saturating_sub(PATIENCE), told).await {
                Ok(outcome) => outcome,
                Err(_) => return unavailable(),
            },
        };
        match outcome {
            Ok(Ok(done)) => Ok(done),
            // The panic itself is in the log.
            Ok(Err(_)) | Err(_) => Err(Error::internal("the handler panicked").into()),
        }
    }
}
