//! Stages, approval, the blacklist and favourites.

use crm_core::{Caller, CustomerId, Error, StageId};
use crm_customers::customer::Approval;
use crm_customers::options::{self, ChoiceInput};
use crm_customers::{Choices, Customers};

use crate::support::*;

fn favourite(world: &World, caller: &Caller, id: CustomerId) -> bool {
    world.read_as(caller, id).expect("visible").is_favourite
}

#[test]
fn a_change_of_stage_is_an_event_with_both_stages() {
    on_each_engine(|world| {
        let id = world.enter(&own(ANNA), named("x"));
        let to = |stage| world.customers.move_to_stage(&own(ANNA), id, None, StageId(stage), Some("谈了"));
        to(1).expect("the stage it is in changes nothing");
        assert_eq!((world.read(id).customer.version, world.events(id).len()), (1, 1));
        to(3).expect("moved");
        let customer = world.read(id).customer;
        assert_eq!((customer.progress.stage_id, customer.progress.last_stage_id), (StageId(3), Some(StageId(1))));
        assert_eq!((customer.version, customer.updated_by), (2, Some(ANNA)));
        to(6).expect("moved");
        let some = |text: &str| Some(text.to_owned());
        let last = world.events(id).pop().expect("an event");
        assert_eq!(last, ("stage".to_owned(), Some(ANNA), some("3"), some("6"), some("谈了")));
        let deed = world.deeds("customer", id.0).pop().expect("a deed");
        assert!(
            deed.0 == "stage" && deed.2.contains("\"stage_id\":3") && deed.3.contains("\"stage_id\":6"),
            "{deed:?}"
        );

        let stages = Choices::<StageId>::new(&world.db, options::STAGES);
        let retire = ChoiceInput { is_active: 0.into(), ..ChoiceInput::default() };
        for stage in [5, 6] {
            stages.update(&admin(), StageId(stage), None, retire.clone()).expect("retired");
        }
        for stage in [5, 99] {
            assert_eq!(bad_fields(to(stage)), ["stage_id"]);
        }
        to(6).expect("the one it is in may be retired");
        let long = "字".repeat(10_001);
        let result = world.customers.move_to_stage(&own(ANNA), id, None, StageId(99), Some(&long));
        assert_eq!(bad_fields(result), ["reason", "stage_id"]);
        let result = world.customers.move_to_stage(&own(ANNA), id, Some(2), StageId(7), None);
        assert!(matches!(result, Err(Error::Stale)), "{result:?}");
        assert_eq!(world.read(id).customer.version, 3);
    });
}

#[test]
fn stage_approval_and_blacklist_are_writes_of_the_customer() {
    on_each_engine(|world| {
        let id = world.enter(&own(ANNA), named("x"));
        let pool = world.enter(&admin(), pooled("p"));
        let customers = &world.customers;
        let all = |caller: &Caller, id| {
            [
                customers.move_to_stage(caller, id, None, StageId(2), None),
                customers.set_blacklisted(caller, id, None, true),
            ]
        };
        for result in all(&own(BERT), id).into_iter().chain(all(&correspondent(), pool)) {
            assert!(matches!(result, Err(Error::NotFound(_))), "{result:?}");
        }
        for result in all(&own(ANNA), pool).into_iter().chain(all(&sees_all(BERT), pool)) {
            assert!(matches!(result, Err(Error::Forbidden)), "{result:?}");
        }
        for result in all(&admin(), pool) {
            result.expect("an administrator may");
        }
        customers.set_blacklisted(&own(ANNA), id, Some(1), true).expect("marked");
        customers.set_blacklisted(&own(ANNA), id, Some(2), true).expect("twice changes nothing");
        let customer = world.read(id).customer;
        assert_eq!((customer.clue.is_blacklisted, customer.version, customer.updated_by), (1, 2, Some(ANNA)));
        assert_eq!(world.deeds("customer", id.0).pop().expect("a deed").0, "blacklist");
        customers.set_blacklisted(&own(ANNA), id, None, false).expect("unmarked");
        assert_eq!(world.read(id).customer.clue.is_blacklisted, 0);
        customers.delete(&own(ANNA), id, None).expect("deleted");
        for result in all(&own(ANNA), id).into_iter().chain(all(&admin(), id)) {
            assert!(matches!(result, Err(Error::NotFound(_))), "{result:?}");
        }
    });
}

