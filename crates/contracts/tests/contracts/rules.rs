//! What of a contract is refused, and what each write leaves behind.

use crm_contracts::{ContractFilter, ContractInput};
use crm_core::{ContractId, CustomerId, Error, Page, Patch, Role, StaffId, StatusFilter};
use crm_db::schema::{audit, organizations};
use crm_db::testing::{on_each_engine, rows};
use diesel::prelude::*;

use crate::support::*;

#[test]
fn of_many_who_enter_the_same_code_at_once_one_succeeds() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let outcomes: Vec<Result<ContractId, Error>> = std::thread::scope(|scope| {
            let create = |_| {
                scope.spawn(|| {
                    let input = ContractInput { code: Patch::Value("HT-1".into()), ..world.input("合同") };
                    world.contracts.create(&world.admin, input)
                })
            };
            let threads: Vec<_> = (0..12).map(create).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        for error in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
            assert!(matches!(error, Error::Conflict { field: "code", .. }), "{error:?}");
        }
    });
}

#[test]
fn a_code_is_free_again_when_its_contract_is_deleted_and_empty_codes_never_meet() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let with_code = |code: &str| ContractInput { code: Patch::Value(code.into()), ..world.input("合同") };
        let create = |code: &str| world.contracts.create(&world.admin, with_code(code));
        let first = create("A").expect("free");
        assert!(matches!(create("A"), Err(Error::Conflict { field: "code", .. })));
        let other = create("a").expect("codes are compared as they are");
        let rename = ContractInput { code: Patch::Value("A".into()), ..ContractInput::default() };
        let refused = world.contracts.update(&world.admin, other, None, rename.clone());
        assert!(matches!(refused, Err(Error::Conflict { field: "code", .. })));
        world.contracts.update(&world.admin, first, None, rename.clone()).expect("its own code is no conflict");
        world.contracts.delete(&world.admin, first).expect("deleted");
        world.contracts.update(&world.admin, other, None, rename).expect("the code is free again");
        for _ in 0..2 {
            let id = create("").expect("no code");
            assert_eq!(world.read(id).code, None);
        }
        let ids = |code: &str, status| {
            let filter = ContractFilter { code: Some(code.into()), status, ..ContractFilter::default() };
            world.ids(&world.admin, &filter, Page::first())
        };
        assert_eq!(ids("A", StatusFilter::Live), [other]);
        assert_eq!(ids("A", StatusFilter::All), [other, first]);
        assert_eq!(ids("A", StatusFilter::Exactly(-1)), [first]);
        assert_eq!(ids("%", StatusFilter::All), []);
    });
}

#[test]
fn every_bad_field_is_named_at_once_and_nothing_is_written() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let now = test.db.now();
        let deleted = rows::organization(&test.db, "已删除", world.admin.staff_id);
        test.db
            .write(|conn| {
                let gone = organizations::table.filter(organizations::id.eq(deleted));
                Ok(diesel::update(gone).set(organizations::status.eq(-1i16)).execute(conn)?)
            })
            .expect("deleted");
        let input = ContractInput {
            name: Patch::Value(" ".into()),
            organization_id: Patch::Value(deleted),
            customer_id: Patch::Value(CustomerId(99)),
            code: Patch::Value("x".repeat(256)),
            sign_time: Patch::Null,
            aging_start_time: Patch::Value(now),
            aging_end_time: Patch::Value(now.plus_seconds(-1)),
            note: Patch::Value("a\0".into()),
            creator_id: Patch::Value(StaffId(98)),
            editor_id: Patch::Value(StaffId(97)),
            follower_ids: Patch::Value(vec![world.admin.staff_id, world.admin.staff_id]),
            ..ContractInput::default()
        };
        let error = world.contracts.create(&world.admin, input).expect_err("all is wrong");
        let mut named = fields(&error);
        named.sort_unstable();
        let all = [
            "aging_end_time",
            "code",
            "creator_id",
            "customer_id",
            "editor_id",
            "follower_id",
            "name",
            "note",
            "organization_id",
            "sign_time",
        ];
        assert_eq!(named, all);
        let error = world.contracts.create(&world.admin, ContractInput::default()).expect_err("nothing is there");
        assert_eq!(fields(&error), ["name", "organization_id", "sign_time"]);
        let filter = ContractFilter { code: Some("a\0".into()), name: Some("x".repeat(101)), ..Default::default() };
        let error = world.contracts.list(&world.admin, &filter, Page::first()).expect_err("no such texts");
        assert_eq!(fields(&error), ["code", "name"]);
        assert_eq!(world.ids(&world.admin, &ContractFilter::default(), Page::first()), []);
        let deeds: i64 = test.db.read(|conn| Ok(audit::table.count().get_result(conn)?)).expect("counted");
        assert_eq!(deeds, 0);
    });
}

