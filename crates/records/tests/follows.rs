//! Follow-ups: what is accepted, what they leave on customers, and many at once.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use common::{World, day, on_each_engine};
use crm_core::{
    CustomerId, Error, FollowId, OrganizationId, Page, Patch, PotentialId, Problems, StaffId, StatusFilter,
};
use crm_records::follow::FollowListing;
use crm_records::{DemandInput, FollowFilter, FollowInput, PotentialInput, Stage};

fn update(world: &World, id: FollowId, input: FollowInput) {
    world.follows.update(&world.admin, id, None, input).expect("a follow-up can be changed");
}

fn read(world: &World, id: FollowId) -> FollowListing {
    let filter = FollowFilter { id: Some(id), status: StatusFilter::All, ..FollowFilter::default() };
    let mut found = world.follows.list(&world.admin, &filter, Page::first()).expect("it can be read");
    found.rows.remove(0)
}

fn fields<T: std::fmt::Debug>(result: crm_core::Result<T>) -> Vec<String> {
    match result {
        Err(Error::Invalid(problems)) => problems.iter().map(|error| error.field.clone()).collect(),
        other => panic!("not a validation error: {other:?}"),
    }
}

#[test]
fn a_customer_carries_its_latest_follow_up() {
    on_each_engine(|world| {
        let (customer, other) = (world.customer("王伟"), world.customer("李娜"));
        let potential = world.potential(world.organization("国务院"), day(-9));
        let input = |at: i64, gain: Option<&str>| FollowInput {
            gain: gain.map_or(Patch::Absent, |gain| Patch::Value(gain.to_owned())),
            note: Patch::Value(format!("note {at}")),
            ..world.follow_input(potential, day(at), &[customer])
        };
        let create = |input| world.follows.create(&world.admin, input).expect("it can be recorded");
        let late = create(input(-1, Some("gain")));
        let early = create(input(-2, None));
        assert_eq!(world.stamp(customer), (Some(day(-1)), Some("gain".into())));
        update(world, late, FollowInput { gain: Patch::Null, ..FollowInput::default() });
        assert_eq!(world.stamp(customer).1.as_deref(), Some("note -1"));
        let moved = FollowInput { customer_ids: vec![other].into(), ..FollowInput::default() };
        update(world, late, moved);
        assert_eq!(world.stamp(customer), (Some(day(-2)), Some("note -2".into())));
        assert_eq!(world.stamp(other), (Some(day(-1)), Some("note -1".into())));
        world.follows.delete(&world.admin, early).expect("it can be deleted");
        assert_eq!(world.stamp(customer), (None, None));
    });
}

#[test]
fn a_follow_up_dated_in_the_future_counts_as_now() {
    on_each_engine(|world| {
        let customer = world.customer("王伟");
        let potential = world.potential(world.organization("国务院"), day(0));
        let id = world.follow(potential, day(30), &[customer]);
        assert_eq!(world.stamp(customer).0, Some(day(0)));
        assert_eq!(read(world, id).follow.record_time, day(30));
        world.clock.advance(86_400);
        world.follow(potential, day(0), &[customer]);
        assert_eq!(world.stamp(customer).0, Some(day(1)));
    });
}

#[test]
fn stamps_do_not_raise_the_version_of_the_customer() {
    on_each_engine(|world| {
        use crm_db::schema::customers;
        use diesel::prelude::*;
        let customer = world.customer("王伟");
        world.follow(world.potential(world.organization("国务院"), day(0)), day(0), &[customer]);
        let version = world.db().read(|conn| {
            Ok(customers::table.filter(customers::id.eq(customer)).select(customers::version).first::<i64>(conn)?)
        });
        assert_eq!(version.expect("it can be read"), 1);
    });
}

