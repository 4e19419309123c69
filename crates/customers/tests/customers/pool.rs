//! Claiming, releasing, assigning and locking: rights, limits and what they leave behind.

use crm_core::{CustomerId, Error, Role, Scope, StaffId};
use crm_customers::customer::ClueInput;
use crm_customers::pool::{Act, PoolRuleInput};
use crm_customers::{CustomerInput, Departures};

use crate::pool_support::*;
use crate::support::*;

fn owner(world: &World, id: CustomerId) -> Option<StaffId> {
    world.read(id).customer.holding.owner_id
}

fn limit(limit: i64) -> PoolRuleInput {
    PoolRuleInput { hold_limit: limit.into(), ..PoolRuleInput::default() }
}

#[test]
fn a_claim_takes_a_customer_out_of_the_pool_and_leaves_an_event_and_a_deed() {
    on_each_engine_in_time(|world, pool, _| {
        let id = world.enter(&own(CARL), pooled("nobody's"));
        world.db.clock().advance(60);
        pool.claim(&anna(), id, Some("认识")).expect("claimed");
        let customer = world.read(id).customer;
        let now = Some(world.db.now());
        assert_eq!((customer.holding.owner_id, customer.holding.assigned_at), (Some(ANNA), now));
        assert_eq!((customer.version, customer.updated_by, Some(customer.updated_at)), (2, Some(ANNA), now));
        let last = world.events(id).pop().expect("an event");
        assert_eq!(last, ("claimed".into(), Some(ANNA), None, Some("2".into()), Some("认识".into())));
        let deed = world.deeds("customer", id.0).pop().expect("a deed");
        assert_eq!((deed.0.as_str(), deed.1), ("claim", Some(ANNA.0)));
        assert!(deed.3.contains("\"owner_id\":2"), "{deed:?}");
        for caller in [anna(), own(BERT), admin()] {
            assert_eq!(conflict(pool.claim(&caller, id, None)), "该客户已有负责人");
        }
        for caller in [anna(), admin()] {
            assert!(matches!(pool.claim(&caller, CustomerId(99), None), Err(Error::NotFound(_))));
        }
        // Who may not see it, and never could in the pool, is not told that it is there.
        let annas = world.enter(&anna(), named("Anna's"));
        assert!(matches!(pool.claim(&own(BERT), annas, None), Err(Error::NotFound(_))));
        for caller in [anna(), sees_all(BERT), admin()] {
            assert_eq!(conflict(pool.claim(&caller, annas, None)), "该客户已有负责人");
        }
        let gone = world.enter(&admin(), pooled("gone"));
        world.customers.delete(&admin(), gone, None).expect("deleted");
        assert!(matches!(pool.claim(&admin(), gone, None), Err(Error::NotFound(_))));
        assert!(matches!(pool.claim(&correspondent(), id, None), Err(Error::Forbidden)));
        assert_eq!(bad_fields(pool.claim(&anna(), id, Some("a\u{0}"))), ["reason"]);
        world.execute("UPDATE staff SET status = -1 WHERE id = 3");
        let free = world.enter(&admin(), pooled("free"));
        assert!(matches!(pool.claim(&own(BERT), free, None), Err(Error::Unauthenticated)));
        assert_eq!(owner(world, free), None);
    });
}

