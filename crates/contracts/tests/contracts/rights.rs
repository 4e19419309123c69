//! Who sees and changes which contracts.

use std::collections::BTreeSet;

use crm_contracts::{ContractFilter, ContractInput};
use crm_core::{Caller, ContractId, Error, Page, Patch, Role, Scope, StaffId};
use crm_db::testing::{on_each_engine, rows};

use crate::support::*;

#[test]
fn each_role_and_scope_sees_and_changes_its_own_and_no_others() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let db = &test.db;
        let (east, west) = (rows::department(db, "东"), rows::department(db, "西"));
        let people: Vec<StaffId> = [east, east, west]
            .iter()
            .enumerate()
            .map(|(index, department)| {
                rows::person(db, &format!("2000{index}"), "员工", Role::Staff, Some(*department))
            })
            .collect();
        let made: Vec<ContractId> = people
            .iter()
            .map(|person| {
                let input = ContractInput { creator_id: Patch::Value(*person), ..world.input("合同") };
                world.contracts.create(&world.admin, input).expect("created")
            })
            .collect();
        let followed = ContractInput { follower_ids: Patch::Value(vec![people[0]]), ..world.input("跟进") };
        let followed = world.contracts.create(&world.admin, followed).expect("created");
        let seen = |caller: &Caller| -> BTreeSet<ContractId> {
            world.ids(caller, &ContractFilter::default(), Page::first()).into_iter().collect()
        };
        let staff = |scope| Caller::new(people[0], Role::Staff, scope);
        assert_eq!(seen(&staff(Scope::Own)), BTreeSet::from([made[0], followed]));
        assert_eq!(seen(&staff(Scope::Departments(vec![east]))), BTreeSet::from([made[0], made[1], followed]));
        assert_eq!(seen(&staff(Scope::Departments(vec![]))), BTreeSet::from([made[0], followed]));
        assert_eq!(seen(&staff(Scope::All)).len(), 4);
        let own = staff(Scope::Own);
        let rename = || ContractInput { name: Patch::Value("改".into()), ..ContractInput::default() };
        assert!(matches!(world.contracts.update(&own, made[2], None, rename()), Err(Error::NotFound(_))));
        assert!(matches!(world.contracts.delete(&own, made[2]), Err(Error::NotFound(_))));
        world.contracts.update(&own, followed, None, rename()).expect("followers work with it");
        let correspondent = Caller::new(people[0], Role::Correspondent, Scope::All);
        let refused = |result: Result<(), Error>| assert!(matches!(result, Err(Error::Forbidden)), "{result:?}");
        refused(world.contracts.list(&correspondent, &ContractFilter::default(), Page::first()).map(|_| ()));
        refused(world.contracts.create(&correspondent, world.input("合同")).map(|_| ()));
        refused(world.contracts.update(&correspondent, made[0], None, rename()));
        refused(world.contracts.delete(&correspondent, made[0]));
    });
}

#[test]
fn naming_somebody_else_as_creator_or_editor_is_the_administrators() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let staff = |phone| rows::person(&test.db, phone, "员工", Role::Staff, None);
        let (me, other) = (staff("20000"), staff("20001"));
        let caller = Caller::new(me, Role::Staff, Scope::All);
        let creator = |id| ContractInput { creator_id: Patch::Value(id), ..ContractInput::default() };
        let editor = |id| ContractInput { editor_id: Patch::Value(id), ..ContractInput::default() };
        let made = ContractInput { creator_id: Patch::Value(me), editor_id: Patch::Value(me), ..world.input("合同") };
        let id = world.contracts.create(&caller, made).expect("oneself");
        for input in [creator(other), editor(other)] {
            let made = ContractInput {
                creator_id: input.creator_id.clone(),
                editor_id: input.editor_id.clone(),
                ..world.input("合同")
            };
            assert!(matches!(world.contracts.create(&caller, made), Err(Error::Forbidden)));
            assert!(matches!(world.contracts.update(&caller, id, None, input), Err(Error::Forbidden)));
        }
        world.contracts.update(&world.admin, id, None, creator(other)).expect("an administrator may");
        assert_eq!(world.read(id).editor_id, Some(world.admin.staff_id));
        world.contracts.update(&world.admin, id, None, editor(other)).expect("an administrator may");
        let kept = ContractInput { creator_id: Patch::Value(other), ..editor(other) };
        world.contracts.update(&caller, id, None, kept).expect("a form saved as it was read");
        let read = world.read(id);
        assert_eq!((read.creator_id, read.editor_id), (other, Some(other)));
        world.contracts.update(&caller, id, None, ContractInput::default()).expect("changed");
        assert_eq!(world.read(id).editor_id, Some(me));
    });
}
