//! The promises of `Satisfactions` on both engines.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;

use crm_core::{
    Caller, CustomerId, Error, OrganizationId, Page, Patch, Role, SatisfactionId, Scope, StaffId, StatusFilter,
    TimeRange,
};
use crm_db::schema::{audit, customer_organizations};
use crm_db::testing::{on_each_engine, rows};
use crm_db::{Db, Links};
use crm_feedback::{SatisfactionFilter, SatisfactionInput, SatisfactionListing, Satisfactions};
use diesel::prelude::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

struct World {
    db: Db,
    satisfactions: Satisfactions,
    admin: Caller,
    organization: OrganizationId,
}

impl World {
    fn new(db: &Db) -> Self {
        let admin = rows::person(db, "10000", "管理员", Role::Administrator, None);
        let organization = rows::organization(db, "国务院", admin);
        Self {
            db: db.clone(),
            satisfactions: Satisfactions::new(db),
            admin: Caller::administrator(admin),
            organization,
        }
    }

    fn input(&self) -> SatisfactionInput {
        SatisfactionInput {
            organization_id: Patch::Value(self.organization),
            value: Patch::Value(4),
            record_time: Patch::Value(self.db.now()),
            ..SatisfactionInput::default()
        }
    }

    fn create(&self, input: SatisfactionInput) -> SatisfactionId {
        self.satisfactions.create(&self.admin, input).expect("it is created")
    }

    fn ids(&self, caller: &Caller, filter: &SatisfactionFilter, page: Page) -> Vec<SatisfactionId> {
        let found = self.satisfactions.list(caller, filter, page).expect("the list answers");
        found.rows.iter().map(|row| row.satisfaction.id).collect()
    }

    fn read(&self, id: SatisfactionId) -> SatisfactionListing {
        let filter = SatisfactionFilter { id: Some(id), status: StatusFilter::All, ..SatisfactionFilter::default() };
        let found = self.satisfactions.list(&self.admin, &filter, Page::first()).expect("the list answers");
        found.rows[0].clone()
    }
}

fn link(db: &Db, customer: CustomerId, organizations: &[OrganizationId]) {
    let links: Links<CustomerId, OrganizationId> =
        Links::new("customer_organizations", "customer_id", "organization_id");
    db.write(|conn| links.replace(conn, customer, organizations)).expect("linked");
    let count: i64 = db.read(|conn| Ok(customer_organizations::table.count().get_result(conn)?)).expect("counted");
    assert!(count > 0);
}

fn fields(error: &Error) -> Vec<&str> {
    match error {
        Error::Invalid(problems) => problems.iter().map(|problem| problem.field.as_str()).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_an_organization_it_is_the_first_of_the_first_customer() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let me = world.admin.staff_id;
        let (loner, worker) = (rows::customer(&test.db, "Jerry", me), rows::customer(&test.db, "tom", me));
        let other = rows::organization(&test.db, "外交部", me);
        link(&test.db, worker, &[other, world.organization]);
        let said = |customers: &[CustomerId]| SatisfactionInput {
            organization_id: Patch::Absent,
            customer_ids: Patch::Value(customers.to_vec()),
            ..world.input()
        };
        let made = world.read(world.create(said(&[worker, loner])));
        assert_eq!(made.satisfaction.organization_id, Some(other));
        assert_eq!(made.organization_name.as_deref(), Some("外交部"));
        assert_eq!((made.customer_ids, made.customer_names), (vec![worker, loner], vec!["tom".into(), "Jerry".into()]));
        let made = world.read(world.create(said(&[loner, worker])));
        assert_eq!((made.satisfaction.organization_id, made.organization_name), (None, None));
        let given = SatisfactionInput { customer_ids: Patch::Value(vec![worker]), ..world.input() };
        assert_eq!(world.read(world.create(given)).satisfaction.organization_id, Some(world.organization));
        for input in [said(&[]), SatisfactionInput { organization_id: Patch::Null, ..world.input() }] {
            let error = world.satisfactions.create(&world.admin, input).expect_err("whose is it");
            assert_eq!(fields(&error), ["organization_id"]);
        }
        let error = world.satisfactions.create(&world.admin, said(&[CustomerId(77)])).expect_err("nobody");
        assert_eq!(fields(&error), ["customers_id"]);
    });
}

