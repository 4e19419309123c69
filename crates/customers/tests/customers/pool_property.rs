//! The one definition of what is due, told in Rust and in SQL: held to each other on ten thousand
//! random customers, day by day, in zones whose clocks change, one of them at midnight.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Days;
use crm_core::{CustomerId, Instant, Page, Zone};
use crm_customers::Customer;
use crm_customers::pool::{DueFilter, Pool, PoolRule, PoolRuleInput};
use crm_db::schema::{customer_events, customer_stages, customers};
use crm_db::{Db, Predicate};
use diesel::prelude::*;

use crate::pool_support::*;
use crate::support::*;

const CUSTOMERS: i64 = 10_000;
const ZONES: [&str; 4] = ["Asia/Shanghai", "Asia/Beirut", "Europe/Berlin", "Australia/Lord_Howe"];
/// The clocks of all but the first change between this day and the last.
const FIRST_DAY: &str = "2026-03-27 00:00:00";
const DAYS: i64 = 11;

/// A moment in the sixty days before, half of the time on the edge of a local day of some zone.
fn moment(dice: &mut Dice, start: Instant, zones: &[Zone]) -> Instant {
    let at = start.plus_seconds(-dice.roll(60 * DAY));
    if dice.roll(2) == 0 {
        return at;
    }
    let zone = zones[usize::try_from(dice.roll(4)).expect("few")];
    zone.start_of_day(zone.date(at)).plus_seconds(dice.roll(3) - 1)
}

fn seeds(dice: &mut Dice, start: Instant, zones: &[Zone]) -> Vec<Seed> {
    let mut seed = |id| {
        let sometimes = |dice: &mut Dice, of: i64| (dice.roll(of) == 0).then(|| moment(dice, start, zones));
        let (assigned, followed, deal) = (moment(dice, start, zones), sometimes(dice, 2), sometimes(dice, 3));
        let owner = (dice.roll(10) > 0).then(|| [ANNA, BERT, CARL][usize::try_from(dice.roll(3)).expect("few")]);
        Seed {
            followed,
            // Now and then the very second of the assignment.
            deal: if dice.roll(20) == 0 { Some(assigned) } else { deal },
            stage: 1 + dice.roll(9),
            locked: owner.is_some() && dice.roll(10) == 0,
            deleted: dice.roll(20) == 0,
            ..Seed::of(id, owner, assigned)
        }
    };
    (1..=CUSTOMERS).map(&mut seed).collect()
}

struct Base {
    outcomes: BTreeMap<i64, i16>,
    customers: Vec<Customer>,
}

impl Base {
    fn read(db: &Db) -> Self {
        db.read(|conn| {
            let outcomes: Vec<(i64, i16)> = customer_stages::table
                .select((customer_stages::id.into_sql::<diesel::sql_types::BigInt>(), customer_stages::outcome))
                .load(conn)?;
            Ok(Self {
                outcomes: outcomes.into_iter().collect(),
                customers: customers::table.order(customers::id).select(Customer::as_select()).load(conn)?,
            })
        })
        .expect("read")
    }

    fn outcome(&self, customer: &Customer) -> i16 {
        self.outcomes[&customer.progress.stage_id.0]
    }

    /// Those for which Rust says so.
    fn ids(&self, says: impl Fn(&Customer, i16) -> bool) -> BTreeSet<i64> {
        let fits = |customer: &&Customer| says(customer, self.outcome(customer));
        self.customers.iter().filter(fits).map(|customer| customer.id.0).collect()
    }
}

/// Those for which SQL says so.
fn found(db: &Db, predicate: Option<Predicate>) -> BTreeSet<i64> {
    let Some(predicate) = predicate else { return BTreeSet::new() };
    let ids: Vec<CustomerId> = db
        .read(|conn| Ok(customers::table.filter(predicate).select(customers::id).load(conn)?))
        .expect("the condition is SQL");
    ids.into_iter().map(|id| id.0).collect()
}

