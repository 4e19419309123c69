//! What an administrator sets up: stages, sources, categories, product lines, parts of teams and labels.

use crm_tests::{Client, on_each_engine};
use serde_json::json;

use crate::support::*;

#[test]
fn option_tables_are_written_by_administrators_and_read_by_all() {
    on_each_engine(|server| {
        let (admin, staff, correspondent) = (server.admin(), person(server, 2, 2), person(server, 3, 3));
        for (route, key) in [("stages", "stage_id"), ("sources", "source_id"), ("categories", "category_id")] {
            let path = at(route);
            let before = admin.get(&path).rows().len();
            let body = json!({"name": "新", "color": "#ffcc00", "sort_num": "-5", "is_default": 1});
            let id = admin.post(&path, body.clone()).id();
            let mut expected = json!({
                "id": id, "name": "新", "color": "#ffcc00", "sort_num": -5, "is_default": 1, "is_active": 1, "version": 1
            });
            if route == "stages" {
                expected["outcome"] = json!(0);
            }
            for client in [&admin, &staff, &correspondent] {
                let answer = client.get(&path).ok();
                assert_eq!(answer["data"][0], expected, "the first by its place");
                let total = before + 1;
                assert_eq!(answer["page_info"], json!({"total": total, "page": 1, "count": total}));
                assert_eq!(client.get(&format!("{path}?{key}={id}")).row(), expected);
                assert!(client.get(&format!("{path}?{key}=9999")).rows().is_empty());
            }
            let page = admin.get(&format!("{path}?page=2&count=1")).ok();
            assert_eq!(page["page_info"], json!({"total": before + 1, "page": 2, "count": 1}));
            assert_eq!(admin.get(&format!("{path}?count=0&{key}=x")).bad_fields(), [key, "count"]);

            for client in [&staff, &correspondent] {
                client.post(&path, body.clone()).refused(403, "forbidden");
            }
            server.anonymous().get(&path).refused(401, "unauthenticated");
            let taken = admin.post(&path, json!({"name": "新"})).refused(409, "conflict");
            assert_eq!(taken["errors"][0]["field"], "name");
            admin.post(&path, json!({key: id, "is_active": 0})).refused(409, "conflict");
            admin.form(&path, &format!("{key}={id}&name=更新&color=&version=1")).ok();
            let row = admin.get(&format!("{path}?{key}={id}")).row();
            assert_eq!((&row["name"], &row["color"], &row["version"]), (&json!("更新"), &json!("#606266"), &json!(2)));
            admin.post(&path, json!({key: id, "name": "x", "version": 1})).refused(409, "stale");
            admin.post(&path, json!({key: 9999, "name": "x"})).refused(404, "not_found");
            let bad = json!({"name": "", "color": "red", "sort_num": "x", "is_default": 2, "is_active": "y"});
            let mut fields = admin.post(&path, bad).bad_fields();
            fields.sort();
            assert_eq!(fields, ["color", "is_active", "is_default", "name", "sort_num"]);
        }
        assert_eq!(admin.post(&at("stages"), json!({"name": "x", "outcome": 4})).bad_fields(), ["outcome"]);
        let made = enter(&staff, "x");
        let row = one(&staff, made);
        assert_eq!(
            (&row["stage_name"], &row["source_name"], &row["category_name"]),
            (&json!("更新"), &json!("更新"), &json!("更新"))
        );
    });
}

