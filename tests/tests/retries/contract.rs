//! What a key promises to one client.

use crm_db::schema::{audit, retries};
use crm_tests::{Answer, Client, PASSWORD, Server, on_each_engine};
use diesel::prelude::*;
use serde_json::json;

const ORGANIZATION: &str = "/api/customers/organization";

fn creations(server: &Server) -> i64 {
    let made = audit::table.filter(audit::record.eq("organization").and(audit::action.eq("create")));
    server.database.db.read(|conn| Ok(made.count().get_result(conn)?)).expect("the trail can be counted")
}

fn kept(server: &Server) -> Vec<(String, String, String)> {
    let rows = retries::table.select((retries::key_hash, retries::request_hash, retries::answer)).order(retries::id);
    server.database.db.read(|conn| Ok(rows.load(conn)?)).expect("what is kept can be read")
}

fn is_repeated(answer: &Answer) -> bool {
    answer.headers.get("idempotency-replayed").is_some_and(|value| value == "true")
}

#[test]
fn the_first_answer_is_given_again_and_nothing_is_written() {
    on_each_engine(|server| {
        let admin = server.admin();
        let body = json!({"groupName": "云南耳尖", "city": "昆明市", "provience": "云南省"});
        let first = admin.post_once("a key", ORGANIZATION, &body);
        first.bad_fields();
        let first = admin.post_once("key-1", ORGANIZATION, &body);
        assert!(!is_repeated(&first));
        let mut names_in_another_order = "provience=云南省&city=昆明市&groupName=云南耳尖".to_owned();
        for _ in 0..3 {
            let again = admin.post_once("key-1", ORGANIZATION, &body);
            assert!(is_repeated(&again));
            assert_eq!((again.status, &again.text), (200, &first.text));
            assert_ne!(again.headers["x-request-id"], first.headers["x-request-id"]);
        }
        let form = [("content-type", "application/x-www-form-urlencoded"), ("idempotency-key", "key-1")];
        let again = admin.send("POST", ORGANIZATION, &form, Some(names_in_another_order.as_bytes()));
        assert_eq!(again.text, first.text, "the same parameters, sent in another way");
        names_in_another_order.push_str("&town=1");
        let other = admin.send("POST", ORGANIZATION, &form, Some(names_in_another_order.as_bytes()));
        assert_eq!(other.refused(409, "conflict")["errors"][0]["field"], "Idempotency-Key");
        assert_eq!(creations(server), 1);
        assert_ne!(admin.post_once("key-2", ORGANIZATION, &body).id(), first.id());
        assert_eq!(creations(server), 2);
    });
}

#[test]
fn a_key_is_for_one_person_path_method_and_body() {
    on_each_engine(|server| {
        let admin = server.admin();
        let group = server.group("销售组", "all");
        let (_, member) = server.person("13900000001", json!({"realName": "李曦宁", "group_id": [group]}));
        let body = json!({"groupName": "云南耳尖"});
        let id = admin.post_once("key", ORGANIZATION, &body).id();
        admin.post_once("key", ORGANIZATION, &json!({"groupName": "云南耳尖", "city": ""})).refused(409, "conflict");
        admin.post_once("key", "/api/customers/customers", &body).refused(409, "conflict");
        assert_ne!(member.post_once("key", ORGANIZATION, &body).id(), id);
        let update = json!({"organization_id": id, "groupName": "耳尖", "version": 1});
        let updated = admin.post_once("update", ORGANIZATION, &update);
        let again = admin.post_once("update", ORGANIZATION, &update);
        assert!(is_repeated(&again) && again.text == updated.text, "{}", again.text);
        admin.post(ORGANIZATION, update).refused(409, "stale");
        let delete = format!("/api/customers/delorganization?organization_id={id}&status=-1");
        let key = [("idempotency-key", "delete")];
        let deleted = admin.send("DELETE", &delete, &key, None);
        admin.post("/api/customers/delorganization", json!({"organization_id": id, "status": 1})).ok();
        let again = admin.send("DELETE", &delete, &key, None);
        assert!(is_repeated(&again) && again.text == deleted.text, "{}", again.text);
        let live = admin.get(&format!("{ORGANIZATION}?organization_id={id}")).row();
        assert_eq!(live["status"], 1, "the deletion that was sent again has deleted nothing");
        admin.send("POST", &delete, &key, None).refused(409, "conflict");
        // Another session of the same person is the same person.
        assert!(is_repeated(&server.admin().post_once("key", ORGANIZATION, &body)));
    });
}

