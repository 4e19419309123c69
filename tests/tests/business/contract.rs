//! Contracts over HTTP.

use crm_core::Role;
use crm_db::schema::customers;
use crm_tests::{on_each_engine, query};
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::{CONTRACT, NOW, admin_id, customer, organization, person, with};

#[test]
fn contracts_are_entered_read_changed_and_deleted_as_documented() {
    on_each_engine(|server| {
        let admin = server.admin();
        let (tom, _) = person(server, "13900000001", "tom ai", Role::Staff, "all");
        let me = admin_id(server).0;
        let group = organization(&admin, "国务院");
        let jerry = customer(server, "Jerry");
        let body = json!({"organization_id": group, "name": "天下第一合同", "sign_time": "2025-11-11 14:49:08",
            "amount": 112, "customer_id": jerry, "follower_id": [tom.0, me], "aging_start_time": "2026-01-01",
            "aging_end_time": "2026-12-31 23:59:59", "remit_amount": "0.5", "remit_time": NOW, "code": "HT-1"});
        let answer = admin.post(CONTRACT, body.clone()).ok();
        assert_eq!(answer["msg"], "操作成功");
        let id = answer["data"]["id"].clone();
        assert_eq!(
            admin.get(CONTRACT).row(),
            json!({"id": id, "organization_id": group, "name": "天下第一合同", "code": "HT-1", "amount": "112.00",
                "sign_time": "2025-11-11 14:49:08", "follower": ["tom ai", "管理员"], "status": 0,
                "aging_start_time": "2026-01-01 00:00:00", "aging_end_time": "2026-12-31 23:59:59",
                "remit_amount": "0.50", "remit_time": NOW, "createTime": NOW, "updateTime": NOW, "note": null,
                "organization_name": "国务院", "customer_id": jerry, "creator_id": me, "editor_id": null,
                "follower_id": [tom.0, me], "version": 1})
        );
        let deals: (Option<i64>, String) = server
            .database
            .db
            .read(|conn| {
                Ok(customers::table.select((customers::last_deal_money, customers::order_money)).first(conn)?)
            })
            .expect("the customer");
        assert_eq!(deals, (Some(11_200), "11200".to_owned()));
        admin.post(CONTRACT, body).refused(409, "conflict");
        admin
            .post(CONTRACT, json!({"contract_id": id, "version": 1, "amount": null, "code": "", "remit_amount": ""}))
            .ok();
        let row = admin.get(&format!("{CONTRACT}?contract_id={id}")).row();
        assert_eq!((&row["amount"], &row["code"], &row["remit_amount"]), (&Value::Null, &Value::Null, &Value::Null));
        assert_eq!((&row["editor_id"], &row["version"]), (&json!(me), &json!(2)));
        admin.post(CONTRACT, json!({"contract_id": id, "version": 1})).refused(409, "stale");
        let delete = "/api/contract/delcontract";
        assert_eq!(admin.post(delete, json!({"contract_id": id})).ok()["msg"], "删除成功");
        admin.form(delete, &format!("contract_id={id}")).ok();
        admin.get(&format!("{delete}?contract_id={id}")).refused(405, "method_not_allowed");
        assert!(admin.get(CONTRACT).rows().is_empty());
        assert_eq!(admin.get(&format!("{CONTRACT}?contract_id={id}")).row()["status"], -1);
        admin.post(CONTRACT, json!({"contract_id": id, "name": "x"})).refused(404, "not_found");
        admin.post(delete, json!({"contract_id": 999})).refused(404, "not_found");
    });
}

#[test]
fn money_is_exact_and_what_is_no_money_is_refused() {
    on_each_engine(|server| {
        let admin = server.admin();
        let group = organization(&admin, "国务院");
        let good = json!({"organization_id": group, "name": "合同", "sign_time": NOW});
        for field in ["amount", "remit_amount"] {
            for wrong in [
                json!("1.001"),
                json!("-1"),
                json!("-0.01"),
                json!("1000000000000000"),
                json!("NaN"),
                json!("inf"),
                json!("1e3"),
                json!("0x10"),
                json!("1,000"),
                json!(" 1"),
                json!(".5"),
                json!("5."),
                json!("１"),
                json!(true),
                json!([1]),
                json!({"a": 1}),
            ] {
                assert_eq!(admin.post(CONTRACT, with(&good, field, wrong.clone())).bad_fields(), [field], "{wrong}");
            }
            // As JSON numbers: a test that went through a float of its own would prove nothing.
            for wrong in ["1.001", "-1", "1000000000000000", "1e3", "1E-2", "123456789012345.678"] {
                let body = good.to_string().replacen('{', &format!("{{\"{field}\":{wrong},"), 1);
                let json = [("content-type", "application/json")];
                assert_eq!(admin.send("POST", CONTRACT, &json, Some(body.as_bytes())).bad_fields(), [field], "{wrong}");
            }
            let nan = good.to_string().replacen('{', &format!("{{\"{field}\":NaN,"), 1);
            admin
                .send("POST", CONTRACT, &[("content-type", "application/json")], Some(nan.as_bytes()))
                .refused(400, "malformed_request");
            for (sent, shown) in [
                ("999999999999999.99", "999999999999999.99"),
                ("0", "0.00"),
                ("0.1", "0.10"),
                ("90071992547409.93", "90071992547409.93"),
            ] {
                let body = good.to_string().replacen('{', &format!("{{\"{field}\":{sent},"), 1);
                let json = [("content-type", "application/json")];
                let id = admin.send("POST", CONTRACT, &json, Some(body.as_bytes())).id();
                assert_eq!(admin.get(&format!("{CONTRACT}?contract_id={id}")).row()[field], shown);
            }
        }
    });
}

