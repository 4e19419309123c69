//! SIGTERM with 200 requests in flight.

use std::net::TcpStream;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use crm_db::RowOf;
use crm_tests::PASSWORD;
use serde_json::json;

use crate::ground::{Ground, Running, until};
use crate::report::{Section, spread};
use crate::whole;
use crate::wire::{Answer, Connection, Request};
use crate::world::World;
use crate::writers::{Journal, all_write};

const PATIENCE: Duration = Duration::from_secs(15);
/// How long the database keeps writes waiting, so that they are in flight when the signal comes.
const HELD: Duration = Duration::from_millis(250);

/// A request that is in flight, and what of it is still to be sent.
struct InFlight {
    connection: Connection,
    rest: Vec<u8>,
    kind: &'static str,
    /// The customer it makes.
    makes: Option<String>,
}

/// Rounds of a gateway that is told to stop in the middle of `count` requests.
///
/// # Errors
/// When the scenario itself cannot be played.
pub(crate) fn play(ground: &Ground<'_>, rounds: u32, count: usize, section: &mut Section<'_>) -> Result<()> {
    // Connections enough that what is held does not keep the rest from being answered in time.
    let settings = [("CRM_PASSWORD_COST", "8"), ("CRM_DB_POOL", "16")];
    let world = {
        let running = ground.start(&settings)?;
        let world = World::make(&running, 8)?;
        let mut journals: Vec<Journal> =
            (0..16).map(|number| Journal::new(number, world.seats[number % 8].clone(), 3)).collect();
        all_write(&mut journals, &[running.address], &world, || {
            std::thread::sleep(Duration::from_millis(count as u64 * 10))
        });
        world
    };
    let (mut cut_off, mut improper, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    let (mut successes, mut refusals, mut ends, mut refused_in) = (0, 0, Vec::new(), Vec::new());
    for round in 0..rounds {
        let mut running = ground.start(&settings)?;
        // What was idle must not be waited for.
        let idle = idle(&running, &world)?;
        let (hold, letting_go) = hold(ground, &world)?;
        let mut sent = in_flight(&running, &world, count, round)?;
        std::thread::sleep(Duration::from_millis(150));
        running.gateway.terminate();
        let told = Instant::now();
        let refused = until(PATIENCE, || TcpStream::connect(running.address).is_err());
        refused_in.push(refused.context("it goes on listening")?.as_secs_f64() * 1000.0);
        std::thread::sleep(HELD.saturating_sub(told.elapsed()));
        letting_go.send(()).context("the holder waits")?;
        hold.join().expect("the holder ends");
        let answers = answers(&mut sent);
        let status = running.gateway.wait(Duration::from_secs(12));
        ends.push(told.elapsed().as_secs_f64() * 1000.0);
        ensure!(status.is_some_and(|status| status.success()), "it ended with {status:?}");
        drop(idle);
        let mut made = Vec::new();
        for (sent, answer) in sent.iter().zip(answers) {
            match answer {
                Err(error) => cut_off.push(format!("{}: {error}", sent.kind)),
                Ok(answer) if !answer.is_proper() => improper.push(format!("{}: {}", sent.kind, answer.shown())),
                Ok(answer) if answer.status == 200 => {
                    successes += 1;
                    made.extend(sent.makes.clone());
                }
                Ok(answer) if matches!(answer.status, 429 | 503) => refusals += 1,
                Ok(answer) => improper.push(format!("{}: {}", sent.kind, answer.shown())),
            }
        }
        missing.extend(not_there(ground, &made)?);
    }
    let all = rounds as usize * count;
    section.line(format!("SIGTERM with {count} requests in flight, times"), rounds, true);
    section.none(format!("of {all} requests reset, cut off or unanswered"), &cut_off);
    section.line("answered with a success", successes, successes * 2 > all);
    section.note("answered 429 or 503, whole", refusals);
    section.none("improper answers", &improper);
    section.none("acknowledged and not there afterwards", &missing);
    section.line("until new connections were refused", spread(&refused_in), refused_in.iter().all(|ms| *ms < 1_000.0));
    section.line("until it ended, with 0", spread(&ends), ends.iter().all(|ms| *ms < 10_000.0));
    section.none("broken rules", &whole::check(&ground.db()?)?);
    Ok(())
}

/// Connections that have been answered and are kept open, as proxies keep them.
fn idle(running: &Running, world: &World) -> Result<Vec<Connection>> {
    (0..20)
        .map(|_| {
            let mut connection = Connection::open(running.address, PATIENCE)?;
            let answer = connection.send(&Request::get("/api/user/profile", &world.seats[0].token))?;
            ensure!(answer.status == 200, "{}", answer.shown());
            Ok(connection)
        })
        .collect()
}

/// Keeps writes waiting until it is told to let go: on SQLite all, on PostgreSQL those to the first customer.
fn hold(ground: &Ground<'_>, world: &World) -> Result<(std::thread::JoinHandle<()>, mpsc::Sender<()>)> {
    let (db, organization) = (ground.db()?, world.organizations[0]);
    let (tell, told) = mpsc::channel();
    let (begun, has_begun) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        let held = db.write(|conn| {
            conn.lock_row(RowOf::Organizations, organization)?;
            begun.send(()).expect("it is waited for");
            let _ = told.recv_timeout(Duration::from_secs(5));
            Ok(())
        });
        held.expect("the lock is held");
    });
    has_begun.recv().context("the lock is taken")?;
    Ok((thread, tell))
}

