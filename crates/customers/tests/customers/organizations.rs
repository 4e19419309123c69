//! Organizations: what becomes visible through customers and records, and what a restore brings back.

use crm_core::{Caller, Error, OrganizationId, Page, Patch, StatusFilter};
use crm_customers::{CustomerInput, OrganizationFilter, OrganizationInput};

use crate::support::*;

fn ids(world: &World, caller: &Caller) -> Vec<OrganizationId> {
    let found = world.organizations.list(caller, &OrganizationFilter::default(), Page::first()).expect("read");
    assert_eq!(usize::try_from(found.total), Ok(found.rows.len()));
    found.rows.iter().map(|row| row.organization.id).collect()
}

fn status(world: &World, id: OrganizationId) -> i16 {
    let filter = OrganizationFilter { id: Some(id), status: StatusFilter::All, ..OrganizationFilter::default() };
    world.organizations.list(&admin(), &filter, Page::first()).expect("read").rows[0].organization.status
}

fn potential(world: &World, id: OrganizationId, person: i64, time: &str, status: i16) {
    world.execute(&format!(
        "INSERT INTO potentials (organization_id, director_id, creator_id, record_time, status, version, created_at, \
         updated_at) VALUES ({id}, {person}, 1, '{time}', {status}, 1, '{time}', '{time}')"
    ));
}

#[test]
fn an_organization_is_visible_through_each_visible_thing_that_belongs_to_it() {
    on_each_engine(|world| {
        let [mine, customer, pool, director, contract, follower, hidden] =
            ["mine", "customer", "pool", "director", "contract", "follower", "hidden"]
                .map(|name| world.organization(&if name == "mine" { own(ANNA) } else { admin() }, name));
        let of = |id, input| CustomerInput { organization_ids: vec![id].into(), ..input };
        world.enter(&admin(), CustomerInput { owner_id: ANNA.into(), ..of(customer, named("a")) });
        world.enter(&admin(), of(pool, pooled("p")));
        world.enter(&admin(), of(hidden, named("h")));
        let gone = world.enter(&admin(), CustomerInput { owner_id: ANNA.into(), ..of(hidden, named("g")) });
        world.customers.delete(&admin(), gone, None).expect("deleted");
        potential(world, director, 2, "2026-01-01 00:00:00", 0);
        potential(world, hidden, 2, "2026-01-01 00:00:00", -1);
        for (id, organization, creator) in [(1, contract, 2), (2, follower, 1)] {
            world.execute(&format!(
                "INSERT INTO contracts (id, organization_id, name, sign_time, creator_id, status, version, created_at, \
                 updated_at) VALUES ({id}, {organization}, 'c', '2026-01-01 00:00:00', {creator}, 0, 1, \
                 '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
            ));
        }
        world.execute("INSERT INTO contract_followers (contract_id, staff_id, position) VALUES (2, 2, 0)");

        assert_eq!(ids(world, &own(ANNA)), [follower, contract, director, pool, customer, mine]);
        assert_eq!(ids(world, &of_departments(CARL, &[2])), [follower, contract, director, pool, customer, mine]);
        assert_eq!(ids(world, &own(CARL)), [pool]);
        assert_eq!(ids(world, &admin()).len(), 7);
        assert!(ids(world, &correspondent()).is_empty());
        // Seen through something else it can be worked with, not changed.
        let rename = || OrganizationInput { name: "x".to_owned().into(), ..OrganizationInput::default() };
        for id in [customer, pool, director, contract, follower] {
            let result = world.organizations.update(&own(ANNA), id, None, rename());
            assert!(matches!(result, Err(Error::Forbidden)), "{result:?}");
            world.enter(&own(ANNA), of(id, named("new")));
        }
        let result = world.organizations.update(&own(ANNA), hidden, None, rename());
        assert!(matches!(result, Err(Error::NotFound(_))), "{result:?}");
        world.organizations.update(&own(ANNA), mine, None, rename()).expect("one's own");
    });
}