fn agree(db: &Db, base: &Base, rule: &PoolRule, zone: Zone, now: Instant) {
    let today = zone.date(now);
    for days in [0, 1, 5] {
        let date = today + Days::new(days);
        let expected =
            base.ids(|customer, outcome| rule.due_on(zone, customer, outcome).is_some_and(|due| due <= date));
        assert_eq!(found(db, rule.due_by(zone, date)), expected, "{zone} {date} {rule:?}");
    }
    let outlook = |customer: &Customer, outcome| rule.outlook(zone, now, customer, outcome);
    let announced = base.ids(|customer, outcome| outlook(customer, outcome).is_coming_free);
    assert_eq!(found(db, rule.coming_free(zone, now)), announced, "{zone} {now:?} {rule:?}");
    let soon = base.ids(|customer, outcome| {
        let outlook = outlook(customer, outcome);
        outlook.recycle_on.is_some() && outlook.days_left <= 1
    });
    assert_eq!(found(db, rule.soon_lost(zone, now)), soon, "{zone} {now:?} {rule:?}");
}

#[test]
fn sql_and_rust_agree_on_what_is_due_in_every_zone_on_every_day() {
    on_each_engine_in_time(|world, pool, _| {
        let zones = ZONES.map(|zone| zone.parse::<Zone>().expect("a zone"));
        let start = at(FIRST_DAY);
        let mut dice = Dice(20_260_327);
        insert(world, &seeds(&mut dice, start, &zones));
        let base = Base::read(&world.db);
        let mut rule = pool.rule().expect("read");
        rule.enabled = 1;
        let mut dates = BTreeSet::new();
        for day in 0..DAYS {
            (rule.contact_days, rule.deal_days) =
                [(7, 20), (0, 20), (7, 0), (30, 45), (1, 1), (0, 0)][usize::try_from(dice.roll(6)).expect("few")];
            rule.notice_days = dice.roll(8);
            rule.tightened_at = Some(start.plus_seconds(-dice.roll(8 * DAY)));
            for zone in zones {
                // Any time of the day, its first and its last second.
                let today = zone.date(start.plus_seconds(day * DAY));
                let now = match dice.roll(3) {
                    0 => zone.start_of_day(today),
                    1 => zone.end_of_day(today),
                    _ => start.plus_seconds(day * DAY + dice.roll(DAY)),
                };
                agree(&world.db, &base, &rule, zone, now);
                dates.insert(zone.date(now));
            }
        }
        assert!(dates.len() >= 11, "{dates:?}");
    });
}

/// What the background task has recycled so far.
fn recycled(db: &Db) -> BTreeSet<i64> {
    let ids: Vec<CustomerId> = db
        .read(|conn| {
            Ok(customer_events::table
                .filter(customer_events::kind.eq("recycled"))
                .select(customer_events::customer_id)
                .load(conn)?)
        })
        .expect("read");
    let count = ids.len();
    let ids: BTreeSet<i64> = ids.into_iter().map(|id| id.0).collect();
    assert_eq!(ids.len(), count, "one was recycled twice");
    ids
}

#[test]
fn the_list_of_what_is_due_and_the_background_task_go_by_the_same_days() {
    on_each_engine_in_time(|world, _, _| {
        let zones = ZONES.map(|zone| zone.parse::<Zone>().expect("a zone"));
        let (zone, start) = (zones[1], at(FIRST_DAY));
        let pool = Pool::new(&world.db, zone);
        insert(world, &seeds(&mut Dice(7), start, &zones));
        world.db.clock().advance(start.unix() - START - 3 * DAY);
        pool.set_rule(&admin(), None, PoolRuleInput { hold_limit: 5.into(), ..on(50, 0, 3) }).expect("set");
        let base = Base::read(&world.db);
        let rule = pool.rule().expect("read");
        let mut gone = BTreeSet::new();
        for day in 0..DAYS {
            let now = world.db.now();
            let left = |customer: &Customer, outcome| {
                let outlook = rule.outlook(zone, now, customer, outcome);
                outlook.is_coming_free.then_some(outlook)
            };
            let announced =
                base.ids(|customer, outcome| !gone.contains(&customer.id.0) && left(customer, outcome).is_some());
            let list = pool.due(&admin(), &DueFilter::default(), Page::new(1, 1000).expect("a page")).expect("read");
            assert_eq!(usize::try_from(list.total), Ok(announced.len()), "day {day}");
            for row in &list.rows {
                let customer = &row.listing.customer;
                assert_eq!(left(customer, base.outcome(customer)), Some(row.outlook), "{customer:?}");
            }
            let due = base
                .ids(|customer, outcome| rule.due_on(zone, customer, outcome).is_some_and(|due| due <= zone.date(now)));
            pool.recycle_due("me").expect("run");
            gone = recycled(&world.db);
            assert_eq!(gone, due, "day {day}");
            world.db.clock().advance(DAY);
        }
        assert!(gone.len() > 300, "{}", gone.len());
    });
}