/// Sends requests of five kinds: whole ones, and bodies of which half is on its way.
fn in_flight(running: &Running, world: &World, count: usize, round: u32) -> Result<Vec<InFlight>> {
    (0..count)
        .map(|number| {
            let seat = &world.seats[number % 8];
            let name = format!("round{round}number{number}");
            let customer = json!({"realName": name, "organization_id": [world.organizations[1]]});
            let change = json!({"organization_id": world.organizations[0], "note": name});
            let sign_in = json!({"phoneNumber": format!("139{:08}", number % 8), "password": PASSWORD});
            let token = seat.token.as_str();
            let create = Request::post("/api/customers/customers", token, &customer);
            let (kind, request, makes) = match number % 20 {
                0..=4 => ("upload", create, Some(name)),
                5..=7 => ("large page", Request::get("/api/customers/customers?count=1000", token), None),
                8..=10 => {
                    ("sign-in", Request { token: None, ..Request::post("/api/user/login", token, &sign_in) }, None)
                }
                11 => ("held write", Request::post("/api/customers/organization", token, &change), None),
                _ => ("write", create, Some(name)),
            };
            let bytes = request.bytes();
            let now = if kind == "upload" { bytes.len() - 20 } else { bytes.len() };
            let mut connection = Connection::open(running.address, PATIENCE)?;
            connection.write(&bytes[..now])?;
            Ok(InFlight { connection, rest: bytes[now..].to_vec(), kind, makes })
        })
        .collect()
}

/// Sends what is left and reads every answer, all at once.
fn answers(sent: &mut [InFlight]) -> Vec<std::io::Result<Answer>> {
    std::thread::scope(|scope| {
        let one = |sent: &mut InFlight| {
            sent.connection.write(&sent.rest)?;
            sent.connection.read()
        };
        let reading: Vec<_> = sent.iter_mut().map(|sent| scope.spawn(move || one(sent))).collect();
        reading.into_iter().map(|thread| thread.join().expect("it ends")).collect()
    })
}

/// Which of these customers are not in the database.
fn not_there(ground: &Ground<'_>, names: &[String]) -> Result<Vec<String>> {
    let there = whole::names(&ground.db()?)?;
    Ok(names.iter().filter(|name| !there.contains(*name)).cloned().collect())
}