#[test]
fn a_correspondent_sees_no_organization_through_the_pool() {
    on_each_engine(|world| {
        let [held, pool] = ["held", "pool"].map(|name| world.organization(&admin(), name));
        let of = |id, input| CustomerInput { organization_ids: vec![id].into(), creator_id: CORA.into(), ..input };
        world.enter(&admin(), of(held, named("a")));
        world.enter(&admin(), of(pool, pooled("p")));
        assert_eq!(ids(world, &correspondent()), [held]);
    });
}

#[test]
fn a_restored_organization_has_the_stage_of_its_newest_live_potential() {
    on_each_engine(|world| {
        let id = world.organization(&admin(), "国务院");
        let again = || {
            world.organizations.delete(&admin(), id).expect("deleted");
            assert_eq!(status(world, id), -1);
            world.organizations.restore(&admin(), id).expect("restored");
            status(world, id)
        };
        assert_eq!(again(), 1);
        potential(world, id, 1, "2026-01-02 00:00:00", 2);
        potential(world, id, 1, "2026-01-02 00:00:00", 3);
        potential(world, id, 1, "2026-01-01 00:00:00", 0);
        potential(world, id, 1, "2026-01-03 00:00:00", -1);
        assert_eq!(again(), 3, "of two of the same time the later id");
        world.execute("UPDATE potentials SET status = -1");
        assert_eq!(again(), 1);
    });
}

#[test]
fn an_organization_is_checked_versioned_and_audited() {
    on_each_engine(|world| {
        let bad = OrganizationInput {
            name: "字".repeat(101).into(),
            detail: "字".repeat(10_001).into(),
            kind: "字".repeat(256).into(),
            provience: "a\0".to_owned().into(),
            legal_person: " ".to_owned().into(),
            register_capital: "字".repeat(256).into(),
            website: "javascript:1".to_owned().into(),
            note: "字".repeat(10_001).into(),
            creator_id: Patch::Null,
            ..OrganizationInput::default()
        };
        assert_eq!(
            bad_fields(world.organizations.create(&own(ANNA), bad)),
            [
                "groupName",
                "groupDetail",
                "type",
                "provience",
                "register_capital",
                "legal_person",
                "website",
                "note",
                "creator_id",
            ]
        );
        let id = world.organization(&own(ANNA), "国务院");
        let legal =
            |name: &str| OrganizationInput { legal_person: name.to_owned().into(), ..OrganizationInput::default() };
        world.organizations.update(&own(ANNA), id, Some(1), legal("王")).expect("changed");
        assert!(matches!(world.organizations.update(&own(ANNA), id, Some(1), legal("李")), Err(Error::Stale)));
        world.organizations.delete(&own(ANNA), id).expect("deleted");
        world.organizations.delete(&own(ANNA), id).expect("twice changes nothing");
        let deeds = world.deeds("organization", id.0);
        assert_eq!(deeds.iter().map(|deed| deed.0.as_str()).collect::<Vec<_>>(), ["create", "update", "delete"]);
        assert!(deeds[1].2.contains("\"legal_person\":null") && deeds[1].3.contains("\"legal_person\":\"王\""));
    });
}

#[test]
fn totals_of_organizations_are_exact_under_many_writers() {
    on_each_engine(|world| {
        std::thread::scope(|scope| {
            for writer in 0..8 {
                scope.spawn(move || {
                    for round in 0..10 {
                        let id = world.organization(&own(ANNA), &format!("{writer}-{round}"));
                        if round % 2 == 0 {
                            world.organizations.delete(&own(ANNA), id).expect("deleted");
                        }
                    }
                });
            }
        });
        let total = |status| {
            let filter = OrganizationFilter { status, ..OrganizationFilter::default() };
            world.organizations.list(&admin(), &filter, Page::first()).expect("read").total
        };
        assert_eq!(
            (total(StatusFilter::Live), total(StatusFilter::Exactly(-1)), total(StatusFilter::All)),
            (40, 40, 80)
        );
    });
}