#[test]
fn an_update_may_not_leave_neither_organization_nor_customers() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let customer = rows::customer(&test.db, "Jerry", world.admin.staff_id);
        let id = world.create(SatisfactionInput { customer_ids: Patch::Value(vec![customer]), ..world.input() });
        let update = |input| world.satisfactions.update(&world.admin, id, None, input);
        let no_organization = SatisfactionInput { organization_id: Patch::Null, ..SatisfactionInput::default() };
        update(no_organization.clone()).expect("there are customers");
        let read = world.read(id);
        assert_eq!((read.satisfaction.organization_id, read.satisfaction.value), (None, 4));
        for customers in [Patch::Null, Patch::Value(vec![])] {
            let error = update(SatisfactionInput { customer_ids: customers, ..SatisfactionInput::default() })
                .expect_err("whose is it");
            assert_eq!(fields(&error), ["organization_id"]);
        }
        let swap = SatisfactionInput {
            organization_id: Patch::Value(world.organization),
            customer_ids: Patch::Null,
            ..SatisfactionInput::default()
        };
        update(swap).expect("there is an organization");
        assert_eq!(world.read(id).customer_ids, []);
        let error = update(no_organization).expect_err("whose is it");
        assert_eq!(fields(&error), ["organization_id"]);
    });
}

#[test]
fn every_bad_field_is_named_at_once() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let input = SatisfactionInput {
            organization_id: Patch::Value(OrganizationId(9)),
            customer_ids: Patch::Value(vec![CustomerId(1)]),
            follower_ids: Patch::Value((1..=1001).map(StaffId).collect()),
            value: Patch::Value(11),
            record_time: Patch::Null,
            attach: Patch::Value("javascript:alert(1)".into()),
            note: Patch::Value("伟".repeat(10_001)),
            ..SatisfactionInput::default()
        };
        let error = world.satisfactions.create(&world.admin, input).expect_err("all is wrong");
        let mut named = fields(&error);
        named.sort_unstable();
        let all = ["attach", "customers_id", "follower_id", "note", "organization_id", "record_time", "value"];
        assert_eq!(named, all);
        for value in [-11, 11, i64::MIN, i64::MAX] {
            let input = SatisfactionInput { value: Patch::Value(value), ..world.input() };
            assert_eq!(fields(&world.satisfactions.create(&world.admin, input).expect_err("out of range")), ["value"]);
        }
        for value in [-10, 0, 10] {
            let id = world.create(SatisfactionInput { value: Patch::Value(value), ..world.input() });
            assert_eq!(i64::from(world.read(id).satisfaction.value), value);
        }
    });
}

#[test]
fn each_role_and_scope_sees_and_changes_its_own_and_no_others() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let (east, west) = (rows::department(&test.db, "东"), rows::department(&test.db, "西"));
        let people: Vec<StaffId> = [east, east, west]
            .iter()
            .enumerate()
            .map(|(index, department)| {
                rows::person(&test.db, &format!("2000{index}"), "员工", Role::Staff, Some(*department))
            })
            .collect();
        let made: Vec<SatisfactionId> = people
            .iter()
            .map(|person| {
                let caller = Caller::new(*person, Role::Staff, Scope::All);
                world.satisfactions.create(&caller, world.input()).expect("created")
            })
            .collect();
        let praised = world.create(SatisfactionInput { follower_ids: Patch::Value(vec![people[0]]), ..world.input() });
        let seen = |caller: &Caller| -> BTreeSet<SatisfactionId> {
            world.ids(caller, &SatisfactionFilter::default(), Page::first()).into_iter().collect()
        };
        let staff = |scope| Caller::new(people[0], Role::Staff, scope);
        let own = BTreeSet::from([made[0], praised]);
        let correspondent = Caller::new(people[0], Role::Correspondent, Scope::All);
        assert_eq!(seen(&staff(Scope::Own)), own);
        assert_eq!(seen(&correspondent), own);
        assert_eq!(seen(&staff(Scope::Departments(vec![]))), own);
        assert_eq!(seen(&staff(Scope::Departments(vec![east]))), BTreeSet::from([made[0], made[1], praised]));
        assert_eq!(seen(&staff(Scope::All)).len(), 4);
        let worse = || SatisfactionInput { value: Patch::Value(-1), ..SatisfactionInput::default() };
        for caller in [staff(Scope::Own), correspondent] {
            let update = |id| world.satisfactions.update(&caller, id, None, worse());
            assert!(matches!(update(made[2]), Err(Error::NotFound(_))));
            assert!(matches!(world.satisfactions.delete(&caller, made[2]), Err(Error::NotFound(_))));
            update(praised).expect("one's own by being named");
            // The organization is not theirs to see; a new record may not name it.
            let named = world.satisfactions.create(&caller, world.input()).expect_err("not visible");
            assert_eq!(fields(&named), ["organization_id"]);
        }
        assert_eq!(world.read(praised).satisfaction.version, 3);
    });
}

