//! The rule: who changes it, what a change does to the dates, what is announced.

use crm_core::{CustomerId, Error, Instant, Page, Patch, Zone};
use crm_customers::Customer;
use crm_customers::pool::{DueFilter, Pool, PoolRuleInput};

use crate::pool_support::*;
use crate::support::*;

/// Ids, days left and dates of what is announced to an administrator.
fn due(pool: &Pool, filter: &DueFilter) -> Vec<(i64, i64, String)> {
    let found = pool.due(&admin(), filter, Page::first()).expect("the list is read");
    assert_eq!(usize::try_from(found.total), Ok(found.rows.len()));
    let row = |row: &crm_customers::pool::DueListing| {
        let date = row.outlook.recycle_on.expect("a date").to_string();
        assert!(row.outlook.is_coming_free || filter.days.is_some());
        (row.listing.customer.id.0, row.outlook.days_left, date)
    };
    found.rows.iter().map(row).collect()
}

#[test]
fn the_rule_is_the_administrators_to_change_and_everybodys_to_read() {
    on_each_engine_in_time(|world, pool, _| {
        let rule = pool.rule().expect("read");
        assert_eq!((rule.enabled, rule.contact_days, rule.deal_days, rule.notice_days), (0, 30, 90, 3));
        assert_eq!((rule.hold_limit, rule.cooldown_days, rule.tightened_at, rule.version), (0, 0, None, 1));
        for caller in [own(LEA), sees_all(CARL), correspondent()] {
            assert!(matches!(pool.set_rule(&caller, None, on(1, 1, 1)), Err(Error::Forbidden)));
            assert!(matches!(pool.preview(&caller, None, on(1, 1, 1)), Err(Error::Forbidden)));
        }
        let bad = PoolRuleInput {
            enabled: 2.into(),
            contact_days: (-1).into(),
            deal_days: 3_651.into(),
            notice_days: 366.into(),
            hold_limit: 1_000_001.into(),
            cooldown_days: Patch::Null,
            ..PoolRuleInput::default()
        };
        let fields = ["enabled", "contact_days", "deal_days", "notice_days", "hold_limit", "cooldown_days"];
        assert_eq!(bad_fields(pool.set_rule(&admin(), None, bad.clone())), fields);
        assert_eq!(bad_fields(pool.preview(&admin(), None, bad)), fields);
        assert_eq!(pool.rule().expect("read"), rule);
        set(pool, PoolRuleInput { enabled: 1.into(), ..PoolRuleInput::default() });
        let changed = pool.rule().expect("read");
        assert_eq!((changed.enabled, changed.contact_days, changed.version), (1, 30, 2));
        assert_eq!(changed.tightened_at, Some(world.db.now()));
        assert!(matches!(pool.set_rule(&admin(), Some(1), on(1, 1, 1)), Err(Error::Stale)));
        pool.set_rule(&admin(), Some(2), PoolRuleInput::default()).expect("nothing said, nothing changed");
        let deeds = world.deeds("pool_rule", 1);
        assert_eq!(deeds.len(), 2);
        assert!(deeds[0].3.contains("\"enabled\":1") && !deeds[0].3.contains("contact_days"), "{deeds:?}");
    });
}

#[test]
fn only_what_is_tighter_starts_the_notice_days_anew() {
    on_each_engine_in_time(|world, pool, _| {
        let start = world.db.now();
        let mut since = start;
        set(pool, on(30, 90, 3));
        let steps: [(PoolRuleInput, bool); 11] = [
            (PoolRuleInput { contact_days: 29.into(), ..PoolRuleInput::default() }, true),
            (PoolRuleInput { contact_days: 60.into(), ..PoolRuleInput::default() }, false),
            (PoolRuleInput { deal_days: 0.into(), ..PoolRuleInput::default() }, false),
            (PoolRuleInput { deal_days: 365.into(), ..PoolRuleInput::default() }, true),
            (PoolRuleInput { contact_days: 90.into(), deal_days: 364.into(), ..PoolRuleInput::default() }, true),
            (PoolRuleInput { notice_days: 5.into(), ..PoolRuleInput::default() }, false),
            (PoolRuleInput { hold_limit: 5.into(), cooldown_days: 5.into(), ..PoolRuleInput::default() }, false),
            (PoolRuleInput { enabled: 0.into(), ..PoolRuleInput::default() }, false),
            (PoolRuleInput { contact_days: 1.into(), ..PoolRuleInput::default() }, false),
            (PoolRuleInput { enabled: 1.into(), ..PoolRuleInput::default() }, true),
            (PoolRuleInput { enabled: 1.into(), contact_days: 1.into(), ..PoolRuleInput::default() }, false),
        ];
        for (number, (step, tighter)) in steps.into_iter().enumerate() {
            world.db.clock().advance(10 * DAY);
            if tighter {
                since = world.db.now();
            }
            set(pool, step);
            assert_eq!(pool.rule().expect("read").tightened_at, Some(since), "step {number}");
        }
    });
}

