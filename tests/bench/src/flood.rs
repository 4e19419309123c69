//! W12: W1 alone, and beside people who all sign in at once, with the right password, again and again.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use fastrand::Rng;
use serde::Serialize;

use crate::client::Connection;
use crate::items::{self, item};
use crate::load::{self, Measured, Target};
use crate::people::{self, Seat};
use crate::run::Stage;

/// How many sign in at once: more than may wait for their turn.
const FLOODERS: i64 = 24;
/// How soon somebody who was refused tries again.
const AGAIN: Duration = Duration::from_millis(50);

/// What the flood did to W1.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Flood {
    pub(crate) alone: f64,
    pub(crate) beside: f64,
    pub(crate) p99_alone_ms: f64,
    pub(crate) p99_beside_ms: f64,
    /// Per second, during the flood.
    pub(crate) signed_in: f64,
    pub(crate) refused: f64,
}

/// Measures both, one right after the other.
pub(crate) fn measure(stage: &Stage<'_>) -> Result<Flood> {
    let w1 = item("W1").context("no W1")?;
    let seats = people::of(stage.seats, w1.who)?;
    let alone = one(stage, w1, &seats)?;
    let (stop, signed_in, refused) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let beside = std::thread::scope(|scope| {
        let flood = scope.spawn(|| flood(stage, &stop, &signed_in, &refused));
        // Until the queue is full.
        std::thread::sleep(stage.options.time / 10);
        signed_in.store(0, Ordering::Relaxed);
        refused.store(0, Ordering::Relaxed);
        let beside = one(stage, w1, &seats);
        stop.store(true, Ordering::Relaxed);
        flood.join().ok().context("the flood stopped")??;
        beside
    })?;
    let each = |count: AtomicUsize| count.into_inner() as f64 / beside.seconds;
    Ok(Flood {
        alone: alone.rate(),
        beside: beside.rate(),
        p99_alone_ms: alone.p99_ms,
        p99_beside_ms: beside.p99_ms,
        signed_in: each(signed_in),
        refused: each(refused),
    })
}

fn one(stage: &Stage<'_>, w1: &items::Item, seats: &[&Seat]) -> Result<Measured> {
    let target = Target {
        address: stage.gateway.address,
        seats,
        connections: stage.options.connections,
        success: "{\"status\":0",
    };
    load::drive(target, &|seat: &Seat, rng: &mut Rng| (w1.make)(stage.world, seat, rng), stage.options.time)
}

fn flood(stage: &Stage<'_>, stop: &AtomicBool, signed_in: &AtomicUsize, refused: &AtomicUsize) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let lines = (0..FLOODERS).map(|number| async move {
            let mut connection = Connection::open(stage.gateway.address).await?;
            // Each has people of its own, so that nobody's failures are counted against another.
            let mut people = (2..=stage.world.plan.staff).filter(|id| id % FLOODERS == number).cycle();
            while !stop.load(Ordering::Relaxed) {
                let id = people.next().context("nobody to sign in")?;
                let status = connection.send(&people::sign_in_of(id).bytes(None)).await?.status;
                if status == 200 {
                    signed_in.fetch_add(1, Ordering::Relaxed);
                } else {
                    refused.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(AGAIN).await;
                }
            }
            Ok::<(), anyhow::Error>(())
        });
        futures_util::future::join_all(lines).await.into_iter().collect()
    })
}
