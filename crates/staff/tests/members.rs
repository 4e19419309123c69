//! People and groups: who may be changed, and what holds when two try at once.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use common::{Office, code, in_each_office, person};
use crm_core::{Caller, Page, Patch, StaffId, StatusFilter};
use crm_staff::{
    DataScope, GroupFilter, MemberFilter, MemberInput, MemberStatus, SessionLimits, administrators, member,
};

fn anybody(check: impl Fn(&Office)) {
    in_each_office(SessionLimits::default(), check);
}

fn role(id: i64) -> MemberInput {
    MemberInput { role_id: id.into(), ..MemberInput::default() }
}

fn one(office: &Office, id: StaffId) -> crm_staff::MemberListing {
    let filter = MemberFilter { id: Some(id), status: StatusFilter::All, ..MemberFilter::default() };
    office.members.list(&office.admin, &filter, Page::first()).expect("a list").rows.pop().expect("the person")
}

#[test]
fn nobody_removes_themself_or_the_last_administrator() {
    anybody(|office| {
        let me = office.admin.staff_id;
        let disable = office.members.set_status(&office.admin, me, MemberStatus::Disabled);
        assert_eq!(code(disable), "conflict", "oneself");
        assert_eq!(code(office.delete(&office.admin, me)), "conflict", "oneself");
        assert_eq!(code(office.members.update(&office.admin, me, None, role(2))), "conflict");
        let group = office.group("销售", DataScope::All);
        let other = office.hire("13700000001", 1, group);
        let them = Caller::administrator(other);
        assert_eq!(code(office.members.set_status(&office.admin, other, MemberStatus::Disabled)), "ok");
        // A session that was open a moment ago still acts for the other: the last one stays all the same.
        assert_eq!(code(office.delete(&them, me)), "conflict", "the last one");
        assert_eq!(code(office.members.update(&them, me, None, role(3))), "conflict");
    });
}

#[test]
fn of_two_administrators_who_remove_each_other_at_once_one_stays() {
    anybody(|office| {
        let group = office.group("销售", DataScope::All);
        let me = office.admin.staff_id;
        // A deletion is final, so it comes last.
        for round in 0..5 {
            let other = office.hire(&format!("1370000000{round}"), 1, group);
            let them = Caller::administrator(other);
            let remove = |caller: &Caller, id: StaffId| match round {
                0 | 2 => office.members.set_status(caller, id, MemberStatus::Disabled),
                1 | 3 => office.members.update(caller, id, None, role(2)),
                _ => office.delete(caller, id).map(|_| ()),
            };
            let codes = std::thread::scope(|scope| {
                let one = scope.spawn(|| code(remove(&office.admin, other)));
                let two = scope.spawn(|| code(remove(&them, me)));
                [one.join().expect("no panic"), two.join().expect("no panic")]
            });
            assert!(matches!(codes, ["ok", "conflict"] | ["conflict", "ok"]), "round {round}: {codes:?}");
            assert!(administrators::exist(&office.test.db).expect("it can be asked"));
            if codes[1] == "ok" && round < 4 {
                restore(office, &them, me).expect("restored");
                office.delete(&office.admin, other).expect("deleted");
            }
        }
    });
}

fn restore(office: &Office, them: &Caller, me: StaffId) -> crm_core::Result<()> {
    office.members.set_status(them, me, MemberStatus::Enabled)?;
    office.members.update(them, me, None, role(1))
}

#[test]
fn a_deletion_is_one_deed_in_the_callers_transaction_and_is_final() {
    anybody(|office| {
        let group = office.group("销售", DataScope::All);
        let id = office.hire("13700000001", 2, group);
        let token = office.sign_in("13700000001");
        let now = office.test.db.now();
        let undone: crm_core::Result<()> = office.test.db.write(|conn| {
            assert!(member::delete(conn, &office.admin, id, now)?);
            Err(crm_core::Error::Stale)
        });
        assert_eq!(code(undone), "stale");
        office.session(&token);
        let delete = || office.delete(&office.admin, id);
        assert!(delete().expect("deleted"));
        assert!(!delete().expect("twice is a success"));
        assert_eq!(code(office.sessions.authenticate(&token)), "unauthenticated");
        assert_eq!(office.deeds("delete").len(), 1);
        for status in [MemberStatus::Enabled, MemberStatus::Disabled] {
            assert_eq!(code(office.members.set_status(&office.admin, id, status)), "not_found");
        }
        assert_eq!(code(office.members.update(&office.admin, id, None, role(2))), "not_found");
        assert_eq!(one(office, id).group_names, ["销售"], "the name stays");
        office.hire("137-0000-0001", 2, group);
        let staff = Caller::new(id, crm_core::Role::Staff, crm_core::Scope::All);
        assert_eq!(code(office.delete(&staff, office.admin.staff_id)), "forbidden");
    });
}

