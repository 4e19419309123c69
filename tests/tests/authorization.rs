//! Every route × every role and scope × whose row it is, in one table.
//!
//! A route that is served and not in [`ROUTES`] fails the first test. The second walks every kind
//! of record through its list, its single read, its update and its deletion, as every caller, on
//! rows of the caller, of a colleague, of the department below, of another department, and deleted.

use std::collections::{BTreeMap, BTreeSet};

use crm_gateway::http::{Access, Verb};
use crm_tests::{Answer, Client, PASSWORD, Server, on_each_engine};
use serde_json::{Map, Value, json};

/// Who gets past the role check of a route: administrator, staff, correspondent.
type Roles = [bool; 3];
const EVERYBODY: Roles = [true, true, true];
const NO_CORRESPONDENTS: Roles = [true, true, false];
const ADMINISTRATORS: Roles = [true, false, false];

const ROUTES: &[(Verb, &str, Roles)] = &[
    (Verb::Post, "/api/user/login", EVERYBODY),
    (Verb::Post, "/api/user/logout", EVERYBODY),
    (Verb::Post, "/api/user/password", EVERYBODY),
    (Verb::Get, "/api/user/profile", EVERYBODY),
    (Verb::Get, "/api/user/sessions", EVERYBODY),
    (Verb::Delete, "/api/user/delsession", EVERYBODY),
    (Verb::Get, "/api/user/group", NO_CORRESPONDENTS),
    (Verb::Post, "/api/user/group", ADMINISTRATORS),
    (Verb::Delete, "/api/user/delgroup", ADMINISTRATORS),
    (Verb::Get, "/api/user/user", NO_CORRESPONDENTS),
    (Verb::Post, "/api/user/user", ADMINISTRATORS),
    (Verb::Delete, "/api/user/deluser", ADMINISTRATORS),
    (Verb::Get, "/api/user/department", NO_CORRESPONDENTS),
    (Verb::Post, "/api/user/department", ADMINISTRATORS),
    (Verb::Delete, "/api/user/deldepartment", ADMINISTRATORS),
    (Verb::Get, "/api/user/menu", EVERYBODY),
    (Verb::Post, "/api/user/menu", ADMINISTRATORS),
    (Verb::Get, "/api/user/usermenu", EVERYBODY),
    (Verb::Post, "/api/user/usermenu", ADMINISTRATORS),
    (Verb::Get, "/api/user/audit", ADMINISTRATORS),
    (Verb::Get, "/api/customers/organization", EVERYBODY),
    (Verb::Post, "/api/customers/organization", EVERYBODY),
    (Verb::Delete, "/api/customers/delorganization", EVERYBODY),
    (Verb::Get, "/api/customers/customers", EVERYBODY),
    (Verb::Post, "/api/customers/customers", EVERYBODY),
    (Verb::Post, "/api/customers/import", EVERYBODY),
    (Verb::Get, "/api/customers/export", EVERYBODY),
    (Verb::Post, "/api/customers/importorganization", EVERYBODY),
    (Verb::Get, "/api/customers/exportorganization", EVERYBODY),
    (Verb::Delete, "/api/customers/delcustomer", EVERYBODY),
    (Verb::Get, "/api/customers/wecom", EVERYBODY),
    (Verb::Post, "/api/customers/wecom", EVERYBODY),
    (Verb::Delete, "/api/customers/delwecom", EVERYBODY),
    (Verb::Post, "/api/customers/claim", NO_CORRESPONDENTS),
    (Verb::Post, "/api/customers/release", EVERYBODY),
    (Verb::Post, "/api/customers/assign", NO_CORRESPONDENTS),
    (Verb::Post, "/api/customers/lock", NO_CORRESPONDENTS),
    (Verb::Post, "/api/customers/unlock", NO_CORRESPONDENTS),
    (Verb::Get, "/api/customers/history", EVERYBODY),
    (Verb::Get, "/api/customers/due", EVERYBODY),
    (Verb::Get, "/api/customers/poolrule", EVERYBODY),
    (Verb::Post, "/api/customers/poolrule", ADMINISTRATORS),
    (Verb::Post, "/api/customers/stage", EVERYBODY),
    (Verb::Post, "/api/customers/approve", ADMINISTRATORS),
    (Verb::Post, "/api/customers/blacklist", EVERYBODY),
    (Verb::Post, "/api/customers/favourite", EVERYBODY),
    (Verb::Post, "/api/customers/team", EVERYBODY),
    (Verb::Post, "/api/customers/assistants", EVERYBODY),
    (Verb::Post, "/api/customers/labels", EVERYBODY),
    (Verb::Get, "/api/customers/contact", EVERYBODY),
    (Verb::Post, "/api/customers/contact", EVERYBODY),
    (Verb::Delete, "/api/customers/delcontact", EVERYBODY),
    (Verb::Get, "/api/customers/stages", EVERYBODY),
    (Verb::Post, "/api/customers/stages", ADMINISTRATORS),
    (Verb::Get, "/api/customers/sources", EVERYBODY),
    (Verb::Post, "/api/customers/sources", ADMINISTRATORS),
    (Verb::Get, "/api/customers/categories", EVERYBODY),
    (Verb::Post, "/api/customers/categories", ADMINISTRATORS),
    (Verb::Get, "/api/customers/productlines", EVERYBODY),
    (Verb::Post, "/api/customers/productlines", ADMINISTRATORS),
    (Verb::Get, "/api/customers/roletypes", EVERYBODY),
    (Verb::Post, "/api/customers/roletypes", ADMINISTRATORS),
    (Verb::Get, "/api/customers/labelgroups", EVERYBODY),
    (Verb::Post, "/api/customers/labelgroups", ADMINISTRATORS),
    (Verb::Get, "/api/customers/fields", EVERYBODY),
    (Verb::Post, "/api/customers/fields", ADMINISTRATORS),
    (Verb::Get, "/api/record/potential", EVERYBODY),
    (Verb::Post, "/api/record/potential", EVERYBODY),
    (Verb::Delete, "/api/record/delpotent", EVERYBODY),
    (Verb::Get, "/api/record/follow", EVERYBODY),
    (Verb::Post, "/api/record/follow", EVERYBODY),
    (Verb::Delete, "/api/record/delfollow", EVERYBODY),
    (Verb::Get, "/api/record/demand", EVERYBODY),
    (Verb::Post, "/api/record/demand", EVERYBODY),
    (Verb::Delete, "/api/record/deldemand", EVERYBODY),
    (Verb::Get, "/api/feedback/satisfy", EVERYBODY),
    (Verb::Post, "/api/feedback/satisfy", EVERYBODY),
    (Verb::Delete, "/api/feedback/delsatisfy", EVERYBODY),
    (Verb::Get, "/api/contract/contract", NO_CORRESPONDENTS),
    (Verb::Post, "/api/contract/contract", NO_CORRESPONDENTS),
    (Verb::Delete, "/api/contract/delcontract", NO_CORRESPONDENTS),
    (Verb::Post, "/api/contract/import", NO_CORRESPONDENTS),
    (Verb::Get, "/api/contract/export", NO_CORRESPONDENTS),
    (Verb::Get, "/api/stats/sign", NO_CORRESPONDENTS),
    (Verb::Get, "/api/stats/demand", NO_CORRESPONDENTS),
    (Verb::Get, "/api/stats/follow", NO_CORRESPONDENTS),
    (Verb::Get, "/api/stats/satisfy", NO_CORRESPONDENTS),
    (Verb::PostOrQuery, "/api/crm/client/detail", EVERYBODY),
    (Verb::Get, "/miaosuan/customer/detail", EVERYBODY),
    (Verb::PostOrQuery, "/business/{uniacid}/plugin/CrmDashboard/getCustomerData", NO_CORRESPONDENTS),
    (Verb::Get, "/wecom/callback", EVERYBODY),
    (Verb::Post, "/wecom/callback", EVERYBODY),
    (Verb::Get, "/api/v2/customers", EVERYBODY),
    (Verb::Get, "/api/v2/customers/filter_sort_group", EVERYBODY),
    (Verb::Get, "/api/v2/customers/source/filter_options", EVERYBODY),
    (Verb::Get, "/api/v2/customers/status/filter_options", EVERYBODY),
];

