//! Everything that can be asked: the story of the document, and then, as people of each scope, every list
//! with each of its filters and sort orders, and every kind of write.

use std::time::Duration;

use crm_core::Zone;
use crm_customers::pool::Pool;
use crm_gateway::http::{Access, Endpoint, Kind, Parameter, Reader, Verb};
use crm_staff::{Passwords, SessionLimits, Sessions, SignIns};
use crm_tests::story::{self, LAST_PASSWORD};
use crm_tests::{ADMIN_PHONE, Client, PASSWORD, Server, query};
use serde_json::{Value, json};

use super::recorder::Recorder;

const NOW: &str = "2026-03-02 09:00:00";

/// Asks everything there is; how many requests of lists succeeded.
pub fn send_all(server: &Server, recorder: &Recorder) -> usize {
    story::tell(server, |method, path, _| recorder.asking(&format!("after {method} {path}")));
    let admin = server.sign_in(ADMIN_PHONE, LAST_PASSWORD);
    let mut succeeded = 0;
    for (number, scope) in ["all", "own", "department"].into_iter().enumerate() {
        recorder.asking("setting up");
        let client = person(server, &admin, number, scope);
        writes(recorder, &client, scope);
        succeeded += lists(recorder, &client, scope);
    }
    recorder.asking("background tasks");
    in_the_background(server, &admin);
    succeeded
}

/// Somebody of a department who sees this much.
fn person(server: &Server, admin: &Client, number: usize, scope: &str) -> Client {
    let group = admin.post("/api/user/group", json!({"name": scope, "data_scope": scope})).id();
    let department = admin.post("/api/user/department", json!({"name": scope})).id();
    let phone = format!("1370000000{number}");
    let role = if scope == "all" { 1 } else { 2 };
    admin
        .post(
            "/api/user/user",
            json!({"phoneNumber": phone, "group_id": [group], "departmentId": department, "role_id": role,
                   "password": "first password"}),
        )
        .ok();
    let client = server.sign_in(&phone, "first password");
    let change = json!({"phoneNumber": phone, "old_password": "first password", "new_password": PASSWORD});
    client.post("/api/user/password", change).ok();
    client
}

/// Makes one of everything, changes it, passes a customer round, and deletes what has a twin.
fn writes(recorder: &Recorder, client: &Client, scope: &str) {
    let post = |path: &str, body: Value| {
        recorder.asking(&format!("POST {path} {body}, scope {scope}"));
        client.post(path, body)
    };
    let me = client.get("/api/user/profile").ok()["data"]["id"].as_i64().expect("an id");
    let twice = |path: &str, id: &str, body: Value, note: &str| {
        let made = [post(path, body.clone()).id(), post(path, body.clone()).id()];
        post(path, json!({id: made[0], note: "改"})).ok();
        let mut all = body;
        all[id] = json!(made[0]);
        post(path, all).ok();
        made
    };
    let organization =
        twice("/api/customers/organization", "organization_id", json!({"groupName": format!("{scope}单位")}), "note");
    let customer = json!({"realName": "王小明", "phoneNumber": "138 0013 8000", "organization_id": [organization[0]]});
    let customer = twice("/api/customers/customers", "customer_id", customer, "note");
    let potential = json!({"organization_id": organization[0], "director_id": me, "record_time": NOW});
    let potential = twice("/api/record/potential", "potent_id", potential, "note");
    let follow = json!({"protent_id": potential[0], "follower_id": [me], "customers_id": customer, "record_time": NOW});
    let follow = twice("/api/record/follow", "follow_id", follow, "event_note");
    let demand = json!({"organization_id": organization[0], "follower_id": [me], "customer_id": customer,
        "record_time": NOW, "content": "季报"});
    let demand = twice("/api/record/demand", "demand_id", demand, "demand_note");
    let satisfy = json!({"organization_id": organization[0], "follower_id": [me], "customers_id": customer,
        "record_time": NOW, "value": 3});
    let satisfy = twice("/api/feedback/satisfy", "satisfy_id", satisfy, "note");
    let contract = json!({"organization_id": organization[0], "customer_id": customer[0], "follower_id": [me],
        "name": "年度合同", "sign_time": NOW, "amount": "1.10"});
    let contract = twice("/api/contract/contract", "contract_id", contract, "note");
    let code = json!({"contract_id": contract[0], "code": format!("C-{scope}")});
    post("/api/contract/contract", code).ok();
    let contact = json!({"customer_id": customer[0], "name": "王五"});
    let contact = twice("/api/customers/contact", "contact_id", contact, "job");
    let wecom = |number: i64| json!({"external_userid": format!("{scope}{number}"), "user_id": me, "added_at": NOW, "customer_id": customer[0]});
    let wecom = [1, 2].map(|number| post("/api/customers/wecom", wecom(number)).id());
    for (route, body) in [
        ("stage", json!({"stage_id": 2, "reason": "已报价"})),
        ("blacklist", json!({"is_blacklisted": 1})),
        ("favourite", json!({"favourite": 1})),
        ("team", json!({"role_type": 1, "user_ids": [me]})),
        ("assistants", json!({"user_ids": [me]})),
        ("labels", json!({"label_ids": [1]})),
        ("lock", json!({})),
        ("unlock", json!({})),
        ("release", json!({"reason": "暂无需求"})),
        ("claim", json!({})),
        ("assign", json!({"owner_id": me})),
    ] {
        let mut body = body;
        body["customer_id"] = json!(customer[0]);
        post(&format!("/api/customers/{route}"), body);
    }
    recorder.asking(&format!("an idempotent POST, scope {scope}"));
    let once = json!({"groupName": format!("{scope}一次")});
    client.post_once(&format!("key-{scope}"), "/api/customers/organization", &once).ok();
    for (path, id, made) in [
        ("/api/contract/delcontract", "contract_id", contract),
        ("/api/feedback/delsatisfy", "satisfy_id", satisfy),
        ("/api/record/deldemand", "demand_id", demand),
        ("/api/record/delfollow", "follow_id", follow),
        ("/api/record/delpotent", "potent_id", potential),
        ("/api/customers/delcontact", "contact_id", contact),
        ("/api/customers/delwecom", "wecom_id", wecom),
        ("/api/customers/delcustomer", "customer_id", customer),
        ("/api/customers/delorganization", "organization_id", organization),
    ] {
        post(path, json!({id: made[1], "status": -1, "reason": "重复"})).ok();
    }
}

