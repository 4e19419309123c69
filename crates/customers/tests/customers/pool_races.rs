//! Many people after the same customers at once.

use std::collections::HashMap;

use crm_core::{CustomerId, Error, Instant, StaffId, Zone};
use crm_customers::pool::{Act, Pool, PoolRuleInput};
use crm_customers::{CustomerInput, Customers};
use crm_db::schema::customers;
use crm_db::{Db, Engine, Options};
use diesel::prelude::*;

use crate::pool_support::*;
use crate::support::*;

const PEOPLE: i64 = 64;
const CUSTOMERS: i64 = 200;
const LIMIT: i64 = 5;
const ROUNDS: i64 = 20;

/// The people of a race, whose ids start here.
const FIRST: i64 = 100;

fn enter_people(world: &World) {
    let rows = (0..PEOPLE).map(|n| {
        format!("({}, 'r{n}', 'r{n}', '', FALSE, 2, 3, 1, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00')", FIRST + n)
    });
    world.execute(&format!(
        "INSERT INTO staff (id, phone, phone_key, password_hash, must_change_password, role_id, sex, status, version, \
         created_at, updated_at) VALUES {}",
        rows.collect::<Vec<_>>().join(", ")
    ));
}

fn holders(db: &Db) -> HashMap<Option<StaffId>, i64> {
    let rows: Vec<(Option<StaffId>, i64)> = db
        .read(|conn| {
            Ok(customers::table
                .group_by(customers::owner_id)
                .select((customers::owner_id, diesel::dsl::count_star()))
                .load(conn)?)
        })
        .expect("counted");
    rows.into_iter().collect()
}

/// Sixty-four people and a few connections: who waited too long for one asks again. Nothing was done
/// then, or the second answer would be a conflict and the sum would be wrong.
fn patiently(claim: impl Fn() -> crm_core::Result<()>) -> crm_core::Result<()> {
    (0..20).map(|_| claim()).find(|result| !matches!(result, Err(Error::Unavailable))).unwrap_or_else(&claim)
}

