//! No list asks the database once per row: the number of statements is the same for one row and
//! for many.

use crm_gateway::http::Verb;
use crm_tests::{Server, on_each_engine};
use serde_json::json;

const ROWS: i64 = 25;

/// A server with `ROWS` of everything, each naming several others.
fn fill(server: &Server) {
    let admin = server.admin();
    let now = "2026-03-02 09:00:00";
    for number in 1..=ROWS {
        admin.post("/api/user/group", json!({"name": format!("组{number}")})).ok();
        admin.post("/api/user/department", json!({"name": format!("部{number}"), "leader_id": 1})).ok();
        admin.post("/api/user/menu", json!({"name": format!("菜单{number}")})).ok();
        let person = admin
            .post(
                "/api/user/user",
                json!({"phoneNumber": format!("139{number:08}"), "group_id": [number + 1, 1], "departmentId": number}),
            )
            .id();
        admin.post("/api/user/usermenu", json!({"user_id": person, "menu": [1, number + 6]})).ok();
        let organization =
            admin.post("/api/customers/organization", json!({"groupName": format!("单位{number}")})).id();
        let organizations = if number == 1 { vec![organization] } else { vec![organization, 1] };
        let customer = admin
            .post(
                "/api/customers/customers",
                json!({"realName": format!("客户{number}"), "organization_id": organizations}),
            )
            .id();
        let potential = admin
            .post(
                "/api/record/potential",
                json!({"organization_id": organization, "director_id": person, "record_time": now}),
            )
            .id();
        let (people, customers) = (json!([person, 1]), json!([customer]));
        admin
            .post(
                "/api/record/follow",
                json!({"protent_id": potential, "follower_id": people, "customers_id": customers, "record_time": now}),
            )
            .ok();
        admin.post("/api/record/demand", json!({"organization_id": organization, "follower_id": people, "customer_id": customers, "record_time": now, "content": "季报"})).ok();
        admin.post("/api/feedback/satisfy", json!({"organization_id": organization, "follower_id": people, "customers_id": customers, "record_time": now, "value": 1})).ok();
        admin.post("/api/contract/contract", json!({"organization_id": organization, "follower_id": people, "name": "合同", "sign_time": now, "amount": 1})).ok();
    }
}

#[test]
fn a_list_of_many_rows_takes_as_many_statements_as_a_list_of_one() {
    on_each_engine(|server| {
        fill(server);
        let admin = server.admin();
        let statements = |path: &str, rows: i64| {
            let before = server.database.db.statements();
            let answer = admin.get(&format!("{path}?page=1&count={rows}")).ok();
            let first = &answer["data"][0];
            let shown = if first.is_array() { first } else { &answer["data"] };
            let shown = shown.as_array().map_or(1, Vec::len);
            (server.database.db.statements() - before, i64::try_from(shown).expect("a few"))
        };
        let lists = crm_gateway::endpoints()
            .iter()
            .filter(|endpoint| endpoint.verb == Verb::Get && !endpoint.path.ends_with("/profile"))
            .filter(|endpoint| !endpoint.path.starts_with("/api/v2/"));
        let mut seen = 0;
        for endpoint in lists {
            let (for_one, one) = statements(endpoint.path, 1);
            let (for_all, all) = statements(endpoint.path, 1000);
            println!("{}: {for_one} statements for {one} rows, {for_all} for {all}", endpoint.path);
            assert_eq!(for_one, for_all, "{}", endpoint.path);
            assert!(for_all <= 9, "{}: {for_all}", endpoint.path);
            if !endpoint.path.ends_with("/sessions") {
                assert!(one == 1 && all >= ROWS, "{}: {one} and {all} rows", endpoint.path);
            }
            seen += 1;
        }
        assert!(seen >= 17, "{seen}");
        let of_v2 = |rows: i64| {
            let before = server.database.db.statements();
            let shown = admin.get(&format!("/api/v2/customers?per_page={rows}")).v2()["customers"].clone();
            (server.database.db.statements() - before, shown.as_array().map(Vec::len))
        };
        let ((for_one, one), (for_all, all)) = (of_v2(1), of_v2(200));
        assert_eq!((one, all), (Some(1), usize::try_from(ROWS).ok()));
        assert_eq!(for_one, for_all, "/api/v2/customers");
        assert!(for_all <= 25, "/api/v2/customers: {for_all}");
    });
}