#[test]
fn product_lines_and_parts_of_teams_are_set_up() {
    on_each_engine(|server| {
        let (admin, staff) = (server.admin(), person(server, 2, 2));
        let lines = at("productlines");
        let id = admin.post(&lines, json!({"name": "整装"})).id();
        admin.post(&lines, json!({"product_line_id": id, "name": "局装"})).ok();
        let expected = json!([{"id": 1, "name": "默认产品线", "version": 1}, {"id": id, "name": "局装", "version": 2}]);
        assert_eq!(staff.get(&lines).ok()["data"], expected);
        staff.post(&lines, json!({"name": "x"})).refused(403, "forbidden");
        let customer = staff.post(CUSTOMERS, json!({"realName": "x", "product_line_id": id})).id();
        assert_eq!(one(&staff, customer)["product_line_id"], id);

        let roles = at("roletypes");
        let answer = admin.post(&roles, json!({"role_type": 0, "role_name": "销售", "role_description": "d"})).ok();
        assert_eq!(answer["data"]["id"], 0);
        let rows = staff.get(&roles).rows();
        let expected = json!({"id": 0, "role_type": 0, "role_name": "销售", "role_description": "d", "version": 2});
        assert_eq!((rows.len(), &rows[0]), (6, &expected));
        assert_eq!(staff.get(&format!("{roles}?role_type=0")).row(), expected);
        admin.post(&roles, json!({"role_type": 6, "role_name": "x"})).refused(404, "not_found");
        assert_eq!(admin.post(&roles, json!({"role_name": "x"})).bad_fields(), ["role_type"]);
        staff.post(&roles, json!({"role_type": 0, "role_name": "x"})).refused(403, "forbidden");
    });
}

#[test]
fn a_group_of_labels_is_written_as_a_whole_in_json_or_a_form() {
    on_each_engine(|server| {
        let (admin, staff) = (server.admin(), person(server, 2, 2));
        let groups = at("labelgroups");
        let labels = json!([{"name": "大", "color": "#ffcc00"}, {"name": "小"}]);
        let group = admin.post(&groups, json!({"name": "规模", "labels": labels})).id();
        let told = |client: &Client| client.get(&format!("{groups}?group_id={group}")).row()["labels"].clone();
        let first = json!([
            {"id": 1, "name": "大", "color": "#ffcc00"}, {"id": 2, "name": "小", "color": "#606266"}
        ]);
        assert_eq!(told(&staff), first);
        let customer = enter(&staff, "x");
        staff.post(&at("labels"), json!({"customer_id": customer, "label_ids": "2,1"})).ok();
        let row = one(&staff, customer);
        assert_eq!((&row["label_ids"], &row["version"]), (&json!([2, 1]), &json!(2)));

        let text = "[{\"id\":\"2\",\"name\":\"小型\"},{\"name\":\"中\",\"color\":\"#000000\"}]";
        admin.form(&groups, &format!("group_id={group}&labels={text}&version=1")).ok();
        let second = json!([
            {"id": 2, "name": "小型", "color": "#606266"}, {"id": 3, "name": "中", "color": "#000000"}
        ]);
        assert_eq!(told(&staff), second);
        assert_eq!(one(&staff, customer)["label_ids"], json!([2, 1]), "customers keep what left its group");
        let bad = json!([{"id": 1}, {"name": 5, "color": "x"}, {"id": "x", "name": ""}]);
        let mut fields = admin.post(&groups, json!({"group_id": group, "labels": bad})).bad_fields();
        fields.sort();
        assert_eq!(fields, ["labels", "labels.1.color", "labels.1.name", "labels.2.id", "labels.2.name"]);
        for wrong in [json!("x"), json!({"name": "a"}), json!([1]), json!(7)] {
            assert_eq!(admin.post(&groups, json!({"group_id": group, "labels": wrong})).bad_fields(), ["labels"]);
        }
        assert_eq!(told(&staff), second);
        staff.post(&groups, json!({"name": "x"})).refused(403, "forbidden");

        assert_eq!(staff.post(&at("labels"), json!({})).bad_fields(), ["customer_id", "label_ids"]);
        assert_eq!(
            staff.post(&at("labels"), json!({"customer_id": customer, "label_ids": [1, 99]})).bad_fields(),
            ["label_ids"]
        );
        let cleared = staff.form(&at("labels"), &format!("customer_id={customer}&label_ids="));
        assert_eq!(cleared.ok()["data"]["id"], customer);
        assert_eq!(one(&staff, customer)["label_ids"], json!([]));
        assert_eq!(admin.get("/api/user/audit?record=customer&action=labels").rows().len(), 2);
    });
}
