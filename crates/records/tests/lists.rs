//! What lists show: to whom, in which order, on which page, with how many statements.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use common::{World, day, on_each_engine};
use crm_core::{
    Caller, DemandId, Error, FollowId, Id, OrganizationId, Page, Patch, PotentialId, Role, Scope, StaffId,
    StatusFilter, TimeRange,
};
use crm_records::{DemandFilter, DemandInput, FollowFilter, FollowInput, PotentialFilter, PotentialInput, Stage};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

fn demand_input(world: &World, organization: OrganizationId) -> DemandInput {
    DemandInput {
        organization_id: organization.into(),
        follower_ids: vec![world.admin.staff_id].into(),
        record_time: day(0).into(),
        content: "季报".to_owned().into(),
        ..DemandInput::default()
    }
}

fn potentials(world: &World, caller: &Caller) -> Vec<PotentialId> {
    let found = world.potentials.list(caller, &PotentialFilter::default(), Page::first()).expect("a list");
    assert_eq!(usize::try_from(found.total).expect("small"), found.rows.len());
    found.rows.iter().map(|row| row.potential.id).collect()
}

fn follows(world: &World, caller: &Caller) -> Vec<FollowId> {
    let found = world.follows.list(caller, &FollowFilter::default(), Page::first()).expect("a list");
    assert_eq!(usize::try_from(found.total).expect("small"), found.rows.len());
    found.rows.iter().map(|row| row.follow.id).collect()
}

fn demands(world: &World, caller: &Caller) -> Vec<DemandId> {
    let found = world.demands.list(caller, &DemandFilter::default(), Page::first()).expect("a list");
    assert_eq!(usize::try_from(found.total).expect("small"), found.rows.len());
    found.rows.iter().map(|row| row.demand.id).collect()
}

/// One record of each kind that is `own`'s only by the second way (director, follower).
fn given_to(world: &World, own: StaffId) -> (PotentialId, FollowId, DemandId) {
    let organization = world.organization("国务院");
    let potential = PotentialInput {
        organization_id: organization.into(),
        director_id: own.into(),
        record_time: day(0).into(),
        ..PotentialInput::default()
    };
    let potential = world.potentials.create(&world.admin, potential).expect("it can be entered");
    let follow = FollowInput { follower_ids: vec![own].into(), ..world.follow_input(potential, day(0), &[]) };
    let demand = DemandInput { follower_ids: vec![own].into(), ..demand_input(world, organization) };
    (
        potential,
        world.follows.create(&world.admin, follow).expect("it can be recorded"),
        world.demands.create(&world.admin, demand).expect("it can be recorded"),
    )
}

#[test]
fn each_role_and_scope_sees_its_own_rows() {
    on_each_engine(|world| {
        let department = world.department();
        let (me, colleague) = (world.person("me", Some(department)), world.person("colleague", Some(department)));
        let stranger = world.person("stranger", None);
        let mine = given_to(world, me);
        let theirs = given_to(world, colleague);
        let others = given_to(world, stranger);
        let seen = |caller: &Caller| (potentials(world, caller), follows(world, caller), demands(world, caller));
        let rows = |of: &[(PotentialId, FollowId, DemandId)]| {
            (
                of.iter().map(|row| row.0).collect::<Vec<_>>(),
                of.iter().map(|row| row.1).collect::<Vec<_>>(),
                of.iter().map(|row| row.2).collect::<Vec<_>>(),
            )
        };
        let all = rows(&[others, theirs, mine]);
        assert_eq!(seen(&world.admin), all);
        assert_eq!(seen(&Caller::new(me, Role::Staff, Scope::All)), all);
        let departments = Scope::Departments(vec![department]);
        assert_eq!(seen(&Caller::new(me, Role::Staff, departments.clone())), rows(&[theirs, mine]));
        assert_eq!(seen(&Caller::new(stranger, Role::Staff, departments)), all, "the department and one's own");
        assert_eq!(seen(&Caller::new(me, Role::Staff, Scope::Own)), rows(&[mine]));
        assert_eq!(seen(&Caller::new(me, Role::Correspondent, Scope::All)), rows(&[mine]));
        let nobody = Caller::new(world.person("nobody", None), Role::Staff, Scope::Own);
        assert_eq!(seen(&nobody), rows(&[]));
    });
}