/// Where the paths of the native dialect start; the others fail in envelopes of their own.
const NATIVE: [&str; 6] =
    ["/api/user/", "/api/customers/", "/api/record/", "/api/feedback/", "/api/contract/", "/api/stats/"];

/// A record that belongs to somebody, and how its routes name it.
struct Kind {
    name: &'static str,
    list: &'static str,
    delete: &'static str,
    id: &'static str,
    for_correspondents: bool,
    /// The figure of `/api/stats` that counts it.
    counted: Option<(&'static str, &'static str)>,
}

const KINDS: &[Kind] = &[
    Kind {
        name: "organization",
        list: "/api/customers/organization",
        delete: "/api/customers/delorganization",
        id: "organization_id",
        for_correspondents: true,
        counted: None,
    },
    Kind {
        name: "customer",
        list: "/api/customers/customers",
        delete: "/api/customers/delcustomer",
        id: "customer_id",
        for_correspondents: true,
        counted: None,
    },
    Kind {
        name: "potential",
        list: "/api/record/potential",
        delete: "/api/record/delpotent",
        id: "potent_id",
        for_correspondents: true,
        counted: None,
    },
    Kind {
        name: "follow",
        list: "/api/record/follow",
        delete: "/api/record/delfollow",
        id: "follow_id",
        for_correspondents: true,
        counted: Some(("follow", "follow_count")),
    },
    Kind {
        name: "demand",
        list: "/api/record/demand",
        delete: "/api/record/deldemand",
        id: "demand_id",
        for_correspondents: true,
        counted: Some(("demand", "demand_count")),
    },
    Kind {
        name: "satisfaction",
        list: "/api/feedback/satisfy",
        delete: "/api/feedback/delsatisfy",
        id: "satisfy_id",
        for_correspondents: true,
        counted: Some(("satisfy", "satisfy_count")),
    },
    Kind {
        name: "contract",
        list: "/api/contract/contract",
        delete: "/api/contract/delcontract",
        id: "contract_id",
        for_correspondents: false,
        counted: Some(("sign", "sign_count")),
    },
];

