//! Who works in a scenario, and with what: made over HTTP, as a deployment would be.

use anyhow::{Context, Result};
use crm_tests::{Client, PASSWORD};
use serde_json::json;

use crate::ground::{ADMIN_PHONE, FIRST_PASSWORD, Running};

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    pub(crate) id: i64,
    pub(crate) token: String,
    pub(crate) is_administrator: bool,
    /// A potential nobody else works on.
    pub(crate) potential: i64,
}

/// What every scenario begins with.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) seats: Vec<Seat>,
    pub(crate) organizations: Vec<i64>,
    /// The key of the deployment's own field.
    pub(crate) field: String,
}

impl World {
    /// Makes it with so many seats, every fourth of them an administrator's.
    pub(crate) fn make(running: &Running, seats: usize) -> Result<Self> {
        let anonymous = Client::new(&running.gateway.url);
        let admin = anonymous.sign_in(ADMIN_PHONE, FIRST_PASSWORD);
        choose_password(&admin, ADMIN_PHONE);
        let group = admin.post("/api/user/group", json!({"name": "销售", "data_scope": "all"})).id();
        let organization = |number: usize| {
            let name = format!("云南第{number}科技有限公司");
            admin.post("/api/customers/organization", json!({"groupName": name})).id()
        };
        let organizations: Vec<i64> = (0..8).map(organization).collect();
        let field = admin.post("/api/customers/fields", json!({"title": "编号", "kind": "input"})).id();
        let field = admin.get(&format!("/api/customers/fields?field_id={field}")).row();
        let field = field["key"].as_str().context("the key of a field")?.to_owned();
        let seats =
            (0..seats).map(|number| seat(&admin, group, organizations[number % 8], number)).collect::<Result<_>>()?;
        Ok(Self { seats, organizations, field })
    }
}

fn seat(admin: &Client, group: i64, organization: i64, number: usize) -> Result<Seat> {
    let is_administrator = number.is_multiple_of(4);
    let phone = format!("139{number:08}");
    let role = if is_administrator { 1 } else { 2 };
    let name = format!("员工{number}");
    let person = json!({"phoneNumber": phone, "password": FIRST_PASSWORD, "realName": name, "nickName": name,
        "group_id": [group], "role_id": role});
    let id = admin.post("/api/user/user", person).id();
    let client = Client { token: None, url: admin.url.clone() }.sign_in(&phone, FIRST_PASSWORD);
    choose_password(&client, &phone);
    let now = "2026-01-05 10:00:00";
    let potential = json!({"organization_id": organization, "director_id": id, "record_time": now});
    let potential = client.post("/api/record/potential", potential).id();
    Ok(Seat { id, token: client.token.context("a token")?, is_administrator, potential })
}

fn choose_password(client: &Client, phone: &str) {
    let change = json!({"phoneNumber": phone, "old_password": FIRST_PASSWORD, "new_password": PASSWORD});
    client.post("/api/user/password", change).ok();
}
