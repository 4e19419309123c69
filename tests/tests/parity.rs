//! Both engines answer alike, to the byte: one script of requests, replayed against each.
//!
//! The same script proves that a write that succeeds leaves an audit row and one that fails leaves
//! nothing at all.

use crm_db::Engine;
use crm_db::schema::audit;
use crm_tests::{ADMIN_PHONE, Answer, Client, PASSWORD, Server};
use diesel::prelude::*;
use serde_json::{Value, json};

/// One request of the script.
struct Step {
    /// As whom: the administrator, a member of staff, a correspondent, nobody.
    who: usize,
    method: &'static str,
    path: String,
    body: Option<Value>,
}

const ADMIN: usize = 0;
const STAFF: usize = 1;
const CORRESPONDENT: usize = 2;
const NOBODY: usize = 3;

fn get(who: usize, path: impl Into<String>) -> Step {
    Step { who, method: "GET", path: path.into(), body: None }
}

fn post(who: usize, path: &str, body: Value) -> Step {
    Step { who, method: "POST", path: path.to_owned(), body: Some(body) }
}

/// A read by POST, which leaves no audit row.
fn read_by_post(who: usize, path: &str, body: Value) -> Step {
    Step { method: "READ", ..post(who, path, body) }
}

const LISTS: &[&str] = &[
    "/api/user/group",
    "/api/user/user",
    "/api/user/department",
    "/api/user/menu",
    "/api/user/usermenu",
    "/api/user/profile",
    "/api/customers/organization",
    "/api/customers/customers",
    "/api/customers/wecom",
    "/api/customers/history",
    "/api/customers/due",
    "/api/customers/poolrule",
    "/api/customers/contact",
    "/api/customers/stages",
    "/api/customers/sources",
    "/api/customers/categories",
    "/api/customers/productlines",
    "/api/customers/roletypes",
    "/api/customers/labelgroups",
    "/api/customers/fields",
    "/api/record/potential",
    "/api/record/follow",
    "/api/record/demand",
    "/api/feedback/satisfy",
    "/api/contract/contract",
    "/api/stats/sign",
    "/api/stats/demand",
    "/api/stats/follow",
    "/api/stats/satisfy",
    "/api/v2/customers",
    "/api/v2/customers/filter_sort_group",
    "/api/v2/customers/source/filter_options",
    "/api/v2/customers/status/filter_options",
];

const WRITES: &[&str] = &[
    "/api/user/group",
    "/api/user/user",
    "/api/user/department",
    "/api/user/menu",
    "/api/user/usermenu",
    "/api/customers/organization",
    "/api/customers/customers",
    "/api/customers/wecom",
    "/api/customers/delwecom",
    "/api/customers/claim",
    "/api/customers/release",
    "/api/customers/assign",
    "/api/customers/lock",
    "/api/customers/unlock",
    "/api/customers/poolrule",
    "/api/customers/stage",
    "/api/customers/approve",
    "/api/customers/blacklist",
    "/api/customers/favourite",
    "/api/customers/team",
    "/api/customers/assistants",
    "/api/customers/labels",
    "/api/customers/contact",
    "/api/customers/delcontact",
    "/api/customers/stages",
    "/api/customers/sources",
    "/api/customers/categories",
    "/api/customers/productlines",
    "/api/customers/roletypes",
    "/api/customers/labelgroups",
    "/api/customers/fields",
    "/api/record/potential",
    "/api/record/follow",
    "/api/record/demand",
    "/api/feedback/satisfy",
    "/api/contract/contract",
    "/api/user/delgroup",
    "/api/user/deluser",
    "/api/user/deldepartment",
    "/api/customers/delorganization",
    "/api/customers/delcustomer",
    "/api/record/delpotent",
    "/api/record/delfollow",
    "/api/record/deldemand",
    "/api/feedback/delsatisfy",
    "/api/contract/delcontract",
];

/// People: 1 the administrator (made before the script), 2 staff, 3 correspondent.
fn set_up() -> Vec<Step> {
    vec![
        post(ADMIN, "/api/user/group", json!({"name": "销售组", "content": "一线", "data_scope": "department"})),
        post(ADMIN, "/api/user/department", json!({"name": "销售部"})),
        post(ADMIN, "/api/user/department", json!({"name": "东区", "parent_id": 1, "leader_id": 1})),
        post(
            ADMIN,
            "/api/user/user",
            json!({"phoneNumber": "139 0000 0001", "group_id": [2], "realName": "李曦宁", "departmentId": 1, "password": "first password", "number": 7, "title": "经理", "birthday": "1990-05-01", "entryTime": "2020-12-11 00:00:02"}),
        ),
        post(
            ADMIN,
            "/api/user/user",
            json!({"phoneNumber": "13900000002", "group_id": "[2,1]", "nickName": "小耳尖", "role_id": 3, "password": "first password", "sex": "1", "title": "1"}),
        ),
    ]
}