const MISSING: i64 = 987_654_321;

/// A person who can sign in, and whose rows they see.
struct Person {
    client: Client,
    id: i64,
    name: &'static str,
    role: usize,
    sees: BTreeSet<&'static str>,
}

/// A row somebody made.
#[derive(Clone)]
struct Row {
    kind: usize,
    id: i64,
    owner: &'static str,
    deleted: bool,
}

fn request(client: &Client, verb: Verb, path: &str, body: &Value) -> Answer {
    let path = &path.replace("{uniacid}", "1");
    match verb {
        Verb::Get => client.get(path),
        Verb::Post | Verb::PostOrQuery | Verb::Delete => client.post(path, body.clone()),
    }
}

/// A refusal with this HTTP status, and in the native dialect with this code.
fn refused(answer: Answer, path: &str, status: u16, code: &str) {
    if NATIVE.iter().any(|start| path.starts_with(start)) {
        answer.refused(status, code);
    } else {
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
    }
}

/// Every parameter that names a record, so that a request gets as far as authorization.
fn everything() -> Value {
    let ids = [
        "user_id",
        "group_id",
        "menu_id",
        "department_id",
        "session_id",
        "organization_id",
        "customer_id",
        "owner_id",
        "potent_id",
        "follow_id",
        "demand_id",
        "satisfy_id",
        "contract_id",
        "wecom_id",
        "contact_id",
        "stage_id",
        "source_id",
        "category_id",
        "product_line_id",
        "field_id",
    ];
    let mut body: Map<String, Value> = ids.iter().map(|id| ((*id).to_owned(), json!(MISSING))).collect();
    body.insert("status".to_owned(), json!(-1));
    body.insert("menu".to_owned(), json!([1]));
    body.insert("approve_status".to_owned(), json!("approved"));
    Value::Object(body)
}

