//! Satisfaction over HTTP.

use crm_core::Role;
use crm_tests::on_each_engine;
use serde_json::{Value, json};

use crate::support::{NOW, SATISFY, admin_id, customer, organization, person, with};

#[test]
fn satisfaction_is_entered_read_changed_and_deleted_as_documented() {
    on_each_engine(|server| {
        let admin = server.admin();
        let (tom, _) = person(server, "13900000001", "tom ai", Role::Staff, "all");
        let group = organization(&admin, "国务院");
        let (jerry, spike) = (customer(server, "Jerry"), customer(server, "Spike"));
        let body = json!({"organization_id": group, "customers_id": [jerry, spike],
            "record_time": "2026-03-01 01:02:30", "follower_id": [tom.0], "value": 4, "attach": "www.baidu.com", "note": "<b>好</b>"});
        let answer = admin.post(SATISFY, body).ok();
        assert_eq!((&answer["status"], &answer["msg"]), (&json!(0), &json!("录入成功")));
        let id = answer["data"]["id"].clone();
        assert_eq!(
            admin.get(SATISFY).row(),
            json!({"id": id, "value": 4, "attach": "www.baidu.com", "recordTime": "2026-03-01 01:02:30",
                "operator_id": admin_id(server).0, "createTime": NOW, "updateTime": NOW, "note": "<b>好</b>",
                "status": 0, "customers_name": ["Jerry", "Spike"], "organization_name": "国务院",
                "operator_name": "管理员", "follower_name": ["tom ai"], "organization_id": group,
                "customers_id": [jerry, spike], "follower_id": [tom.0], "version": 1})
        );
        server.clock.advance(60);
        let update =
            json!({"satisfy_id": id, "version": 1, "value": "-10", "follower_id": null, "note": "", "attach": null});
        assert_eq!(admin.post(SATISFY, update.clone()).ok()["msg"], "录入成功");
        let row = admin.get(SATISFY).row();
        assert_eq!((&row["value"], &row["note"], &row["attach"]), (&json!(-10), &Value::Null, &Value::Null));
        assert_eq!((&row["follower_name"], &row["version"]), (&json!([]), &json!(2)));
        assert_eq!((&row["createTime"], &row["updateTime"]), (&json!(NOW), &json!("2026-03-02 10:01:00")));
        admin.post(SATISFY, update).refused(409, "stale");
        let delete = "/api/feedback/delsatisfy";
        assert_eq!(admin.post(delete, json!({"satisfy_id": id})).ok()["msg"], "删除成功");
        admin.send("DELETE", &format!("{delete}?satisfy_id={id}"), &[], None).ok();
        assert!(admin.get(SATISFY).rows().is_empty());
        assert_eq!(admin.get(&format!("{SATISFY}?satisfy_id={id}")).row()["status"], -1);
        assert_eq!(admin.get(&format!("{SATISFY}?status=-1")).rows().len(), 1);
        assert!(admin.get(&format!("{SATISFY}?status=normal")).rows().is_empty());
        admin.post(SATISFY, json!({"satisfy_id": id, "value": 1})).refused(404, "not_found");
        admin.post(delete, json!({"satisfy_id": 999})).refused(404, "not_found");
        assert_eq!(admin.post(delete, json!({})).bad_fields(), ["satisfy_id"]);
        let wrong = admin.get(&format!("{delete}?satisfy_id={id}"));
        assert_eq!(wrong.headers["allow"], "POST, DELETE");
        wrong.refused(405, "method_not_allowed");
    });
}

#[test]
fn the_documents_own_example_and_every_spelling_of_an_array_are_taken() {
    on_each_engine(|server| {
        let admin = server.admin();
        let (jerry, tom) = (customer(server, "Jerry"), customer(server, "tom"));
        let me = admin_id(server).0;
        let at = "2026-03-01 00:00:00";
        // The document's example: a bare id, and no organization.
        let id = admin
            .post(SATISFY, json!({"customers_id": jerry, "record_time": at, "follower_id": [me], "value": 4}))
            .id();
        let row = admin.get(&format!("{SATISFY}?satisfy_id={id}")).row();
        assert_eq!((&row["organization_id"], &row["organization_name"]), (&Value::Null, &Value::Null));
        for spelled in [json!([jerry, tom]), json!(format!("[{jerry},{tom}]")), json!(format!("{jerry},{tom}"))] {
            let id = admin.post(SATISFY, json!({"customers_id": spelled, "record_time": at, "value": "0"})).id();
            let row = admin.get(&format!("{SATISFY}?satisfy_id={id}")).row();
            assert_eq!(row["customers_name"], json!(["Jerry", "tom"]));
        }
        let form = format!("customers_id[]={jerry}&customers_id[]={tom}&record_time=2026-03-01&value=-3");
        admin.form(SATISFY, &form).ok();
        let total = |filter: &str| admin.get(&format!("{SATISFY}?{filter}")).ok()["page_info"]["total"].clone();
        assert_eq!(total(&format!("customers_id={tom}")), 4);
        assert_eq!(total(&format!("customers_id={jerry},{tom}")), 5);
        assert_eq!(total(&format!("customers_id={tom}&customers_id=999999")), 4);
        assert_eq!(total("customers_id=999999"), 0);
        assert_eq!(total("customers_id="), 5);
        assert_eq!(total(&format!("follower_id={me}")), 1);
        assert_eq!(total("organization_id=999999"), 0);
    });
}

#[test]
fn bad_satisfaction_is_refused_field_by_field_and_nothing_is_written() {
    on_each_engine(|server| {
        let admin = server.admin();
        let group = organization(&admin, "国务院");
        let good = json!({"organization_id": group, "record_time": NOW, "value": 1});
        for (field, values) in [
            ("value", json!([11, -11, 1.5, "x", true, null, [1], "1e1", 99999999999999999999u128 as f64])),
            (
                "record_time",
                json!(["2021-02-30", "2021-02-30 00:00:00", "now", 1636440126, null, "", "2021-01-01 24:00:00"]),
            ),
            ("organization_id", json!([0, -1, 99999, "x", 1.5, "99999999999999999999", null, [1, 2]])),
            ("customers_id", json!([[99999], [1, 1], ["x"], [-1], {"a": 1}, "[1", "1,,2", [null], true])),
            ("follower_id", json!([[99999], [99999, 99999], [0], "a,b"])),
            ("attach", json!(["javascript:alert(1)", "ftp://a.cn", "x".repeat(2049), 5])),
            ("note", json!(["x".repeat(10_001), "a\u{0}b", "\u{7f}", 5, ["a"]])),
            ("version", json!([0, -1, "x"])),
        ] {
            for value in values.as_array().expect("values") {
                assert_eq!(admin.post(SATISFY, with(&good, field, value.clone())).bad_fields(), [field], "{value}");
            }
        }
        let mut all = admin.post(SATISFY, json!({"value": "x", "note": 1, "attach": "data:x"})).bad_fields();
        all.sort_unstable();
        assert_eq!(all, ["attach", "note", "organization_id", "record_time", "value"]);
        admin.form(SATISFY, "value=1&value=2").refused(400, "validation_failed");
        admin
            .send("POST", SATISFY, &[("content-type", "application/json")], Some(b"{"))
            .refused(400, "malformed_request");
        admin
            .send("POST", SATISFY, &[("content-type", "text/xml")], Some(b"<a/>"))
            .refused(415, "unsupported_media_type");
        assert!(admin.get(&format!("{SATISFY}?status=all")).rows().is_empty());
    });
}
