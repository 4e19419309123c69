//! How far a person sees, worked out from role, groups and departments on every request.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use common::{Office, code, in_each_office};
use crm_core::{DepartmentId, GroupId, Patch, Role, Scope, StaffId};
use crm_staff::{DataScope, DepartmentInput, GroupInput, MemberInput, MemberStatus, SessionLimits};

fn anybody(check: impl Fn(&Office)) {
    in_each_office(SessionLimits::default(), check);
}

fn department(office: &Office, name: &str, parent: Option<DepartmentId>, leader: Option<StaffId>) -> DepartmentId {
    let patch = |id: Option<DepartmentId>| id.map_or(Patch::Absent, Patch::Value);
    let input = DepartmentInput {
        name: name.to_owned().into(),
        parent_id: patch(parent),
        leader_id: leader.map_or(Patch::Absent, Patch::Value),
        ..DepartmentInput::default()
    };
    office.departments.create(&office.admin, input).expect("a department")
}

fn change(office: &Office, id: StaffId, input: MemberInput) {
    office.members.update(&office.admin, id, None, input).expect("changed");
}

fn in_department(id: DepartmentId) -> MemberInput {
    MemberInput { department_id: id.into(), ..MemberInput::default() }
}

fn in_groups(ids: &[GroupId]) -> MemberInput {
    MemberInput { group_ids: ids.to_vec().into(), ..MemberInput::default() }
}

#[test]
fn the_widest_of_the_enabled_groups_counts_and_binds_on_the_next_request() {
    anybody(|office| {
        let own = office.group("自己", DataScope::Own);
        let tree = office.group("部门及下级", DataScope::DepartmentTree);
        let flat = office.group("部门", DataScope::Department);
        let all = office.group("全部", DataScope::All);
        let person = office.hire("13700000001", 2, own);
        let top = department(office, "总部", None, None);
        let below = department(office, "销售部", Some(top), None);
        let lowest = department(office, "一组", Some(below), None);
        let token = office.sign_in("13700000001");
        let sees = || {
            let session = office.session(&token);
            (session.caller.scope, session.data_scope)
        };
        assert_eq!(sees(), (Scope::Own, DataScope::Own));
        change(office, person, in_groups(&[own, tree]));
        assert_eq!(sees(), (Scope::Own, DataScope::Own), "without a department there is none to share");
        change(office, person, in_department(below));
        assert_eq!(sees(), (Scope::Departments(vec![below, lowest]), DataScope::DepartmentTree));
        change(office, person, in_groups(&[flat, own]));
        assert_eq!(sees(), (Scope::Departments(vec![below]), DataScope::Department));
        change(office, person, in_groups(&[own, all, flat]));
        assert_eq!(sees(), (Scope::All, DataScope::All));
        office
            .groups
            .update(&office.admin, all, None, GroupInput { enabled: Some(false), ..GroupInput::default() })
            .expect("disabled");
        assert_eq!(sees(), (Scope::Departments(vec![below]), DataScope::Department), "a disabled group gives none");
        change(office, person, in_groups(&[all]));
        let session = office.session(&token);
        assert!(!session.has_access);
        assert_eq!(session.caller.scope, Scope::Own);
    });
}

#[test]
fn who_leads_a_department_sees_it_and_what_is_below() {
    anybody(|office| {
        let own = office.group("自己", DataScope::Own);
        let leader = office.hire("13700000001", 2, own);
        let top = department(office, "总部", None, None);
        let led = department(office, "销售部", Some(top), Some(leader));
        let lowest = department(office, "一组", Some(led), None);
        let token = office.sign_in("13700000001");
        let session = office.session(&token);
        assert_eq!(session.caller.scope, Scope::Departments(vec![led, lowest]));
        assert_eq!(session.data_scope, DataScope::DepartmentTree);
        office.departments.delete(&office.admin, lowest).expect("deleted");
        office.departments.delete(&office.admin, led).expect("deleted");
        assert_eq!(office.session(&token).caller.scope, Scope::Own);
    });
}

#[test]
fn administrators_see_all_and_correspondents_their_own_whatever_the_group() {
    anybody(|office| {
        let own = office.group("自己", DataScope::Own);
        let all = office.group("全部", DataScope::All);
        let person = office.hire("13700000001", 3, all);
        let token = office.sign_in("13700000001");
        let session = office.session(&token);
        assert_eq!((session.caller.role, session.caller.scope), (Role::Correspondent, Scope::Own));
        assert_eq!(session.data_scope, DataScope::Own);
        change(office, person, MemberInput { role_id: 1.into(), ..in_groups(&[own]) });
        let session = office.session(&token);
        assert_eq!((session.caller.role, session.caller.scope), (Role::Administrator, Scope::All));
        office.members.set_status(&office.admin, person, MemberStatus::Disabled).expect("disabled");
        assert_eq!(code(office.sessions.authenticate(&token)), "unauthenticated");
        office.members.set_status(&office.admin, person, MemberStatus::Enabled).expect("enabled");
        assert_eq!(code(office.sessions.authenticate(&token)), "unauthenticated", "the session stays over");
    });
}

#[test]
fn departments_never_form_a_circle_not_even_when_two_move_at_once() {
    anybody(|office| {
        let move_below = |id: DepartmentId, parent: DepartmentId| {
            let input = DepartmentInput { parent_id: parent.into(), ..DepartmentInput::default() };
            office.departments.update(&office.admin, id, None, input)
        };
        let top = department(office, "一", None, None);
        let middle = department(office, "二", Some(top), None);
        let low = department(office, "三", Some(middle), None);
        for parent in [top, middle, low] {
            assert_eq!(code(move_below(top, parent)), "validation_failed");
        }
        for round in 0..5 {
            let (left, right) = (
                department(office, &format!("左{round}"), None, None),
                department(office, &format!("右{round}"), None, None),
            );
            let codes = std::thread::scope(|scope| {
                let one = scope.spawn(|| code(move_below(left, right)));
                let two = scope.spawn(|| code(move_below(right, left)));
                [one.join().expect("no panic"), two.join().expect("no panic")]
            });
            assert_eq!(codes.iter().filter(|code| **code == "ok").count(), 1, "{codes:?}");
        }
    });
}

#[test]
fn a_department_with_people_in_it_stays_also_when_somebody_joins_at_once() {
    anybody(|office| {
        let group = office.group("销售", DataScope::All);
        let person = office.hire("13700000001", 2, group);
        for round in 0..6 {
            let joined = department(office, &format!("部门{round}"), None, None);
            let codes = std::thread::scope(|scope| {
                let join =
                    scope.spawn(|| code(office.members.update(&office.admin, person, None, in_department(joined))));
                let delete = scope.spawn(|| code(office.departments.delete(&office.admin, joined)));
                [join.join().expect("no panic"), delete.join().expect("no panic")]
            });
            assert!(matches!(codes, ["ok", "conflict"] | ["validation_failed", "ok"]), "{codes:?}");
        }
    });
}
