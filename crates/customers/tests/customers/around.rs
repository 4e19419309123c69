//! The people around a customer, its team and assistants: what they see, and for how long.

use crm_core::{Caller, CustomerId, Error, Patch, Problems, StaffId};
use crm_customers::team::{TeamMember, TeamRoleInput};
use crm_customers::{CustomerFilter, CustomerInput, OrganizationFilter, OrganizationInput, Teams, references};

use crate::support::*;

/// How a person comes to work on a customer, and ceases to.
type Attach = fn(&Teams, CustomerId, &[StaffId]) -> Result<(), Error>;

const WAYS: [Attach; 2] = [
    |teams, id, people| teams.set_assistants(&admin(), id, None, people),
    |teams, id, people| teams.set_role(&admin(), id, None, 3, people),
];

#[test]
fn what_one_assists_or_is_in_the_team_of_is_ones_own_while_it_lasts() {
    on_each_engine(|world| {
        let teams = Teams::new(&world.db);
        for attach in WAYS {
            let organization = world.organization(&own(ANNA), "工信部");
            let input = CustomerInput { organization_ids: vec![organization].into(), ..named("x") };
            let id = world.enter(&own(ANNA), input);
            // Carl himself, who sees his department, and the correspondent.
            let around = [own(CARL), of_departments(LEA, &[3]), correspondent()];
            let sees = |caller: &Caller| world.ids(caller, &CustomerFilter::default()).contains(&id);
            let sees_organization = |caller: &Caller| {
                let filter = OrganizationFilter { id: Some(organization), ..OrganizationFilter::default() };
                let found = world.organizations.list(caller, &filter, crm_core::Page::first()).expect("read");
                assert_eq!(usize::try_from(found.total), Ok(found.rows.len()));
                !found.rows.is_empty()
            };
            let may_name = |caller: &Caller| {
                let mut problems = Problems::default();
                let checked = world
                    .db
                    .read(|conn| references::check_customers(conn, caller, &mut problems, "customers_id", &[id], &[]));
                checked.expect("read");
                problems.is_empty()
            };
            let hidden = |caller: &Caller| {
                assert!(!sees(caller) && !sees_organization(caller) && !may_name(caller), "{caller:?}");
                assert_eq!(world.read_as(caller, id), None);
                let refused = world.customers.update(caller, id, None, named("y"));
                assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
            };
            around.iter().for_each(hidden);
            attach(&teams, id, &[CARL, CORA]).expect("attached");
            for caller in &around {
                assert!(sees(caller) && sees_organization(caller) && may_name(caller), "{caller:?}");
                world.customers.update(caller, id, None, named("y")).expect("they may change it");
                let change = OrganizationInput { note: "n".to_owned().into(), ..OrganizationInput::default() };
                let refused = world.organizations.update(caller, organization, None, change);
                assert!(matches!(refused, Err(Error::Forbidden)), "its organization is not theirs: {refused:?}");
            }
            hidden(&own(BERT));
            attach(&teams, id, &[BERT]).expect("replaced");
            around.iter().for_each(hidden);
            assert!(sees(&own(BERT)));
            attach(&teams, id, &[]).expect("emptied");
            hidden(&own(BERT));
        }
    });
}

#[test]
fn the_pool_stays_closed_to_those_around_a_customer() {
    on_each_engine(|world| {
        let teams = Teams::new(&world.db);
        let id = world.enter(&admin(), pooled("p"));
        for attach in WAYS {
            attach(&teams, id, &[CARL, CORA]).expect("an administrator may");
            let phone = world.read_as(&own(CARL), id).expect("in the pool").customer.profile.phone;
            assert_eq!(phone.as_deref(), Some("138****1234"));
            assert!(matches!(world.customers.update(&own(CARL), id, None, named("y")), Err(Error::Forbidden)));
            assert_eq!(world.read_as(&correspondent(), id), None);
        }
    });
}

