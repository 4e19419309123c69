//! Signing in: who is stopped, by what, and for how long; and how sessions end.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use common::{ADMIN, HOME, Office, PASSWORD, code, in_each_office};
use crm_core::{Error, Page};
use crm_staff::{DataScope, MemberStatus, SessionLimits, SignIn};

fn anybody(check: impl Fn(&Office)) {
    in_each_office(SessionLimits::default(), check);
}

fn fail(office: &Office, phone: &str, address: &str, times: usize) {
    for _ in 0..times {
        assert_eq!(code(office.try_sign_in(phone, "wrong password", address)), "invalid_credentials");
    }
}

fn phone(number: usize) -> String {
    format!("139{number:08}")
}

fn address(number: usize) -> String {
    format!("198.51.100.{number}")
}

#[test]
fn five_failures_of_a_phone_from_one_address_close_that_pair_alone() {
    anybody(|office| {
        office.group("销售", DataScope::All);
        fail(office, ADMIN, HOME, 5);
        assert_eq!(code(office.try_sign_in(ADMIN, PASSWORD, HOME)), "too_many_requests", "the right password too");
        assert_eq!(code(office.try_sign_in("138-0000 0000", PASSWORD, HOME)), "too_many_requests", "however written");
        assert_eq!(code(office.try_sign_in(ADMIN, PASSWORD, "192.0.2.2")), "ok", "from another address");
        assert_eq!(code(office.try_sign_in("13900000001", PASSWORD, HOME)), "invalid_credentials", "another phone");
    });
}

#[test]
fn refused_attempts_do_not_prolong_the_wait() {
    anybody(|office| {
        fail(office, ADMIN, HOME, 5);
        for _ in 0..14 {
            office.clock.advance(60);
            assert_eq!(code(office.try_sign_in(ADMIN, "wrong password", HOME)), "too_many_requests");
        }
        match office.try_sign_in(ADMIN, PASSWORD, HOME) {
            Err(Error::TooManyRequests { retry_after }) => assert_eq!(retry_after, 60),
            other => panic!("{other:?}"),
        }
        office.clock.advance(60);
        assert_eq!(code(office.try_sign_in(ADMIN, PASSWORD, HOME)), "ok");
    });
}

#[test]
fn thirty_failures_from_one_address_stop_strangers_there_but_not_who_is_known() {
    anybody(|office| {
        let group = office.group("销售", DataScope::All);
        office.hire("13700000001", 2, group);
        office.sign_in(ADMIN);
        for number in 0..30 {
            fail(office, &phone(number), HOME, 1);
        }
        assert_eq!(code(office.try_sign_in(&phone(99), PASSWORD, HOME)), "too_many_requests");
        assert_eq!(code(office.try_sign_in("13700000001", PASSWORD, HOME)), "too_many_requests", "not known here");
        assert_eq!(code(office.try_sign_in("13700000001", PASSWORD, "192.0.2.2")), "ok");
        assert_eq!(code(office.try_sign_in(ADMIN, PASSWORD, HOME)), "ok", "known here");
    });
}

#[test]
fn fifty_failures_of_a_phone_stop_it_everywhere_but_where_it_is_known() {
    anybody(|office| {
        office.sign_in(ADMIN);
        for number in 0..10 {
            fail(office, ADMIN, &address(number), 5);
        }
        assert_eq!(code(office.try_sign_in(ADMIN, PASSWORD, &address(77))), "too_many_requests");
        assert_eq!(code(office.try_sign_in(ADMIN, PASSWORD, HOME)), "ok", "known there");
    });
}

#[test]
fn an_address_is_known_for_thirty_days() {
    anybody(|office| {
        office.sign_in(ADMIN);
        // Not a moment at which old rows are tidied away: the limit itself must know.
        office.clock.advance(30 * 86_400 + 1);
        for number in 0..10 {
            fail(office, ADMIN, &address(number), 5);
        }
        assert_eq!(code(office.try_sign_in(ADMIN, PASSWORD, HOME)), "too_many_requests");
    });
}

