//! The background task: once each, by one of many, and on after one that died.

use crm_core::{CustomerId, Instant, Zone};
use crm_customers::pool::{Pool, PoolRuleInput};
use crm_customers::stamps::{self, LastFollow};
use crm_db::schema::{customer_events, leases};
use crm_db::{Db, Engine, Options};
use diesel::prelude::*;

use crate::pool_support::*;
use crate::support::*;

/// Customers of Anna's that have long been due, while the rule is in force.
fn overdue(world: &World, pool: &Pool, count: i64) -> Vec<CustomerId> {
    set(pool, on(30, 90, 0));
    world.db.clock().advance(DAY);
    let old = at("2025-01-01 12:00:00");
    insert(world, &(1..=count).map(|id| Seed::of(id, Some(ANNA), old)).collect::<Vec<_>>())
}

/// How often each of these was recycled: once, or the test fails. Tells how many were.
fn recycled_once(world: &World) -> usize {
    let rows: Vec<(CustomerId, i64)> = world
        .db
        .read(|conn| {
            Ok(customer_events::table
                .filter(customer_events::kind.eq("recycled"))
                .group_by(customer_events::customer_id)
                .select((customer_events::customer_id, diesel::dsl::count_star()))
                .load(conn)?)
        })
        .expect("counted");
    assert!(rows.iter().all(|(_, count)| *count == 1), "{rows:?}");
    rows.len()
}

fn lease(world: &World) -> Option<String> {
    world.db.read(|conn| Ok(leases::table.select(leases::holder).first(conn).optional()?)).expect("read")
}

#[test]
fn what_is_due_goes_to_the_pool_with_the_clause_that_sent_it() {
    on_each_engine_in_time(|world, pool, _| {
        set(pool, on(3, 10, 0));
        world.db.clock().advance(30 * DAY);
        let now = world.db.now();
        let seeds = [
            Seed::of(1, Some(ANNA), at("2026-03-20")),
            Seed { followed: Some(now), ..Seed::of(2, Some(BERT), at("2026-03-20")) },
            Seed { followed: Some(now), ..Seed::of(3, Some(BERT), at("2026-03-28")) },
            Seed { locked: true, ..Seed::of(4, Some(BERT), at("2026-03-20")) },
        ];
        let ids = insert(world, &seeds);
        assert_eq!(pool.recycle_due("me").expect("run"), 2);
        assert_eq!(pool.recycle_due("me").expect("run"), 0);
        let reason = |id| world.events(id).pop().map(|event| (event.0, event.1, event.2, event.3, event.4));
        let told = |from: &str, why: &str| Some(("recycled".into(), None, Some(from.into()), None, Some(why.into())));
        assert_eq!(reason(ids[0]), told("2", "超过3天未跟进"));
        assert_eq!(reason(ids[1]), told("3", "超过10天未成交"));
        assert_eq!((reason(ids[2]), reason(ids[3])), (None, None));
        let customer = world.read(ids[0]).customer;
        let holding = customer.holding;
        assert_eq!((holding.owner_id, holding.last_owner_id), (None, Some(ANNA)));
        assert_eq!((holding.pool_entered_at, holding.pool_times, holding.pool_type), (Some(now), 1, 1));
        assert_eq!((customer.version, customer.updated_by), (2, None));
        let deeds = world.deeds("customer", 1);
        assert_eq!((deeds[0].0.as_str(), deeds[0].1), ("recycle", None));
        assert!(deeds[0].2.contains("\"owner_id\":2"), "{deeds:?}");
        assert_eq!(lease(world), None, "given back");
    });
}

#[test]
fn two_at_once_recycle_each_customer_once() {
    on_each_engine_in_time(|world, pool, database| {
        overdue(world, pool, 350);
        let options = Options { durable: false, clock: world.db.clock().clone(), ..Options::default() };
        let other = Pool::new(&Db::open_with(&database.url, options).expect("it opens"), Zone::default());
        let done: u64 = std::thread::scope(|scope| {
            let runs: Vec<_> = [(pool, "a"), (&other, "b"), (pool, "c"), (&other, "d")]
                .into_iter()
                .map(|(pool, holder)| scope.spawn(move || pool.recycle_due(holder).expect("run")))
                .collect();
            runs.into_iter().map(|run| run.join().expect("it ends")).sum()
        });
        assert_eq!((done, recycled_once(world)), (350, 350));
        assert_eq!(pool.recycle_due("e").expect("run"), 0);
    });
}

