//! The second limit: the same statements on the same data in a tight loop, by the services themselves and
//! over a pool like the gateway's, but without HTTP, JSON and its threads.
//!
//! Reads run in as many threads as the gateway has connections. Writes run in as many as there are clients,
//! so that whatever gathers the writes of several clients has as many to gather.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use crm_core::{Caller, CustomerId, OrganizationId, Page, Patch, StatusFilter, TimeRange};
use crm_customers::{CustomerFilter, CustomerInput};
use crm_db::Db;
use crm_gateway::Services;
use crm_gateway::commands::seed_demo::names;
use crm_records::FollowFilter;
use crm_stats::StatsFilter;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamp};
use fastrand::Rng;

use crate::items::World;
use crate::people::Seat;

/// One round of a loop.
type Round = fn(&Services, &Caller, &World, &mut Rng) -> crm_core::Result<()>;

/// What the services do for an item, where there is a loop for it, and whether that is a write.
fn round(item: &str) -> Option<(Round, bool)> {
    let round: (Round, bool) = match item {
        "W1" => (by_id, false),
        "W2" | "W2d" | "W2o" => (|services, caller, _, _| page(services, caller, 1), false),
        "W3" => (|services, caller, world, _| page(services, caller, world.deep()), false),
        "W4a" => (|services, caller, world, rng| search(services, caller, world, rng, 1), false),
        "W4b" => (|services, caller, world, rng| search(services, caller, world, rng, 2), false),
        "W4c" => (|services, caller, world, rng| search(services, caller, world, rng, 3), false),
        "W5" => (create, true),
        "W6" => (sign, false),
        "W7" => (week, false),
        _ => return None,
    };
    Some(round)
}

/// Rounds per second of an item's loop, each with the session looked up as a request does; `None` where
/// there is none.
///
/// # Errors
/// What the services answer.
pub(crate) fn rate(
    item: &str,
    services: &Services,
    seats: &[&Seat],
    world: &World,
    (readers, clients): (usize, usize),
    time: Duration,
) -> Result<Option<f64>> {
    let Some((round, writes)) = round(item) else { return Ok(None) };
    let threads = if writes { clients } else { readers };
    let rate = spin(threads, time, |thread, rng| {
        let session = services.sessions.authenticate(&seats[thread % seats.len()].token)?;
        round(services, session.full_caller()?, world, rng)
    })?;
    Ok(Some(rate))
}

/// W6 as plain SQL, as it was before anything was done for it: what its loop is compared with.
///
/// # Errors
/// What the database answers.
pub(crate) fn plain_sign(db: &Db, world: &World, threads: usize, time: Duration) -> Result<f64> {
    const COUNT: &str = "SELECT COUNT(DISTINCT contracts.organization_id) AS one FROM contracts \
        WHERE contracts.status = 0 AND contracts.sign_time >= $1 AND contracts.sign_time <= $2";
    const PAGE: &str = "SELECT COALESCE(CAST(SUM(contracts.amount) AS BIGINT), 0) AS one FROM contracts \
        WHERE contracts.status = 0 AND contracts.sign_time >= $1 AND contracts.sign_time <= $2 \
        GROUP BY contracts.organization_id ORDER BY MIN(contracts.sign_time) DESC, contracts.organization_id DESC \
        LIMIT 20 OFFSET 0";
    #[derive(QueryableByName)]
    struct One {
        #[diesel(sql_type = BigInt)]
        #[allow(dead_code, reason = "read to have been read")]
        one: i64,
    }
    spin(threads, time, |_, rng| {
        let (start, end) = world.days(rng, 182);
        db.read(|conn| {
            for statement in [COUNT, PAGE] {
                let query = diesel::sql_query(statement)
                    .bind::<Timestamp, _>(crm_core::Instant::from_unix(start))
                    .bind::<Timestamp, _>(crm_core::Instant::from_unix(end));
                let _rows: Vec<One> = query.load(conn)?;
            }
            Ok(())
        })
    })
}

/// How often this is done per second by so many threads; a tenth of the time before is not counted.
fn spin(threads: usize, time: Duration, work: impl Fn(usize, &mut Rng) -> crm_core::Result<()> + Sync) -> Result<f64> {
    let done = AtomicUsize::new(0);
    let warm = Instant::now() + time / 10;
    let end = warm + time;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|thread| {
                let (work, done) = (&work, &done);
                scope.spawn(move || -> crm_core::Result<()> {
                    let mut rng = Rng::with_seed(thread as u64 + 99);
                    while Instant::now() < end {
                        work(thread, &mut rng)?;
                        if Instant::now() >= warm {
                            done.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                    Ok(())
                })
            })
            .collect();
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or(Err(crm_core::Error::Unavailable)))
    })?;
    Ok(done.load(Ordering::Relaxed) as f64 / warm.elapsed().as_secs_f64())
}

fn by_id(services: &Services, caller: &Caller, world: &World, rng: &mut Rng) -> crm_core::Result<()> {
    let id = Some(CustomerId(world.customer(rng)));
    let filter = CustomerFilter { id, status: StatusFilter::All, ..CustomerFilter::default() };
    services.customers.list(caller, &filter, Page::first()).map(drop)
}

fn page(services: &Services, caller: &Caller, number: i64) -> crm_core::Result<()> {
    let page = Page::new(number, Page::DEFAULT_COUNT).unwrap_or(Page::first());
    services.customers.list(caller, &CustomerFilter::default(), page).map(drop)
}

fn search(
    services: &Services,
    caller: &Caller,
    world: &World,
    rng: &mut Rng,
    characters: usize,
) -> crm_core::Result<()> {
    let name = Some(world.part_of_a_name(rng, characters));
    let filter = CustomerFilter { name, ..CustomerFilter::default() };
    services.customers.list(caller, &filter, Page::first()).map(drop)
}

fn create(services: &Services, caller: &Caller, world: &World, rng: &mut Rng) -> crm_core::Result<()> {
    let input = CustomerInput {
        real_name: Patch::Value(names::person(rng)),
        phone: Patch::Value(names::mobile(rng)),
        job: Patch::Value(names::job(rng).to_owned()),
        organization_ids: Patch::Value(vec![OrganizationId(world.organization(rng))]),
        ..CustomerInput::default()
    };
    services.customers.create(caller, input).map(drop)
}

fn sign(services: &Services, caller: &Caller, world: &World, rng: &mut Rng) -> crm_core::Result<()> {
    let filter = StatsFilter { range: range(world.days(rng, 182)), ..StatsFilter::default() };
    services.stats.sign(caller, &filter, Page::first()).map(drop)
}

fn week(services: &Services, caller: &Caller, world: &World, rng: &mut Rng) -> crm_core::Result<()> {
    let filter = FollowFilter { range: range(world.days(rng, 7)), ..FollowFilter::default() };
    services.follows.list(caller, &filter, Page::first()).map(drop)
}

fn range((start, end): (i64, i64)) -> TimeRange {
    let at = |unix| Some(crm_core::Instant::from_unix(unix));
    TimeRange { start: at(start), end: at(end) }
}
