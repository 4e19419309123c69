//! The profile, sessions and passwords of whoever is signed in.

use crm_tests::{ADMIN_PHONE, PASSWORD, on_each_engine, on_each_engine_with};
use serde_json::{Value, json};

use crate::support::*;

#[test]
fn the_profile_is_open_before_the_first_password_is_changed_and_little_else() {
    on_each_engine(|server| {
        let admin = server.admin();
        let body = json!({"phoneNumber": "13700000001", "group_id": 1, "role_id": 3});
        let made = admin.post("/api/user/user", body).ok();
        let person = server.sign_in("13700000001", made["data"]["initial_password"].as_str().expect("a password"));
        let profile = person.get("/api/user/profile").ok();
        assert_eq!((profile["status"].as_i64(), &profile["data"]["must_change_password"]), (Some(0), &json!(true)));
        assert_eq!(
            (&profile["data"]["data_scope"], &profile["data"]["phoneNumber"]),
            (&json!("own"), &json!("13700000001"))
        );
        for path in ["menu", "usermenu", "sessions"] {
            person.get(&format!("/api/user/{path}")).refused(403, "password_change_required");
        }
        assert_eq!(admin.get("/api/user/profile").ok()["data"]["data_scope"], "all");
    });
}

#[test]
fn sessions_are_shown_to_whose_they_are_and_ended_one_by_one() {
    on_each_engine(|server| {
        let (first, second) = (server.admin(), server.admin());
        let rows = first.get("/api/user/sessions").rows();
        assert_eq!(keys(&rows[0]), sorted("id address user_agent createTime lastSeenTime current"));
        let current: Vec<&Value> = rows.iter().filter(|row| row["current"] == true).collect();
        assert_eq!((current.len(), &current[0]["address"]), (1, &json!("127.0.0.1")));
        let other =
            second.get("/api/user/sessions").rows().into_iter().find(|row| row["current"] == true).expect("one");
        for _ in 0..2 {
            first.post("/api/user/delsession", json!({"session_id": other["id"]})).ok();
        }
        second.get("/api/user/sessions").refused(401, "unauthenticated");
        first.post("/api/user/delsession", json!({"session_id": 999})).refused(404, "not_found");
        assert_eq!(first.post("/api/user/delsession", json!({"session_id": "x"})).bad_fields(), ["session_id"]);
        first.post("/api/user/delsession", json!({"session_id": current[0]["id"]})).ok();
        first.get("/api/user/sessions").refused(401, "unauthenticated");
    });
}

#[test]
fn a_password_is_checked_in_every_field() {
    on_each_engine(|server| {
        let admin = server.admin();
        let fields = |body: Value| admin.post("/api/user/password", body).bad_fields();
        assert_eq!(fields(json!({})), ["phoneNumber", "new_password"]);
        assert_eq!(
            fields(json!({"phoneNumber": ADMIN_PHONE, "new_password": "short"})),
            ["old_password", "new_password"]
        );
        let wrong =
            json!({"phoneNumber": ADMIN_PHONE, "old_password": "wrong password", "new_password": "a new password"});
        assert_eq!(fields(wrong), ["old_password"]);
        let nobody = json!({"phoneNumber": "13999999999", "new_password": "a new password"});
        admin.post("/api/user/password", nobody).refused(404, "not_found");
        let longest = "长".repeat(24);
        let change = json!({"phoneNumber": ADMIN_PHONE, "old_password": PASSWORD, "new_password": longest});
        admin.post("/api/user/password", change).ok();
        let _ = server.sign_in(ADMIN_PHONE, &longest);
    });
}

#[test]
fn a_replaced_session_is_told_so_everywhere_and_a_password_still_signs_out() {
    on_each_engine_with(&["--crm-single-session", "true"], |server| {
        let (first, second) = (server.admin(), server.admin());
        let body = first.get("/api/user/profile").refused(401, "session_replaced");
        assert_eq!(body["msg"], "你的帐号已在其他地方登录,本地已经下线");
        first.post("/api/user/logout", json!({})).refused(401, "session_replaced");
        second.get("/api/user/profile").ok();
        first
            .post("/api/user/logout", json!({"phoneNumber": ADMIN_PHONE, "password": "wrong"}))
            .refused(401, "invalid_credentials");
        first.post("/api/user/logout", json!({"phoneNumber": ADMIN_PHONE, "password": PASSWORD})).ok();
        second.get("/api/user/profile").refused(401, "unauthenticated");
    });
}