#[test]
fn a_release_is_the_owners_their_leaders_and_the_administrators() {
    on_each_engine_in_time(|world, pool, _| {
        let mine = || world.enter(&anna(), named("anna's"));
        let id = mine();
        pool.release(&anna(), id, Some("没有需求")).expect("the owner may");
        let holding = world.read(id).customer.holding;
        assert_eq!((holding.owner_id, holding.last_owner_id), (None, Some(ANNA)));
        assert_eq!((holding.pool_entered_at, holding.pool_times, holding.pool_type), (Some(world.db.now()), 1, 2));
        let last = world.events(id).pop().expect("an event");
        assert_eq!(last, ("released".into(), Some(ANNA), Some("2".into()), None, Some("没有需求".into())));
        for caller in [own(LEA), of_departments(LEA, &[1, 2]), admin()] {
            pool.release(&caller, mine(), None).expect("leaders and administrators may");
        }
        let id = mine();
        assert!(matches!(pool.release(&own(BERT), id, None), Err(Error::NotFound(_))));
        for caller in [of_departments(BERT, &[2]), sees_all(CARL)] {
            assert!(matches!(pool.release(&caller, id, None), Err(Error::Forbidden)), "to see is not to own");
        }
        let carls = world.enter(&own(CARL), named("carl's"));
        assert!(matches!(pool.release(&own(LEA), carls, None), Err(Error::NotFound(_))), "not her department");
        let coras = world.enter(&correspondent(), named("cora's"));
        pool.release(&correspondent(), coras, None).expect("a correspondent may give up what is theirs");
        assert!(matches!(pool.release(&correspondent(), id, None), Err(Error::NotFound(_))));
        world.customers.delete(&admin(), id, None).expect("deleted");
        assert!(matches!(pool.release(&admin(), id, None), Err(Error::NotFound(_))));
        // Whoever could have before is told that they are too late, also when they see it no more.
        let id = mine();
        pool.assign(&admin(), id, CARL, None).expect("assigned");
        for caller in [anna(), own(LEA)] {
            assert_eq!(conflict(pool.release(&caller, id, None)), "该客户已归他人负责");
        }
        pool.release(&admin(), id, None).expect("released");
        for caller in [own(CARL), admin()] {
            assert_eq!(conflict(pool.release(&caller, id, None)), "该客户已在公海中");
        }
        assert!(matches!(pool.release(&own(BERT), id, None), Err(Error::Forbidden)));
        let never = world.enter(&admin(), pooled("never owned"));
        assert_eq!(conflict(pool.release(&admin(), never, None)), "该客户已在公海中");
    });
}

#[test]
fn an_assignment_is_a_leaders_or_an_administrators() {
    on_each_engine_in_time(|world, pool, _| {
        let id = world.enter(&anna(), named("anna's"));
        for caller in [anna(), own(BERT), of_departments(BERT, &[2]), sees_all(CARL), own(CARL)] {
            let refused = pool.assign(&caller, id, CARL, None);
            assert!(matches!(refused, Err(Error::Forbidden | Error::NotFound(_))), "{caller:?} {refused:?}");
        }
        assert!(matches!(pool.assign(&correspondent(), id, CORA, None), Err(Error::Forbidden)));
        world.db.clock().advance(60);
        pool.assign(&own(LEA), id, CARL, Some("换人")).expect("the owner's leader may, to anybody");
        let customer = world.read(id).customer;
        let holding = &customer.holding;
        assert_eq!((holding.owner_id, holding.last_owner_id), (Some(CARL), Some(ANNA)));
        assert_eq!((holding.assigned_at, holding.pool_times, customer.version), (Some(world.db.now()), 0, 2));
        let last = world.events(id).pop().expect("an event");
        assert_eq!(last, ("assigned".into(), Some(LEA), Some("2".into()), Some("4".into()), Some("换人".into())));
        assert_eq!(conflict(pool.assign(&own(LEA), id, ANNA, None)), "该客户已归他人负责");
        assert_eq!(conflict(pool.assign(&admin(), id, CARL, None)), "该客户已由此员工负责");
        pool.assign(&admin(), id, BERT, None).expect("an administrator may");
        // Out of the pool, a leader gives to the people they lead.
        let free = world.enter(&admin(), pooled("nobody's"));
        assert!(matches!(pool.assign(&own(LEA), free, CARL, None), Err(Error::Forbidden)));
        assert!(matches!(pool.assign(&anna(), free, ANNA, None), Err(Error::Forbidden)));
        pool.assign(&own(LEA), free, ANNA, None).expect("the new owner's leader may");
        pool.release(&anna(), free, None).expect("released");
        assert!(conflict(pool.assign(&own(LEA), free, CARL, None)).contains("已在公海中"));
        pool.assign(&admin(), free, CARL, None).expect("an administrator may");
        // Who is not there, deleted or disabled gets nothing.
        for (status, person) in [(1, 99), (-1, 3), (0, 3)] {
            world.execute(&format!("UPDATE staff SET status = {status} WHERE id = 3"));
            for (caller, id) in [(admin(), free), (own(LEA), id), (admin(), id)] {
                assert_eq!(bad_fields(pool.assign(&caller, id, StaffId(person), None)), ["owner_id"]);
            }
        }
        assert!(matches!(pool.assign(&admin(), CustomerId(99), ANNA, None), Err(Error::NotFound(_))));
    });
}