#[test]
fn a_row_one_does_not_see_is_a_row_that_is_not_there() {
    on_each_engine(|world| {
        let (potential, follow, demand) = given_to(world, world.admin.staff_id);
        let me = Caller::new(world.person("me", None), Role::Staff, Scope::Own);
        let missing = |result: crm_core::Result<()>| assert!(matches!(result, Err(Error::NotFound(_))), "{result:?}");
        let gone = 99_999;
        for (potential, follow, demand) in
            [(potential, follow, demand), (PotentialId(gone), FollowId(gone), DemandId(gone))]
        {
            missing(world.potentials.update(&me, potential, None, PotentialInput::default()));
            missing(world.potentials.set_stage(&me, potential, Stage::Done));
            missing(world.potentials.delete(&me, potential));
            missing(world.follows.update(&me, follow, None, FollowInput::default()));
            missing(world.follows.delete(&me, follow));
            missing(world.demands.update(&me, demand, None, DemandInput::default()));
            missing(world.demands.delete(&me, demand));
        }
        let messages: Vec<String> = [potential, PotentialId(gone)]
            .into_iter()
            .map(|id| {
                let input =
                    FollowInput { follower_ids: vec![me.staff_id].into(), ..world.follow_input(id, day(0), &[]) };
                let error = world.follows.create(&me, input).expect_err("it is refused");
                error.to_string().replace(&id.to_string(), "ID")
            })
            .collect();
        assert_eq!(messages[0], messages[1]);
        assert!(messages[0].contains("protent_id"), "{messages:?}");
        world.potentials.delete(&world.admin, potential).expect("it can be deleted");
        let input =
            FollowInput { follower_ids: vec![me.staff_id].into(), ..world.follow_input(potential, day(0), &[]) };
        assert!(matches!(world.follows.create(&me, input), Err(Error::Invalid(_))), "deleted and not visible");
    });
}

#[test]
fn a_correspondent_works_on_own_records_and_names_no_colleague() {
    on_each_engine(|world| {
        let me = Caller::new(world.person("me", None), Role::Correspondent, Scope::All);
        let (potential, ..) = given_to(world, me.staff_id);
        let organization = world.potentials.list(&me, &PotentialFilter::default(), Page::first()).expect("a list").rows
            [0]
        .potential
        .organization_id;
        let input =
            |who: StaffId| FollowInput { follower_ids: vec![who].into(), ..world.follow_input(potential, day(0), &[]) };
        assert!(world.follows.create(&me, input(me.staff_id)).is_ok());
        assert!(matches!(world.follows.create(&me, input(world.admin.staff_id)), Err(Error::Invalid(_))));
        let own = world.customer_of("王伟", me.staff_id);
        let foreign = world.customer("李娜");
        let about = |customer| DemandInput {
            follower_ids: vec![me.staff_id].into(),
            customer_ids: vec![customer].into(),
            ..demand_input(world, organization)
        };
        let demand = world.demands.create(&me, about(own)).expect("it can be recorded");
        assert!(matches!(world.demands.create(&me, about(foreign)), Err(Error::Invalid(_))));
        world.demands.delete(&me, demand).expect("it can be deleted");
        let unseen = PotentialInput {
            organization_id: world.organization("别的").into(),
            director_id: me.staff_id.into(),
            record_time: day(0).into(),
            ..PotentialInput::default()
        };
        assert!(matches!(world.potentials.create(&me, unseen), Err(Error::Invalid(_))));
    });
}