#[test]
fn versions_deletion_and_audit() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let id = world.create(world.input());
        let value = |value| SatisfactionInput { value: Patch::Value(value), ..SatisfactionInput::default() };
        world.satisfactions.update(&world.admin, id, Some(1), value(5)).expect("version 1 it is");
        assert!(matches!(world.satisfactions.update(&world.admin, id, Some(1), value(6)), Err(Error::Stale)));
        world.satisfactions.delete(&world.admin, id).expect("deleted");
        world.satisfactions.delete(&world.admin, id).expect("deleted already");
        assert!(matches!(world.satisfactions.update(&world.admin, id, None, value(6)), Err(Error::NotFound(_))));
        let unknown = SatisfactionId(id.0 + 1);
        assert!(matches!(world.satisfactions.delete(&world.admin, unknown), Err(Error::NotFound(_))));
        let read = world.read(id).satisfaction;
        assert_eq!((read.status, read.version, read.value), (-1, 3, 5));
        let ids = |status| {
            world.ids(&world.admin, &SatisfactionFilter { status, ..SatisfactionFilter::default() }, Page::first())
        };
        assert_eq!(ids(StatusFilter::Live), []);
        assert_eq!((ids(StatusFilter::All), ids(StatusFilter::Exactly(-1))), (vec![id], vec![id]));
        let actions: Vec<(String, String)> = test
            .db
            .read(|conn| Ok(audit::table.order(audit::id).select((audit::action, audit::record)).load(conn)?))
            .expect("audited");
        let actions: Vec<&str> = actions.iter().map(|(action, _)| action.as_str()).collect();
        assert_eq!(actions, ["create", "update", "delete"]);
    });
}

#[test]
fn filters_and_pages_are_those_of_a_naive_list() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let me = world.admin.staff_id;
        let customers: Vec<CustomerId> = (0..3).map(|_| rows::customer(&test.db, "Jerry", me)).collect();
        let colleague = rows::person(&test.db, "10001", "tom ai", Role::Staff, None);
        let start = test.db.now();
        let mut naive = Vec::new();
        for number in 0..24usize {
            let said: Vec<CustomerId> =
                customers.iter().enumerate().filter(|(bit, _)| number >> bit & 1 == 1).map(|(_, id)| *id).collect();
            let about = if number % 4 == 0 { vec![colleague, me] } else { vec![] };
            let at = start.plus_seconds(-i64::try_from(number % 5).expect("small"));
            let id = world.create(SatisfactionInput {
                customer_ids: Patch::Value(said.clone()),
                follower_ids: Patch::Value(about.clone()),
                record_time: Patch::Value(at),
                ..world.input()
            });
            naive.push((at, id, said, about));
        }
        naive.sort_by_key(|row| std::cmp::Reverse((row.0, row.1)));
        let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
        let question = (0usize..8, any::<bool>(), 0i64..6, 0i64..6, 1i64..4, 1i64..30);
        let outcome = runner.run(&question, |(asked, by_follower, from, length, number, count)| {
            let asked: Vec<CustomerId> =
                customers.iter().enumerate().filter(|(bit, _)| asked >> bit & 1 == 1).map(|(_, id)| *id).collect();
            let range =
                TimeRange { start: Some(start.plus_seconds(-from)), end: Some(start.plus_seconds(length - from)) };
            let filter = SatisfactionFilter {
                customer_ids: asked.clone(),
                follower_id: by_follower.then_some(colleague),
                organization_id: Some(world.organization),
                recorded: range,
                ..SatisfactionFilter::default()
            };
            let expected: Vec<SatisfactionId> = naive
                .iter()
                .filter(|row| Some(row.0) >= range.start && Some(row.0) <= range.end)
                .filter(|row| asked.is_empty() || row.2.iter().any(|id| asked.contains(id)))
                .filter(|row| !by_follower || row.3.contains(&colleague))
                .map(|row| row.1)
                .collect();
            let page = Page::new(number, count).expect("a page");
            let found = world.satisfactions.list(&world.admin, &filter, page).expect("the list answers");
            prop_assert_eq!(found.total, i64::try_from(expected.len()).expect("small"));
            let skip = usize::try_from(page.offset()).expect("small");
            let take = usize::try_from(count).expect("small");
            let expected: Vec<SatisfactionId> = expected.into_iter().skip(skip).take(take).collect();
            prop_assert_eq!(found.rows.iter().map(|row| row.satisfaction.id).collect::<Vec<_>>(), expected);
            Ok(())
        });
        outcome.expect("the lists are the same");
        let cost = |count| {
            let before = test.db.statements();
            world.ids(&world.admin, &SatisfactionFilter::default(), Page::new(1, count).expect("a page"));
            test.db.statements() - before
        };
        assert_eq!(cost(8), cost(24));
    });
}