#[test]
fn follow_ups_go_with_their_potential_and_come_back_with_it() {
    on_each_engine(|world| {
        let customer = world.customer("王伟");
        let organization = world.organization("国务院");
        let potential = world.potential(organization, day(0));
        let (first, second) =
            (world.follow(potential, day(-1), &[customer]), world.follow(potential, day(-2), &[customer]));
        world.potentials.delete(&world.admin, potential).expect("it can be deleted");
        assert_eq!(world.stamp(customer), (None, None));
        let total = |status| {
            let filter = FollowFilter { potential_id: Some(potential), status, ..FollowFilter::default() };
            world.follows.list(&world.admin, &filter, Page::first()).expect("a list").total
        };
        let totals = || [total(StatusFilter::Live), total(StatusFilter::Exactly(-1)), total(StatusFilter::All)];
        assert_eq!(totals(), [0, 2, 2]);
        assert_eq!(read(world, first).follow.status, -1);
        let again = world.follows.update(&world.admin, first, None, FollowInput::default());
        assert!(matches!(again, Err(Error::NotFound(_))));
        world.follows.delete(&world.admin, first).expect("it can be deleted for good");
        world.potentials.set_stage(&world.admin, potential, Stage::Done).expect("it can be restored");
        assert_eq!(totals(), [1, 1, 2]);
        assert_eq!(world.stamp(customer).0, Some(day(-2)));
        assert_eq!(read(world, second).follow.status, 0);
    });
}

#[test]
fn every_bad_field_is_named_and_nothing_is_written() {
    on_each_engine(|world| {
        let customer = world.customer("王伟");
        let potential = world.potential(world.organization("国务院"), day(0));
        assert_eq!(
            fields(world.follows.create(&world.admin, FollowInput::default())),
            ["follower_id", "record_time", "protent_id"]
        );
        let bad = || FollowInput {
            potential_id: PotentialId(99_999).into(),
            follower_ids: vec![world.admin.staff_id, StaffId(88_888)].into(),
            customer_ids: vec![customer, CustomerId(77_777), CustomerId(66_666)].into(),
            record_time: Patch::Null,
            event: 6.into(),
            gain: "g".repeat(10_001).into(),
            attach: "javascript:alert(1)".to_owned().into(),
            note: "\u{0}".to_owned().into(),
            problems: Problems::default(),
        };
        let all = ["record_time", "event", "gain", "event_attach", "event_note", "follower_id", "customers_id"];
        let result = world.follows.create(&world.admin, bad());
        let text = result.as_ref().expect_err("it is refused").to_string();
        assert!(text.contains("77777,66666") && text.contains("88888") && text.contains("99999"), "{text}");
        assert_eq!(fields(result), [&all[..], &["protent_id"]].concat());
        let id = world.follow(potential, day(0), &[customer]);
        let before = read(world, id);
        let result = world.follows.update(&world.admin, id, None, bad());
        assert_eq!(fields(result), [&["protent_id"], &all[..]].concat());
        let empty = FollowInput { follower_ids: vec![].into(), ..FollowInput::default() };
        assert_eq!(fields(world.follows.update(&world.admin, id, None, empty)), ["follower_id"]);
        assert_eq!(read(world, id), before);
        assert_eq!(world.trail("follow", id.0).len(), 1);
    });
}

#[test]
fn a_follow_up_on_a_deleted_potential_is_a_conflict() {
    on_each_engine(|world| {
        let potential = world.potential(world.organization("国务院"), day(0));
        world.potentials.delete(&world.admin, potential).expect("it can be deleted");
        let result = world.follows.create(&world.admin, world.follow_input(potential, day(0), &[]));
        assert!(matches!(result, Err(Error::Conflict { field: "protent_id", .. })));
    });
}

