//! Satisfaction, contracts and statistics over HTTP.

use crm_core::{Role, StaffId};
use crm_db::schema::{customers, staff};
use crm_tests::{ADMIN_PHONE, Client, Server, on_each_engine, query};
use diesel::prelude::*;
use serde_json::{Value, json};

const SATISFY: &str = "/api/feedback/satisfy";
const CONTRACT: &str = "/api/contract/contract";
/// The moment at which the server's clock stands.
const NOW: &str = "2026-03-02 10:00:00";

/// A person who can sign in, in a group with this scope.
fn person(server: &Server, phone: &str, name: &str, role: Role, scope: &str) -> (StaffId, Client) {
    let group = server.group(phone, scope);
    let (id, client) = server.person(phone, json!({"realName": name, "role_id": role.id(), "group_id": [group]}));
    (StaffId(id), client)
}

fn admin_id(server: &Server) -> StaffId {
    let found = server
        .database
        .db
        .read(|conn| Ok(staff::table.filter(staff::phone.eq(ADMIN_PHONE)).select(staff::id).first(conn)?));
    found.expect("the administrator")
}

fn organization(client: &Client, name: &str) -> i64 {
    client.post("/api/customers/organization", json!({ "groupName": name })).id()
}

fn customer(server: &Server, name: &str) -> i64 {
    server.admin().post("/api/customers/customers", json!({ "realName": name })).id()
}

fn with(base: &Value, field: &str, value: Value) -> Value {
    let mut body = base.clone();
    body[field] = value;
    body
}

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

#[test]
fn bad_questions_name_the_parameter() {
    on_each_engine(|server| {
        let admin = server.admin();
        let lists =
            [SATISFY, CONTRACT, "/api/stats/sign", "/api/stats/demand", "/api/stats/follow", "/api/stats/satisfy"];
        for path in lists {
            for (question, field) in [
                ("page=0", "page"),
                ("page=-1", "page"),
                ("page=x", "page"),
                ("page=1&page=2", "page"),
                ("count=0", "count"),
                ("count=1001", "count"),
                ("count=99999999999999999999", "count"),
                ("start_time=2021-02-30", "start_time"),
                ("end_time=yesterday", "end_time"),
                ("start_time=2026-03-02&end_time=2026-03-01", "start_time"),
                ("start_time=2026-03-03", "start_time"),
            ] {
                assert_eq!(admin.get(&format!("{path}?{question}")).bad_fields(), [field], "{path} {question}");
            }
            let far = admin.get(&format!("{path}?page=9223372036854775807&count=1000")).ok();
            assert!(far["data"].as_array().is_some());
        }
        for path in &lists[2..] {
            for wrong in ["x", "1,,2", "0", "-1", "1,1", "[1"] {
                let question = query(&[("organization_ids", &wrong)]);
                assert_eq!(admin.get(&format!("{path}?{question}")).bad_fields(), ["organization_ids"], "{wrong}");
            }
            admin.post(path, json!({})).refused(405, "method_not_allowed");
        }
        for (path, field) in [(SATISFY, "satisfy_id"), (CONTRACT, "contract_id"), (CONTRACT, "customer_id")] {
            for wrong in ["0", "-1", "x", "1,2", "99999999999999999999"] {
                assert_eq!(admin.get(&format!("{path}?{field}={wrong}")).bad_fields(), [field]);
            }
        }
        assert_eq!(admin.get(&format!("{SATISFY}?status=1")).bad_fields(), ["status"]);
        let long = "x".repeat(256);
        assert_eq!(admin.get(&format!("{CONTRACT}?code={long}")).bad_fields(), ["code"]);
        assert_eq!(admin.get(&format!("{CONTRACT}?code=%00")).bad_fields(), ["code"]);
        assert_eq!(admin.get(&format!("{CONTRACT}?name={}", &long[..101])).bad_fields(), ["name"]);
    });
}

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

