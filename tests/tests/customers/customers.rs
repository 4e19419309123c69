//! Customers and organizations over HTTP.

use crm_tests::{on_each_engine, query};
use serde_json::json;

use crate::support::*;

const DELETE: &str = "/api/customers/delcustomer";
const ORGANIZATION: &str = "/api/customers/organization";

#[test]
fn a_customer_is_answered_with_every_field_of_the_sample_and_its_type() {
    on_each_engine(|server| {
        let admin = server.admin();
        let organization = admin.post(ORGANIZATION, json!({"groupName": "工信部"})).id();
        let id = admin
            .post(
                CUSTOMERS,
                json!({
                    "realName": "Jerry", "avatar": "www.baidu.com", "phoneNumber": "12345",
                    "organization_id": [organization]
                }),
            )
            .id();
        let mut row = one(&admin, id);
        let owner = row["owner_id"].clone();
        assert!(owner.is_i64() && row["creator_id"] == owner);
        for name in ["creator_id", "owner_id", "creator_name", "owner_name"] {
            assert!(!row[name].take().is_null(), "{name}");
        }
        let expected = json!({
            "id": id, "type": null, "nickName": null, "realName": "Jerry", "avatar": "www.baidu.com",
            "phoneNumber": "12345", "job": null, "sex": 3, "password": null, "session": null, "cid": null,
            "openId": null, "level": 0, "isVip": 0, "isSenior": 0, "vipDueTime": null, "navigationDueTime": null,
            "createTime": "2026-03-02 10:00:00", "updateTime": "2026-03-02 10:00:00", "status": 1, "note": null,
            "organization_name": ["工信部"], "organization_ids": [organization], "legal_person": null,
            "register_capital": null, "registerDate": null, "website": null, "creator_id": null,
            "creator_name": null, "owner_id": null, "owner_name": null, "last_owner_id": null,
            "assigned_at": "2026-03-02 10:00:00", "pool_entered_at": null, "pool_times": 0, "pool_type": 0,
            "last_follow_at": null, "last_follow_log": null, "last_deal_at": null, "last_deal_money": null,
            "order_money": "0.00", "deleted_at": null, "deleted_by": null, "deleted_reason": null, "version": 1, "updated_by": null, "is_locked": 0,
            "stage_id": 1, "stage_name": "意向", "last_stage_id": null, "approve_status": "approved", "product_line_id": 1,
            "budget": null, "intent": null, "is_clue": 0, "api_setting_id": 0, "is_blacklisted": 0,
            "clue_ocpc_data": {"value": [], "display": ""}
        });
        for (name, value) in expected.as_object().expect("an object") {
            assert_eq!(row.get(name), Some(value), "{name}");
        }
    });
}

