//! Stopping without losing a request that has been sent.
//!
//! The server's own graceful stop finishes the requests it has begun, and closes every connection on which it
//! has begun none: also one whose request has arrived and not been read yet, as happens on a busy machine. So
//! that comes second. First new connections are refused, and what has arrived on the others is begun; answers
//! tell their clients from then on to send nothing more.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::rt::time::sleep;

/// When no request has begun for this long, none is waiting to be read.
const QUIET: Duration = Duration::from_millis(500);
/// How long that is waited for: what has begun by then has the time of a request left.
const LISTENED: Duration = Duration::from_secs(5);
/// How long all of it may take.
pub(crate) const TIME: Duration = Duration::from_millis(9_800);
/// How long the server may take to let go of its listener.
const LET_GO: Duration = Duration::from_millis(100);
/// How often it is looked.
const STEP: Duration = Duration::from_millis(25);

/// What the server is asked to do with its connections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drain(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    stopping: AtomicBool,
    begun: AtomicU64,
}

impl Drain {
    /// Takes note that a request has begun.
    pub(crate) fn begun(&self) {
        self.0.begun.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether clients are to send nothing more over their connections.
    pub(crate) fn is_stopping(&self) -> bool {
        self.0.stopping.load(Ordering::Relaxed)
    }

    /// Stops a server that listens here, when what has been sent to it is answered.
    pub(crate) async fn stop(&self, server: ServerHandle, listener: Option<TcpListener>) {
        self.0.stopping.store(true, Ordering::Relaxed);
        server.pause().await;
        // The pause is only asked for: a listener that is shut down before it is let go of is an error to
        // the server, and to whoever watches its log.
        sleep(LET_GO).await;
        if let Some(listener) = listener
            && let Err(error) = socket2::SockRef::from(&listener).shutdown(std::net::Shutdown::Both)
        {
            tracing::debug!(%error, "connections are refused only when the server has stopped");
        }
        self.quiet().await;
        server.stop(true).await;
    }

    async fn quiet(&self) {
        let started = Instant::now();
        let (mut begun, mut since) = (self.0.begun.load(Ordering::Relaxed), started);
        while started.elapsed() < LISTENED && since.elapsed() < QUIET {
            sleep(STEP).await;
            let now = self.0.begun.load(Ordering::Relaxed);
            if now != begun {
                (begun, since) = (now, Instant::now());
            }
        }
    }
}