#[test]
fn those_a_record_names_already_may_have_left_since() {
    on_each_engine(|world| {
        let (customer, other) = (world.customer("王伟"), world.customer("李娜"));
        let (leaver, stayer) = (world.person("leaver", None), world.person("stayer", None));
        let organization = world.organization("国务院");
        let input = PotentialInput {
            organization_id: organization.into(),
            director_id: leaver.into(),
            record_time: day(0).into(),
            ..PotentialInput::default()
        };
        let potential = world.potentials.create(&world.admin, input.clone()).expect("it can be entered");
        let follow =
            FollowInput { follower_ids: vec![leaver].into(), ..world.follow_input(potential, day(0), &[customer]) };
        let id = world.follows.create(&world.admin, follow).expect("it can be recorded");
        let demand = DemandInput {
            organization_id: organization.into(),
            follower_ids: vec![leaver].into(),
            customer_ids: vec![customer].into(),
            record_time: day(0).into(),
            content: "季报".to_owned().into(),
            ..DemandInput::default()
        };
        let demand_id = world.demands.create(&world.admin, demand.clone()).expect("it can be recorded");
        world.mark_deleted("staff", leaver.0);
        world.mark_deleted("customers", customer.0);
        world.mark_deleted("organizations", organization.0);

        let both = FollowInput {
            follower_ids: vec![stayer, leaver].into(),
            customer_ids: vec![other, customer].into(),
            ..FollowInput::default()
        };
        update(world, id, both.clone());
        world.potentials.update(&world.admin, potential, None, input.clone()).expect("a form can be saved");
        world.demands.update(&world.admin, demand_id, None, demand.clone()).expect("a form can be saved");
        let row = read(world, id);
        assert_eq!(
            (row.follower_names, row.customer_names),
            (vec!["stayer".into(), "leaver".into()], vec!["李娜".into(), "王伟".into()])
        );
        assert_eq!(row.organization_name.as_deref(), Some("国务院"));

        let none =
            FollowInput { follower_ids: vec![stayer].into(), customer_ids: Patch::Null, ..FollowInput::default() };
        update(world, id, none);
        assert_eq!(fields(world.follows.update(&world.admin, id, None, both)), ["follower_id", "customers_id"]);
        assert_eq!(fields(world.potentials.create(&world.admin, input)), ["organization_id", "director_id"]);
        assert_eq!(
            fields(world.demands.create(&world.admin, demand)),
            ["organization_id", "follower_id", "customer_id"]
        );
    });
}

