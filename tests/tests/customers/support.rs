//! What the tests of customers share.

use crm_tests::{Client, Server};
use serde_json::{Value, json};

pub const CUSTOMERS: &str = "/api/customers/customers";

/// A path under `/api/customers`.
pub fn at(route: &str) -> String {
    format!("/api/customers/{route}")
}

/// Somebody new with this role, who sees what is theirs, and their id.
pub fn colleague(server: &Server, number: i64, role: i64) -> (i64, Client) {
    let group = server.group(&format!("g{number}"), "own");
    let fields = json!({"realName": format!("p{number}"), "role_id": role, "group_id": [group]});
    server.person(&format!("139{number:08}"), fields)
}

/// The same for whoever has this id: 2 is the first person after the administrator.
pub fn person(server: &Server, id: i64, role: i64) -> Client {
    let (entered, client) = colleague(server, id, role);
    assert_eq!(entered, id, "people are numbered in the order they are entered");
    client
}

/// A customer as the list answers it.
pub fn one(client: &Client, id: i64) -> Value {
    client.get(&format!("{CUSTOMERS}?customer_id={id}")).row()
}

/// Enters a customer of this name.
pub fn enter(client: &Client, name: &str) -> i64 {
    client.post(CUSTOMERS, json!({"realName": name})).id()
}
