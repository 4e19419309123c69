//! Signing in and out.

use crm_tests::{ADMIN_PHONE, PASSWORD, on_each_engine};
use serde_json::json;

#[test]
fn a_token_opens_the_routes_and_logout_closes_them() {
    on_each_engine(|server| {
        server.anonymous().get("/api/customers/organization").refused(401, "unauthenticated");
        let admin = server.admin();
        admin.get("/api/customers/organization").ok();
        assert_eq!(admin.post("/api/user/logout", json!({})).ok()["msg"], "登出成功");
        admin.get("/api/customers/organization").refused(401, "unauthenticated");
    });
}

#[test]
fn unknown_phone_and_wrong_password_are_refused_alike() {
    on_each_engine(|server| {
        let try_with = |phone: &str, password: &str| {
            let mut body = server
                .anonymous()
                .post("/api/user/login", json!({"phoneNumber": phone, "password": password}))
                .refused(401, "invalid_credentials");
            body["request_id"].take();
            body
        };
        assert_eq!(try_with(ADMIN_PHONE, "wrong password"), try_with("13900000000", PASSWORD));
    });
}

#[test]
fn the_sixth_attempt_after_five_failures_is_refused_whatever_the_password() {
    on_each_engine(|server| {
        let try_with = |password: &str| {
            server.anonymous().post("/api/user/login", json!({"phoneNumber": ADMIN_PHONE, "password": password}))
        };
        for _ in 0..5 {
            try_with("wrong password").refused(401, "invalid_credentials");
        }
        let refused = try_with(PASSWORD);
        let wait: i64 = refused.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
        refused.refused(429, "too_many_requests");
        server.clock.advance(wait - 1);
        try_with(PASSWORD).refused(429, "too_many_requests");
        server.clock.advance(1);
        try_with(PASSWORD).ok();
    });
}

#[test]
fn a_session_expires_when_it_is_idle() {
    on_each_engine(|server| {
        let admin = server.admin();
        server.clock.advance(11 * 3600);
        admin.get("/api/customers/organization").ok();
        server.clock.advance(13 * 3600);
        admin.get("/api/customers/organization").refused(401, "session_expired");
    });
}