#[test]
fn success_clears_the_failures_of_that_phone_and_address_alone() {
    anybody(|office| {
        fail(office, ADMIN, HOME, 4);
        fail(office, ADMIN, "192.0.2.2", 4);
        office.sign_in(ADMIN);
        fail(office, ADMIN, HOME, 5);
        assert_eq!(code(office.try_sign_in(ADMIN, PASSWORD, HOME)), "too_many_requests");
        fail(office, ADMIN, "192.0.2.2", 1);
        assert_eq!(code(office.try_sign_in(ADMIN, PASSWORD, "192.0.2.2")), "too_many_requests");
    });
}

#[test]
fn of_many_attempts_at_once_no_more_than_five_are_judged() {
    anybody(|office| {
        let judged = std::thread::scope(|scope| {
            let attempts: Vec<_> =
                (0..8).map(|_| scope.spawn(|| code(office.try_sign_in(ADMIN, "wrong password", HOME)))).collect();
            attempts.into_iter().map(|attempt| attempt.join().expect("no panic")).collect::<Vec<_>>()
        });
        assert_eq!(judged.iter().filter(|code| **code == "invalid_credentials").count(), 5, "{judged:?}");
    });
}

#[test]
fn a_wrong_old_password_and_a_sign_out_by_password_count_and_open_sessions_go_on() {
    anybody(|office| {
        let token = office.sign_in(ADMIN);
        let mut session = office.session(&token);
        session.caller.address = Some(HOME.to_owned());
        for _ in 0..3 {
            let changed = office.passwords.set(&session, ADMIN, Some("wrong password"), "a new password");
            assert!(matches!(&changed, Err(Error::Invalid(problems)) if problems.names("old_password")), "{changed:?}");
        }
        let attempt = |password: &str| SignIn {
            phone: ADMIN.to_owned(),
            password: password.to_owned(),
            address: HOME.to_owned(),
            user_agent: None,
        };
        for _ in 0..2 {
            let out = office.sign_ins.sign_out_everywhere(&attempt("wrong password"));
            assert_eq!(code(out), "invalid_credentials");
        }
        assert_eq!(code(office.try_sign_in(ADMIN, PASSWORD, HOME)), "too_many_requests");
        assert_eq!(code(office.sign_ins.sign_out_everywhere(&attempt(PASSWORD))), "too_many_requests");
        let changed = office.passwords.set(&session, ADMIN, Some(PASSWORD), "a new password");
        assert_eq!(code(changed), "too_many_requests");
        office.session(&token);
    });
}

#[test]
fn unknown_disabled_and_wrong_are_refused_alike() {
    anybody(|office| {
        let group = office.group("销售", DataScope::All);
        let id = office.hire("13700000001", 2, group);
        office.members.set_status(&office.admin, id, MemberStatus::Disabled).expect("disabled");
        for phone in ["13700000001", "13799999999", ""] {
            assert_eq!(code(office.try_sign_in(phone, PASSWORD, HOME)), "invalid_credentials", "{phone}");
        }
    });
}

#[test]
fn with_a_single_session_the_newest_one_wins_and_says_so() {
    let limits = SessionLimits { single: true, ..SessionLimits::default() };
    in_each_office(limits, |office| {
        let group = office.group("销售", DataScope::All);
        office.hire("13700000001", 2, group);
        let other = office.sign_in("13700000001");
        let first = office.sign_in(ADMIN);
        let second = office.sign_in(ADMIN);
        let refused = office.sessions.authenticate(&first).expect_err("replaced");
        assert_eq!(refused.code().as_str(), "session_replaced");
        assert_eq!(refused.to_string(), "你的帐号已在其他地方登录,本地已经下线");
        office.session(&second);
        office.session(&other);
        office.sessions.sign_out(&office.session(&second)).expect("signed out");
        assert_eq!(code(office.sessions.authenticate(&second)), "unauthenticated", "nobody replaced this one");
        let old = office.sign_in(ADMIN);
        office.clock.advance(13 * 3600);
        office.sign_in(ADMIN);
        assert_eq!(code(office.sessions.authenticate(&old)), "session_expired", "it was over before");
    });
}

