//! What is in the log, and what never is: nobody's name, number, password, token or note, whatever
//! level is logged, and whatever goes wrong.

use std::collections::BTreeSet;

use crm_db::Engine;
use crm_tests::child::Gateway;
use crm_tests::{ADMIN_PHONE, Client, PASSWORD, Server, query};
use serde_json::{Value, json};

#[test]
fn serves() {
    crm_tests::child::serve_if_asked();
}

/// What must not be found. Names in two scripts, numbers, secrets.
const NAME: &str = "金丝雀";
const LATIN: &str = "CanaryName";
const PHONE: &str = "13987654321";
const SECRET: &str = "canary-pass word";
const NOTE: &str = "canarynote";
const KEY: &str = "canary-key-123";

const WRITES: &[&str] = &[
    "/api/user/group",
    "/api/user/user",
    "/api/user/department",
    "/api/user/menu",
    "/api/user/usermenu",
    "/api/customers/organization",
    "/api/customers/customers",
    "/api/record/potential",
    "/api/record/follow",
    "/api/record/demand",
    "/api/feedback/satisfy",
    "/api/contract/contract",
];

const DELETES: &[(&str, &str)] = &[
    ("/api/contract/delcontract", "contract_id"),
    ("/api/feedback/delsatisfy", "satisfy_id"),
    ("/api/record/deldemand", "demand_id"),
    ("/api/record/delfollow", "follow_id"),
    ("/api/record/delpotent", "potent_id"),
    ("/api/customers/delcustomer", "customer_id"),
    ("/api/customers/delorganization", "organization_id"),
    ("/api/user/deluser", "user_id"),
    ("/api/user/deldepartment", "department_id"),
    ("/api/user/delgroup", "group_id"),
];

/// A body that is a good one for every route that writes: each reads what it knows.
fn everything(tag: &str) -> Value {
    let name = format!("{NAME}{LATIN}{tag}");
    let mut body = json!({
        "name": name, "groupName": name, "realName": name, "nickName": name, "title": name, "content": NOTE,
        "phoneNumber": format!("{PHONE}{tag}"), "note": NOTE, "gain": NOTE, "reason": NOTE, "detail": NOTE,
        "groupDetail": NOTE, "info": NOTE, "password": SECRET, "group_id": [1], "user_id": null,
        "organization_id": 1, "customer_id": 1, "customers_id": [1], "protent_id": 1, "potent_id": null,
        "director_id": 1, "follower_id": [1], "record_time": "2026-11-01 10:00:00", "event": 1, "value": 5,
        "sign_time": "2026-11-01 10:00:00", "amount": "112.00", "code": format!("canary-code-{tag}"),
        "address": NOTE, "email": "canary@example.com", "wechat": LATIN, "website": "www.canary.example",
    });
    for own in ["menu_id", "department_id", "follow_id", "demand_id", "satisfy_id", "contract_id"] {
        body[own] = Value::Null;
    }
    body
}

/// The same for the route whose own id these others are.
fn body_of(path: &str, tag: &str) -> Value {
    let mut body = everything(tag);
    match path {
        "/api/user/group" => body["group_id"] = Value::Null,
        "/api/user/usermenu" => (body["user_id"], body["menu"]) = (json!(1), json!([1])),
        "/api/customers/organization" => body["organization_id"] = Value::Null,
        "/api/customers/customers" => body["customer_id"] = Value::Null,
        "/api/record/potential" => body["protent_id"] = Value::Null,
        _ => {}
    }
    body
}