#[test]
fn each_role_and_scope_gets_its_own_over_http() {
    on_each_engine(|server| {
        let admin = server.admin();
        let (own_id, own) = person(server, "13900000001", "own", Role::Staff, "own");
        let (_, all) = person(server, "13900000002", "all", Role::Staff, "all");
        let (correspondent_id, correspondent) = person(server, "13900000003", "通讯员", Role::Correspondent, "all");
        let group = organization(&admin, "国务院");
        let contract = json!({"organization_id": group, "name": "合同", "sign_time": NOW, "amount": "1.00"});
        let hidden = admin.post(CONTRACT, contract.clone()).id();
        let followed = admin.post(CONTRACT, with(&contract, "follower_id", json!([own_id.0]))).id();
        assert_eq!(own.get(CONTRACT).row()["id"], followed);
        assert_eq!(all.get(CONTRACT).rows().len(), 2);
        assert!(own.get(&format!("{CONTRACT}?contract_id={hidden}")).rows().is_empty());
        own.post(CONTRACT, json!({"contract_id": hidden, "name": "x"})).refused(404, "not_found");
        own.post("/api/contract/delcontract", json!({"contract_id": hidden})).refused(404, "not_found");
        assert_eq!(own.get("/api/stats/sign").row()["sign_count"], 1);
        assert_eq!(all.get("/api/stats/sign").row()["sign_count"], 2);
        own.post(CONTRACT, json!({"contract_id": followed, "creator_id": own_id.0})).refused(403, "forbidden");
        let satisfy =
            json!({"organization_id": group, "record_time": NOW, "value": 5, "follower_id": [correspondent_id.0]});
        let named = admin.post(SATISFY, satisfy.clone()).id();
        admin.post(SATISFY, with(&satisfy, "follower_id", Value::Null)).ok();
        assert_eq!(correspondent.get(SATISFY).row()["id"], named);
        correspondent.post(SATISFY, json!({"satisfy_id": named, "value": -1})).ok();
        let mine = organization(&correspondent, "我的单位");
        correspondent.post(SATISFY, json!({"organization_id": mine, "record_time": NOW, "value": 1})).ok();
        assert_eq!(correspondent.get(SATISFY).rows().len(), 2);
        for path in [CONTRACT, "/api/stats/sign", "/api/stats/demand", "/api/stats/follow", "/api/stats/satisfy"] {
            correspondent.get(path).refused(403, "forbidden");
            server.anonymous().get(path).refused(401, "unauthenticated");
        }
        correspondent.post(CONTRACT, contract).refused(403, "forbidden");
        correspondent.post("/api/contract/delcontract", json!({"contract_id": followed})).refused(403, "forbidden");
        server.anonymous().get(SATISFY).refused(401, "unauthenticated");
    });
}

/// Two demands and a followed-up potential.
fn record_rows(server: &Server, organization: i64) {
    let (admin, me) = (server.admin(), admin_id(server).0);
    for at in [NOW, "2026-03-02 09:00:00"] {
        let demand =
            json!({"organization_id": organization, "follower_id": [me], "record_time": at, "content": "季报"});
        admin.post("/api/record/demand", demand).id();
    }
    let potential = json!({"organization_id": organization, "director_id": me, "record_time": NOW});
    let potential = admin.post("/api/record/potential", potential).id();
    let follow = json!({"protent_id": potential, "follower_id": [me], "record_time": NOW});
    admin.post("/api/record/follow", follow).id();
}

