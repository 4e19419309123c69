//! What the tests of staff share.

use crm_tests::{Client, Server};
use serde_json::{Value, json};

pub fn group(admin: &Client, name: &str) -> i64 {
    admin.post("/api/user/group", json!({"name": name})).id()
}

pub fn colleague(server: &Server, phone: &str, role: i64, group: i64) -> (i64, Client) {
    server.person(phone, json!({"group_id": [group], "role_id": role}))
}

pub fn field<'a>(rows: &'a [Value], name: &str) -> Vec<&'a Value> {
    rows.iter().map(|row| &row[name]).collect()
}

pub fn keys(row: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = row.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

pub fn sorted(names: &str) -> Vec<String> {
    let mut names: Vec<String> = names.split_whitespace().map(str::to_owned).collect();
    names.sort_unstable();
    names
}