/// Everything a person does, right and wrong. Returns what the script learned that is secret.
fn script(client: &Client) -> Vec<String> {
    let mut secrets = vec![SECRET.to_owned()];
    let bad = json!({"phoneNumber": PHONE, "password": SECRET});
    client.post("/api/user/login", bad.clone()).refused(401, "invalid_credentials");
    client
        .post("/api/user/login", json!({"phoneNumber": ADMIN_PHONE, "password": SECRET}))
        .refused(401, "invalid_credentials");
    client.send("POST", &format!("/api/user/login?phoneNumber={PHONE}&password=canaryquery"), &[], None);
    client.form("/api/user/login", "phoneNumber=%ff&password=canaryform").refused(400, "malformed_request");
    client.send("POST", "/api/user/login", &[("content-type", "application/json")], Some(b"{\"password\": canaryjson"));
    client.send("POST", "/api/user/login", &[("content-type", "text/canary")], Some(b"canarytext"));
    let admin = client.sign_in(ADMIN_PHONE, PASSWORD);
    secrets.push(admin.token.clone().expect("a token"));
    let mut done = BTreeSet::new();
    for path in WRITES {
        for tag in ["", "1"] {
            let answer = admin.post_once(&format!("{KEY}{tag}{path}"), path, &body_of(path, tag));
            if answer.status == 200 {
                done.insert(*path);
            }
            // Twice: conflicts of unique fields, and a key that is used for another body.
            admin.post(path, body_of(path, tag));
            admin.post_once(&format!("{KEY}{tag}{path}"), path, &body_of(path, "2"));
        }
        let long = format!("{NOTE}{}", "字".repeat(20_000));
        admin.post(
            path,
            json!({"name": long, "groupName": long, "phoneNumber": format!("{PHONE}canary"), "note": "canary\u{0}"}),
        );
        admin.post(
            path,
            json!({"name": {"canary": NAME}, "groupName": [NAME], "record_time": NOTE, "amount": "canary12"}),
        );
        admin.form(path, "groupName=canary&name=%E9%87%91%E4%B8%9D%E9%9B%80");
        for search in [NAME, LATIN, PHONE, "canary\" OR \"1", "canary%_'", "'; DROP canary"] {
            let query = query(&[
                ("name", &search),
                ("groupName", &search),
                ("phoneNumber", &search),
                ("organization_name", &search),
            ]);
            admin.get(&format!("{path}?{query}"));
        }
        admin.get(&format!("{path}?page=canary&count=canary&user_id={PHONE}&start_time=canary"));
    }
    assert_eq!(done.len(), WRITES.len(), "every kind of record was written: {done:?}");
    one_time_password(&admin, &mut secrets);
    wrong(client, &admin);
    for &(path, id) in DELETES {
        admin.post(path, json!({id: 99_999_999, "status": -1, "reason": NOTE}));
        admin.post(path, json!({id: NOTE, "reason": NOTE}));
        admin.post(path, json!({id: 2, "status": -1, "reason": NOTE}));
        admin.send("DELETE", &format!("{path}?{id}=2&status=-1&reason={NOTE}"), &[], None);
    }
    let change = json!({"phoneNumber": ADMIN_PHONE, "old_password": SECRET, "new_password": format!("{SECRET}2")});
    admin.post("/api/user/password", change).refused(400, "validation_failed");
    admin.post("/api/user/logout", json!({})).ok();
    admin.get("/api/user/profile").refused(401, "unauthenticated");
    secrets
}

fn one_time_password(admin: &Client, secrets: &mut Vec<String>) {
    let hired = json!({"phoneNumber": "13887654321", "realName": NAME, "group_id": [1]});
    let answer = admin.post_once(KEY, "/api/user/user", &hired).ok();
    let password = answer["data"]["initial_password"].as_str().expect("it is told once").to_owned();
    let person = admin.sign_in("13887654321", &password);
    person.get("/api/customers/customers").refused(403, "password_change_required");
    secrets.extend([password, person.token.expect("a token")]);
}

/// What is no request of ours, with canaries in every part of it.
fn wrong(client: &Client, admin: &Client) {
    for path in [
        "/canary",
        &format!("/api/user/{PHONE}"),
        &format!("/api/customers/customers/{LATIN}"),
        "/%E9%87%91canary",
        "/healthz/canary",
    ] {
        for method in ["GET", "POST", "CANARY", "OPTIONS"] {
            admin.send(method, path, &[], None);
        }
    }
    admin.send("CANARY", "/api/customers/customers?name=canary", &[], None).refused(405, "method_not_allowed");
    let headers = [
        ("authorization", "Bearer canarytoken"),
        ("cookie", "crm_session=canarycookie; canary=1"),
        ("user-agent", "canaryagent"),
        ("origin", "http://canary.example"),
        ("referer", "http://canary.example/canary"),
        ("host", "canary.example"),
        ("x-forwarded-for", "canary"),
        ("idempotency-key", "canary key"),
        ("x-canary", "canary"),
    ];
    for (method, path) in [
        ("GET", "/api/user/profile"),
        ("POST", "/api/customers/organization"),
        ("GET", "/metrics"),
        ("OPTIONS", "/api/user/login"),
    ] {
        client.send(method, path, &headers, None);
    }
    client.send(
        "OPTIONS",
        "/api/user/login",
        &[("origin", "http://canary.example"), ("access-control-request-method", "CANARY")],
        None,
    );
    let multipart =
        "--b\r\nContent-Disposition: form-data; name=\"canary\"; filename=\"canary.txt\"\r\n\r\ncanary\r\n--b--\r\n";
    let kind = [("content-type", "multipart/form-data; boundary=b")];
    admin
        .send("POST", "/api/customers/organization", &kind, Some(multipart.as_bytes()))
        .refused(400, "malformed_request");
    raw(client, "canary garbage that is no HTTP\r\n\r\n");
    raw(client, "POST /canary?canary HTTP/1.1\r\nhost: canary\r\ncontent-length: canary\r\n\r\ncanary");
    raw(client, "POST /api/user/login HTTP/1.1\r\nhost: canary\r\ncontent-length: 100\r\n\r\ncanary cut off");
    raw(client, &format!("GET /canary HTTP/1.1\r\nhost: canary\r\ncanary: {}\r\n\r\n", "canary".repeat(40_000)));
}

