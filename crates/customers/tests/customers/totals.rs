//! The totals that are kept are the numbers of rows, whatever happened to them.

use std::collections::BTreeMap;

use crm_core::{CustomerId, Error, Page, Patch, StaffId, Zone};
use crm_customers::pool::Pool;
use crm_customers::{CustomerFilter, CustomerInput, Departures};
use crm_db::Db;
use crm_db::testing::rows;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use fastrand::Rng;

use crate::support::*;

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    value: i64,
}

/// Every total of customers that is not nought.
fn totals(db: &Db) -> BTreeMap<String, i64> {
    const ALL: &str = "SELECT name, CAST(SUM(value) AS BIGINT) AS value FROM counters WHERE name LIKE 'customers.%' \
                       GROUP BY name HAVING SUM(value) <> 0";
    let rows: Vec<Kept> = db.read(|conn| Ok(diesel::sql_query(ALL).load(conn)?)).expect("they are read");
    rows.into_iter().map(|kept| (kept.name, kept.value)).collect()
}

/// The totals as they are kept, after making sure that counting anew gives the same.
fn right(db: &Db) -> BTreeMap<String, i64> {
    let kept = totals(db);
    rows::recount_customers(db);
    assert_eq!(kept, totals(db));
    kept
}

const NAMES: &[&str] = &["王伟", "王小伟", "伟伟伟", "Wang WEI", "wang%_wei", "张三丰", "李", "a\"'\\b"];
const PEOPLE: [StaffId; 4] = [ANNA, BERT, CARL, LEA];

/// Does something to some customer; that it is refused is as good.
fn live_on(world: &World, pool: &Pool, made: &mut Vec<CustomerId>, rng: &mut Rng) {
    let name = |rng: &mut Rng| rng.choice(NAMES).copied().unwrap_or_default().to_owned();
    let input = |rng: &mut Rng| CustomerInput {
        real_name: name(rng).into(),
        nick_name: if rng.bool() { name(rng).into() } else { Patch::Null },
        ..CustomerInput::default()
    };
    let person = PEOPLE[rng.usize(0..PEOPLE.len())];
    let Some(id) = rng.choice(&*made).copied().filter(|_| rng.u8(0..4) > 0) else {
        let owner_id = if rng.bool() { Patch::Null } else { person.into() };
        made.push(world.enter(&admin(), CustomerInput { owner_id, ..input(rng) }));
        return;
    };
    let done = match rng.u8(0..7) {
        0 => world.customers.update(&admin(), id, None, input(rng)),
        1 => world.customers.delete(&admin(), id, None),
        2 => world.customers.restore(&admin(), id, None),
        3 => pool.claim(&sees_all(person), id, None),
        4 => pool.release(&admin(), id, None),
        5 => pool.assign(&admin(), id, person, None),
        _ => world.customers.set_blacklisted(&admin(), id, None, rng.bool()),
    };
    assert!(!matches!(done, Err(Error::Internal(_))), "{done:?}");
}

#[test]
fn totals_are_what_counting_gives_after_any_life() {
    on_each_engine(|world| {
        let (pool, mut rng, mut made) = (Pool::new(&world.db, Zone::default()), Rng::with_seed(3), Vec::new());
        for step in 0..400 {
            live_on(world, &pool, &mut made, &mut rng);
            if step % 100 == 99 {
                right(&world.db);
            }
        }
        let kept = right(&world.db);
        assert!(kept["customers.named.伟"] > 0 && kept["customers.named.ang"] > 0 && kept["customers.pooled"] > 0);
        assert!(!kept.contains_key("customers.named.WEI"), "case says nothing");
        let left = kept.get("customers.owned.2").copied().unwrap_or(0);
        assert!(left > 0, "Anna has some");
        Departures::new(&world.db).delete(&admin(), ANNA).expect("Anna leaves");
        let after = right(&world.db);
        assert_eq!(after["customers.pooled"], kept["customers.pooled"] + left);
        assert!(!after.contains_key("customers.owned.2"));
    });
}

#[test]
fn a_search_that_is_counted_and_one_whose_total_is_kept_agree() {
    on_each_engine(|world| {
        for name in NAMES {
            world.enter(&own(ANNA), named(name));
            let both = CustomerInput { nick_name: (*name).to_owned().into(), ..named("伟") };
            world.enter(&admin(), both);
            let gone = world.enter(&admin(), named(name));
            world.customers.delete(&admin(), gone, None).expect("deleted");
        }
        for text in ["伟", "王伟", "伟伟", "小伟", "WEI", "wei", "g w", "%_", "\"'\\", "张三丰", "没有", "ang "]
        {
            // Kept for who sees all; asked together with an owner it is counted.
            let all = world.ids(&admin(), &by_name(text)).len();
            let counted = |owner| world.ids(&admin(), &CustomerFilter { owner_id: Some(owner), ..by_name(text) }).len();
            assert_eq!(all, counted(ANNA) + counted(ADMIN), "{text}");
        }
        let annas = CustomerFilter { owner_id: Some(ANNA), ..CustomerFilter::default() };
        assert_eq!(world.ids(&admin(), &annas).len(), NAMES.len());
        assert_eq!(world.ids(&own(ANNA), &CustomerFilter::default()).len(), NAMES.len());
    });
}

#[test]
fn a_name_that_many_have_is_found_newest_first_wherever_they_are() {
    on_each_engine(|world| {
        let rare = world.enter(&admin(), named("欧阳"));
        let old: Vec<CustomerId> = (0..40).map(|_| world.enter(&admin(), named("王伟"))).collect();
        let check = |expected: &mut dyn Iterator<Item = &CustomerId>| {
            let expected: Vec<CustomerId> = expected.copied().collect();
            assert_eq!(world.ids(&admin(), &by_name("伟")), expected);
            for number in 1..=6 {
                let page = Page::new(number, 9).expect("a page");
                let found = world.customers.list(&admin(), &by_name("伟"), page).expect("the page is read");
                let ids: Vec<CustomerId> = found.rows.iter().map(|row| row.customer.id).collect();
                let from = expected.len().min((usize::try_from(number).expect("a few") - 1) * 9);
                assert_eq!(ids, expected[from..expected.len().min(from + 9)]);
                assert_eq!(usize::try_from(found.total), Ok(expected.len()));
            }
        };
        check(&mut old.iter().rev());
        for _ in 0..200 {
            world.enter(&admin(), named("李四"));
        }
        check(&mut old.iter().rev());
        assert_eq!(world.ids(&admin(), &by_name("欧")), [rare]);
        let new: Vec<CustomerId> = (0..20).map(|_| world.enter(&admin(), named("张伟"))).collect();
        check(&mut new.iter().rev().chain(old.iter().rev()));
    });
}

/// Writers who change the same totals in any order, several times in one transaction, neither wait for each
/// other's rows nor lose anything.
#[test]
fn nobody_waits_for_a_total() {
    on_each_engine(|world| {
        std::thread::scope(|scope| {
            for thread in 0..8 {
                scope.spawn(move || {
                    let pool = Pool::new(&world.db, Zone::default());
                    let (mut rng, mut made) = (Rng::with_seed(thread), Vec::new());
                    for _ in 0..40 {
                        live_on(world, &pool, &mut made, &mut rng);
                    }
                });
            }
        });
        right(&world.db);
    });
}