#[test]
fn every_change_of_a_follow_up_is_one_audit_row_with_whom_it_names() {
    on_each_engine(|world| {
        let customer = world.customer("王伟");
        let id = world.follow(world.potential(world.organization("国务院"), day(0)), day(0), &[]);
        let named = FollowInput { customer_ids: vec![customer].into(), event: 3.into(), ..FollowInput::default() };
        update(world, id, named);
        world.follows.delete(&world.admin, id).expect("it can be deleted");
        world.follows.delete(&world.admin, id).expect("deleting twice is a success");
        let trail = world.trail("follow", id.0);
        let actions: Vec<&str> = trail.iter().map(|row| row.0.as_str()).collect();
        assert_eq!(actions, ["create", "update", "delete"]);
        let after = format!(r#"{{"customers_id":[{customer}],"event":3,"version":2}}"#);
        assert_eq!(trail[1].2.as_deref(), Some(after.as_str()));
        assert_eq!(trail[2].2.as_deref(), Some(r#"{"status":-1,"version":3}"#));
    });
}

#[test]
fn a_version_that_is_past_writes_nothing() {
    on_each_engine(|world| {
        let id = world.follow(world.potential(world.organization("国务院"), day(0)), day(0), &[]);
        let change = || FollowInput { gain: "g".to_owned().into(), ..FollowInput::default() };
        assert!(world.follows.update(&world.admin, id, Some(1), change()).is_ok());
        assert!(matches!(world.follows.update(&world.admin, id, Some(1), change()), Err(Error::Stale)));
        assert_eq!(read(world, id).follow.version, 2);
    });
}

#[test]
fn of_many_follow_ups_at_once_the_latest_stamps_the_customers() {
    on_each_engine(|world| {
        let customers: Vec<CustomerId> = (0..4).map(|_| world.customer("王伟")).collect();
        let organization = world.organization("国务院");
        let potentials: Vec<PotentialId> = (0..4).map(|_| world.potential(organization, day(-99))).collect();
        std::thread::scope(|scope| {
            for thread in 0..8usize {
                let (customers, potentials) = (&customers, &potentials);
                scope.spawn(move || {
                    for round in 0..6usize {
                        // In opposite orders, and on different potentials of one organization.
                        let mut named = customers.clone();
                        if thread % 2 == 0 {
                            named.reverse();
                        }
                        let number = i64::try_from(thread * 6 + round).expect("small");
                        let at = day(-1).plus_seconds((number * 7) % 48);
                        let input = FollowInput {
                            gain: format!("{}", (number * 7) % 48).into(),
                            ..world.follow_input(potentials[(thread + round) % 4], at, &named)
                        };
                        let id = world.follows.create(&world.admin, input).expect("every one is recorded");
                        note_demand(world, organization, &named);
                        if (number * 7) % 48 > 40 {
                            world.follows.delete(&world.admin, id).expect("every one can be deleted");
                        }
                    }
                });
            }
        });
        for customer in customers {
            assert_eq!(world.stamp(customer), (Some(day(-1).plus_seconds(40)), Some("40".into())));
        }
        assert_eq!(world.stage(organization), 1);
    });
}

#[test]
fn follow_ups_about_a_new_customer_at_once_agree_on_the_latest() {
    on_each_engine(|world| {
        let organization = world.organization("国务院");
        let potentials: Vec<PotentialId> = (0..4).map(|_| world.potential(organization, day(-99))).collect();
        for _ in 0..25 {
            let customer = world.customer("王伟");
            let start = std::sync::Barrier::new(potentials.len());
            std::thread::scope(|scope| {
                for (potential, at) in potentials.iter().zip(-4..) {
                    let start = &start;
                    scope.spawn(move || {
                        start.wait();
                        world.follow(*potential, day(at), &[customer]);
                    });
                }
            });
            assert_eq!(world.stamp(customer).0, Some(day(-1)));
        }
    });
}

#[test]
fn a_customer_costs_three_statements_at_most_whatever_its_history() {
    on_each_engine(|world| {
        let customers: Vec<CustomerId> = (0..12).map(|_| world.customer("王伟")).collect();
        let potential = world.potential(world.organization("国务院"), day(0));
        let cost = |customers: &[CustomerId]| {
            let before = world.db().statements();
            world.follow(potential, day(0), customers);
            world.db().statements() - before
        };
        cost(&customers);
        let (few, many) = (cost(&customers[..2]), cost(&customers));
        assert!(many - few <= 30, "{few} for two, {many} for twelve");
        for _ in 0..20 {
            cost(&customers);
        }
        assert_eq!(cost(&customers), many);
    });
}

/// Points at the same customers without locking them.
fn note_demand(world: &World, organization: OrganizationId, customers: &[CustomerId]) {
    let input = DemandInput {
        organization_id: organization.into(),
        follower_ids: vec![world.admin.staff_id].into(),
        customer_ids: customers.to_vec().into(),
        record_time: day(0).into(),
        content: "季报".to_owned().into(),
        ..DemandInput::default()
    };
    world.demands.create(&world.admin, input).expect("every one is recorded");
}

#[test]
fn a_potential_deleted_while_it_is_followed_up_leaves_no_stamp() {
    on_each_engine(|world| {
        for _ in 0..10 {
            let customer = world.customer("王伟");
            let potential = world.potential(world.organization("国务院"), day(0));
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    for _ in 0..3 {
                        let input = world.follow_input(potential, day(-1), &[customer]);
                        let result = world.follows.create(&world.admin, input);
                        assert!(matches!(result, Ok(_) | Err(Error::Conflict { .. })), "{result:?}");
                    }
                });
                scope.spawn(|| world.potentials.delete(&world.admin, potential).expect("it can be deleted"));
            });
            assert_eq!(world.stamp(customer), (None, None));
        }
    });
}