#[test]
fn each_part_of_a_team_is_replaced_by_itself_and_keeps_its_order() {
    on_each_engine(|world| {
        let teams = Teams::new(&world.db);
        let id = world.enter(&own(ANNA), named("x"));
        let set = |role: i64, people: &[StaffId]| teams.set_role(&own(ANNA), id, None, role, people);
        set(5, &[CARL, ANNA]).expect("set");
        set(0, &[BERT, CARL]).expect("set");
        let member = |role_type, staff_id| TeamMember { role_type, staff_id };
        let first = [member(0, BERT), member(0, CARL), member(5, CARL), member(5, ANNA)];
        assert_eq!(world.read(id).team, first);
        assert_eq!((world.read(id).customer.version, world.read(id).customer.updated_by), (3, Some(ANNA)));
        set(5, &[CARL, ANNA]).expect("the same changes nothing");
        assert_eq!(world.read(id).customer.version, 3);
        set(5, &[ANNA]).expect("set");
        assert_eq!(world.read(id).team, [member(0, BERT), member(0, CARL), member(5, ANNA)]);
        let deed = world.deeds("customer", id.0).pop().expect("a deed");
        assert_eq!(deed.0, "team");
        assert!(deed.2.contains("{\"role_type\":5,\"staff_id\":4}"), "{deed:?}");
        assert!(!deed.3.contains("{\"role_type\":5,\"staff_id\":4}"), "{deed:?}");

        assert_eq!(bad_fields(set(6, &[StaffId(99)])), ["role_type", "user_ids"]);
        assert_eq!(bad_fields(set(-1, &[])), ["role_type"]);
        assert_eq!(bad_fields(set(0, &[BERT, BERT])), ["user_ids"]);
        let many: Vec<StaffId> = (1..=1001).map(StaffId).collect();
        assert_eq!(bad_fields(set(0, &many)), ["user_ids"]);
        assert!(matches!(teams.set_role(&own(ANNA), id, Some(1), 0, &[]), Err(Error::Stale)));
        assert!(matches!(teams.set_role(&sees_all(BERT), CustomerId(99), None, 0, &[]), Err(Error::NotFound(_))));
        // Somebody who has left may stay, but is not asked in.
        world.execute("UPDATE staff SET status = -1 WHERE id = 3");
        set(0, &[CARL, BERT]).expect("those it has may be said");
        assert_eq!(bad_fields(set(1, &[BERT])), ["user_ids"]);
        set(0, &[]).expect("emptied");
        assert_eq!(world.read(id).team, [member(5, ANNA)]);
    });
}

#[test]
fn assistants_are_a_set_in_the_order_given() {
    on_each_engine(|world| {
        let teams = Teams::new(&world.db);
        let id = world.enter(&own(ANNA), named("x"));
        let pool = world.enter(&admin(), pooled("p"));
        let set = |caller: &Caller, id, people: &[StaffId]| teams.set_assistants(caller, id, None, people);
        set(&own(ANNA), id, &[LEA, BERT]).expect("set");
        assert_eq!(world.read(id).assistant_ids, [LEA, BERT]);
        set(&own(BERT), id, &[BERT]).expect("an assistant may");
        set(&own(BERT), id, &[]).expect("and may go");
        assert!(matches!(set(&own(BERT), id, &[BERT]), Err(Error::NotFound(_))), "and is gone");
        let deeds: Vec<(String, Option<i64>)> =
            world.deeds("customer", id.0).into_iter().map(|deed| (deed.0, deed.1)).collect();
        let by = |who: StaffId| ("assistants".to_owned(), Some(who.0));
        assert_eq!(deeds[1..], [by(ANNA), by(BERT), by(BERT)]);
        assert_eq!((world.read(id).customer.version, world.read(id).customer.updated_by), (4, Some(BERT)));
        for result in [set(&own(BERT), pool, &[BERT]), teams.set_role(&own(BERT), pool, None, 0, &[BERT])] {
            assert!(matches!(result, Err(Error::Forbidden)), "{result:?}");
        }
        // A correspondent sees no colleagues, and so names only themself.
        let own_one = world.enter(&correspondent(), named("cora's"));
        assert_eq!(bad_fields(set(&correspondent(), own_one, &[ANNA])), ["user_ids"]);
        set(&correspondent(), own_one, &[CORA]).expect("themself");
    });
}

#[test]
fn the_parts_have_names_of_the_deployments_own() {
    on_each_engine(|world| {
        let teams = Teams::new(&world.db);
        let part = |role_type: i64, name: Patch<&str>, description: Patch<&str>| TeamRoleInput {
            role_type: role_type.into(),
            role_name: name.map(str::to_owned),
            role_description: description.map(str::to_owned),
            ..TeamRoleInput::default()
        };
        let names = || -> Vec<String> { teams.roles().expect("read").into_iter().map(|role| role.role_name).collect() };
        assert_eq!(names(), ["业务员", "设计师", "财务人员", "工程部经理", "项目经理", "施工队长"]);
        teams.update_role(&admin(), Some(1), &part(0, "销售".into(), Patch::Null)).expect("changed");
        let role = teams.roles().expect("read").remove(0);
        assert_eq!((role.role_name.as_str(), role.role_description.as_str(), role.version), ("销售", "", 2));
        assert!(matches!(teams.update_role(&admin(), Some(1), &part(0, "x".into(), Patch::Absent)), Err(Error::Stale)));
        for missing in [6, -1, 65_536] {
            let refused = teams.update_role(&admin(), None, &part(missing, "x".into(), Patch::Absent));
            assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
        }
        assert_eq!(bad_fields(teams.update_role(&admin(), None, &TeamRoleInput::default())), ["role_type"]);
        assert_eq!(bad_fields(teams.update_role(&admin(), None, &part(1, Patch::Null, Patch::Absent))), ["role_name"]);
        let caller = sees_all(ANNA);
        assert!(matches!(teams.update_role(&caller, None, &part(1, "x".into(), Patch::Absent)), Err(Error::Forbidden)));
        assert_eq!(world.deeds("team_role", 0).len(), 1);
    });
}