/// Makes a person through the API and signs them in with a password of their own.
fn person(server: &Server, admin: &Client, name: &'static str, fields: Value) -> (Client, i64) {
    let phone = format!(
        "139{:08}",
        name.bytes().fold(7u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into())) % 100_000_000
    );
    let mut body = json!({"phoneNumber": phone, "realName": name, "password": "first password"});
    body.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    let id = admin.post("/api/user/user", body).id();
    let new = server.sign_in(&phone, "first password");
    for (verb, path, _) in ROUTES {
        let endpoint =
            crm_gateway::endpoints().iter().find(|e| e.verb == *verb && e.path == *path).expect("it is served");
        if endpoint.access == Access::Session {
            refused(request(&new, *verb, path, &everything()), path, 403, "password_change_required");
        }
    }
    new.post(
        "/api/user/password",
        json!({"phoneNumber": phone, "old_password": "first password", "new_password": PASSWORD}),
    )
    .ok();
    (server.sign_in(&phone, PASSWORD), id)
}

fn people(server: &Server) -> Vec<Person> {
    let admin = server.admin();
    let group = |scope: &str| admin.post("/api/user/group", json!({"name": scope, "data_scope": scope})).id();
    let groups: BTreeMap<&str, i64> =
        ["all", "department_tree", "department", "own"].into_iter().map(|scope| (scope, group(scope))).collect();
    let department = |body: Value| admin.post("/api/user/department", body).id();
    let sales = department(json!({"name": "销售部"}));
    let east = department(json!({"name": "东区", "parent_id": sales}));
    let support = department(json!({"name": "客服部"}));
    let make = |name: &'static str, role: i64, scope: &str, department: i64, sees: &[&'static str]| {
        let (client, id) = person(
            server,
            &admin,
            name,
            json!({"role_id": role, "group_id": [groups[scope]], "departmentId": department}),
        );
        Person {
            client,
            id,
            name,
            role: usize::try_from(role - 1).expect("a role"),
            sees: sees.iter().copied().collect(),
        }
    };
    let in_sales = ["all", "tree", "department", "own", "correspondent", "colleague"];
    let in_tree: Vec<&str> = in_sales.iter().copied().chain(["below"]).collect();
    let everyone: Vec<&str> = in_tree.iter().copied().chain(["other", "administrator"]).collect();
    vec![
        make("administrator", 1, "own", support, &everyone),
        make("all", 2, "all", sales, &everyone),
        make("tree", 2, "department_tree", sales, &in_tree),
        make("department", 2, "department", sales, &in_sales),
        make("own", 2, "own", sales, &["own"]),
        make("correspondent", 3, "all", sales, &["correspondent"]),
        make("colleague", 2, "own", sales, &["colleague"]),
        make("below", 2, "own", east, &["below"]),
        make("other", 2, "own", support, &["other"]),
    ]
}

/// One row of every kind, made by this person and belonging together.
fn rows_of(owner: &Person, number: usize) -> Vec<Row> {
    let (client, me, now) = (&owner.client, owner.id, "2026-03-02 09:00:00");
    let organization = client.post(KINDS[0].list, json!({"groupName": format!("{}{number}", owner.name)})).id();
    let customer = client
        .post(KINDS[1].list, json!({"realName": format!("{}{number}", owner.name), "organization_id": [organization]}))
        .id();
    let potential = client
        .post(KINDS[2].list, json!({"organization_id": organization, "director_id": me, "record_time": now}))
        .id();
    let mut ids = vec![
        organization,
        customer,
        potential,
        client
            .post(
                KINDS[3].list,
                json!({"protent_id": potential, "follower_id": [me], "customers_id": [customer], "record_time": now}),
            )
            .id(),
        client
            .post(
                KINDS[4].list,
                json!({"organization_id": organization, "follower_id": [me], "record_time": now, "content": "季报"}),
            )
            .id(),
        client.post(KINDS[5].list, json!({"organization_id": organization, "record_time": now, "value": 3})).id(),
    ];
    if owner.role != 2 {
        ids.push(
            client
                .post(
                    KINDS[6].list,
                    json!({"organization_id": organization, "name": "合同", "sign_time": now, "amount": "1.10"}),
                )
                .id(),
        );
    }
    ids.into_iter().enumerate().map(|(kind, id)| Row { kind, id, owner: owner.name, deleted: false }).collect()
}

