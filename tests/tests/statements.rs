//! No list asks the database once per row: the number of statements is no greater for many rows than
//! for one.

use crm_db::Engine;
use crm_gateway::http::{Access, Verb};
use crm_tests::{Server, on_each_engine};
use serde_json::json;

const ROWS: i64 = 25;

/// A server with `ROWS` of everything, each naming several others.
fn fill(server: &Server) {
    let admin = server.admin();
    let now = "2026-03-02 09:00:00";
    // What is entered today is due the day after tomorrow.
    admin.post("/api/customers/poolrule", json!({"enabled": 1, "contact_days": 1, "notice_days": 3})).ok();
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
        attach(server, number, customer, person);
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
        admin.post("/api/customers/wecom", json!({"external_userid": format!("wm{number}"), "user_id": person, "added_at": now, "customer_id": customer})).ok();
        admin.post("/api/feedback/satisfy", json!({"organization_id": organization, "follower_id": people, "customers_id": customers, "record_time": now, "value": 1})).ok();
        admin.post("/api/contract/contract", json!({"organization_id": organization, "follower_id": people, "name": "合同", "sign_time": now, "amount": 1})).ok();
    }
}

/// Options, a field and a group of labels, and a customer with some of everything; the first customer
/// with contacts enough for a list.
fn attach(server: &Server, number: i64, customer: i64, person: i64) {
    let admin = server.admin();
    let post = |route: &str, body: serde_json::Value| admin.post(&format!("/api/customers/{route}"), body).id();
    let stage = post("stages", json!({"name": format!("阶段{number}")}));
    let source = post("sources", json!({"name": format!("来源{number}")}));
    let category = post("categories", json!({"name": format!("分类{number}")}));
    let line = post("productlines", json!({"name": format!("产品线{number}")}));
    post("labelgroups", json!({"name": format!("标签组{number}"), "labels": [{"name": "甲"}, {"name": "乙"}]}));
    let key = format!("input_{number}");
    post("fields", json!({"title": key, "key": key}));
    post(
        "customers",
        json!({"customer_id": customer, "source_id": source, "category_id": category, "product_line_id": line,
               "custom": {"input_1": "x", key: "y"}}),
    );
    post("stage", json!({"customer_id": customer, "stage_id": stage}));
    post("labels", json!({"customer_id": customer, "label_ids": [number * 2, 1]}));
    post("team", json!({"customer_id": customer, "role_type": number % 6, "user_ids": [person, 1]}));
    post("assistants", json!({"customer_id": customer, "user_ids": [1, person]}));
    post("favourite", json!({"customer_id": customer, "favourite": 1}));
    post("contact", json!({"customer_id": 1, "name": format!("联系人{number}")}));
}

#[test]
fn a_list_of_many_rows_takes_no_more_statements_than_a_list_of_one() {
    on_each_engine(|server| {
        fill(server);
        let admin = server.admin();
        let statements = |path: &str, rows: i64| {
            let before = server.database.db.statements();
            let of = if path.ends_with("/contact") { "&customer_id=1" } else { "" };
            let answer = admin.get(&format!("{path}?page=1&count={rows}{of}")).ok();
            let first = &answer["data"][0];
            let shown = if first.is_array() { first } else { &answer["data"] };
            let shown = shown.as_array().map_or(1, Vec::len);
            (server.database.db.statements() - before, i64::try_from(shown).expect("a few"))
        };
        let lists = crm_gateway::endpoints()
            .iter()
            .filter(|endpoint| endpoint.verb == Verb::Get && endpoint.access == Access::Session)
            .filter(|endpoint| endpoint.path.starts_with("/api/") && !endpoint.path.starts_with("/api/v2/"))
            // An export is no list of one page: its statements are those of its pages.
            .filter(|endpoint| !endpoint.path.contains("/export"))
            .filter(|endpoint| !endpoint.path.ends_with("/profile") && !endpoint.path.ends_with("/poolrule"));
        let mut seen = 0;
        for endpoint in lists {
            let (for_one, one) = statements(endpoint.path, 1);
            let (for_all, all) = statements(endpoint.path, 1000);
            println!("{}: {for_one} statements for {one} rows, {for_all} for {all}", endpoint.path);
            // A page that is not full tells the total: one statement less.
            assert!(for_all <= for_one, "{}", endpoint.path);
            // These two show customers with all that belongs to them.
            let shows_customers = ["/api/customers/customers", "/api/customers/due"].contains(&endpoint.path);
            let most = if shows_customers { 8 } else { 9 } + framed(server);
            assert!(for_all <= most, "{}: {for_all}", endpoint.path);
            if !endpoint.path.ends_with("/sessions") {
                let least = if endpoint.path.ends_with("/roletypes") { 6 } else { ROWS };
                assert!(one == 1 && all >= least, "{}: {one} and {all} rows", endpoint.path);
            }
            seen += 1;
        }
        assert!(seen >= 25, "{seen}");
        let of_v2 = |rows: i64| {
            let before = server.database.db.statements();
            let shown = admin.get(&format!("/api/v2/customers?per_page={rows}")).v2()["customers"].clone();
            (server.database.db.statements() - before, shown.as_array().map(Vec::len))
        };
        let ((for_one, one), (for_all, all)) = (of_v2(1), of_v2(200));
        assert_eq!((one, all), (Some(1), usize::try_from(ROWS).ok()));
        assert!(for_all <= for_one, "/api/v2/customers: {for_one} and {for_all}");
        assert!(for_one <= 12 + framed(server), "/api/v2/customers: {for_all}");
    });
}

/// On SQLite what a request reads is of one state, which is begun and ended.
fn framed(server: &Server) -> u64 {
    if server.database.db.engine() == Engine::Sqlite { 2 } else { 0 }
}

#[test]
fn what_is_known_of_a_new_customer_is_not_read_again() {
    on_each_engine(|server| {
        let admin = server.admin();
        admin.post("/api/customers/fields", json!({"title": "备注", "key": "input_1"})).ok();
        let before = server.database.db.statements();
        let fields = json!({"realName": "王伟", "tel": "0512-1", "custom": {"input_1": "x"}});
        admin.post("/api/customers/customers", fields).ok();
        let took = server.database.db.statements() - before;
        println!("{took} statements");
        assert!(took <= 17 + framed(server), "{took}");
    });
}