#[test]
fn a_group_with_people_in_it_stays_also_when_somebody_joins_at_once() {
    anybody(|office| {
        for round in 0..6 {
            let group = office.group(&format!("组{round}"), DataScope::All);
            let codes = std::thread::scope(|scope| {
                let join = scope.spawn(|| {
                    code(office.members.create(&office.admin, person(&format!("1370000000{round}"), 2, group)))
                });
                let delete = scope.spawn(|| code(office.groups.delete(&office.admin, group)));
                [join.join().expect("no panic"), delete.join().expect("no panic")]
            });
            assert!(matches!(codes, ["ok", "conflict"] | ["validation_failed", "ok"]), "{codes:?}");
        }
    });
}

#[test]
fn one_phone_number_is_one_person_also_when_two_enter_it_at_once() {
    anybody(|office| {
        let group = office.group("销售", DataScope::All);
        let codes = std::thread::scope(|scope| {
            let enter = |phone: &'static str| {
                scope.spawn(move || code(office.members.create(&office.admin, person(phone, 2, group))))
            };
            let both = [enter("13700000001"), enter("137-0000-0001")];
            let mut codes = both.map(|one| one.join().expect("no panic"));
            codes.sort_unstable();
            codes
        });
        assert_eq!(codes, ["conflict", "ok"]);
    });
}

#[test]
fn of_two_who_read_the_same_version_the_second_is_stale() {
    anybody(|office| {
        let group = office.group("销售", DataScope::All);
        let id = office.hire("13700000001", 2, group);
        let named = |name: &str| MemberInput { nick_name: name.to_owned().into(), ..MemberInput::default() };
        let codes = std::thread::scope(|scope| {
            let save = |name: &'static str| {
                scope.spawn(move || code(office.members.update(&office.admin, id, Some(1), named(name))))
            };
            let both = [save("一"), save("二")];
            let mut codes = both.map(|one| one.join().expect("no panic"));
            codes.sort_unstable();
            codes
        });
        assert_eq!(codes, ["ok", "stale"]);
        assert_eq!(one(office, id).member.version, 2);
    });
}

#[test]
fn a_list_asks_the_same_number_of_questions_whatever_its_length() {
    anybody(|office| {
        let group = office.group("销售", DataScope::All);
        let questions = || {
            let before = office.test.db.statements();
            let list = office.members.list(&office.admin, &MemberFilter::default(), Page::first()).expect("a list");
            (office.test.db.statements() - before, list.rows.len())
        };
        office.hire("13700000001", 2, group);
        let few = questions();
        for number in 2..9 {
            office.hire(&format!("1370000000{number}"), 2, group);
        }
        let many = questions();
        assert_eq!((few.1, many.1), (2, 9));
        assert_eq!(few.0, many.0);
    });
}

#[test]
fn the_audit_trail_has_what_changed_and_no_password() {
    anybody(|office| {
        let group = office.group("销售", DataScope::All);
        let other = office.group("客服", DataScope::Own);
        let id = office.hire("13700000001", 2, group);
        let change = MemberInput {
            nick_name: "小耳尖".to_owned().into(),
            group_ids: vec![other, group].into(),
            info: Patch::Null,
            ..MemberInput::default()
        };
        office.members.update(&office.admin, id, None, change).expect("changed");
        let deed = office.deeds("update").remove(0);
        assert_eq!(
            (deed.record.as_str(), deed.record_id, deed.staff_id),
            ("staff", Some(id.0), Some(office.admin.staff_id))
        );
        let after = deed.after.expect("what it became");
        assert_eq!(after["nick_name"], "小耳尖");
        assert_eq!(after["group_ids"], serde_json::json!([other, group]));
        assert!(after.get("phone").is_none(), "it did not change");
        let all = format!("{:?}", office.deeds("create"));
        assert!(!all.contains("$2") && !all.contains(common::PASSWORD), "{all}");
        assert_eq!(office.groups.list(&office.admin, GroupFilter::default(), None).expect("groups").total, 3);
    });
}

#[test]
fn two_administrators_who_write_to_each_other_at_once_both_succeed() {
    anybody(|office| {
        let group = office.group("销售", DataScope::All);
        let them = Caller::administrator(office.hire("13700000001", 1, group));
        for round in 0..10 {
            let reset = |caller: &Caller, phone: &str| {
                code(office.passwords.reset(caller, phone, &format!("new password {round}")))
            };
            let codes = std::thread::scope(|scope| {
                let one = scope.spawn(|| reset(&office.admin, "13700000001"));
                let two = scope.spawn(|| reset(&them, common::ADMIN));
                [one.join().expect("no panic"), two.join().expect("no panic")]
            });
            assert_eq!(codes, ["ok", "ok"], "round {round}");
        }
    });
}