#[test]
fn statistics_have_the_documented_shapes_and_orders() {
    on_each_engine(|server| {
        let admin = server.admin();
        let empty = json!({"status": 0, "data": [[], {"total": 0, "page": 1, "count": 20}]});
        assert_eq!(admin.get("/api/stats/demand").ok(), empty);
        let (one, two) = (organization(&admin, "国务院"), organization(&admin, "外交部"));
        let jerry = customer(server, "Jerry");
        record_rows(server, one);
        assert_eq!(
            admin.get("/api/stats/demand").ok(),
            json!({"status": 0, "data": [
                [{"organization_id": one, "demand_count": 2, "m_recordTime": "2026-03-02 09:00:00"}],
                {"total": 1, "page": 1, "count": 20}]})
        );
        assert_eq!(
            admin.get("/api/stats/follow?count=5").ok(),
            json!({"status": 0, "data": [[{"organization_id": one, "follow_count": 1, "min_sign_time": NOW}],
                {"total": 1, "page": 1, "count": 5}]})
        );
        for (group, amount, at) in [
            (one, json!("100000.00"), "2026-03-01 09:00:00"),
            (one, json!("0.01"), NOW),
            (two, Value::Null, "2026-03-01 09:00:01"),
            (two, json!("7.00"), "2026-02-23 09:59:59"),
        ] {
            admin
                .post(CONTRACT, json!({"organization_id": group, "name": "合同", "sign_time": at, "amount": amount}))
                .ok();
        }
        assert_eq!(
            admin.get("/api/stats/sign").ok(),
            json!({"status": 0, "data": [
                {"organization_id": two, "sign_amount": "0.00", "sign_count": 1,
                    "min_sign_time": "2026-03-01 09:00:01"},
                {"organization_id": one, "sign_amount": "100000.01", "sign_count": 2,
                    "min_sign_time": "2026-03-01 09:00:00"}],
                "page_info": {"total": 2, "page": 1, "count": 20}})
        );
        let wider = admin.get("/api/stats/sign?start_time=2026-02-23&page=2&count=1").ok();
        assert_eq!((&wider["data"][0]["sign_amount"], &wider["page_info"]["total"]), (&json!("7.00"), &json!(2)));
        for (groups, value) in [
            (json!({"organization_id": one}), 3),
            (json!({"organization_id": one}), 4),
            (json!({"organization_id": two}), -1),
            (json!({"customers_id": jerry}), 10),
        ] {
            let mut body = groups;
            body["value"] = json!(value);
            body["record_time"] = json!(NOW);
            admin.post(SATISFY, body).ok();
        }
        assert_eq!(
            admin.get("/api/stats/satisfy").ok(),
            json!({"status": 0, "data": [
                {"organization_id": one, "satisfy_count": 2, "average": "3.50", "min": 3, "max": 4},
                {"organization_id": two, "satisfy_count": 1, "average": "-1.00", "min": -1, "max": -1},
                {"organization_id": null, "satisfy_count": 1, "average": "10.00", "min": 10, "max": 10}],
                "page_info": {"total": 3, "page": 1, "count": 20}})
        );
        for spelled in [format!("{two}"), format!("[{two}]"), format!("{two},999999")] {
            let question = query(&[("organization_ids", &spelled)]);
            assert_eq!(admin.get(&format!("/api/stats/satisfy?{question}")).row()["organization_id"], two);
        }
        assert!(admin.get("/api/stats/satisfy?page=2").rows().is_empty());
    });
}

#[test]
fn satisfaction_and_contracts_of_the_same_customers_written_at_once_all_succeed() {
    on_each_engine(|server| {
        let admin = server.admin();
        let group = organization(&admin, "国务院");
        let (low, high) = (customer(server, "Jerry"), customer(server, "Spike"));
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..25 {
                        // Named in the order opposite to the one in which contracts lock them.
                        let said = json!({"customers_id": [high, low], "record_time": NOW, "value": 1});
                        admin.post(SATISFY, said).ok();
                    }
                });
                scope.spawn(|| {
                    let made = json!({"organization_id": group, "name": "合同", "sign_time": NOW, "customer_id": low});
                    let id = admin.post(CONTRACT, made).id();
                    for round in 0..25 {
                        let to = if round % 2 == 0 { high } else { low };
                        admin.post(CONTRACT, json!({"contract_id": id, "customer_id": to})).ok();
                    }
                });
            }
        });
        assert_eq!(admin.get(SATISFY).ok()["page_info"]["total"], 50);
    });
}