#[test]
fn sessions_end_when_idle_and_when_old() {
    anybody(|office| {
        let idle = office.sign_in(ADMIN);
        office.clock.advance(12 * 3600 - 1);
        office.session(&idle);
        office.clock.advance(1);
        assert_eq!(code(office.sessions.authenticate(&idle)), "session_expired");

        let used = office.sign_in(ADMIN);
        for _ in 0..28 {
            office.clock.advance(12 * 3600 - 1);
            office.sessions.stamp(&office.session(&used)).expect("stamped");
        }
        office.clock.advance(27);
        office.session(&used);
        office.clock.advance(1);
        assert_eq!(code(office.sessions.authenticate(&used)), "session_expired", "fourteen days");
    });
}

#[test]
fn a_person_ends_their_own_sessions_and_nobody_elses() {
    anybody(|office| {
        let group = office.group("销售", DataScope::All);
        office.hire("13700000001", 2, group);
        let (mine, also_mine) = (office.sign_in("13700000001"), office.sign_in("13700000001"));
        let theirs = office.session(&office.sign_in(ADMIN));
        let me = office.session(&mine).caller;
        let listed = office.sessions.list(&me, None, Page::first()).expect("sessions");
        assert_eq!((listed.total, listed.rows.len()), (2, 2));
        assert_eq!(code(office.sessions.end(&me, theirs.id)), "not_found");
        let other = office.session(&also_mine).id;
        office.sessions.end(&me, other).expect("ended");
        office.sessions.end(&me, other).expect("twice is a success");
        assert_eq!(code(office.sessions.authenticate(&also_mine)), "unauthenticated");
        assert_eq!(office.sessions.list(&me, None, Page::first()).expect("sessions").total, 1);
    });
}

#[test]
fn a_new_password_ends_the_other_sessions_and_a_reset_all() {
    anybody(|office| {
        let group = office.group("销售", DataScope::All);
        office.hire("13700000001", 2, group);
        let (here, elsewhere) = (office.sign_in("13700000001"), office.sign_in("13700000001"));
        let session = office.session(&here);
        assert!(session.must_change_password);
        assert_eq!(code(session.full_caller()), "password_change_required");
        for bad in ["short", "password", "13700000001", "137-0000-0001", PASSWORD, "tab\tin it"] {
            let refused = office.passwords.set(&session, "13700000001", Some(PASSWORD), bad);
            assert!(matches!(&refused, Err(Error::Invalid(problems)) if problems.names("new_password")), "{bad}");
        }
        office.passwords.set(&session, "13700000001", Some(PASSWORD), "a new password").expect("changed");
        assert!(!office.session(&here).must_change_password);
        assert_eq!(code(office.sessions.authenticate(&elsewhere)), "unauthenticated");

        let refused = office.passwords.set(&office.session(&here), ADMIN, Some(PASSWORD), "another password");
        assert_eq!(code(refused), "forbidden");
        let refused = office.passwords.set(&office.session(&here), ADMIN, None, "another password");
        assert_eq!(code(refused), "forbidden");
        office.passwords.reset(&office.admin, "13700000001", "yet another one").expect("reset");
        assert_eq!(code(office.sessions.authenticate(&here)), "unauthenticated");
        let again = office.try_sign_in("13700000001", "yet another one", HOME).expect("the new one works");
        assert!(office.session(&again).must_change_password);
        for deed in ["change_password", "reset_password"] {
            assert_eq!(office.deeds(deed).len(), 1, "{deed}");
        }
    });
}
