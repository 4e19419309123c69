//! Every route × every role and scope × whose row it is, in one table.
//!
//! A route that is served and not in [`ROUTES`] fails the first test. [`rows`] walks every kind
//! of record through its list, its single read, its update and its deletion, as every caller, on
//! rows of the caller, of a colleague, of the department below, of another department, and deleted.

mod people;
mod rows;

use std::collections::BTreeSet;

use crm_gateway::http::{Access, Verb};
use crm_tests::{Answer, Client, on_each_engine};
use people::{Person, again, people};
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

/// The id of a record that is not there.
const MISSING: i64 = 987_654_321;

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