#[test]
fn each_filter_finds_its_rows_and_no_others() {
    on_each_engine(|world| {
        let (a, b) = (world.organization("甲"), world.organization("乙"));
        let (wang, li) = (world.customer("王伟"), world.customer("李娜"));
        let helper = world.person("helper", None);
        let (first, second) = (world.potential(a, day(-3)), world.potential(b, day(-1)));
        world.potentials.set_stage(&world.admin, second, Stage::Done).expect("a stage can be set");
        let deleted = world.potential(a, day(0));
        world.potentials.delete(&world.admin, deleted).expect("it can be deleted");
        let found = |filter: PotentialFilter| -> Vec<PotentialId> {
            let found = world.potentials.list(&world.admin, &filter, Page::first()).expect("a list");
            found.rows.iter().map(|row| row.potential.id).collect()
        };
        let all = PotentialFilter::default;
        assert_eq!(found(all()), [second, first]);
        assert_eq!(found(PotentialFilter { status: StatusFilter::All, ..all() }), [deleted, second, first]);
        assert_eq!(found(PotentialFilter { status: StatusFilter::Exactly(-1), ..all() }), [deleted]);
        assert_eq!(found(PotentialFilter { status: StatusFilter::Exactly(3), ..all() }), [second]);
        assert_eq!(found(PotentialFilter { organization_id: Some(a), ..all() }), [first]);
        assert_eq!(found(PotentialFilter { director_id: Some(helper), ..all() }), [PotentialId(0); 0]);
        let range = TimeRange { start: Some(day(-3)), end: Some(day(-1)) };
        assert_eq!(found(PotentialFilter { range, ..all() }), [second, first], "both ends are included");
        let range = TimeRange { start: Some(day(-3).plus_seconds(1)), end: Some(day(-1).plus_seconds(-1)) };
        assert_eq!(found(PotentialFilter { range, ..all() }), [PotentialId(0); 0]);

        let x = world.follow(first, day(-2), &[wang, li]);
        let helped = FollowInput {
            follower_ids: vec![world.admin.staff_id, helper].into(),
            ..world.follow_input(second, day(-2), &[li])
        };
        let y = world.follows.create(&world.admin, helped).expect("it can be recorded");
        let found = |filter: FollowFilter| -> Vec<FollowId> {
            let found = world.follows.list(&world.admin, &filter, Page::first()).expect("a list");
            found.rows.iter().map(|row| row.follow.id).collect()
        };
        let all = FollowFilter::default;
        assert_eq!(found(all()), [y, x], "of equal times the one entered last comes first");
        assert_eq!(found(FollowFilter { potential_id: Some(first), ..all() }), [x]);
        assert_eq!(found(FollowFilter { organization_id: Some(b), ..all() }), [y]);
        assert_eq!(found(FollowFilter { customer_id: Some(wang), ..all() }), [x]);
        assert_eq!(found(FollowFilter { customer_id: Some(li), ..all() }), [y, x]);
        assert_eq!(found(FollowFilter { follower_id: Some(helper), ..all() }), [y]);
        let range = TimeRange { start: Some(day(-1)), end: None };
        assert_eq!(found(FollowFilter { range, ..all() }), [FollowId(0); 0]);

        let demand = |organization, customer| {
            let input = DemandInput { customer_ids: vec![customer].into(), ..demand_input(world, organization) };
            world.demands.create(&world.admin, input).expect("it can be recorded")
        };
        let (p, q) = (demand(a, wang), demand(b, li));
        let found = |filter: DemandFilter| -> Vec<DemandId> {
            let found = world.demands.list(&world.admin, &filter, Page::first()).expect("a list");
            found.rows.iter().map(|row| row.demand.id).collect()
        };
        let all = DemandFilter::default;
        assert_eq!(found(all()), [q, p]);
        assert_eq!(found(DemandFilter { organization_id: Some(a), ..all() }), [p]);
        assert_eq!(found(DemandFilter { customer_id: Some(li), ..all() }), [q]);
        world.demands.delete(&world.admin, q).expect("it can be deleted");
        assert_eq!(found(all()), [p]);
        assert_eq!(found(DemandFilter { status: StatusFilter::Exactly(-1), ..all() }), [q]);
        assert_eq!(found(DemandFilter { status: StatusFilter::All, ..all() }), [q, p]);
    });
}