#[test]
fn a_locked_customer_stays_with_its_owner_until_it_is_unlocked() {
    on_each_engine_in_time(|world, pool, _| {
        let id = world.enter(&anna(), named("anna's"));
        for caller in [anna(), own(BERT), sees_all(CARL)] {
            let refused = pool.lock(&caller, id, None);
            assert!(matches!(refused, Err(Error::Forbidden | Error::NotFound(_))), "{refused:?}");
        }
        assert!(matches!(pool.lock(&correspondent(), id, None), Err(Error::Forbidden)));
        pool.lock(&own(LEA), id, Some("大客户")).expect("a leader may");
        pool.lock(&own(LEA), id, None).expect("twice changes nothing");
        assert_eq!((world.read(id).customer.holding.is_locked, world.read(id).customer.version), (1, 2));
        let last = world.events(id).pop().expect("an event");
        assert_eq!(last, ("locked".into(), Some(LEA), None, None, Some("大客户".into())));
        for caller in [anna(), own(LEA), admin()] {
            assert_eq!(conflict(pool.release(&caller, id, None)), "该客户已锁定,请先解锁");
        }
        for caller in [own(LEA), admin()] {
            assert_eq!(conflict(pool.assign(&caller, id, BERT, None)), "该客户已锁定,请先解锁");
        }
        assert!(matches!(pool.unlock(&anna(), id, None), Err(Error::Forbidden)));
        pool.unlock(&admin(), id, None).expect("an administrator may");
        assert_eq!(world.events(id).pop().expect("an event").0, "unlocked");
        pool.release(&anna(), id, None).expect("and now it goes");
        assert_eq!(conflict(pool.lock(&admin(), id, None)), "该客户已在公海中");
        assert_eq!(conflict(pool.unlock(&own(LEA), id, None)), "该客户已在公海中");
        // Who leaves loses even what was locked, and the lock goes with them.
        pool.claim(&own(BERT), id, None).expect("claimed");
        pool.lock(&admin(), id, None).expect("locked");
        Departures::new(&world.db).delete(&admin(), BERT).expect("deleted");
        let holding = world.read(id).customer.holding;
        assert_eq!((holding.owner_id, holding.is_locked), (None, 0));
    });
}