#[test]
fn a_new_rule_on_an_old_base_announces_at_once_and_takes_nothing_before_the_notice_days() {
    on_each_engine_in_time(|world, pool, _| {
        let old = at("2025-01-01 12:00:00");
        insert(world, &[Seed::of(1, Some(ANNA), old), Seed::of(2, Some(BERT), world.db.now())]);
        let preview = pool.preview(&admin(), None, on(30, 0, 3)).expect("tried");
        assert_eq!((preview.count, preview.customers.len()), (1, 1));
        assert_eq!(preview.customers[0].outlook.recycle_on.map(|date| date.to_string()), Some("2026-03-05".into()));
        assert_eq!(pool.rule().expect("read").enabled, 0);
        assert!(due(pool, &DueFilter::default()).is_empty(), "a rule that is off takes nothing");
        set(pool, on(30, 0, 3));
        assert_eq!(due(pool, &DueFilter::default()), [(1, 3, "2026-03-05".into())]);
        assert_eq!(pool.recycle_due("me").expect("run"), 0);
        world.db.clock().advance(2 * DAY);
        assert_eq!(due(pool, &DueFilter::default()), [(1, 1, "2026-03-05".into())]);
        assert_eq!(pool.recycle_due("me").expect("run"), 0);
        world.db.clock().advance(DAY);
        assert_eq!(pool.recycle_due("me").expect("run"), 1);
    });
}

#[test]
fn fewer_notice_days_do_not_shorten_those_that_run() {
    on_each_engine_in_time(|world, pool, _| {
        let old = at("2025-01-01 12:00:00");
        insert(world, &[Seed::of(1, Some(ANNA), old)]);
        let date = |pool: &Pool| {
            let found = due(pool, &DueFilter { days: Some(100), ..DueFilter::default() });
            found.first().map(|(_, _, date)| date.clone()).unwrap_or_default()
        };
        set(pool, on(30, 0, 10));
        assert_eq!(date(pool), "2026-03-12");
        world.db.clock().advance(DAY);
        for notice in [3, 0, 5] {
            set(pool, PoolRuleInput { notice_days: notice.into(), ..PoolRuleInput::default() });
            assert!(date(pool).as_str() >= "2026-03-12", "{notice}: {}", date(pool));
        }
        set(pool, PoolRuleInput { notice_days: 1.into(), contact_days: 20.into(), ..PoolRuleInput::default() });
        assert!(date(pool).as_str() >= "2026-03-12", "{}", date(pool));
        world.db.clock().advance(20 * DAY);
        set(pool, PoolRuleInput { notice_days: 0.into(), ..PoolRuleInput::default() });
        set(pool, PoolRuleInput { notice_days: 4.into(), ..PoolRuleInput::default() });
        assert!(date(pool).as_str() <= "2026-03-23", "they are long over");
    });
}

#[test]
fn whatever_is_changed_without_tightening_brings_no_date_nearer() {
    on_each_engine_in_time(|world, pool, _| {
        let mut dice = Dice(11);
        let now = world.db.now();
        let seeds: Vec<Seed> = (1..=60)
            .map(|id| Seed {
                followed: (dice.roll(2) == 0).then(|| now.plus_seconds(-dice.roll(40 * DAY))),
                ..Seed::of(id, Some(ANNA), now.plus_seconds(-dice.roll(60 * DAY)))
            })
            .collect();
        let ids = insert(world, &seeds);
        let customers: Vec<Customer> = ids.iter().map(|id| world.read(*id).customer).collect();
        let zone = Zone::default();
        let left = |at: Instant| -> Vec<Option<i64>> {
            let rule = pool.rule().expect("read");
            let days = |customer| {
                let outlook = rule.outlook(zone, at, customer, 0);
                outlook.recycle_on.map(|_| outlook.days_left)
            };
            customers.iter().map(days).collect()
        };
        let (mut loosened, mut tightened) = (0, 0);
        for _ in 0..150 {
            world.db.clock().advance(dice.roll(DAY));
            let (now, before, rule) = (world.db.now(), left(world.db.now()), pool.rule().expect("read"));
            let mut sides = |sides| if dice.roll(3) == 0 { Patch::Value(dice.roll(sides)) } else { Patch::Absent };
            set(
                pool,
                PoolRuleInput {
                    enabled: sides(20).map(|n| i64::from(n > 0)),
                    contact_days: sides(40),
                    deal_days: sides(60),
                    notice_days: sides(12),
                    ..PoolRuleInput::default()
                },
            );
            let changed = pool.rule().expect("read");
            let tighter = |days: i64, before: i64| days > 0 && (before == 0 || days < before);
            let is_tighter = changed.enabled == 1
                && (rule.enabled == 0
                    || tighter(changed.contact_days, rule.contact_days)
                    || tighter(changed.deal_days, rule.deal_days));
            for (before, after) in before.iter().zip(left(now)) {
                match (before, after) {
                    (_, None) => {}
                    (Some(before), Some(after)) if *before <= after => {}
                    // Tighter: but nobody is surprised.
                    (_, Some(after)) => {
                        assert!(is_tighter, "{rule:?} {changed:?} {before:?} {after}");
                        assert!(after >= changed.notice_days, "{rule:?} {changed:?} {before:?} {after}");
                    }
                }
            }
            if is_tighter { tightened += 1 } else { loosened += 1 }
        }
        assert!(loosened > 20 && tightened > 20, "{loosened} {tightened}");
    });
}

