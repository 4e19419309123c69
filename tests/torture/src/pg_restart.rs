//! PostgreSQL stopped and started under load.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use diesel::{Connection as _, PgConnection};
use fastrand::Rng;

use crate::books::Books;
use crate::ground::Ground;
use crate::kill::WRITERS;
use crate::report::{Section, spread};
use crate::whole;
use crate::world::World;
use crate::writers::{Journal, all_write};

/// How soon the first success must come after the server's return.
const SOON: Duration = Duration::from_secs(2);

/// Rounds of a server that goes away and comes back, under clients that insist.
///
/// # Errors
/// When the scenario itself cannot be played.
pub(crate) fn play(ground: &Ground<'_>, rounds: u32, section: &mut Section<'_>) -> Result<()> {
    let cluster = ground.cluster.context("this is about PostgreSQL")?;
    let running = ground.start(&[])?;
    let world = World::make(&running, 8)?;
    let mut journals: Vec<Journal> =
        (0..WRITERS).map(|number| Journal::new(number, world.seats[number % 8].clone(), 5).insisting()).collect();
    let mut rng = Rng::with_seed(5);
    all_write(&mut journals, &[running.address], &world, || std::thread::sleep(Duration::from_secs(1)));
    let before = running.size();
    let mut backs = Vec::new();
    let played = all_write(&mut journals, &[running.address], &world, || -> Result<(), String> {
        for round in 0..rounds {
            std::thread::sleep(Duration::from_millis(rng.u64(300..800)));
            cluster.stop(if round % 2 == 0 { "immediate" } else { "fast" })?;
            std::thread::sleep(Duration::from_millis(rng.u64(200..2_500)));
            backs.push(std::thread::scope(|scope| {
                let accepting = scope.spawn(|| accepting(&ground.url));
                cluster.start_again()?;
                accepting.join().map_err(|_| "nobody looked".to_owned())
            })?);
            // Until every client has had the time to come back.
            std::thread::sleep(SOON);
        }
        Ok(())
    });
    played.map_err(|error| anyhow!(error))?;
    let after = running.size();
    report(&journals, &backs, section);
    let found = Books::read(&ground.db()?)?.compare(&mut journals);
    section.none("acknowledged writes lost or changed", &found.lost);
    section.none("written twice, in part, or asked for by nobody", &found.wrong);
    section.none("broken rules", &whole::check(&ground.db()?)?);
    let size = format!("{:.0} MB, {} threads, then {:.0} MB, {} threads", before.0, before.1, after.0, after.1);
    section.line("memory and threads", size, after.0 < before.0 * 1.5 + 10.0 && after.1 <= before.1 + 8);
    Ok(())
}

/// When the server first accepted a connection.
fn accepting(url: &str) -> Instant {
    while PgConnection::establish(url).is_err() {
        std::thread::sleep(Duration::from_millis(5));
    }
    Instant::now()
}

fn report(journals: &[Journal], backs: &[Instant], section: &mut Section<'_>) {
    let acknowledged: usize = journals.iter().map(|journal| journal.acknowledged).sum();
    let improper: Vec<String> = journals.iter().flat_map(|journal| journal.improper.clone()).collect();
    let cut_off: Vec<String> = journals.iter().filter_map(|journal| journal.cut_off.clone()).collect();
    let refusals: Vec<f64> = journals.iter().flat_map(|journal| journal.times.1.clone()).collect();
    let after = |back: &Instant, journal: &Journal| {
        let first = journal.successes.iter().find(|at| *at >= back);
        first.map(|at| at.duration_since(*back).as_secs_f64() * 1000.0)
    };
    let each: Vec<Vec<f64>> =
        backs.iter().map(|back| journals.iter().filter_map(|journal| after(back, journal)).collect()).collect();
    let of = |pick: fn(f64, f64) -> f64| -> Vec<f64> {
        each.iter().filter_map(|times| times.iter().copied().reduce(pick)).collect()
    };
    let (firsts, lasts) = (of(f64::min), of(f64::max));
    let soon = SOON.as_secs_f64() * 1000.0;
    section.line("stopped (immediate and fast in turn) and started", backs.len(), !backs.is_empty());
    section.note("acknowledged writes", acknowledged);
    section.none("connections to the gateway cut off", &cut_off);
    section.none("improper answers", &improper);
    section.line("answers 503", refusals.len(), !refusals.is_empty());
    section.line("time to a 503", spread(&refusals), refusals.iter().all(|ms| *ms < 5_000.0));
    let came = firsts.len() == backs.len() && firsts.iter().all(|ms| *ms < soon);
    section.line("from the server's return to the first success", spread(&firsts), came);
    section.note("to a success of the last client", spread(&lasts));
}
