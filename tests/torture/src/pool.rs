//! A pool whose connections are all held.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use crm_db::{Engine, RowOf};
use serde_json::json;

use crate::ground::{Ground, until};
use crate::report::{Section, spread};
use crate::wire::{Answer, Connection, Request, ask};
use crate::world::World;

const PATIENCE: Duration = Duration::from_secs(10);
/// How soon a request that finds no connection is answered, and a little for the machine.
const SOON_MS: f64 = 2_100.0;

/// What one client saw: how long each answer took, and what it was.
type Seen = Vec<(f64, Answer)>;

/// Two connections for everybody, held by writes that wait for a lock of somebody else.
///
/// # Errors
/// When the scenario itself cannot be played.
pub(crate) fn play(ground: &Ground<'_>, held_for: Duration, section: &mut Section<'_>) -> Result<()> {
    let running = ground.start(&[("CRM_DB_POOL", "2")])?;
    let world = World::make(&running, 8)?;
    let (address, locked) = (running.address, world.organizations[0]);
    let change = json!({"organization_id": locked, "note": "等待"});
    let token = |number: usize| world.seats[number % 8].token.as_str();
    let write = |number: usize| Request::post("/api/customers/organization", token(number), &change);
    let read = |number: usize| Request::get("/api/customers/customers", token(number));
    let health = Request { method: "GET", path: "/healthz", token: None, key: None, body: None };

    let stop = AtomicBool::new(false);
    let (writes, reads, healthy) = std::thread::scope(|scope| -> Result<_> {
        let (tell, told) = mpsc::channel::<()>();
        let (begun, has_begun) = mpsc::channel();
        let db = ground.db()?;
        let holder = scope.spawn(move || {
            db.write(|conn| {
                conn.lock_row(RowOf::Organizations, locked)?;
                let _ = begun.send(());
                let _ = told.recv_timeout(held_for);
                Ok(())
            })
        });
        has_begun.recv().context("the lock is taken")?;
        let spawn = |request: Request<'_>| {
            let (bytes, stop) = (request.bytes(), &stop);
            scope.spawn(move || hammer(address, &bytes, stop))
        };
        let writes: Vec<_> = (0..16).map(|number| spawn(write(number))).collect();
        std::thread::sleep(Duration::from_millis(300));
        let reads: Vec<_> = (0..16).map(|number| spawn(read(number))).collect();
        let healthy = spawn(health.clone());
        std::thread::sleep(held_for.saturating_sub(Duration::from_millis(500)));
        stop.store(true, Ordering::Relaxed);
        let join = |threads: Vec<std::thread::ScopedJoinHandle<'_, Result<Seen>>>| -> Result<Seen> {
            let all: Result<Vec<Seen>> = threads.into_iter().map(|thread| thread.join().expect("it ends")).collect();
            Ok(all?.into_iter().flatten().collect())
        };
        let seen = (join(writes)?, join(reads)?, healthy.join().expect("it ends")?);
        let _ = tell.send(());
        let _ = holder.join();
        Ok(seen)
    })?;
    let back = |request: Request<'_>| {
        until(PATIENCE, || ask(address, &request, PATIENCE).is_ok_and(|answer| answer.status == 200))
    };
    let (read_back, write_back) = (back(read(0)), back(write(0)));

    let times = |seen: &Seen, status: u16| -> Vec<f64> {
        seen.iter().filter(|(_, answer)| answer.status == status).map(|(ms, _)| *ms).collect()
    };
    let improper: Vec<String> = writes
        .iter()
        .chain(&reads)
        .filter(|(_, answer)| answer.status != 200 && !answer.is_proper_503())
        .map(|(_, answer)| answer.shown())
        .collect();
    let refused_reads = times(&reads, 503);
    let refused_writes = times(&writes, 503);
    section.none("improper answers", &improper);
    if ground.engine == Engine::Postgres {
        section.line("reads that found no connection: 503", refused_reads.len(), !refused_reads.is_empty());
        let soon = refused_reads.iter().all(|ms| *ms < SOON_MS);
        section.line("time to that", spread(&refused_reads), soon);
        section.line("writes that waited for the lock or a connection: 503", spread(&refused_writes), {
            refused_writes.iter().all(|ms| *ms < 5_000.0) && !refused_writes.is_empty()
        });
    } else {
        section.line("reads beside the held lock", spread(&times(&reads, 200)), refused_reads.is_empty());
        let soon = !refused_writes.is_empty() && refused_writes.iter().all(|ms| *ms < SOON_MS);
        section.line("writes that found no connection: 503", spread(&refused_writes), soon);
    }
    let healthy_times = times(&healthy, 200);
    let fine = healthy_times.len() == healthy.len() && healthy_times.iter().all(|ms| *ms < 1_000.0);
    section.line("/healthz meanwhile", spread(&healthy_times), fine);
    let resumed = |time: Option<Duration>| time.is_some_and(|time| time < Duration::from_secs(1));
    section.line("reads resumed after", format!("{read_back:.1?}"), resumed(read_back));
    section.line("writes resumed after", format!("{write_back:.1?}"), resumed(write_back));
    Ok(())
}

/// Asks again and again over one connection.
fn hammer(address: SocketAddr, bytes: &[u8], stop: &AtomicBool) -> Result<Seen> {
    let mut connection = Connection::open(address, PATIENCE)?;
    let mut seen = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let begun = Instant::now();
        connection.write(bytes)?;
        let answer = connection.read()?;
        seen.push((begun.elapsed().as_secs_f64() * 1000.0, answer));
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(seen)
}
