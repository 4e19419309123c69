//! The load generator: a closed loop on each of some keep-alive connections, in one thread.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use fastrand::Rng;
use futures_util::future::join_all;

use crate::client::{Connection, Request};
use crate::people::Seat;
use crate::process;

/// Makes the next request of a connection; `None` when there is nothing left to ask for.
pub(crate) type Make<'a> = dyn Fn(&Seat, &mut Rng) -> Option<Request> + 'a;

/// Where the load goes, and from whom.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) address: SocketAddr,
    /// Connection `n` speaks for seat `n`, counted around.
    pub(crate) seats: &'a [&'a Seat],
    pub(crate) connections: usize,
    /// How the body of a success begins.
    pub(crate) success: &'a str,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    pub(crate) successes: usize,
    pub(crate) errors: usize,
    pub(crate) first_error: Option<String>,
    /// How long it took: until the first connection had nothing left to ask for, or the time was up.
    pub(crate) seconds: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// Bytes of a body, on average.
    pub(crate) bytes: usize,
    /// Seconds of processor time this program took meanwhile.
    pub(crate) own_cpu: f64,
}

impl Measured {
    /// Successes per second.
    pub(crate) fn rate(&self) -> f64 {
        self.successes as f64 / self.seconds.max(1e-9)
    }
}

#[derive(Default)]
struct Line {
    micros: Vec<u32>,
    bytes: usize,
    errors: usize,
    first_error: Option<String>,
    ran_out_after: Option<Duration>,
}

/// Loads the target for so long.
///
/// # Errors
/// When there is no connection to be had.
pub(crate) fn drive(target: Target<'_>, make: &Make<'_>, time: Duration) -> Result<Measured> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let opened = join_all((0..target.connections).map(|_| Connection::open(target.address))).await;
        let opened: std::io::Result<Vec<Connection>> = opened.into_iter().collect();
        let opened = opened.with_context(|| format!("no connection to {}", target.address))?;
        let cpu = process::own_cpu();
        let start = Instant::now();
        let lines = opened.into_iter().enumerate().map(|(number, connection)| {
            line(target, target.seats[number % target.seats.len()], connection, number, make, start, time)
        });
        let lines = join_all(lines).await;
        let elapsed = start.elapsed();
        Ok(sum(lines, elapsed, process::own_cpu() - cpu))
    })
}

async fn line(
    target: Target<'_>,
    seat: &Seat,
    mut connection: Connection,
    number: usize,
    make: &Make<'_>,
    start: Instant,
    time: Duration,
) -> Line {
    // The same questions in every run of the same length; a different line for each connection.
    let mut rng = Rng::with_seed(0xbe5c + number as u64 * 7919 + time.as_millis() as u64);
    let mut line = Line::default();
    while start.elapsed() < time {
        let Some(request) = make(seat, &mut rng) else {
            line.ran_out_after = Some(start.elapsed());
            break;
        };
        let bytes = request.bytes(Some(&seat.token));
        let sent = Instant::now();
        let wrong = match connection.send(&bytes).await {
            Ok(answer) if answer.status == 200 && answer.body.starts_with(target.success.as_bytes()) => {
                line.micros.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
                line.bytes += answer.body.len();
                continue;
            }
            Ok(answer) => {
                format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body[..answer.body.len().min(300)]))
            }
            Err(error) => {
                if let Ok(again) = Connection::open(target.address).await {
                    connection = again;
                }
                error.to_string()
            }
        };
        line.errors += 1;
        line.first_error.get_or_insert(wrong);
    }
    line
}

fn sum(lines: Vec<Line>, elapsed: Duration, own_cpu: f64) -> Measured {
    let ran_out = lines.iter().filter_map(|line| line.ran_out_after).min();
    let bytes: usize = lines.iter().map(|line| line.bytes).sum();
    let errors = lines.iter().map(|line| line.errors).sum();
    let first_error = lines.iter().find_map(|line| line.first_error.clone());
    let mut micros: Vec<u32> = lines.into_iter().flat_map(|line| line.micros).collect();
    micros.sort_unstable();
    let at = |share: usize| micros.get(micros.len() * share / 100).map_or(0.0, |micros| f64::from(*micros) / 1000.0);
    Measured {
        successes: micros.len(),
        errors,
        first_error,
        seconds: ran_out.unwrap_or(elapsed).max(Duration::from_micros(1)).as_secs_f64(),
        p50_ms: at(50),
        p99_ms: at(99),
        bytes: bytes / micros.len().max(1),
        own_cpu,
    }
}