#[test]
fn bad_contracts_are_refused_field_by_field() {
    on_each_engine(|server| {
        let admin = server.admin();
        let group = organization(&admin, "国务院");
        let good = json!({"organization_id": group, "name": "合同", "sign_time": NOW, "aging_start_time": NOW});
        for (field, values) in [
            ("name", json!(["", " ", null, 5, "x".repeat(101), "a\u{1}"])),
            ("organization_id", json!([null, 0, -1, 99999, "x"])),
            ("sign_time", json!([null, "", "2021-02-30", 20210101, "2021-13-01 00:00:00"])),
            ("code", json!(["x".repeat(256), 5, "a\u{0}"])),
            ("remit_time", json!(["2021-02-30"])),
            ("aging_end_time", json!(["2026-03-02 09:59:59", "x"])),
            ("customer_id", json!([0, 99999, "x", [1, 2]])),
            ("creator_id", json!([99999, null, 0])),
            ("editor_id", json!([99999, 0])),
            ("follower_id", json!([[99999], [1, 1], "x"])),
            ("note", json!(["x".repeat(10_001)])),
        ] {
            for value in values.as_array().expect("values") {
                assert_eq!(admin.post(CONTRACT, with(&good, field, value.clone())).bad_fields(), [field], "{value}");
            }
        }
        assert_eq!(admin.post(CONTRACT, json!({})).bad_fields(), ["name", "organization_id", "sign_time"]);
        assert!(admin.get(&format!("{CONTRACT}?status=all")).rows().is_empty());
    });
}

#[test]
fn contracts_are_found_by_each_filter_and_of_the_last_year() {
    on_each_engine(|server| {
        let admin = server.admin();
        let (one, two) = (organization(&admin, "国务院"), organization(&admin, "外交部"));
        let jerry = customer(server, "Jerry");
        let make = |group: i64, name: &str, at: &str, more: Value| {
            let mut body = json!({"organization_id": group, "name": name, "sign_time": at});
            for (field, value) in more.as_object().expect("fields") {
                body[field] = value.clone();
            }
            admin.post(CONTRACT, body).id()
        };
        let old = make(one, "去年_合同", "2025-03-02 09:59:59", json!({}));
        let edge = make(one, "Annual 100% Plan", "2025-03-02 10:00:00", json!({"code": "HT-1"}));
        let new = make(two, "合同", NOW, json!({"customer_id": jerry}));
        let future = make(two, "将来", "2026-03-02 10:00:01", json!({}));
        let ids = |pairs: &[(&str, &dyn std::fmt::Display)]| -> Vec<i64> {
            let rows = admin.get(&format!("{CONTRACT}?{}", query(pairs))).rows();
            rows.iter().map(|row| row["id"].as_i64().expect("an id")).collect()
        };
        assert_eq!(ids(&[]), [new, edge]);
        assert_eq!(ids(&[("start_time", &"2025-03-01")]), [new, edge, old]);
        assert_eq!(ids(&[("end_time", &"2026-03-02")]), [future, new]);
        assert_eq!(
            ids(&[("end_time", &"2026-03-02T02:00:01Z"), ("start_time", &"2025-01-01")]),
            [future, new, edge, old]
        );
        assert_eq!(ids(&[("contract_id", &old)]), [old]);
        assert_eq!(ids(&[("organization_id", &one)]), [edge]);
        assert_eq!(ids(&[("customer_id", &jerry)]), [new]);
        assert_eq!(ids(&[("code", &"HT-1")]), [edge]);
        assert_eq!(ids(&[("code", &"HT")]), [] as [i64; 0]);
        assert_eq!(ids(&[("name", &"合")]), [new]);
        assert_eq!(ids(&[("name", &"0% pl")]), [edge]);
        assert_eq!(ids(&[("name", &"_"), ("start_time", &"2020-01-01")]), [old]);
        assert_eq!(ids(&[("name", &"%")]), [edge]);
        assert_eq!(ids(&[("status", &"0")]), [new, edge]);
    });
}