fn delete(client: &Client, kind: &Kind, id: i64) -> Answer {
    client.post(kind.delete, json!({kind.id: id, "status": -1}))
}

/// An answer without what may differ between a hidden and a missing row: the id asked for, and the
/// request's own.
fn anonymous(answer: &Answer, id: i64) -> (u16, String) {
    let request = answer.body["request_id"].as_str().unwrap_or("-");
    (answer.status, answer.text.replace(request, "").replace(&id.to_string(), "ID"))
}

#[test]
fn every_route_is_in_the_table_and_asks_for_its_roles() {
    let served: BTreeSet<String> =
        crm_gateway::endpoints().iter().map(|e| format!("{:?} {}", e.verb, e.path)).collect();
    let known: BTreeSet<String> = ROUTES.iter().map(|(verb, path, _)| format!("{verb:?} {path}")).collect();
    assert_eq!(served, known);
    on_each_engine(|server| {
        let people = people(server);
        let expired = server.admin();
        server.clock.advance(13 * 3600);
        for (verb, path, _) in ROUTES {
            let endpoint =
                crm_gateway::endpoints().iter().find(|e| e.verb == *verb && e.path == *path).expect("it is served");
            if matches!(endpoint.access, Access::Public | Access::Optional) {
                continue;
            }
            refused(request(&server.anonymous(), *verb, path, &everything()), path, 401, "unauthenticated");
            refused(request(&expired, *verb, path, &everything()), path, 401, "session_expired");
        }
        let people: Vec<Person> = people.into_iter().map(|p| Person { client: again(server, &p), ..p }).collect();
        for (verb, path, roles) in
            ROUTES.iter().filter(|(_, path, _)| !path.ends_with("/logout") && !path.ends_with("/login"))
        {
            for person in &people {
                let status = request(&person.client, *verb, path, &everything()).status;
                assert_eq!(status != 403, roles[person.role], "{verb:?} {path} as {}: {status}", person.name);
            }
        }
    });
}

/// The person signed in once more.
fn again(server: &Server, person: &Person) -> Client {
    let profile = server.admin().get(&format!("/api/user/user?user_id={}", person.id)).row();
    server.sign_in(profile["phoneNumber"].as_str().expect("a phone number"), PASSWORD)
}

#[test]
fn a_row_is_read_changed_and_deleted_by_those_who_see_it_and_hidden_from_all_others() {
    on_each_engine(|server| {
        let people = people(server);
        let owners = ["administrator", "colleague", "below", "other", "correspondent"];
        let mut rows: Vec<Row> = Vec::new();
        for (number, caller) in people.iter().enumerate() {
            for owner in people.iter().filter(|owner| owner.name == caller.name || owners.contains(&owner.name)) {
                let mut live = rows_of(owner, number);
                let mut gone = rows_of(owner, number);
                for row in gone.iter_mut().rev() {
                    delete(&owner.client, &KINDS[row.kind], row.id).ok();
                    row.deleted = true;
                }
                for row in live.iter().chain(&gone) {
                    walk(caller, row);
                }
                for row in live.iter_mut().rev() {
                    row.deleted = try_to_delete(caller, row);
                }
                rows.extend(live.into_iter().chain(gone));
            }
        }
        for caller in &people {
            lists_show_what_is_seen(caller, &rows);
            statistics_count_what_is_seen(caller, &rows);
        }
    });
}

fn sees(caller: &Person, row: &Row) -> bool {
    caller.sees.contains(row.owner)
}

fn may_use(caller: &Person, kind: &Kind) -> bool {
    caller.role != 2 || kind.for_correspondents
}