#[test]
fn nobody_holds_more_than_the_limit_by_whatever_way() {
    on_each_engine_in_time(|world, pool, _| {
        set(pool, limit(2));
        let first = world.enter(&anna(), named("1"));
        let second = world.enter(&admin(), CustomerInput { owner_id: ANNA.into(), ..named("2") });
        let free = world.enter(&admin(), pooled("3"));
        let text = "每人最多持有2个客户,该员工已达上限";
        assert_eq!(conflict(pool.claim(&anna(), free, None)), text);
        assert_eq!(conflict(pool.assign(&admin(), free, ANNA, None)), text);
        assert_eq!(conflict(world.customers.create(&anna(), named("4"))), text);
        let given = CustomerInput { owner_id: ANNA.into(), ..named("4") };
        assert_eq!(conflict(world.customers.create(&own(LEA), given)), text);
        let made = CustomerInput { creator_id: ANNA.into(), ..named("4") };
        assert_eq!(conflict(world.customers.create(&admin(), made)), text);
        assert_eq!(bad_fields(world.customers.create(&anna(), named(""))), ["realName"], "what is wrong comes first");
        // Locked, won and completed ones count; deleted ones do not, and come back only into room.
        pool.lock(&admin(), first, None).expect("locked");
        world.execute("UPDATE customers SET stage_id = 8 WHERE owner_id = 2");
        assert_eq!(conflict(pool.claim(&anna(), free, None)), text);
        world.customers.delete(&anna(), second, None).expect("deleted");
        pool.claim(&anna(), free, None).expect("there is room");
        assert_eq!(conflict(world.customers.restore(&admin(), second, None)), text);
        pool.release(&anna(), free, None).expect("released");
        world.customers.restore(&admin(), second, None).expect("there is room");
        assert_eq!(conflict(pool.claim(&anna(), free, None)), text);
        // The next one over is fine with a wider rule, and any number with none.
        set(pool, limit(3));
        pool.claim(&anna(), free, None).expect("there is room");
        set(pool, limit(0));
        world.enter(&anna(), named("5"));
    });
}

#[test]
fn who_lost_a_customer_claims_it_again_only_after_the_cooldown() {
    on_each_engine_in_time(|world, pool, _| {
        set(pool, PoolRuleInput { cooldown_days: 2.into(), ..PoolRuleInput::default() });
        let id = world.enter(&anna(), named("anna's"));
        pool.release(&anna(), id, None).expect("released on Monday");
        let told = conflict(pool.claim(&anna(), id, None));
        assert_eq!(told, "刚失去该客户,2026-03-04 00:00:00起才能再次领取");
        pool.claim(&own(BERT), id, None).expect("others may at once");
        pool.assign(&admin(), id, CARL, None).expect("assigned away from Bert on Monday");
        world.db.clock().advance(DAY + 14 * 3600 - 1);
        assert_eq!(world.db.now(), at("2026-03-03 23:59:59"));
        pool.release(&own(CARL), id, None).expect("released on Tuesday");
        for caller in [anna(), own(BERT), own(CARL)] {
            assert!(conflict(pool.claim(&caller, id, None)).contains("才能再次领取"));
        }
        pool.assign(&admin(), id, ANNA, None).expect("an assignment knows no cooldown");
        pool.release(&anna(), id, None).expect("lost anew");
        world.db.clock().advance(1);
        assert!(conflict(pool.claim(&anna(), id, None)).contains("2026-03-05"), "the latest loss counts");
        pool.claim(&own(BERT), id, None).expect("two days after Monday");
        pool.release(&own(BERT), id, None).expect("released");
        set(pool, PoolRuleInput { cooldown_days: 0.into(), ..PoolRuleInput::default() });
        pool.claim(&own(BERT), id, None).expect("without a cooldown at once");
    });
}

#[test]
fn the_first_claimer_of_a_lead_is_kept_for_good() {
    on_each_engine_in_time(|world, pool, _| {
        let lead = |owner_id| CustomerInput {
            clue: ClueInput { is_clue: 1.into(), ..ClueInput::default() },
            owner_id,
            ..named("lead")
        };
        let first = |id| {
            let clue = world.read(id).customer.clue;
            (clue.first_claimer_id, clue.first_claimed_at)
        };
        let claimed = world.enter(&admin(), lead(crm_core::Patch::Null));
        let assigned = world.enter(&anna(), lead(crm_core::Patch::Absent));
        let plain = world.enter(&admin(), pooled("no lead"));
        assert_eq!((first(claimed), first(assigned)), ((None, None), (None, None)));
        let then = Some(world.db.now());
        pool.claim(&anna(), claimed, None).expect("claimed");
        pool.claim(&anna(), plain, None).expect("claimed");
        pool.assign(&admin(), assigned, BERT, None).expect("assigned");
        world.db.clock().advance(60);
        pool.release(&anna(), claimed, None).expect("released");
        pool.claim(&own(CARL), claimed, None).expect("claimed again");
        pool.assign(&admin(), assigned, CARL, None).expect("assigned again");
        assert_eq!(first(claimed), (Some(ANNA), then));
        assert_eq!(first(assigned), (Some(BERT), then));
        assert_eq!(first(plain), (None, None));
    });
}