/// Every list without a filter, with each of its parameters, with a range of time, and of one customer
/// of each kind.
fn lists(recorder: &Recorder, client: &Client, scope: &str) -> usize {
    let is_list = |endpoint: &&Endpoint| {
        let reads = matches!(endpoint.verb, Verb::Get | Verb::PostOrQuery);
        reads && endpoint.access == Access::Session || endpoint.path.starts_with("/miaosuan")
    };
    let mut succeeded = 0;
    for endpoint in crm_gateway::endpoints().iter().filter(is_list) {
        for query in queries(&Reader::describe(endpoint.handler)) {
            let path = format!("{}?{query}", endpoint.path.replace("{uniacid}", "1"));
            recorder.asking(&format!("{path}, scope {scope}"));
            let method = if endpoint.verb == Verb::Get { "GET" } else { "POST" };
            let answer = client.send(method, &path, &[], (method == "POST").then_some(&[]));
            assert!(answer.status < 500, "{path}: {}", answer.text);
            succeeded += usize::from(answer.status == 200);
        }
    }
    succeeded
}

fn queries(parameters: &[Parameter]) -> Vec<String> {
    let required: Vec<String> =
        parameters.iter().filter(|one| one.is_required).filter_map(|one| pairs(one).into_iter().next()).collect();
    let with = |more: &[String]| [required.as_slice(), more].concat().join("&");
    let mut all = vec![with(&[])];
    // A workbook is no text.
    for parameter in parameters.iter().filter(|one| !one.is_required && one.name != "format") {
        all.extend(pairs(parameter).into_iter().map(|pair| with(&[pair])));
    }
    let of = |name: &str| parameters.iter().find(|one| one.name == name).map(pairs).unwrap_or_default();
    all.extend(of("start_time").into_iter().zip(of("end_time")).map(|(start, end)| with(&[start, end])));
    if let Some(customer) = of("customer_id").first() {
        all.extend(of("kind").into_iter().map(|kind| with(&[customer.clone(), kind])));
    }
    for tab in of("tab_type") {
        for order in ["asc", "desc"] {
            all.extend(of("sort").iter().map(|sort| with(&[tab.clone(), sort.clone(), format!("order={order}")])));
        }
    }
    all
}

fn pairs(parameter: &Parameter) -> Vec<String> {
    values(parameter).iter().map(|value| query(&[(&parameter.name, value)])).collect()
}

/// Some values the parameter may have.
fn values(parameter: &Parameter) -> Vec<String> {
    let of = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    match &parameter.kind {
        Kind::Text(_) | Kind::Texts => of(&["王", "小明", "王小明"]),
        Kind::TextOrNumber | Kind::Number | Kind::Money | Kind::Id | Kind::Ids(_) => of(&["1"]),
        Kind::Integer(min, max) => {
            (-1..=1).filter(|value| (min..=max).contains(&value)).map(|value| value.to_string()).collect()
        }
        Kind::Moment => of(&["2026-03-02 09:00:00"]),
        Kind::Date | Kind::Days => of(&["2026-03-02"]),
        Kind::Word(words) => words.clone(),
        Kind::Object | Kind::Objects(_) => of(&[]),
    }
}

/// What the gateway does by itself, a year later.
fn in_the_background(server: &Server, admin: &Client) {
    let db = &server.database.db;
    let limits = SessionLimits { idle: Duration::from_secs(60), absolute: Duration::from_secs(60), single: false };
    let rule = json!({"enabled": 1, "contact_days": 1, "deal_days": 1, "notice_days": 1, "hold_limit": 1000});
    admin.post("/api/customers/poolrule", rule).ok();
    server.clock.advance(365 * 86_400);
    Pool::new(db, Zone::default()).recycle_due("test").expect("it recycles");
    Sessions::new(db, limits).forget_old().expect("it forgets");
    SignIns::new(db, &Passwords::new(4), limits).forget_old().expect("it forgets");
    db.forget_retries().expect("it forgets");
}