#[test]
fn a_key_is_1_to_255_visible_characters_and_is_read_where_it_means_something() {
    on_each_engine(|server| {
        let admin = server.admin();
        let body = json!({"groupName": "云南耳尖"});
        for bad in ["", " ", "a b", "a\tb", "键", "é", &"k".repeat(256)] {
            let answer = admin.post_once(bad, ORGANIZATION, &body);
            assert_eq!(answer.bad_fields(), ["Idempotency-Key"], "{bad:?}");
        }
        let twice = [("content-type", "application/json"), ("idempotency-key", "a"), ("idempotency-key", "a")];
        let twice = admin.send("POST", ORGANIZATION, &twice, Some(body.to_string().as_bytes()));
        assert_eq!(twice.bad_fields(), ["Idempotency-Key"]);
        assert_eq!(creations(server), 0);
        for good in ["!", "~", &"k".repeat(255), "\"8e03978e-40d5-43dd-bc93-6894a57f9324\""] {
            let id = admin.post_once(good, ORGANIZATION, &body).id();
            assert_eq!(admin.post_once(good, ORGANIZATION, &body).id(), id);
        }
        let bad = [("idempotency-key", "a b")];
        admin.send("GET", ORGANIZATION, &bad, None).ok();
        let anonymous = server.anonymous();
        anonymous.send("POST", ORGANIZATION, &bad, None).refused(401, "unauthenticated");
        let sign_in = json!({"phoneNumber": crm_tests::ADMIN_PHONE, "password": PASSWORD});
        let tokens =
            [0; 2].map(|_| anonymous.post_once("k", "/api/user/login", &sign_in).ok()["data"]["token"].clone());
        assert_ne!(tokens[0], tokens[1], "signing in takes no key");
    });
}

#[test]
fn a_failure_is_not_kept_and_the_request_runs_again() {
    on_each_engine(|server| {
        let admin = server.admin();
        admin.post_once("key", ORGANIZATION, &json!({"groupName": ""})).refused(400, "validation_failed");
        let body = json!({"organization_id": 1, "groupName": "云南耳尖"});
        admin.post_once("key", ORGANIZATION, &body).refused(404, "not_found");
        assert_eq!(kept(server), []);
        admin.post(ORGANIZATION, json!({"groupName": "耳尖"})).ok();
        let done = admin.post_once("key", ORGANIZATION, &body);
        assert!(!is_repeated(&done));
        done.ok();
        assert!(is_repeated(&admin.post_once("key", ORGANIZATION, &body)));
    });
}

#[test]
fn no_password_is_kept_and_no_one_time_password_told_twice() {
    on_each_engine(|server| {
        let admin = server.admin();
        let group = server.group("销售组", "all");
        let member = json!({"phoneNumber": "13900000001", "realName": "李曦宁", "group_id": [group]});
        let first = admin.post_once("generated", "/api/user/user", &member);
        let password = first.body["data"]["initial_password"].as_str().expect("it is told once").to_owned();
        let again = admin.post_once("generated", "/api/user/user", &member);
        assert!(is_repeated(&again) && !again.text.contains("initial_password"), "{}", again.text);
        assert_eq!(again.id(), first.id());
        let chosen = |password: &str| json!({"phoneNumber": "13900000002", "realName": "李", "group_id": [group], "password": password});
        let first = admin.post_once("chosen", "/api/user/user", &chosen("canary password"));
        let hashes: Vec<String> = kept(server).into_iter().map(|(_, request, _)| request).collect();
        let again = admin.post_once("chosen", "/api/user/user", &chosen("another password"));
        assert_eq!(again.id(), first.id(), "a password is no part of what is compared");
        server.sign_in("13900000002", "canary password");
        let change = json!({"phoneNumber": "13900000001", "new_password": "a third password"});
        admin.post_once("change", "/api/user/password", &change).ok();
        assert_eq!(kept(server).len(), hashes.len(), "a change of password takes no key");
        for (key, request, answer) in kept(server) {
            let row = format!("{key} {request} {answer}");
            for secret in [password.as_str(), "password", "canary", "chosen", "generated"] {
                assert!(!row.contains(secret), "{row}");
            }
        }
    });
}

#[test]
fn an_answer_is_given_for_a_day_and_then_forgotten() {
    on_each_engine(|server| {
        let body = json!({"groupName": "云南耳尖"});
        let id = server.admin().post_once("key", ORGANIZATION, &body).id();
        server.clock.advance(24 * 3600 - 10);
        let admin: Client = server.admin();
        assert_eq!(admin.post_once("key", ORGANIZATION, &body).id(), id);
        server.clock.advance(10);
        assert_ne!(admin.post_once("key", ORGANIZATION, &body).id(), id);
        server.clock.advance(24 * 3600);
        server.second(&["--crm-jobs-interval-seconds", "1"]);
        let forgotten = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            kept(server).is_empty()
        });
        assert!(forgotten, "the background task forgets it");
    });
}
