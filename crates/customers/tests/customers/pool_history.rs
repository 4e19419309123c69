//! Reading the history: who sees which events, and the groups the dashboard counts.

use crm_core::{Caller, CustomerId, DepartmentId, Page, StaffId, TimeRange};
use crm_customers::events::Kind;
use crm_customers::pool::{HistoryFilter, Kinds, Pool};

use crate::pool_support::*;
use crate::support::*;

/// Kinds and customers of all pages, newest first.
fn told(pool: &Pool, caller: &Caller, filter: &HistoryFilter) -> Vec<(String, i64)> {
    let found = pool.history(caller, filter, Page::new(1, 1000).expect("a page")).expect("read");
    assert_eq!(usize::try_from(found.total), Ok(found.rows.len()));
    found.rows.into_iter().map(|row| (row.kind, row.customer_id.0)).collect()
}

fn of(kinds: Kinds) -> HistoryFilter {
    HistoryFilter { kinds: Some(kinds), ..HistoryFilter::default() }
}

/// Anna's customer 1 goes to Bert and back to the pool; Carl's 2 is locked; 3 is claimed twice.
fn story(world: &World, pool: &Pool) {
    let tick = || world.db.clock().advance(60);
    let ids =
        [world.enter(&anna(), named("1")), world.enter(&own(CARL), named("2")), world.enter(&admin(), pooled("3"))];
    assert_eq!(ids, [CustomerId(1), CustomerId(2), CustomerId(3)]);
    tick();
    pool.assign(&own(LEA), ids[0], BERT, Some("换人")).expect("assigned");
    tick();
    pool.release(&own(BERT), ids[0], None).expect("released");
    tick();
    pool.lock(&admin(), ids[1], None).expect("locked");
    tick();
    pool.claim(&anna(), ids[2], None).expect("claimed");
    tick();
    pool.release(&anna(), ids[2], None).expect("released");
    tick();
    pool.claim(&anna(), ids[2], None).expect("claimed again");
    tick();
    pool.release(&anna(), ids[2], None).expect("released again");
    tick();
}

fn words(rows: &[(&str, i64)]) -> Vec<(String, i64)> {
    rows.iter().map(|(kind, id)| ((*kind).to_owned(), *id)).collect()
}

#[test]
fn the_history_of_a_customer_is_told_newest_first_with_names() {
    on_each_engine_in_time(|world, pool, _| {
        story(world, pool);
        let filter = HistoryFilter { customer_id: Some(CustomerId(1)), ..HistoryFilter::default() };
        assert_eq!(told(pool, &admin(), &filter), words(&[("released", 1), ("assigned", 1), ("created", 1)]));
        let page = pool.history(&admin(), &filter, Page::new(2, 1).expect("a page")).expect("read");
        let row = &page.rows[0];
        assert_eq!((row.actor_id, row.actor_name.as_deref()), (Some(LEA), Some("lea")));
        assert_eq!(
            (row.from.as_deref(), row.to.as_deref(), row.reason.as_deref()),
            (Some("2"), Some("3"), Some("换人"))
        );
        assert_eq!((page.total, row.at), (3, at("2026-03-02 10:01:00")));
        let all = told(pool, &admin(), &HistoryFilter::default());
        assert_eq!(all.len(), 10);
        assert_eq!(all[0], ("released".to_owned(), 3));
        let range = TimeRange { start: Some(at("2026-03-02 10:01:00")), end: Some(at("2026-03-02 10:03:00")) };
        let some = told(pool, &admin(), &HistoryFilter { range, ..HistoryFilter::default() });
        assert_eq!(some, words(&[("locked", 2), ("released", 1), ("assigned", 1)]));
        assert_eq!(told(pool, &admin(), &of(Kinds::One(Kind::Locked))), words(&[("locked", 2)]));
        assert!(told(pool, &admin(), &of(Kinds::One(Kind::Stage))).is_empty());
        for kind in Kind::ALL {
            assert_eq!(Kind::from_word(kind.as_str()), Some(kind));
        }
        assert_eq!(Kind::from_word("gained"), None);
    });
}

