//! `kill -9` under 32 writers, again and again.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use crm_db::{Db, Engine};
use fastrand::Rng;

use crate::books::{Books, Found};
use crate::ground::{Ground, Running, until};
use crate::report::{Section, spread};
use crate::whole;
use crate::wire::{Connection, Request, ask};
use crate::world::World;
use crate::writers::{Journal, all_write};

/// How many write at once.
pub(crate) const WRITERS: usize = 32;
/// How long anything may take after a restart.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the rounds came to.
#[derive(Default)]
struct Sums {
    found: Found,
    broken: Vec<String>,
    replayed: usize,
    starts: Vec<f64>,
}

/// Rounds of a gateway that is killed; with `spare`, of one of two, while the other goes on.
///
/// # Errors
/// When the scenario itself cannot be played.
pub(crate) fn play(ground: &Ground<'_>, rounds: u32, spare: bool, section: &mut Section<'_>) -> Result<()> {
    let mut running = ground.start(&[])?;
    let other = if spare { Some(ground.start(&[])?) } else { None };
    let world = World::make(&running, 8)?;
    let db = ground.db()?;
    let mut rng = Rng::with_seed(7);
    let seat = |number: usize| world.seats[number % world.seats.len()].clone();
    let mut journals: Vec<Journal> = (0..WRITERS).map(|number| Journal::new(number, seat(number), 11)).collect();
    let mut sums = Sums::default();
    let mut doubts = 0;
    for _ in 0..rounds {
        let addresses: Vec<SocketAddr> =
            [Some(running.address), other.as_ref().map(|other| other.address)].into_iter().flatten().collect();
        all_write(&mut journals, &addresses, &world, || {
            std::thread::sleep(Duration::from_millis(rng.u64(250..1_000)));
            running.gateway.kill();
            // The other goes on for a while.
            std::thread::sleep(Duration::from_millis(if spare { 250 } else { 0 }));
        });
        doubts += journals.iter().filter(|journal| journal.doubt.is_some()).count();
        running = ground.start(&[])?;
        sums.starts.push(running.started_in.as_secs_f64() * 1000.0);
        let alive = other.as_ref().unwrap_or(&running);
        sums.replayed += ask_again(&mut journals, alive.address)?;
        settled(&db)?;
        let found = Books::read(&db)?.compare(&mut journals);
        sums.found.lost.extend(found.lost);
        sums.found.wrong.extend(found.wrong);
        sums.found.done_unanswered += found.done_unanswered;
        sums.broken.extend(whole::check(&db)?);
        sums.broken.extend(listed(&running, &world, &journals, whole::customers(&db)?)?);
        if !sums.broken.is_empty() || !sums.found.lost.is_empty() {
            break;
        }
    }
    report(&journals, &sums, rounds, doubts, section);
    Ok(())
}

/// Waits until the server has ended what the killed gateway had sent it.
fn settled(db: &Db) -> Result<()> {
    if db.engine() == Engine::Sqlite {
        return Ok(());
    }
    let ended = until(PATIENCE, || whole::transactions(db).is_ok_and(|count| count == 0));
    ended.map(|_| ()).context("a transaction of a killed gateway goes on")
}

/// Asks again for what is in doubt and has a key; how many of these had been done already.
fn ask_again(journals: &mut [Journal], address: SocketAddr) -> Result<usize> {
    let mut replayed = 0;
    for journal in journals.iter_mut() {
        if journal.doubt.as_ref().is_none_or(|doubt| doubt.key.is_none()) {
            continue;
        }
        let mut connection = Connection::open(address, PATIENCE)?;
        // Where the killed gateway's transaction is still ending, the second asks in vain.
        for _ in 0..5 {
            if journal.settle(&mut connection) {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        replayed += usize::from(journal.doubt.is_none() && journal.last_was_replayed);
    }
    Ok(replayed)
}

/// The lists as clients see them: the exact total, and a customer of each writer by its name.
fn listed(running: &Running, world: &World, journals: &[Journal], count: i64) -> Result<Vec<String>> {
    let token = &world.seats[0].token;
    let mut connection = Connection::open(running.address, PATIENCE)?;
    let mut wrong = Vec::new();
    let answer = connection.send(&Request::get("/api/customers/customers?count=1", token)).context("a list")?;
    if answer.body["page_info"]["total"] != count {
        wrong.push(format!("the list's total of {count} customers: {}", answer.shown()));
    }
    for customer in journals.iter().filter_map(|journal| journal.customers.last()) {
        let name = crm_tests::query(&[("name", &customer.name)]);
        let path = format!("/api/customers/customers?{name}");
        let answer = connection.send(&Request::get(&path, token)).context("a search")?;
        if answer.body["page_info"]["total"] != 1 || answer.body["data"][0]["id"] != customer.id {
            wrong.push(format!("{} by its name: {}", customer.name, answer.shown()));
        }
    }
    // What signs in must be able to write, too.
    let profile = ask(running.address, &Request::get("/api/user/profile", token), PATIENCE)?;
    if profile.status != 200 {
        wrong.push(format!("profile: {}", profile.shown()));
    }
    Ok(wrong)
}

fn report(journals: &[Journal], sums: &Sums, rounds: u32, doubts: usize, section: &mut Section<'_>) {
    let acknowledged: usize = journals.iter().map(|journal| journal.acknowledged).sum();
    let improper: Vec<String> = journals.iter().flat_map(|journal| journal.improper.clone()).collect();
    let refused: usize = journals.iter().map(|journal| journal.refused).sum();
    section.line("kills under 32 writers", rounds, sums.starts.len() == rounds as usize);
    section.line("acknowledged writes", acknowledged, acknowledged > rounds as usize * WRITERS);
    section.none("of these lost or changed", &sums.found.lost);
    section.note("writes cut off by the kill", doubts);
    section.note("of these done: asked again by key / found without one", {
        format!("{} / {}", sums.replayed, sums.found.done_unanswered)
    });
    section.none("written twice, in part, or asked for by nobody", &sums.found.wrong);
    section.none("broken rules (trail, history, links, totals, indexes, pages)", &sums.broken);
    section.none("improper answers", &improper);
    section.note("answers 503", refused);
    let mut starts = sums.starts.clone();
    starts.sort_by(f64::total_cmp);
    section.note("from restart to the first answer", spread(&starts));
}