#[test]
fn what_is_due_is_counted_from_the_later_of_follow_up_and_assignment_or_from_the_assignment_to_a_deal() {
    on_each_engine_in_time(|world, pool, _| {
        set(pool, on(3, 10, 2));
        world.db.clock().advance(30 * DAY);
        // Today is 2026-04-01, 10:00.
        let day = |text: &str| at(text);
        let of = |id, assigned| Seed::of(id, Some(ANNA), day(assigned));
        let seeds = [
            // Assigned on the 29th: 3 full days end with the 1st, due on the 2nd.
            of(1, "2026-03-29 23:59:59"),
            // A second later it is another day.
            of(2, "2026-03-30 00:00:00"),
            Seed { followed: Some(day("2026-03-31 09:00:00")), ..of(3, "2026-03-27") },
            // A follow-up before the assignment says nothing.
            Seed { followed: Some(day("2026-03-01 09:00:00")), ..of(4, "2026-03-29") },
            // Followed up today, but no deal in ten days.
            Seed { followed: Some(day("2026-04-01 09:00:00")), ..of(5, "2026-03-22") },
            Seed { followed: Some(day("2026-04-01 09:00:00")), deal: Some(day("2026-03-22")), ..of(6, "2026-03-22") },
            Seed {
                followed: Some(day("2026-04-01 09:00:00")),
                deal: Some(day("2026-03-21 23:59:59")),
                ..of(7, "2026-03-22")
            },
            Seed { locked: true, ..of(8, "2026-03-01") },
            Seed { deleted: true, ..of(9, "2026-03-01") },
            Seed { stage: 6, ..of(10, "2026-03-01") },
            Seed { stage: 8, ..of(11, "2026-03-01") },
            Seed { stage: 9, ..of(12, "2026-03-01") },
            Seed::of(13, None, day("2026-03-01")),
            of(14, "2026-03-01"),
            Seed { owner: Some(CARL), ..of(15, "2026-03-29") },
        ];
        insert(world, &seeds);
        let all = [
            (14, 0, "2026-03-05".to_owned()),
            (5, 1, "2026-04-02".to_owned()),
            (7, 1, "2026-04-02".to_owned()),
            (4, 1, "2026-04-02".to_owned()),
            (15, 1, "2026-04-02".to_owned()),
            (1, 1, "2026-04-02".to_owned()),
            (2, 2, "2026-04-03".to_owned()),
        ];
        assert_eq!(due(pool, &DueFilter::default()), all);
        assert_eq!(due(pool, &DueFilter { days: Some(0), ..DueFilter::default() }), all[..1]);
        assert_eq!(due(pool, &DueFilter { days: Some(1), ..DueFilter::default() }), all[..6]);
        let ids = |filter: DueFilter| due(pool, &filter).into_iter().map(|row| row.0).collect::<Vec<_>>();
        assert_eq!(ids(DueFilter { owner_id: Some(CARL), ..DueFilter::default() }), [15]);
        assert_eq!(ids(DueFilter { id: Some(CustomerId(4)), ..DueFilter::default() }), [4]);
        let below = DueFilter { department_id: Some(crm_core::DepartmentId(1)), ..DueFilter::default() };
        assert_eq!(ids(below), [14, 5, 7, 4, 1, 2]);
        assert_eq!(
            bad_fields(pool.due(&admin(), &DueFilter { days: Some(-1), ..DueFilter::default() }, Page::first())),
            ["days"]
        );
        assert!(due(pool, &DueFilter { days: Some(i64::MAX), ..DueFilter::default() }).is_empty(), "no such date");
        // Whoever sees only some is shown only those.
        let seen = |caller| pool.due(&caller, &DueFilter::default(), Page::first()).expect("read").total;
        assert_eq!((seen(anna()), seen(own(CARL)), seen(own(BERT))), (6, 1, 0));
        assert_eq!(seen(of_departments(LEA, &[2])), 6);
        let second = pool.due(&admin(), &DueFilter::default(), Page::new(2, 3).expect("a page")).expect("read");
        let second: Vec<i64> = second.rows.iter().map(|row| row.listing.customer.id.0).collect();
        assert_eq!(second, [4, 15, 1]);
    });
}