/// Sends this and hangs up.
fn raw(client: &Client, text: &str) {
    use std::io::Write;
    let address = client.url.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    // It may hang up first.
    let _ = stream.write_all(text.as_bytes());
    let _ = stream.shutdown(std::net::Shutdown::Write);
    std::thread::sleep(std::time::Duration::from_millis(50));
}

fn leaks<'a>(log: &'a str, secrets: &[String]) -> Vec<&'a str> {
    let known = [NAME, LATIN, PHONE, NOTE, "13887654321", ADMIN_PHONE, PASSWORD];
    log.lines()
        .filter(|line| {
            let lower = line.to_lowercase();
            known.iter().any(|canary| line.contains(canary))
                || secrets.iter().any(|secret| line.contains(secret.as_str()))
                || lower.contains("canary")
                || lower.contains("%e9%87%91")
                || lower.contains("\\u{91d1}")
        })
        .collect()
}

#[test]
fn nothing_a_person_enters_is_in_the_log_at_any_level() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let ours = "debug,crm_gateway=trace,crm_db=trace,crm_core=trace,crm_staff=trace,crm_customers=trace,\
                    crm_records=trace,crm_feedback=trace,crm_contracts=trace,crm_stats=trace";
        for (level, format) in [("debug", "text"), ("debug", "json"), (ours, "text"), ("trace", "json")] {
            let Some(server) = Server::start(engine, &[]) else { continue };
            let gateway = Gateway::start(&server.database.url, &[("CRM_LOG", level), ("CRM_LOG_FORMAT", format)]);
            let secrets = script(&Client::new(&gateway.url));
            let log = gateway.stop();
            assert!(log.matches("served").count() > 200, "the requests are logged");
            let leaks = leaks(&log, &secrets);
            assert!(
                leaks.is_empty(),
                "{engine:?} {level} {format}: {} lines, {:#?}",
                leaks.len(),
                &leaks[..leaks.len().min(8)]
            );
        }
    }
}

#[test]
fn a_request_has_one_line_with_all_there_is_to_know_about_it() {
    let Some(server) = Server::start(Engine::Sqlite, &[]) else { return };
    let gateway = Gateway::start(&server.database.url, &[("CRM_LOG_FORMAT", "json")]);
    let client = Client::new(&gateway.url);
    let admin = client.sign_in(ADMIN_PHONE, PASSWORD);
    let created = admin.post("/api/customers/organization", json!({"groupName": NAME}));
    let anonymous = client.get("/api/customers/organization?groupName=x");
    let unknown = client.get("/nothing/here");
    let log = gateway.stop();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    let line_of = |id: &str| {
        let of: Vec<&Value> = lines.iter().filter(|line| line["span"]["request_id"] == id).collect();
        assert_eq!(of.len(), 1, "{of:?}");
        of[0].clone()
    };
    let id = |answer: &crm_tests::Answer| answer.headers["x-request-id"].to_str().expect("an id").to_owned();
    for (answer, method, route, status, person) in [
        (&created, "POST", "/api/customers/organization", 200, json!(1)),
        (&anonymous, "GET", "/api/customers/organization", 401, Value::Null),
        (&unknown, "GET", "(unknown)", 404, Value::Null),
    ] {
        let line = line_of(&id(answer));
        let fields = &line;
        assert!(line.get("spans").is_none(), "once is enough: {line}");
        assert_eq!(
            (&fields["message"], &fields["method"], &fields["route"]),
            (&json!("served"), &json!(method), &json!(route))
        );
        assert_eq!((&fields["status"], &line["span"]["person_id"]), (&json!(status), &person), "{line}");
        assert!(fields["ms"].is_u64(), "{line}");
    }
}