fn business() -> Vec<Step> {
    let mut steps = Vec::new();
    for (number, name) in ["国务院", "工信部", "100%_'\"Wang", "云南耳尖科技有限公司", "a"].iter().enumerate()
    {
        let who = [ADMIN, STAFF, STAFF, CORRESPONDENT, ADMIN][number];
        steps.push(post(
            who,
            "/api/customers/organization",
            json!({"groupName": name, "provience": "北京市", "registerDate": "2020-02-29", "website": "www.baidu.com"}),
        ));
        let organizations =
            json!(format!("{},{}", number + 1, if number > 1 && who != CORRESPONDENT { number } else { number + 1 }));
        let organizations = if number > 1 && who == STAFF { organizations } else { json!(number + 1) };
        steps.push(post(who, "/api/customers/customers", json!({"realName": format!("{name}客户"), "organization_id": organizations, "phoneNumber": format!("138{number:08}"), "job": 3, "vipDueTime": "2030-01-01"})));
        let director = [1, 2, 2, 3, 1][number];
        let time = format!("2026-03-0{} 0{number}:00:00", number % 2 + 1);
        steps.push(post(
            who,
            "/api/record/potential",
            json!({"organization_id": number + 1, "director_id": director, "record_time": time}),
        ));
        let followers = [json!([1, 2]), json!("2"), json!("[2,1]"), json!(3), json!("1,2,3")][number].clone();
        steps.push(post(who, "/api/record/follow", json!({"protent_id": number + 1, "follower_id": followers, "customers_id": number + 1, "record_time": time, "event": number + 1, "gain": "收获", "event_attach": "/upload/a.png"})));
        steps.push(post(who, "/api/record/demand", json!({"organization_id": number + 1, "follower_id": followers, "customer_id": [number + 1], "record_time": time, "content": "季报"})));
        steps.push(post(who, "/api/feedback/satisfy", json!({"customers_id": number + 1, "follower_id": followers, "record_time": time, "value": i64::try_from(number).unwrap_or(0) * 3 - 5})));
        let amount = ["112", "0.01", "999999999999999.99", "5.5", "100000"][number];
        steps.push(post(who, "/api/contract/contract", json!({"organization_id": number + 1, "customer_id": number + 1, "name": format!("合同{number}"), "code": format!("C{number}"), "sign_time": time, "amount": amount, "follower_id": followers})));
    }
    for (who, person) in [(ADMIN, 1), (STAFF, 2), (CORRESPONDENT, 3)] {
        steps.push(post(who, "/api/customers/wecom", json!({"external_userid": "wm1", "user_id": person, "name": "小王", "avatar": "/a.png", "added_at": "2026-03-01 09:00:00", "customer_id": person})));
    }
    steps.push(post(
        ADMIN,
        "/api/contract/contract",
        json!({"organization_id": 1, "customer_id": 1, "name": "又一", "code": "C0", "sign_time": "2026-03-01"}),
    ));
    steps
}

/// What happens to whose customers are. The staff member's are 2 and 3, the correspondent's 4.
fn pool() -> Vec<Step> {
    let route = |name: &str| format!("/api/customers/{name}");
    let mut steps = Vec::new();
    let rule = json!({"enabled": 1, "contact_days": 1, "deal_days": "2", "notice_days": 5, "cooldown_days": 1});
    for who in [ADMIN, STAFF, CORRESPONDENT] {
        steps.push(post(who, &route("poolrule"), rule.clone()));
        steps.push(post(who, &route("lock"), json!({"customer_id": 2, "reason": "大客户"})));
        steps.push(post(who, &route("release"), json!({"customer_id": 2})));
        steps.push(post(who, &route("unlock"), json!({"customer_id": 2})));
        steps.push(post(who, &route("release"), json!({"customer_id": [1, 2, 3, 99], "reason": "没有需求"})));
        steps.push(post(who, &route("claim"), json!({"customer_id": 2})));
        steps.push(post(who, &route("claim"), json!({"customer_id": 99})));
        steps.push(post(who, &route("assign"), json!({"customer_id": 3, "owner_id": 2})));
        steps.push(post(who, &route("assign"), json!({"customer_id": 3, "owner_id": 99, "reason": 1})));
    }
    steps.push(post(ADMIN, &route("assign"), json!({"customer_id": "2,1", "owner_id": 2})));
    steps.push(post(ADMIN, &route("poolrule"), json!({"contact_days": -1, "version": 0, "preview": "x"})));
    for query in ["kind=gained", "kind=lost&staff_id=2", "kind=x", "customer_id=2", "staff_id=2&department_id=1"] {
        steps.extend([ADMIN, STAFF, CORRESPONDENT].map(|who| get(who, format!("{}?{query}", route("history")))));
    }
    for query in ["days=1", "days=-1", "owner_id=2", "department_id=1", "days=1000"] {
        steps.extend([ADMIN, STAFF, CORRESPONDENT].map(|who| get(who, format!("{}?{query}", route("due")))));
    }
    steps
}

