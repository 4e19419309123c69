//! People, organizations and customers to do business with.

use crm_core::{Role, StaffId};
use crm_db::schema::staff;
use crm_tests::{ADMIN_PHONE, Client, Server};
use diesel::prelude::*;
use serde_json::{Value, json};

pub(crate) const SATISFY: &str = "/api/feedback/satisfy";
pub(crate) const CONTRACT: &str = "/api/contract/contract";
/// The moment at which the server's clock stands.
pub(crate) const NOW: &str = "2026-03-02 10:00:00";

/// A person who can sign in, in a group with this scope.
pub(crate) fn person(server: &Server, phone: &str, name: &str, role: Role, scope: &str) -> (StaffId, Client) {
    let group = server.group(phone, scope);
    let (id, client) = server.person(phone, json!({"realName": name, "role_id": role.id(), "group_id": [group]}));
    (StaffId(id), client)
}

pub(crate) fn admin_id(server: &Server) -> StaffId {
    let found = server
        .database
        .db
        .read(|conn| Ok(staff::table.filter(staff::phone.eq(ADMIN_PHONE)).select(staff::id).first(conn)?));
    found.expect("the administrator")
}

pub(crate) fn organization(client: &Client, name: &str) -> i64 {
    client.post("/api/customers/organization", json!({ "groupName": name })).id()
}

pub(crate) fn customer(server: &Server, name: &str) -> i64 {
    server.admin().post("/api/customers/customers", json!({ "realName": name })).id()
}

pub(crate) fn with(base: &Value, field: &str, value: Value) -> Value {
    let mut body = base.clone();
    body[field] = value;
    body
}