#[test]
fn people_see_the_history_of_what_they_see_and_what_they_got_and_lost() {
    on_each_engine_in_time(|world, pool, _| {
        story(world, pool);
        // The pool is everybody's but the correspondents'; Carl's locked customer is Carl's.
        let pooled = words(&[
            ("released", 3),
            ("claimed", 3),
            ("released", 3),
            ("claimed", 3),
            ("released", 1),
            ("assigned", 1),
        ]);
        let without_entry = |rows: Vec<(String, i64)>| -> Vec<(String, i64)> {
            rows.into_iter().filter(|(kind, _)| kind != "created").collect()
        };
        assert_eq!(without_entry(told(pool, &own(BERT), &HistoryFilter::default())), pooled);
        assert!(told(pool, &correspondent(), &HistoryFilter::default()).is_empty());
        // Once the customer is somebody else's, what remains is how one got and lost it.
        pool.claim(&own(CARL), CustomerId(1), None).expect("claimed");
        pool.claim(&own(CARL), CustomerId(3), None).expect("claimed");
        assert_eq!(told(pool, &own(BERT), &HistoryFilter::default()), words(&[("released", 1), ("assigned", 1)]));
        let by_id = HistoryFilter { customer_id: Some(CustomerId(3)), ..HistoryFilter::default() };
        assert!(told(pool, &own(BERT), &by_id).is_empty());
        assert_eq!(told(pool, &anna(), &by_id).len(), 4);
        assert_eq!(told(pool, &of_departments(LEA, &[1, 2]), &by_id).len(), 4);
        assert_eq!(told(pool, &own(CARL), &by_id).len(), 6, "the owner reads all of it");
    });
}

#[test]
fn a_list_for_people_tells_what_was_or_became_theirs() {
    on_each_engine_in_time(|world, pool, _| {
        story(world, pool);
        let person = |staff_id: StaffId| HistoryFilter { staff_id: Some(staff_id), ..HistoryFilter::default() };
        assert_eq!(told(pool, &admin(), &person(BERT)), words(&[("released", 1), ("assigned", 1)]));
        assert_eq!(told(pool, &admin(), &person(ADMIN)), words(&[("locked", 2)]), "what they did to nobody's owner");
        assert_eq!(told(pool, &admin(), &person(CARL)), words(&[("created", 2)]));
        let department = HistoryFilter { department_id: Some(DepartmentId(1)), ..HistoryFilter::default() };
        assert_eq!(told(pool, &admin(), &department).len(), 7);
        let both = HistoryFilter { staff_id: Some(CARL), ..department };
        assert!(told(pool, &admin(), &both).is_empty());
    });
}

#[test]
fn what_was_gained_and_lost_names_each_customer_once() {
    on_each_engine_in_time(|world, pool, _| {
        story(world, pool);
        let gained =
            |filter: HistoryFilter| told(pool, &admin(), &HistoryFilter { kinds: Some(Kinds::Gained), ..filter });
        let lost = |filter: HistoryFilter| told(pool, &admin(), &HistoryFilter { kinds: Some(Kinds::Lost), ..filter });
        let person = |id| HistoryFilter { staff_id: Some(id), ..HistoryFilter::default() };
        assert_eq!(gained(HistoryFilter::default()), words(&[("claimed", 3), ("created", 2), ("created", 1)]));
        assert_eq!(lost(HistoryFilter::default()), words(&[("released", 3), ("released", 1)]));
        assert_eq!(gained(person(BERT)), words(&[("assigned", 1)]));
        assert_eq!(gained(person(ANNA)), words(&[("claimed", 3), ("created", 1)]));
        assert_eq!(lost(person(ANNA)), words(&[("released", 3)]), "assigned away is not lost to nobody");
        let first =
            pool.history(&admin(), &HistoryFilter { kinds: Some(Kinds::Gained), ..person(ANNA) }, Page::first());
        assert_eq!(first.expect("read").rows[0].at, at("2026-03-02 10:04:00"), "the first of the two claims");
        // The earliest within the range.
        let later = TimeRange { start: Some(at("2026-03-02 10:05:00")), end: None };
        let filter = HistoryFilter { range: later, kinds: Some(Kinds::Gained), ..person(ANNA) };
        let found = pool.history(&admin(), &filter, Page::first()).expect("read");
        assert_eq!((found.total, found.rows[0].at), (1, at("2026-03-02 10:06:00")));
        // Of those in scope alone: what the caller's dashboard counts.
        assert_eq!(told(pool, &own(BERT), &of(Kinds::Gained)), words(&[("assigned", 1)]));
        assert!(told(pool, &own(BERT), &HistoryFilter { kinds: Some(Kinds::Gained), ..person(ANNA) }).is_empty());
        assert_eq!(
            told(pool, &of_departments(LEA, &[1, 2]), &of(Kinds::Lost)),
            words(&[("released", 3), ("released", 1)])
        );
        // A deletion is a loss of its owner's.
        world.customers.delete(&own(CARL), CustomerId(2), None).expect("deleted");
        assert_eq!(lost(person(CARL)), words(&[("deleted", 2)]));
    });
}