/// What people attach to customers.
fn attachments() -> Vec<Step> {
    let at = |route: &str| format!("/api/customers/{route}");
    let write = |who: usize, route: &str, body: Value| post(who, &at(route), body);
    let mut steps = vec![
        write(ADMIN, "stages", json!({"name": "初访", "color": "#39b54a", "outcome": 0, "is_default": 1})),
        write(ADMIN, "stages", json!({"stage_id": 2, "is_active": 0, "version": 1})),
        write(ADMIN, "stages", json!({"stage_id": 10, "is_active": 0})),
        write(ADMIN, "sources", json!({"name": "线上流量"})),
        write(ADMIN, "sources", json!({"name": "线上流量"})),
        write(ADMIN, "categories", json!({"name": "A类", "sort_num": "-3", "is_default": 1})),
        write(ADMIN, "productlines", json!({"name": "二号线"})),
        write(ADMIN, "roletypes", json!({"role_type": 1, "role_name": "主设计", "role_description": null})),
        write(
            ADMIN,
            "labelgroups",
            json!({"name": "规模", "labels": [{"name": "大", "color": "#ffcc00"}, {"name": "小"}]}),
        ),
        write(ADMIN, "labelgroups", json!({"group_id": 1, "labels": "[{\"id\":2},{\"name\":\"中\"}]"})),
        write(
            ADMIN,
            "labelgroups",
            json!({"group_id": 1, "labels": [{"id": 1}, {"name": "中"}, {"name": "中", "color": "x"}]}),
        ),
        write(ADMIN, "fields", json!({"title": "备注", "kind": "input"})),
        write(
            ADMIN,
            "fields",
            json!({"title": "渠道", "kind": "select", "options": "电话,上门", "key": "select_channel"}),
        ),
        write(ADMIN, "fields", json!({"title": "面积", "key": "number_area", "sort_num": 1})),
        write(ADMIN, "fields", json!({"title": "日期", "key": "date_x", "kind": "input", "options": ["a"]})),
    ];
    let custom = json!({"select_channel": ["上门", "电话"], "number_area": 120.50});
    for who in [STAFF, ADMIN] {
        for id in 1..=3 {
            steps.extend([
                write(who, "customers", json!({"customer_id": id, "custom": custom, "source_id": 1, "category_id": 1})),
                write(who, "customers", json!({"customer_id": id, "custom": {"select_channel": "信", "number_area": "1e3", "no": 1}})),
                write(who, "contact", json!({"customer_id": id, "name": "王五", "phone": "13812341234", "email": "a@b.cn", "is_primary": 1})),
                write(who, "contact", json!({"customer_id": id, "name": "赵六", "is_primary": "1"})),
                get(who, format!("/api/customers/contact?customer_id={id}")),
                write(ADMIN, "stage", json!({"customer_id": id, "stage_id": 2})),
            ]);
        }
    }
    for (stage, id) in (4..).zip(1..=3) {
        steps.extend([
            write(ADMIN, "stage", json!({"customer_id": id, "stage_id": stage, "reason": "谈了"})),
            write(ADMIN, "team", json!({"customer_id": id, "role_type": 1, "user_ids": [2, 1]})),
            write(ADMIN, "assistants", json!({"customer_id": id, "user_ids": "3,2"})),
            write(ADMIN, "labels", json!({"customer_id": id, "label_ids": [3, 2]})),
            write(ADMIN, "labels", json!({"customer_id": id, "label_ids": [1]})),
            write(ADMIN, "blacklist", json!({"customer_id": id, "is_blacklisted": 1})),
            write(ADMIN, "favourite", json!({"customer_id": id, "favourite": 1})),
            write(ADMIN, "approve", json!({"customer_id": id, "approve_status": "rejected", "reason": "重复"})),
            write(CORRESPONDENT, "favourite", json!({"customer_id": id, "favourite": 1})),
        ]);
    }
    steps.push(write(ADMIN, "delcontact", json!({"contact_id": 2})));
    steps
}