#[test]
fn one_that_dies_in_the_middle_leaves_whole_batches_and_a_lease_that_runs_out() {
    on_each_engine_in_time(|world, pool, _| {
        overdue(world, pool, 250);
        // The 150th cannot be written: the transaction of the second hundred is undone.
        let trap = match world.db.engine() {
            Engine::Sqlite => {
                "CREATE TRIGGER trap BEFORE INSERT ON customer_events WHEN NEW.customer_id = 150 \
                 BEGIN SELECT RAISE(ABORT, 'killed'); END"
            }
            Engine::Postgres => {
                "CREATE FUNCTION trap() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'killed'; END $$ LANGUAGE plpgsql; \
                 CREATE TRIGGER trap BEFORE INSERT ON customer_events FOR EACH ROW \
                 WHEN (NEW.customer_id = 150) EXECUTE FUNCTION trap()"
            }
        };
        world.execute(trap);
        assert!(pool.recycle_due("dead").is_err());
        assert_eq!(recycled_once(world), 100);
        world.execute(match world.db.engine() {
            Engine::Sqlite => "DROP TRIGGER trap",
            Engine::Postgres => "DROP TRIGGER trap ON customer_events",
        });
        assert_eq!(lease(world).as_deref(), Some("dead"));
        assert_eq!(pool.recycle_due("next").expect("run"), 0, "the dead one still has the lease");
        assert_eq!(recycled_once(world), 100);
        world.db.clock().advance(3_600);
        assert_eq!(pool.recycle_due("next").expect("run"), 0, "the gateway's clock says nothing about it");
        world.execute("UPDATE leases SET expires_at = '2026-01-01 00:00:00'");
        assert_eq!(pool.recycle_due("next").expect("run"), 150);
        assert_eq!((recycled_once(world), lease(world)), (250, None));
    });
}

#[test]
fn a_holder_goes_on_under_its_own_lease_and_ends_when_it_loses_it() {
    on_each_engine_in_time(|world, pool, _| {
        overdue(world, pool, 3);
        let far = "2999-01-01 00:00:00";
        world.execute(&format!("INSERT INTO leases (name, holder, expires_at) VALUES ('pool', 'me', '{far}')"));
        assert_eq!(pool.recycle_due("other").expect("run"), 0);
        assert_eq!(pool.recycle_due("me").expect("run"), 3);
        world.execute(&format!("INSERT INTO leases (name, holder, expires_at) VALUES ('other', 'x', '{far}')"));
        insert(world, &[Seed::of(9, Some(ANNA), Instant::from_unix(0))]);
        assert_eq!(pool.recycle_due("y").expect("run"), 1, "a lease of another name is no hindrance");
    });
}

#[test]
fn a_follow_up_at_the_last_moment_saves_a_customer() {
    on_each_engine_in_time(|world, pool, _| {
        let ids = overdue(world, pool, 5);
        set(pool, PoolRuleInput { deal_days: 0.into(), ..PoolRuleInput::default() });
        let (now, saved) = (world.db.now(), ids[2]);
        let (locked, is_locked) = std::sync::mpsc::channel();
        let recycled = std::thread::scope(|scope| {
            scope.spawn(move || {
                world
                    .db
                    .write(|conn| {
                        stamps::lock(conn, [saved])?;
                        locked.send(()).expect("somebody waits");
                        std::thread::sleep(std::time::Duration::from_millis(300));
                        stamps::last_follow(conn, saved, &LastFollow { at: Some(now), ..LastFollow::default() })
                    })
                    .expect("stamped");
            });
            is_locked.recv().expect("the customer is locked");
            pool.recycle_due("me").expect("run") + pool.recycle_due("me").expect("run")
        });
        assert_eq!((recycled, recycled_once(world)), (4, 4));
        assert_eq!(world.read(saved).customer.holding.owner_id, Some(ANNA));
    });
}