#[test]
fn of_several_customers_each_is_done_by_itself_in_order_of_id() {
    on_each_engine_in_time(|world, pool, _| {
        set(pool, limit(2));
        let ids: Vec<CustomerId> = ["a", "b", "c"].map(|name| world.enter(&admin(), pooled(name))).to_vec();
        let taken = world.enter(&own(BERT), named("bert's"));
        let asked = [ids[2], taken, CustomerId(99), ids[0], ids[1]];
        let done = pool.act_on_each(&anna(), Act::Claim, &asked, None).expect("the request is right");
        let results: Vec<(CustomerId, bool)> = done.iter().map(|done| (done.id, done.result.is_ok())).collect();
        assert_eq!(results, [(ids[0], true), (ids[1], true), (ids[2], false), (taken, false), (CustomerId(99), false)]);
        assert!(matches!(done[4].result, Err(Error::NotFound(_))));
        assert_eq!([owner(world, ids[1]), owner(world, ids[2])], [Some(ANNA), None]);
        assert!(matches!(pool.act_on_each(&correspondent(), Act::Claim, &asked, None), Err(Error::Forbidden)));
        let nobody = Act::Assign(StaffId(99));
        assert_eq!(bad_fields(pool.act_on_each(&admin(), nobody, &asked, None)), ["owner_id"]);
        assert_eq!(bad_fields(pool.act_on_each(&own(LEA), nobody, &asked, None)), ["owner_id"]);
        // What is refused leaves a trace, as a refused request does.
        let refused = pool.act_on_each(&sees_all(CARL), Act::Release, &ids, None).expect("the request is right");
        assert!(refused.iter().all(|done| matches!(done.result, Err(Error::Forbidden))), "{refused:?}");
        let traces: i64 = world
            .db
            .read(|conn| {
                use crm_db::schema::audit;
                use diesel::prelude::*;
                Ok(audit::table.filter(audit::action.eq("refused")).count().get_result(conn)?)
            })
            .expect("counted");
        assert_eq!(traces, 1);
    });
}

#[test]
fn an_array_that_runs_out_of_time_says_what_was_not_done() {
    on_each_engine_in_time(|world, pool, _| {
        let ids: Vec<CustomerId> = (0..40).map(|n| world.enter(&admin(), pooled(&n.to_string()))).collect();
        let soon = std::time::Instant::now() + std::time::Duration::from_millis(1_720);
        let done = crm_db::deadline::within(soon, || pool.act_on_each(&anna(), Act::Claim, &ids, None));
        let done = done.expect("there is an answer");
        assert_eq!(done.len(), ids.len());
        for done in &done {
            let is_hers = owner(world, done.id) == Some(ANNA);
            match &done.result {
                Ok(()) => assert!(is_hers),
                Err(Error::Unavailable) => assert!(!is_hers),
                Err(other) => panic!("{other:?}"),
            }
        }
        assert!(done.last().is_some_and(|last| last.result.is_err()), "there was time for all");
    });
}

#[test]
fn a_leader_who_is_a_correspondent_or_of_a_department_that_is_gone_leads_nobody() {
    on_each_engine_in_time(|world, pool, _| {
        let id = world.enter(&anna(), named("anna's"));
        let cora = crm_core::Caller::new(LEA, Role::Correspondent, Scope::All);
        assert!(matches!(pool.release(&cora, id, None), Err(Error::NotFound(_))));
        assert!(matches!(pool.lock(&cora, id, None), Err(Error::Forbidden)));
        world.execute("UPDATE departments SET status = -1 WHERE id = 1");
        assert!(matches!(pool.release(&own(LEA), id, None), Err(Error::NotFound(_))));
    });
}