fn reads(number: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    for path in LISTS {
        for who in [ADMIN, STAFF, CORRESPONDENT] {
            steps.push(get(who, *path));
        }
        steps.push(get(
            ADMIN,
            format!("{path}?page=2&count=2&status=all&start_time=2026-01-01&name=%E5%8D%97&organization_id={number}"),
        ));
        steps.push(get(ADMIN, format!("{path}?page=1&count=3&start_time=2026-02-30")));
        steps.push(get(ADMIN, format!("{path}?page=0&count=1001&start_time=2026-03-02&end_time=2026-03-01&status=x")));
    }
    for query in
        ["state=all", "state=lost", "event=added&start_time=2026-03-01", "event=lost&department_id=1", "state=x"]
    {
        steps.push(get(STAFF, format!("/api/customers/wecom?{query}")));
    }
    for date_type in ["day", "week", "month", "year"] {
        for who in [ADMIN, STAFF, CORRESPONDENT, NOBODY] {
            let path = "/business/1/plugin/CrmDashboard/getCustomerData";
            steps.push(get(who, path));
            steps.push(read_by_post(who, path, json!({"date_type": date_type, "department_id": number})));
        }
    }
    steps.push(get(NOBODY, "/api/user/profile"));
    steps.push(get(ADMIN, "/api/user/audit?count=1000"));
    for name in ["%E5%AE%A2", "%25", "_", "%27%22wang", "A"] {
        steps.push(get(STAFF, format!("/api/customers/customers?name={name}")));
        steps.push(get(ADMIN, format!("/api/customers/organization?organization_name={name}")));
        for sort in ["created_at", "real_revisit_at&order=asc", "name", "revisit_remind_at"] {
            steps.push(get(STAFF, format!("/api/v2/customers?query={name}&sort={sort}&per_page=3")));
        }
    }
    steps
}

fn changes() -> Vec<Step> {
    let mut steps = Vec::new();
    for path in WRITES {
        steps.push(post(ADMIN, path, json!({})));
        steps.push(post(ADMIN, path, json!({
            "user_id": 99, "group_id": 99, "menu_id": 99, "department_id": 99, "organization_id": 99, "customer_id": 99, "potent_id": 99,
            "follow_id": 99, "demand_id": 99, "satisfy_id": 99, "contract_id": 99, "wecom_id": 99, "name": "名", "status": -1, "menu": [99],
        })));
        steps.push(post(NOBODY, path, json!({})));
    }
    let note = "改过";
    for who in [STAFF, ADMIN] {
        for id in [1, 2] {
            steps.extend([
                post(who, "/api/customers/organization", json!({"organization_id": id, "note": note, "city": null})),
                post(who, "/api/customers/customers", json!({"customer_id": id, "note": note, "organization_id": [id], "level": "3"})),
                post(who, "/api/record/potential", json!({"protent_id": id, "note": note, "version": 1})),
                post(who, "/api/record/follow", json!({"follow_id": id, "event_note": note, "event": null, "follower_id": [2]})),
                post(who, "/api/record/demand", json!({"demand_id": id, "demand_note": note, "content": "变更"})),
                post(who, "/api/feedback/satisfy", json!({"satisfy_id": id, "note": note, "value": -10})),
                post(who, "/api/contract/contract", json!({"contract_id": id, "note": note, "amount": 0.1, "aging_start_time": "2026-01-02", "aging_end_time": "2026-01-01"})),
                post(who, "/api/contract/contract", json!({"contract_id": id, "amount": "12.30", "remit_amount": 1})),
            ]);
        }
    }
    steps.extend([
        post(ADMIN, "/api/record/delpotent", json!({"potent_id": 1, "status": 3})),
        post(ADMIN, "/api/record/delpotent", json!({"potent_id": 2, "status": -1})),
        post(ADMIN, "/api/record/follow", json!({"protent_id": 2, "follower_id": [1], "record_time": "2026-03-01"})),
        post(ADMIN, "/api/record/delfollow", json!({"follow_id": 1})),
        post(ADMIN, "/api/record/deldemand", json!({"demand_id": 1})),
        post(ADMIN, "/api/feedback/delsatisfy", json!({"satisfy_id": 1})),
        post(ADMIN, "/api/contract/delcontract", json!({"contract_id": 1})),
        post(ADMIN, "/api/customers/delcustomer", json!({"customer_id": 3, "reason": "重复"})),
        post(ADMIN, "/api/customers/delorganization", json!({"organization_id": 3, "status": -1})),
        post(ADMIN, "/api/customers/wecom", json!({"external_userid": "wm1", "user_id": 2, "added_at": "2026-03-01 09:00:00", "lost_at": "2026-03-01 10:00:00"})),
        post(STAFF, "/api/customers/wecom", json!({"external_userid": "wm1", "user_id": 2, "lost_at": null, "customer_id": 2})),
        post(ADMIN, "/api/customers/delwecom", json!({"wecom_id": 2})),
        post(ADMIN, "/api/user/user", json!({"user_id": 2, "wecom_userid": "李Xining"})),
        post(ADMIN, "/api/user/user", json!({"user_id": 3, "wecom_userid": "李xINING"})),
        post(ADMIN, "/api/user/menu", json!({"name": "新菜单"})),
        post(ADMIN, "/api/user/menu", json!({"menu_id": 7, "note": note})),
        post(ADMIN, "/api/user/usermenu", json!({"user_id": 2, "menu": [7, 1]})),
        post(ADMIN, "/api/user/menu", json!({"menu_id": 1})),
        post(ADMIN, "/api/user/delgroup", json!({"group_id": 2})),
        post(ADMIN, "/api/user/deldepartment", json!({"department_id": 1})),
        post(ADMIN, "/api/user/deluser", json!({"user_id": 1})),
        post(ADMIN, "/api/user/user", json!({"user_id": 3, "group_id": [1], "realName": null, "departmentId": 2})),
    ]);
    steps
}