#[test]
fn every_field_that_is_sent_comes_back() {
    on_each_engine(|server| {
        let admin = server.admin();
        let sent = json!({
            "type": "t", "nickName": "小王", "realName": " <b>王伟</b>\n", "avatar": "/upload/a.png",
            "phoneNumber": "+86 138-1234", "sex": 1, "cid": "c", "level": -3, "isVip": 1, "isSenior": 1,
            "vipDueTime": "2020-12-12 11:11:11", "navigationDueTime": "2020-12-12 11:11:11", "note": "n",
            "legal_person": "李", "register_capital": "100万", "registerDate": "2020-12-12", "website": "https://a.cn",
            "tel": "0512-3667899", "email": "a@b.cn", "qq": "10001", "fax": "0512-1", "wechat": "wx", "wangwang": "ww",
            "zip": "215000", "url": "http://www.baidu.com", "country": "中国", "province": "江苏省", "city": "苏州市",
            "district": "吴中区", "detail_address": "东环路1号", "lat": 31.25, "lng": -120.5, "community_name": "绿城",
            "room_number": "10-1002", "budget": "60.50", "intent": 1, "next_follow_at": "2026-03-05 09:00:00",
            "is_clue": 1, "clue_id_unique": "c-1", "api_platform": "飞鱼", "api_setting_id": 7,
            "clue_ocpc_data": {"value": ["form"], "display": "表单"}
        });
        let mut body = sent.clone();
        body["job"] = json!(12);
        body["openId"] = json!(3.5);
        let id = admin.post(CUSTOMERS, body).id();
        let row = one(&admin, id);
        for (name, value) in sent.as_object().expect("an object") {
            assert_eq!(&row[name], value, "{name}");
        }
        assert_eq!((&row["job"], &row["openId"]), (&json!("12"), &json!("3.5")));
        let made = admin.get(&format!("/api/user/audit?record=customer&action=create&record_id={id}")).row();
        assert_eq!(made["after"]["order_money"], "0.00");
        // The same in a form, where everything is text, and cleared by empty text.
        admin.form(CUSTOMERS, &format!("customer_id={id}&job=7&sex=2&level=&isVip=0&vipDueTime=2021-01-01&note=")).ok();
        let row = one(&admin, id);
        assert_eq!((&row["job"], &row["sex"], &row["level"]), (&json!("7"), &json!(2), &json!(0)));
        assert_eq!((&row["isVip"], &row["note"]), (&json!(0), &json!(null)));
        assert_eq!((&row["vipDueTime"], &row["version"]), (&json!("2021-01-01 00:00:00"), &json!(2)));
        assert_eq!(row["nickName"], "小王");
        // And in a multipart form.
        let part = |name: &str, value: &str| {
            format!("--B\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let body = format!("{}{}--B--\r\n", part("customer_id", &id.to_string()), part("nickName", "大王"));
        let headers = [("content-type", "multipart/form-data; boundary=B")];
        admin.send("POST", CUSTOMERS, &headers, Some(body.as_bytes())).ok();
        assert_eq!(one(&admin, id)["nickName"], "大王");
    });
}

#[test]
fn organizations_are_named_in_any_spelling_of_an_array() {
    on_each_engine(|server| {
        let admin = server.admin();
        let ids: Vec<i64> =
            ["甲", "乙", "丙"].iter().map(|name| admin.post(ORGANIZATION, json!({ "groupName": name })).id()).collect();
        let [a, b, c] = ids.as_slice() else { panic!("three") };
        let id = admin.post(CUSTOMERS, json!({"realName": "x", "organization_id": a})).id();
        let named = |expected: &[&str]| assert_eq!(one(&admin, id)["organization_name"], json!(expected));
        named(&["甲"]);
        admin.post(CUSTOMERS, json!({"customer_id": id, "organization_id": [c, a]})).ok();
        named(&["丙", "甲"]);
        admin.post(CUSTOMERS, json!({"customer_id": id.to_string(), "organization_id": format!("[{b},{c}]")})).ok();
        named(&["乙", "丙"]);
        admin.form(CUSTOMERS, &format!("customer_id={id}&organization_id={a},{b}")).ok();
        named(&["甲", "乙"]);
        admin.form(CUSTOMERS, &format!("customer_id={id}&organization_id[]={c}&organization_id[]={b}")).ok();
        named(&["丙", "乙"]);
        for wrong in [json!([a, a]), json!([99]), json!(["x"]), json!({"a": 1}), json!([a, -1]), json!(true)] {
            let answer = admin.post(CUSTOMERS, json!({"customer_id": id, "organization_id": wrong}));
            assert_eq!(answer.bad_fields(), ["organization_id"], "{wrong}");
        }
        let answer = admin.post(CUSTOMERS, json!({"customer_id": id, "organization_id": [a, 98, 99]}));
        let body = answer.refused(400, "validation_failed");
        let message = body["errors"][0]["message"].as_str().expect("text");
        assert!(message.contains("98") && message.contains("99"), "{message}");
        named(&["丙", "乙"]);
        admin.post(CUSTOMERS, json!({"customer_id": id, "organization_id": []})).ok();
        named(&[]);
    });
}

#[test]
fn every_bad_field_of_a_request_is_named() {
    on_each_engine(|server| {
        let admin = server.admin();
        let mut fields = admin
            .post(
                CUSTOMERS,
                json!({
                    "type": 1, "nickName": "字".repeat(101), "avatar": "data:text/html,x", "phoneNumber": "1234",
                    "job": [1], "sex": 0, "cid": {"a": 1}, "openId": true, "level": "high",
                    "isVip": 2, "isSenior": 99999999999999999999_f64, "vipDueTime": "2021-02-30",
                    "navigationDueTime": 5, "legal_person": "", "registerDate": "2021-02-30",
                    "register_capital": "字".repeat(256), "website": "javascript:1", "note": "a\u{0}b",
                    "creator_id": -1, "owner_id": "x", "organization_id": "1,,2", "version": 0
                }),
            )
            .bad_fields();
        fields.sort();
        let mut expected = vec![
            "type",
            "nickName",
            "realName",
            "avatar",
            "phoneNumber",
            "job",
            "sex",
            "cid",
            "openId",
            "level",
            "isVip",
            "isSenior",
            "vipDueTime",
            "navigationDueTime",
            "registerDate",
            "register_capital",
            "website",
            "note",
            "creator_id",
            "owner_id",
            "organization_id",
            "version",
        ];
        expected.sort_unstable();
        assert_eq!(fields, expected);
        for wrong in [json!(""), json!(null), json!(" "), json!(1), json!("a\u{1}"), json!("字".repeat(101))] {
            assert_eq!(admin.post(CUSTOMERS, json!({ "realName": wrong })).bad_fields(), ["realName"], "{wrong}");
        }
        admin.post(CUSTOMERS, json!({"realName": "字".repeat(100)})).ok();
        for query in [
            "page=0",
            "page=-1",
            "count=0",
            "count=1001",
            "page=x",
            "status=2",
            "status=deleted",
            "customer_id=x",
            "customer_id=0",
            "organization_id=-1",
            "creator_id=1.5",
            "owner_id=%00",
            "status=all&status=1",
            "page=99999999999999999999",
        ] {
            let fields = admin.get(&format!("{CUSTOMERS}?{query}")).bad_fields();
            assert_eq!(fields, [query.split('=').next().expect("a name")], "{query}");
        }
        for name in ["name", "organization_name", "phoneNumber"] {
            let long = query(&[(name, &"字".repeat(101))]);
            assert_eq!(admin.get(&format!("{CUSTOMERS}?{long}")).bad_fields(), [name]);
        }
        assert_eq!(admin.get(&format!("{CUSTOMERS}?page=9223372036854775807&count=1000")).rows().len(), 0);
    });
}

#[test]
fn a_list_is_filtered_and_told_with_its_true_total() {
    on_each_engine(|server| {
        let admin = server.admin();
        let organization = admin.post(ORGANIZATION, json!({"groupName": "工信部"})).id();
        let named = |name: &str, nick: Option<&str>, phone: &str| {
            let body =
                json!({"realName": name, "nickName": nick, "phoneNumber": phone, "organization_id": [organization]});
            admin.post(CUSTOMERS, body).id()
        };
        let (a, b) = (named("王伟", None, "138-1234 1234"), named("李", Some("阿伟"), "13912341234"));
        let c = admin.post(CUSTOMERS, json!({"realName": "赵"})).id();
        admin.post(DELETE, json!({"customer_id": c})).ok();
        let ids = |pairs: &[(&str, &dyn std::fmt::Display)]| -> Vec<i64> {
            let body = admin.get(&format!("{CUSTOMERS}?{}", query(pairs))).ok();
            let rows = body["data"].as_array().expect("rows").clone();
            assert_eq!(body["page_info"]["total"], json!(rows.len()));
            rows.iter().map(|row| row["id"].as_i64().expect("an id")).collect()
        };
        assert_eq!(ids(&[]), [b, a]);
        assert_eq!(ids(&[("status", &"1")]), [b, a]);
        assert_eq!(ids(&[("status", &"normal")]), [b, a]);
        assert_eq!(ids(&[("status", &"-1")]), [c]);
        assert_eq!(ids(&[("status", &"all")]), [c, b, a]);
        assert_eq!(ids(&[("customer_id", &c)]), [c], "asked for by id, whatever its status");
        assert!(ids(&[("customer_id", &c), ("status", &1)]).is_empty());
        assert!(ids(&[("customer_id", &99_999)]).is_empty());
        assert_eq!(ids(&[("name", &"伟")]), [b, a]);
        assert_eq!(ids(&[("organization_name", &"信"), ("name", &"王")]), [a]);
        assert_eq!(ids(&[("organization_id", &organization)]), [b, a]);
        assert_eq!(ids(&[("phoneNumber", &"13812341234")]), [a]);
        assert!(ids(&[("phoneNumber", &"1381234123")]).is_empty());
        assert_eq!(ids(&[("name", &""), ("phoneNumber", &""), ("unknown", &"x")]), [b, a]);
        let page = admin.get(&format!("{CUSTOMERS}?page=2&count=1")).ok();
        assert_eq!(page["page_info"], json!({"total": 2, "page": 2, "count": 1}));
        assert_eq!(page["data"][0]["id"], a);
        let past = admin.get(&format!("{CUSTOMERS}?page=3&count=1")).ok();
        assert_eq!((&past["data"], &past["page_info"]["total"]), (&json!([]), &json!(2)));
    });
}

#[test]
fn deleting_takes_a_reason_and_is_taken_back() {
    on_each_engine(|server| {
        let admin = server.admin();
        let id = admin.post(CUSTOMERS, json!({"realName": "x"})).id();
        assert_eq!(
            admin.post(DELETE, json!({"status": 2, "reason": "a\u{0}"})).bad_fields(),
            ["customer_id", "status", "reason"]
        );
        assert_eq!(admin.post(DELETE, json!({"customer_id": id, "status": 0})).bad_fields(), ["status"]);
        assert_eq!(
            admin.post(DELETE, json!({"customer_id": id, "reason": "字".repeat(10_001)})).bad_fields(),
            ["reason"]
        );
        assert_eq!(admin.post(DELETE, json!({"customer_id": id, "reason": 1})).bad_fields(), ["reason"]);
        admin.post(DELETE, json!({"customer_id": 99_999})).refused(404, "not_found");
        let refused = admin.get(&format!("{DELETE}?customer_id={id}"));
        assert_eq!(refused.headers["allow"], "POST, DELETE");
        refused.refused(405, "method_not_allowed");

        let delete = format!("{DELETE}?{}", query(&[("customer_id", &id), ("reason", &"搬走了")]));
        assert_eq!(admin.send("DELETE", &delete, &[], None).ok()["data"]["id"], id);
        let row = one(&admin, id);
        assert_eq!((&row["status"], &row["deleted_reason"]), (&json!(-1), &json!("搬走了")));
        assert_eq!((&row["deleted_at"], row["deleted_by"].is_i64()), (&json!("2026-03-02 10:00:00"), true));
        admin.post(DELETE, json!({"customer_id": id, "status": -1})).ok();
        admin.post(CUSTOMERS, json!({"customer_id": id, "realName": "y"})).refused(404, "not_found");
        admin.form(DELETE, &format!("customer_id={id}&status=1")).ok();
        let row = one(&admin, id);
        assert_eq!(
            (&row["status"], &row["deleted_reason"], &row["deleted_by"]),
            (&json!(1), &json!(null), &json!(null))
        );
        assert_eq!(row["version"], 3);
        admin.post(CUSTOMERS, json!({"customer_id": id, "realName": "y", "version": 2})).refused(409, "stale");
        admin.post(CUSTOMERS, json!({"customer_id": id, "realName": "y", "version": 3})).ok();
    });
}

#[test]
fn a_row_that_is_not_visible_is_as_if_it_were_not_there() {
    on_each_engine(|server| {
        let (admin, staff, correspondent) = (server.admin(), person(server, 2, 2), person(server, 3, 3));
        let hidden = admin.post(CUSTOMERS, json!({"realName": "hidden"})).id();
        for client in [&staff, &correspondent] {
            assert_eq!(client.get(&format!("{CUSTOMERS}?customer_id={hidden}")).rows().len(), 0);
            let mut unknown =
                client.post(CUSTOMERS, json!({"customer_id": 99_999, "realName": "x"})).refused(404, "not_found");
            let mut seen =
                client.post(CUSTOMERS, json!({"customer_id": hidden, "realName": "x"})).refused(404, "not_found");
            unknown["request_id"].take();
            seen["request_id"].take();
            assert_eq!(unknown, seen);
            client.post(DELETE, json!({"customer_id": hidden})).refused(404, "not_found");
            client.post(CUSTOMERS, json!({"realName": "x", "owner_id": 1})).refused(403, "forbidden");
            client.post(CUSTOMERS, json!({"realName": "x", "creator_id": 1})).refused(403, "forbidden");
            let own = client.post(CUSTOMERS, json!({"realName": "own"})).id();
            assert_eq!(one(client, own)["owner_id"], one(client, own)["creator_id"]);
            assert_eq!(client.get(CUSTOMERS).ok()["page_info"]["total"], 1);
        }
        server.anonymous().get(CUSTOMERS).refused(401, "unauthenticated");
        server.anonymous().post(DELETE, json!({"customer_id": hidden})).refused(401, "unauthenticated");
    });
}

#[test]
fn the_public_pool_is_shown_masked_and_read_only() {
    on_each_engine(|server| {
        let (admin, staff, correspondent) = (server.admin(), person(server, 2, 2), person(server, 3, 3));
        let id = staff.post(CUSTOMERS, json!({"realName": "x", "phoneNumber": "13812341234", "owner_id": null})).id();
        let row = one(&staff, id);
        assert_eq!(
            (&row["owner_id"], &row["owner_name"], &row["assigned_at"]),
            (&json!(null), &json!(null), &json!(null))
        );
        assert_eq!(
            (&row["phoneNumber"], &row["pool_entered_at"]),
            (&json!("138****1234"), &json!("2026-03-02 10:00:00"))
        );
        assert_eq!(one(&admin, id)["phoneNumber"], "13812341234");
        let by_phone = format!("{CUSTOMERS}?phoneNumber=13812341234");
        assert_eq!((staff.get(&by_phone).rows().len(), admin.get(&by_phone).rows().len()), (0, 1));
        staff.post(CUSTOMERS, json!({"customer_id": id, "note": "x"})).refused(403, "forbidden");
        staff.post(DELETE, json!({"customer_id": id})).refused(403, "forbidden");
        assert_eq!(correspondent.get(CUSTOMERS).rows().len(), 0);
        correspondent.post(CUSTOMERS, json!({"customer_id": id, "note": "x"})).refused(404, "not_found");
        correspondent.post(CUSTOMERS, json!({"realName": "x", "owner_id": null})).refused(403, "forbidden");
        assert_eq!(admin.post(CUSTOMERS, json!({"customer_id": id, "owner_id": 2})).bad_fields(), ["owner_id"]);
        admin.post(CUSTOMERS, json!({"customer_id": id, "owner_id": null, "note": "x"})).ok();
    });
}
