//! The deployment's own fields, and what customers have in them.

use crm_tests::{Client, on_each_engine};
use serde_json::json;

use crate::support::*;

/// A field of each kind.
fn define(admin: &Client) {
    for (key, options) in [
        ("input_1", json!(null)),
        ("textarea_1", json!(null)),
        ("select_1", json!(["电话", "上门", "a,b"])),
        ("date_1", json!(null)),
        ("number_1", json!(null)),
    ] {
        admin.post(&at("fields"), json!({"key": key, "title": key, "options": options})).ok();
    }
}

#[test]
fn fields_are_defined_and_told() {
    on_each_engine(|server| {
        let (admin, staff, correspondent) = (server.admin(), person(server, 2, 2), person(server, 3, 3));
        let fields = at("fields");
        let body = json!({"kind": "select", "title": "渠道", "options": "电话,上门", "required": "1"});
        let id = admin.post(&fields, body).id();
        let expected = json!({
            "id": id, "key": "select_1772416800000", "title": "渠道", "kind": "select", "options": ["电话", "上门"],
            "required": 1, "sort_num": 1, "version": 1
        });
        for client in [&admin, &staff, &correspondent] {
            assert_eq!(client.get(&fields).ok()["data"], json!([expected]));
        }
        admin.post(&fields, json!({"field_id": id, "options": ["电话", "a,b"], "sort_num": 7, "required": 0})).ok();
        let row = staff.get(&format!("{fields}?field_id={id}")).row();
        assert_eq!(
            (&row["options"], &row["sort_num"], &row["version"]),
            (&json!(["电话", "a,b"]), &json!(7), &json!(2))
        );
        assert_eq!(
            admin.post(&fields, json!({"field_id": id, "kind": "input", "key": "input_1"})).bad_fields(),
            ["key", "kind"]
        );
        assert_eq!(
            admin.post(&fields, json!({"key": "x_1", "options": [null]})).bad_fields(),
            ["options", "title", "key", "kind"]
        );
        admin
            .post(&fields, json!({"key": "select_1772416800000", "title": "x", "options": "a"}))
            .refused(409, "conflict");
        admin.post(&fields, json!({"field_id": 99, "title": "x"})).refused(404, "not_found");
        staff.post(&fields, json!({"key": "input_1", "title": "x"})).refused(403, "forbidden");
    });
}

#[test]
fn custom_values_come_back_in_the_types_of_their_fields() {
    on_each_engine(|server| {
        let (admin, staff) = (server.admin(), person(server, 2, 2));
        let before = enter(&staff, "older than the fields");
        assert_eq!(one(&staff, before)["custom"], json!({}));
        define(&admin);
        let empty = json!({"input_1": null, "textarea_1": null, "select_1": [], "date_1": null, "number_1": null});
        assert_eq!(one(&staff, before)["custom"], empty, "every field is there");

        let body = "{\"realName\":\"x\",\"custom\":{\"input_1\":\"一\",\"textarea_1\":\"二\",\"select_1\":[\"a,b\",\"电话\"],\
                    \"date_1\":\"2024-02-29\",\"number_1\":12345678901234567890.50}}";
        let sent = staff.send("POST", CUSTOMERS, &[("content-type", "application/json")], Some(body.as_bytes()));
        let id = sent.id();
        let answer = staff.get(&format!("{CUSTOMERS}?customer_id={id}"));
        assert!(answer.text.contains("\"number_1\":12345678901234567890.50"), "exact: {}", answer.text);
        let custom = answer.row()["custom"].clone();
        assert_eq!((&custom["select_1"], &custom["date_1"]), (&json!(["a,b", "电话"]), &json!("2024-02-29")));
        assert_eq!((&custom["input_1"], &custom["textarea_1"]), (&json!("一"), &json!("二")));

        // In a form it is the text of the object; what it does not name stays.
        staff
            .form(
                CUSTOMERS,
                &format!("customer_id={id}&custom={{\"input_1\":\"\",\"select_1\":\"上门\",\"number_1\":\"-7\"}}"),
            )
            .ok();
        let custom = one(&staff, id)["custom"].clone();
        let expected =
            json!({"input_1": null, "textarea_1": "二", "select_1": ["上门"], "date_1": "2024-02-29", "number_1": -7});
        assert_eq!(custom, expected);
        staff.post(CUSTOMERS, json!({"customer_id": id, "custom": {"select_1": [], "date_1": null}})).ok();
        let custom = one(&staff, id)["custom"].clone();
        assert_eq!(
            (&custom["select_1"], &custom["date_1"], &custom["number_1"]),
            (&json!([]), &json!(null), &json!(-7))
        );
        let made = admin.get(&format!("/api/user/audit?record=customer&action=create&record_id={id}")).row();
        assert_eq!(made["after"]["custom"]["date_1"], "2024-02-29");
        staff.form(CUSTOMERS, &format!("customer_id={id}&custom=")).ok();
        assert_eq!(one(&staff, id)["custom"], empty);
    });
}

#[test]
fn every_bad_custom_value_is_told_with_the_other_bad_fields() {
    on_each_engine(|server| {
        let admin = server.admin();
        define(&admin);
        let bad = json!({
            "sex": 9,
            "custom": {"input_1": 5, "textarea_1": {"a": 1}, "select_1": ["电话", 1], "date_1": "2023-02-29", "number_1": true, "input_9": "x"}
        });
        let mut fields = admin.post(CUSTOMERS, bad).bad_fields();
        fields.sort();
        let expected = [
            "custom.date_1",
            "custom.input_1",
            "custom.input_9",
            "custom.number_1",
            "custom.select_1",
            "custom.textarea_1",
            "realName",
            "sex",
        ];
        assert_eq!(fields, expected);
        for wrong in [json!("x"), json!([1]), json!(1)] {
            assert_eq!(admin.post(CUSTOMERS, json!({"realName": "x", "custom": wrong})).bad_fields(), ["custom"]);
        }
        admin.post(&at("fields"), json!({"field_id": 1, "required": 1})).ok();
        assert_eq!(admin.post(CUSTOMERS, json!({"realName": "x"})).bad_fields(), ["custom.input_1"]);
        let id = admin.post(CUSTOMERS, json!({"realName": "x", "custom": {"input_1": "v"}})).id();
        assert_eq!(
            admin.post(CUSTOMERS, json!({"customer_id": id, "custom": {"input_1": null}})).bad_fields(),
            ["custom.input_1"]
        );
        admin.post(CUSTOMERS, json!({"customer_id": id, "realName": "y"})).ok();
        assert_eq!(one(&admin, id)["custom"]["input_1"], "v");
    });
}