/// Tries to claim all of these, in an order of their own, until they may hold no more; tells how many.
fn claim_all(pool: &Pool, person: StaffId, ids: &[CustomerId], start: usize) -> i64 {
    let mut got = 0;
    for id in ids.iter().cycle().skip(start).take(ids.len()) {
        match patiently(|| pool.claim(&own(person), *id, None)) {
            Ok(()) => got += 1,
            Err(Error::Conflict { message, .. }) if message.contains("上限") => break,
            Err(Error::Conflict { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    got
}

#[test]
fn of_all_who_want_all_customers_at_once_each_gets_no_more_than_the_limit_and_no_customer_has_two_owners() {
    on_each_engine_in_time(|world, pool, _| {
        enter_people(world);
        let mut total = 0;
        for round in 0..ROUNDS {
            // In most rounds there is enough for everybody; else the last ones look for long in vain.
            let limit = if round == 0 { LIMIT } else { LIMIT - 2 };
            set(pool, PoolRuleInput { hold_limit: limit.into(), ..PoolRuleInput::default() });
            world.execute("UPDATE customers SET owner_id = NULL, status = -1");
            let seeds: Vec<Seed> =
                (1..=CUSTOMERS).map(|n| Seed::of(round * CUSTOMERS + n, None, world.db.now())).collect();
            let ids = insert(world, &seeds);
            let got: Vec<i64> = std::thread::scope(|scope| {
                let claimants: Vec<_> = (0..PEOPLE)
                    .map(|n| {
                        let ids = &ids;
                        // Four of them start at the same customer.
                        let start = usize::try_from((n % 16) * 12).expect("a few");
                        scope.spawn(move || claim_all(pool, StaffId(FIRST + n), ids, start))
                    })
                    .collect();
                claimants.into_iter().map(|claimant| claimant.join().expect("it ends")).collect()
            });
            let mut held = holders(&world.db);
            held.remove(&None);
            assert!(held.values().all(|count| *count <= limit), "{held:?}");
            assert_eq!(held.values().sum::<i64>(), got.iter().sum::<i64>());
            assert_eq!(got.iter().sum::<i64>(), CUSTOMERS.min(PEOPLE * limit));
            total += got.iter().sum::<i64>();
        }
        let claimed: i64 = world
            .db
            .read(|conn| {
                use crm_db::schema::customer_events as events;
                Ok(events::table.filter(events::kind.eq("claimed")).count().get_result(conn)?)
            })
            .expect("counted");
        assert_eq!(claimed, total);
    });
}

#[test]
fn the_limit_holds_when_one_person_is_given_customers_in_every_way_at_once() {
    on_each_engine_in_time(|world, pool, database| {
        set(pool, PoolRuleInput { hold_limit: LIMIT.into(), ..PoolRuleInput::default() });
        let now = world.db.now();
        let free = insert(world, &(1..=40).map(|n| Seed::of(n, None, now)).collect::<Vec<_>>());
        let bert = insert(world, &(41..=44).map(|n| Seed::of(n, Some(BERT), now)).collect::<Vec<_>>());
        let deleted: Vec<Seed> = (50..60).map(|n| Seed { deleted: true, ..Seed::of(n, Some(ANNA), now) }).collect();
        let deleted = insert(world, &deleted);
        if world.db.engine() == Engine::Postgres {
            world.execute("SELECT setval(pg_get_serial_sequence('customers', 'id'), 1000)");
        }
        // A second process beside the first.
        let options = Options { durable: false, pool_size: 16, ..Options::default() };
        let other = Db::open_with(&database.url, options).expect("it opens");
        let pools = [pool.clone(), Pool::new(&other, Zone::default())];
        let services = [world.customers.clone(), Customers::new(&other)];
        std::thread::scope(|scope| {
            for (pool, customers) in pools.iter().zip(&services) {
                let (free, bert, deleted) = (&free, &bert, &deleted);
                scope.spawn(move || pool.act_on_each(&anna(), Act::Claim, free, None).expect("answered"));
                scope.spawn(move || pool.act_on_each(&admin(), Act::Assign(ANNA), free, None).expect("answered"));
                scope.spawn(move || pool.act_on_each(&admin(), Act::Assign(ANNA), bert, None).expect("answered"));
                scope.spawn(move || {
                    for _ in 0..10 {
                        let input = CustomerInput { owner_id: ANNA.into(), ..named("new") };
                        only_conflicts(customers.create(&admin(), input));
                    }
                });
                scope.spawn(move || {
                    for id in deleted {
                        only_conflicts(customers.restore(&admin(), *id, None));
                    }
                });
            }
        });
        let held: i64 = world
            .db
            .read(|conn| {
                let live = customers::owner_id.eq(ANNA).and(customers::status.ne(-1));
                Ok(customers::table.filter(live).count().get_result(conn)?)
            })
            .expect("counted");
        assert_eq!(held, LIMIT);
    });
}

fn only_conflicts<T: std::fmt::Debug>(result: Result<T, Error>) {
    assert!(matches!(result, Ok(_) | Err(Error::Conflict { .. })), "{result:?}");
}

#[test]
fn two_processes_over_one_database_give_each_customer_one_owner() {
    on_each_engine_in_time(|world, pool, database| {
        enter_people(world);
        let now = Instant::from_unix(START);
        let ids = insert(world, &(1..=50).map(|n| Seed::of(n, None, now)).collect::<Vec<_>>());
        let options = Options { durable: false, pool_size: 16, ..Options::default() };
        let other = Pool::new(&Db::open_with(&database.url, options).expect("it opens"), Zone::default());
        let got: i64 = std::thread::scope(|scope| {
            let claimants: Vec<_> = (0..16)
                .map(|n| {
                    let (ids, pool) = (&ids, if n % 2 == 0 { pool } else { &other });
                    scope.spawn(move || claim_all(pool, StaffId(FIRST + n), ids, 0))
                })
                .collect();
            claimants.into_iter().map(|claimant| claimant.join().expect("it ends")).sum()
        });
        assert_eq!(got, 50);
        assert!(ids.iter().all(|id| world.events(*id).len() == 1));
    });
}

#[test]
fn arrays_in_opposite_orders_and_departures_do_not_deadlock() {
    on_each_engine_in_time(|world, pool, _| {
        let now = world.db.now();
        let ids = insert(world, &(1..=60).map(|n| Seed::of(n, Some(ANNA), now)).collect::<Vec<_>>());
        let backwards: Vec<CustomerId> = ids.iter().rev().copied().collect();
        std::thread::scope(|scope| {
            for (ids, to) in [(&ids, BERT), (&backwards, CARL), (&ids, CARL), (&backwards, BERT)] {
                scope.spawn(move || {
                    let done = pool.act_on_each(&admin(), Act::Assign(to), ids, None).expect("answered");
                    for done in done {
                        only_conflicts(done.result);
                    }
                });
            }
            scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_millis(10));
                crm_customers::Departures::new(&world.db).delete(&admin(), ANNA).expect("deleted");
            });
        });
        assert!(ids.iter().all(|id| world.read(*id).customer.holding.owner_id != Some(ANNA)));
    });
}