#[test]
fn a_contract_must_not_end_before_it_starts_whichever_end_is_moved() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let now = test.db.now();
        let input = ContractInput {
            aging_start_time: Patch::Value(now),
            aging_end_time: Patch::Value(now),
            ..world.input("合同")
        };
        let id = world.contracts.create(&world.admin, input).expect("one moment is a term");
        for (start, end) in
            [(Patch::Value(now.plus_seconds(1)), Patch::Absent), (Patch::Absent, Patch::Value(now.plus_seconds(-1)))]
        {
            let input = ContractInput { aging_start_time: start, aging_end_time: end, ..ContractInput::default() };
            let error = world.contracts.update(&world.admin, id, None, input).expect_err("it ends too early");
            assert_eq!(fields(&error), ["aging_end_time"]);
        }
        let open = ContractInput {
            aging_start_time: Patch::Value(now.plus_seconds(9)),
            aging_end_time: Patch::Null,
            ..ContractInput::default()
        };
        world.contracts.update(&world.admin, id, None, open).expect("an open end is never too early");
    });
}

#[test]
fn an_update_of_what_was_read_before_somebody_elses_is_stale() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let id = world.contracts.create(&world.admin, world.input("一")).expect("created");
        let name = |name: &str| ContractInput { name: Patch::Value(name.into()), ..ContractInput::default() };
        world.contracts.update(&world.admin, id, Some(1), name("二")).expect("version 1 it is");
        assert!(matches!(world.contracts.update(&world.admin, id, Some(1), name("三")), Err(Error::Stale)));
        let read = world.read(id);
        assert_eq!((read.name.as_str(), read.version, read.editor_id), ("二", 2, Some(world.admin.staff_id)));
        let found = |text: &str| {
            let filter = ContractFilter { name: Some(text.into()), ..ContractFilter::default() };
            world.ids(&world.admin, &filter, Page::first())
        };
        assert_eq!((found("二"), found("一")), (vec![id], vec![]));
    });
}

#[test]
fn each_write_leaves_one_audit_row_and_a_second_deletion_none() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let follower = rows::person(&test.db, "10001", "tom ai", Role::Staff, None);
        let id = world.contracts.create(&world.admin, world.input("合同")).expect("created");
        let input = ContractInput { follower_ids: Patch::Value(vec![follower]), ..ContractInput::default() };
        world.contracts.update(&world.admin, id, None, input).expect("updated");
        world.contracts.delete(&world.admin, id).expect("deleted");
        world.contracts.delete(&world.admin, id).expect("deleted already");
        let deeds: Vec<Audited> = test
            .db
            .read(|conn| {
                let columns = (audit::action, audit::record, audit::record_id, audit::before, audit::after);
                Ok(audit::table.order(audit::id).select(columns).load(conn)?)
            })
            .expect("audited");
        let actions: Vec<&str> = deeds.iter().map(|deed| deed.0.as_str()).collect();
        assert_eq!(actions, ["create", "update", "delete"]);
        assert!(deeds.iter().all(|deed| deed.1 == "contract" && deed.2 == Some(id.0)));
        assert!(deeds[0].4.as_ref().is_some_and(|after| after.contains("\"name\":\"合同\"")), "{deeds:?}");
        let followers = format!("\"follower_id\":[{}]", follower.0);
        assert!(deeds[1].4.as_ref().is_some_and(|after| after.contains(&followers)), "{deeds:?}");
        assert!(deeds[1].3.as_ref().is_some_and(|before| before.contains("\"follower_id\":[]")), "{deeds:?}");
    });
}