fn people(server: &Server) -> Vec<Client> {
    let own_password = |phone: &str| {
        let new = server.sign_in(phone, "first password");
        new.post(
            "/api/user/password",
            json!({"phoneNumber": phone, "old_password": "first password", "new_password": PASSWORD}),
        )
        .ok();
        server.sign_in(phone, PASSWORD)
    };
    vec![
        server.sign_in(ADMIN_PHONE, PASSWORD),
        own_password("13900000001"),
        own_password("13900000002"),
        server.anonymous(),
    ]
}

fn audit_rows(server: &Server) -> i64 {
    server.database.db.read(|conn| Ok(audit::table.count().get_result(conn)?)).expect("the trail can be counted")
}

/// Runs a step, and holds what it wrote to what it answered.
fn run(server: &Server, clients: &[Client], step: &Step) -> String {
    server.clock.advance(1);
    let client = &clients[step.who];
    let before = audit_rows(server);
    let answer: Answer = match &step.body {
        None => client.get(&step.path),
        Some(body) => client.post(&step.path, body.clone()),
    };
    let written = audit_rows(server) - before;
    let what = format!("{} {} {:?}", step.method, step.path, step.body);
    assert!(answer.status < 500, "{what}: {}", answer.text);
    let nothing_done = answer.body["data"]["results"]
        .as_array()
        .is_some_and(|results| results.iter().all(|one| one["ok"] == false && one["code"] != "forbidden"));
    match (step.method, answer.status) {
        ("POST", 200) if nothing_done => assert_eq!(written, 0, "{what} wrote though it answered {}", answer.text),
        ("POST", 200) => assert!(written > 0, "{what} succeeded and left no audit row: {}", answer.text),
        (_, 403) => assert_eq!(written, 1, "{what} was refused without a trace"),
        _ => assert_eq!(written, 0, "{what} wrote though it answered {}", answer.text),
    }
    let request = answer.body["request_id"].as_str().unwrap_or("-").to_owned();
    format!("{what}\n{} {}", answer.status, answer.text.replace(&request, "REQUEST"))
}

fn replay(engine: Engine) -> Option<Vec<String>> {
    let server = Server::start(engine, &[])?;
    let administrator = [server.admin()];
    let mut said: Vec<String> = set_up().iter().map(|step| run(&server, &administrator, step)).collect();
    let clients = people(&server);
    for steps in [business(), attachments(), reads(1), pool(), changes(), reads(2)] {
        said.extend(steps.iter().map(|step| run(&server, &clients, step)));
    }
    Some(said)
}

#[test]
fn one_script_gives_the_same_bytes_on_both_engines() {
    let on_sqlite = replay(Engine::Sqlite).expect("SQLite is always there");
    assert!(on_sqlite.len() >= 150, "{}", on_sqlite.len());
    let Some(on_postgres) = replay(Engine::Postgres) else { return };
    for (one, other) in on_sqlite.iter().zip(&on_postgres) {
        assert_eq!(one, other);
    }
    assert_eq!(on_sqlite.len(), on_postgres.len());
}
