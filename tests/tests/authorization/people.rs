//! The people who call: each role and scope, and the owners of what they look at.

use std::collections::{BTreeMap, BTreeSet};

use crm_gateway::http::Access;
use crm_tests::{Client, PASSWORD, Server};
use serde_json::{Value, json};

use crate::{ROUTES, everything, refused, request};

/// A person who can sign in, and whose rows they see.
pub struct Person {
    pub client: Client,
    pub id: i64,
    pub name: &'static str,
    pub role: usize,
    pub sees: BTreeSet<&'static str>,
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

/// One for each role and scope, and one for each place of an owner.
pub fn people(server: &Server) -> Vec<Person> {
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

/// The person signed in once more.
pub fn again(server: &Server, person: &Person) -> Client {
    let profile = server.admin().get(&format!("/api/user/user?user_id={}", person.id)).row();
    server.sign_in(profile["phoneNumber"].as_str().expect("a phone number"), PASSWORD)
}