/// Single read and update.
fn walk(caller: &Person, row: &Row) {
    let kind = &KINDS[row.kind];
    if !may_use(caller, kind) {
        caller.client.get(&format!("{}?{}={}", kind.list, kind.id, row.id)).refused(403, "forbidden");
        caller.client.post(kind.list, json!({kind.id: row.id, "note": "改"})).refused(403, "forbidden");
        return;
    }
    let context = format!("{} of {} as {}, deleted: {}", kind.name, row.owner, caller.name, row.deleted);
    let read = |id: i64| caller.client.get(&format!("{}?{}={id}", kind.list, kind.id));
    let found = read(row.id).rows();
    assert_eq!(found.len(), usize::from(sees(caller, row)), "{context}");
    let note = if matches!(kind.name, "follow") {
        "event_note"
    } else if kind.name == "demand" {
        "demand_note"
    } else {
        "note"
    };
    let change = |id: i64| caller.client.post(kind.list, json!({kind.id: id, note: "改"}));
    let changed = change(row.id);
    if sees(caller, row) && !row.deleted {
        changed.ok();
        assert_eq!(read(row.id).row()["note"], "改", "{context}");
    } else {
        assert_eq!(anonymous(&changed, row.id), anonymous(&change(MISSING), MISSING), "{context}");
        changed.refused(404, "not_found");
        assert_eq!(anonymous(&read(row.id), row.id).0, 200);
        assert_ne!(found.first().map(|row| row["note"].clone()), Some(json!("改")), "{context}");
    }
}

/// Deletes where that is allowed; returns whether the row is deleted now.
fn try_to_delete(caller: &Person, row: &Row) -> bool {
    let kind = &KINDS[row.kind];
    let answer = delete(&caller.client, kind, row.id);
    if !may_use(caller, kind) {
        answer.refused(403, "forbidden");
        return false;
    }
    if !sees(caller, row) {
        assert_eq!(anonymous(&answer, row.id), anonymous(&delete(&caller.client, kind, MISSING), MISSING));
        answer.refused(404, "not_found");
        return false;
    }
    answer.ok();
    delete(&caller.client, kind, row.id).ok();
    true
}

fn lists_show_what_is_seen(caller: &Person, rows: &[Row]) {
    for (index, kind) in KINDS.iter().enumerate().filter(|(_, kind)| may_use(caller, kind)) {
        for (status, deleted) in [("all", true), ("normal", false)] {
            let answer =
                caller.client.get(&format!("{}?status={status}&count=1000&start_time=2020-01-01", kind.list)).ok();
            let shown: BTreeSet<i64> =
                answer["data"].as_array().expect("rows").iter().filter_map(|row| row["id"].as_i64()).collect();
            let expected: BTreeSet<i64> = rows
                .iter()
                .filter(|row| row.kind == index && sees(caller, row) && (deleted || !row.deleted))
                .map(|row| row.id)
                .collect();
            assert_eq!(shown, expected, "{} as {}, status {status}", kind.name, caller.name);
            assert_eq!(answer["page_info"]["total"].as_u64(), Some(expected.len().try_into().expect("a few")));
        }
    }
}

fn statistics_count_what_is_seen(caller: &Person, rows: &[Row]) {
    for (index, kind) in KINDS.iter().enumerate() {
        let Some((route, figure)) = kind.counted else { continue };
        let answer = caller.client.get(&format!("/api/stats/{route}?count=1000&start_time=2020-01-01"));
        if caller.role == 2 {
            answer.refused(403, "forbidden");
            continue;
        }
        let data = answer.ok()["data"].clone();
        let groups = if data[0].is_array() { data[0].clone() } else { data };
        let counted: i64 = groups.as_array().expect("groups").iter().filter_map(|group| group[figure].as_i64()).sum();
        let expected = rows.iter().filter(|row| row.kind == index && sees(caller, row) && !row.deleted).count();
        assert_eq!(counted, i64::try_from(expected).expect("a few"), "{route} as {}", caller.name);
    }
}