#[test]
fn demands_are_checked_changed_and_deleted() {
    on_each_engine(|world| {
        let organization = world.organization("国务院");
        let names = |result: crm_core::Result<()>| match result {
            Err(Error::Invalid(problems)) => problems.iter().map(|e| e.field.clone()).collect::<Vec<_>>(),
            other => panic!("not a validation error: {other:?}"),
        };
        let create = |input| world.demands.create(&world.admin, input);
        assert_eq!(
            names(create(DemandInput::default()).map(|_| ())),
            ["organization_id", "follower_id", "record_time", "content"]
        );
        let blank = DemandInput { content: " \n".to_owned().into(), ..demand_input(world, organization) };
        assert_eq!(names(create(blank).map(|_| ())), ["content"]);
        let id = create(demand_input(world, organization)).expect("it can be recorded");
        let bad = DemandInput {
            organization_id: OrganizationId(99_999).into(),
            follower_ids: vec![].into(),
            customer_ids: vec![crm_core::CustomerId(99_999)].into(),
            record_time: Patch::Null,
            content: "x".repeat(10_001).into(),
            attach: "ftp://a.cn".to_owned().into(),
            note: "\u{7}".to_owned().into(),
            ..DemandInput::default()
        };
        assert_eq!(
            names(world.demands.update(&world.admin, id, None, bad)),
            ["follower_id", "record_time", "content", "demand_attach", "demand_note", "organization_id", "customer_id"]
        );
        let note = || DemandInput { note: "急".to_owned().into(), ..DemandInput::default() };
        world.demands.update(&world.admin, id, Some(1), note()).expect("it can be changed");
        assert!(matches!(world.demands.update(&world.admin, id, Some(1), note()), Err(Error::Stale)));
        world.demands.delete(&world.admin, id).expect("it can be deleted");
        world.demands.delete(&world.admin, id).expect("deleting twice is a success");
        assert!(matches!(world.demands.update(&world.admin, id, None, note()), Err(Error::NotFound(_))));
        let trail = world.trail("demand", id.0);
        let actions: Vec<&str> = trail.iter().map(|row| row.0.as_str()).collect();
        assert_eq!(actions, ["create", "update", "delete"]);
        assert_eq!(trail[1].2.as_deref(), Some(r#"{"note":"急","version":2}"#));
    });
}

/// All ids of a list, page by page, checking each total.
fn paged<I: Id>(count: i64, list: impl Fn(Page) -> (i64, Vec<I>)) -> Vec<I> {
    let mut all = Vec::new();
    for number in 1.. {
        let (total, rows) = list(Page::new(number, count).expect("a page"));
        let past_the_end = rows.is_empty();
        all.extend(rows);
        if past_the_end {
            assert_eq!(usize::try_from(total).expect("small"), all.len());
            break;
        }
    }
    all
}

#[test]
fn pages_never_overlap_or_skip() {
    on_each_engine(|world| {
        let config = Config { cases: 12, failure_persistence: None, ..Config::default() };
        let times = prop::collection::vec(-2i64..2, 1..12);
        TestRunner::new(config)
            .run(&(times, 1i64..6), |(times, count)| {
                let organization = world.organization("国务院");
                let first = world.potential(organization, day(-9));
                let (mut entered, mut recorded, mut asked) = (vec![(day(-9), first)], Vec::new(), Vec::new());
                for at in times {
                    entered.push((day(at), world.potential(organization, day(at))));
                    recorded.push((day(at), world.follow(first, day(at), &[])));
                    let input = DemandInput { record_time: day(at).into(), ..demand_input(world, organization) };
                    asked.push((day(at), world.demands.create(&world.admin, input).expect("it can be recorded")));
                }
                let filter = PotentialFilter { organization_id: Some(organization), ..PotentialFilter::default() };
                let found = paged(count, |page| {
                    let list = world.potentials.list(&world.admin, &filter, page).expect("a list");
                    (list.total, list.rows.iter().map(|row| row.potential.id).collect())
                });
                prop_assert_eq!(found, newest_first(entered));
                let filter = FollowFilter { organization_id: Some(organization), ..FollowFilter::default() };
                let found = paged(count, |page| {
                    let list = world.follows.list(&world.admin, &filter, page).expect("a list");
                    (list.total, list.rows.iter().map(|row| row.follow.id).collect())
                });
                prop_assert_eq!(found, newest_first(recorded));
                let filter = DemandFilter { organization_id: Some(organization), ..DemandFilter::default() };
                let found = paged(count, |page| {
                    let list = world.demands.list(&world.admin, &filter, page).expect("a list");
                    (list.total, list.rows.iter().map(|row| row.demand.id).collect())
                });
                prop_assert_eq!(found, newest_first(asked));
                Ok(())
            })
            .expect("every list");
    });
}

fn newest_first<T: Ord + Copy, I: Ord + Copy>(mut rows: Vec<(T, I)>) -> Vec<I> {
    rows.sort_unstable();
    rows.into_iter().rev().map(|(_, id)| id).collect()
}

#[test]
fn a_page_costs_the_same_number_of_statements_whatever_its_size() {
    on_each_engine(|world| {
        let customers = [world.customer("王伟"), world.customer("李娜")];
        for number in 0..12 {
            let organization = world.organization("国务院");
            let potential = world.potential(organization, day(-number));
            world.follow(potential, day(-number), &customers);
            let input = DemandInput { customer_ids: customers.to_vec().into(), ..demand_input(world, organization) };
            world.demands.create(&world.admin, input).expect("it can be recorded");
        }
        let cost = |count| {
            let page = Page::new(1, count).expect("a page");
            let before = world.db().statements();
            world.potentials.list(&world.admin, &PotentialFilter::default(), page).expect("a list");
            world.follows.list(&world.admin, &FollowFilter::default(), page).expect("a list");
            world.demands.list(&world.admin, &DemandFilter::default(), page).expect("a list");
            world.db().statements() - before
        };
        assert_eq!(cost(1), cost(12));
        // On SQLite each of the three is read in one state, which is begun and ended.
        assert!(cost(12) <= 26, "{}", cost(12));
    });
}

#[test]
fn nobody_is_named_twice_by_a_program_either() {
    on_each_engine(|world| {
        let (me, customer) = (world.admin.staff_id, world.customer("Jerry"));
        let potential = world.potential(world.organization("国务院"), day(0));
        let follow = FollowInput {
            follower_ids: vec![me, me].into(),
            ..world.follow_input(potential, day(0), &[customer, customer])
        };
        let Err(Error::Invalid(problems)) = world.follows.create(&world.admin, follow) else {
            panic!("it must be refused")
        };
        assert_eq!(problems.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(), ["follower_id", "customers_id"]);
    });
}