#[test]
fn an_administrator_decides_about_what_is_pending() {
    on_each_engine(|world| {
        let asking = Customers::new(&world.db).with_approval(true);
        let status = |id| world.read(id).customer.progress.approve_status;
        let id = asking.create(&own(ANNA), named("x")).expect("entered");
        assert_eq!(status(id), Approval::Pending);
        assert_eq!(status(asking.create(&admin(), named("y")).expect("entered")), Approval::Approved);
        for caller in [own(ANNA), sees_all(LEA), correspondent()] {
            assert!(matches!(asking.decide(&caller, id, None, true, None), Err(Error::Forbidden)));
        }
        asking.decide(&admin(), id, Some(1), false, Some("重复")).expect("turned down");
        asking.decide(&admin(), id, None, false, Some("又一次")).expect("twice changes nothing");
        assert_eq!((status(id), world.read(id).customer.version), (Approval::Rejected, 2));
        asking.decide(&admin(), id, None, true, None).expect("let in after all");
        assert_eq!((status(id), world.read(id).customer.updated_by), (Approval::Approved, Some(ADMIN)));
        let some = |text: &str| Some(text.to_owned());
        let told = world.events(id);
        assert_eq!(
            told[1..],
            [
                ("rejected".to_owned(), Some(ADMIN), some("pending"), None, some("重复")),
                ("approved".to_owned(), Some(ADMIN), some("rejected"), None, None),
            ]
        );
        let actions: Vec<String> = world.deeds("customer", id.0).into_iter().map(|deed| deed.0).collect();
        assert_eq!(actions, ["create", "reject", "approve"]);
        assert!(matches!(asking.decide(&admin(), CustomerId(99), None, true, None), Err(Error::NotFound(_))));
    });
}

#[test]
fn favourites_are_each_persons_own_and_no_change_of_the_customer() {
    on_each_engine(|world| {
        let id = world.enter(&own(ANNA), named("x"));
        let pool = world.enter(&admin(), pooled("p"));
        let set = |caller: &Caller, id, mark| world.customers.set_favourite(caller, id, mark);
        set(&own(ANNA), id, true).expect("marked");
        set(&own(ANNA), id, true).expect("twice changes nothing");
        set(&own(ANNA), pool, true).expect("the pool is read-only, but one's favourites are one's own");
        assert!(favourite(world, &own(ANNA), id) && favourite(world, &own(ANNA), pool));
        assert!(!favourite(world, &admin(), id) && !favourite(world, &own(BERT), pool));
        let customer = world.read(id).customer;
        assert_eq!((customer.version, customer.updated_by), (1, None));
        assert_eq!(world.deeds("customer", id.0).len(), 2);
        set(&own(ANNA), id, false).expect("unmarked");
        set(&own(ANNA), id, false).expect("twice changes nothing");
        assert!(!favourite(world, &own(ANNA), id));
        let deeds = world.deeds("customer", id.0);
        assert_eq!((deeds.len(), deeds[2].0.as_str()), (3, "favourite"));
        assert_eq!((deeds[2].2.as_str(), deeds[2].3.as_str()), ("{\"is_favourite\":true}", "{\"is_favourite\":false}"));
        for (caller, hidden) in [(own(BERT), id), (correspondent(), pool), (admin(), CustomerId(99))] {
            assert!(matches!(set(&caller, hidden, true), Err(Error::NotFound(_))));
        }
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| set(&own(BERT), pool, true).expect("at once"));
            }
        });
        assert!(favourite(world, &own(BERT), pool));
    });
}
