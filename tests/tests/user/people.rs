//! Staff: what is said of people, and what they may do.

use crm_tests::{PASSWORD, on_each_engine, query};
use serde_json::{Value, json};

use crate::support::*;

#[test]
fn a_person_is_entered_with_every_field_and_read_back() {
    on_each_engine(|server| {
        let admin = server.admin();
        let (sales, support) = (group(&admin, "销售"), group(&admin, "客服"));
        let department = admin.post("/api/user/department", json!({"name": "总部"})).id();
        let body = json!({
            "phoneNumber": "+86 137-0000-0001", "group_id": [support, sales], "number": "10000", "nickName": "Tom",
            "realName": "小耳尖", "headImageUrl": "www.baidu.com", "sex": 1, "openId": "wx1", "wecom_userid": "ZhangSan", "title": "1",
            "address": "云南", "school": "xx", "politicalAffiliation": "群众", "education": "本科", "info": "i",
            "note": "n", "entryTime": "2020-09-01 00:00:00", "officialTime": "2020-09-02", "resignTime": "2020-09-03T00:00:00Z",
            "birthday": "2020-09-01", "rankId": 1, "rankType": 2, "jobId": 3, "departmentId": department, "role_id": 2,
        });
        let made = admin.post("/api/user/user", body).ok();
        let id = made["data"]["id"].as_i64().expect("an id");
        let row = admin.get("/api/user/user").rows().remove(0);
        assert_eq!(
            row,
            json!({
                "id": id, "number": 10000, "group": support, "nickName": "Tom", "realName": "小耳尖",
                "headImageUrl": "www.baidu.com", "phoneNumber": "+86 137-0000-0001", "sex": 1, "roleId": 2,
                "openId": "wx1", "wecom_userid": "ZhangSan", "birthday": "2020-09-01", "title": "1", "address": "云南", "school": "xx",
                "politicalAffiliation": "群众", "education": "本科", "rankId": 1, "rankType": 2,
                "departmentId": department, "jobId": 3, "info": "i", "entryTime": "2020-09-01 00:00:00",
                "officialTime": "2020-09-02 00:00:00", "resignTime": "2020-09-03 08:00:00", "lastLoginTime": null,
                "isLogin": 0, "createTime": "2026-03-02 10:00:00", "updateTime": "2026-03-02 10:00:00", "status": 1,
                "note": "n", "group_name": ["客服", "销售"], "group_ids": [support, sales], "version": 1,
            })
        );
        let menu = admin.get(&format!("/api/user/usermenu?user_id={id}")).row();
        assert_eq!(
            (&menu["number"], &menu["title"], &menu["birthday"]),
            (&json!("10000"), &json!(1), &json!("2020-09-01 00:00:00"))
        );
        assert_eq!(
            keys(&menu),
            sorted(
                "phoneNumber user_id realName number nickName headImageUrl sex birthday title address school education \
                 entryTime officialTime resignTime lastLoginTime status menu version"
            )
        );
        let initial = made["data"]["initial_password"].as_str().expect("a one-time password");
        let signed_in =
            server.anonymous().post("/api/user/login", json!({"phoneNumber": "+8613700000001", "password": initial}));
        assert_eq!(signed_in.ok()["data"]["must_change_password"], true);
        let row = admin.get(&format!("/api/user/user?user_id={id}")).row();
        assert_eq!((&row["isLogin"], &row["lastLoginTime"]), (&json!(1), &json!("2026-03-02 10:00:00")));
        let clear = "number=&birthday=&departmentId=0&openId=&title=x&rankId=0&jobId=&entryTime=&sex=";
        admin.form("/api/user/user", &format!("user_id={id}&group_id={sales}&{clear}")).ok();
        let row = admin.get(&format!("/api/user/user?user_id={id}")).row();
        for name in ["number", "birthday", "openId", "entryTime"] {
            assert_eq!(row[name], json!(null), "{name}");
        }
        for (name, value) in
            [("departmentId", 0), ("rankId", 0), ("rankType", 2), ("jobId", 0), ("sex", 3), ("version", 2)]
        {
            assert_eq!(row[name], value, "{name}");
        }
        assert_eq!(admin.get(&format!("/api/user/usermenu?user_id={id}")).row()["title"], json!(null));
    });
}

#[test]
fn bad_people_are_refused_field_by_field_and_nothing_is_written() {
    on_each_engine(|server| {
        let admin = server.admin();
        assert_eq!(admin.post("/api/user/user", json!({})).bad_fields(), ["phoneNumber", "group_id"]);
        let bad = json!({
            "phoneNumber": "1234", "group_id": [1, 999], "number": -1, "nickName": " ", "realName": "x\u{7}",
            "headImageUrl": "javascript:1", "sex": 4, "role_id": 0, "openId": "x".repeat(256), "title": [1],
            "info": "x".repeat(10_001), "entryTime": "2021-02-30", "birthday": "2021-13-01", "rankId": 1.5,
            "departmentId": 77, "jobId": "99999999999999999999", "password": "12345678",
        });
        let mut fields = admin.post("/api/user/user", bad).bad_fields();
        fields.sort_unstable();
        assert_eq!(
            fields,
            sorted(
                "phoneNumber group_id number nickName realName headImageUrl sex role_id openId title info entryTime \
                 birthday rankId departmentId jobId password"
            )
        );
        let fields_of = |body: Value| admin.post("/api/user/user", body).bad_fields();
        assert_eq!(fields_of(json!({"user_id": 1, "group_id": []})), ["group_id"]);
        assert_eq!(fields_of(json!({"user_id": 1, "group_id": [1, 1]})), ["group_id"]);
        assert_eq!(fields_of(json!({"user_id": 1, "phoneNumber": null, "role_id": null})), ["phoneNumber", "role_id"]);
        assert_eq!(fields_of(json!({"user_id": 1, "password": "another password"})), ["password"]);
        assert_eq!(fields_of(json!({"user_id": -1, "departmentId": -1})).len(), 4);
        admin.post("/api/user/user", json!({"user_id": 99, "nickName": "x"})).refused(404, "not_found");
        let taken = json!({"phoneNumber": "138-0000-0000", "group_id": 1});
        let body = admin.post("/api/user/user", taken).refused(409, "conflict");
        assert_eq!(body["errors"][0]["field"], "phoneNumber");
        admin.post("/api/user/user", json!({"user_id": 1, "version": 1, "nickName": "x"})).refused(409, "stale");
        assert_eq!(admin.get("/api/user/user?status=all").ok()["page_info"]["total"], 1);
    });
}

#[test]
fn people_are_found_by_status_type_group_name_phone_and_department() {
    on_each_engine(|server| {
        let admin = server.admin();
        let (sales, support) = (group(&admin, "销售"), group(&admin, "客服"));
        let department = admin.post("/api/user/department", json!({"name": "总部"})).id();
        let enter = |phone: &str, body: Value| {
            let mut body = body;
            body["phoneNumber"] = json!(phone);
            admin.post("/api/user/user", body).id()
        };
        let tom = enter("13700000001", json!({"group_id": sales, "nickName": "Tom_Li", "departmentId": department}));
        let mei = enter("13700000002", json!({"group_id": [support, sales], "realName": "王小美"}));
        let reporter = enter("13700000003", json!({"group_id": support, "role_id": 3, "realName": "美通"}));
        let gone = enter("13700000004", json!({"group_id": support}));
        let off = enter("13700000005", json!({"group_id": support}));
        admin.post("/api/user/deluser", json!({"user_id": gone})).ok();
        admin.post("/api/user/deluser", json!({"user_id": off, "status": 0})).ok();
        let found = |filter: &str| {
            let rows = admin.get(&format!("/api/user/user?{filter}")).rows();
            rows.iter().map(|row| row["id"].as_i64().expect("an id")).collect::<Vec<_>>()
        };
        assert_eq!(found(""), [mei, tom, 1]);
        assert_eq!(found("status=0"), [off]);
        assert_eq!(found("status=-1"), [gone]);
        assert_eq!(found("status=normal"), [off, mei, tom, 1]);
        assert_eq!(found("status=all"), [off, gone, mei, tom, 1]);
        assert_eq!(found("type=2"), [reporter]);
        assert_eq!(found(&format!("user_id={reporter}")), [reporter]);
        assert_eq!(found(&format!("user_id={gone}")), [gone]);
        assert_eq!(found(&format!("user_id={gone}&status=1")), [] as [i64; 0]);
        assert_eq!(found(&format!("group_ids=[{sales},{support}]")), [mei, tom]);
        assert_eq!(found(&format!("group_ids={support}&type=2")), [reporter]);
        assert_eq!(found("group_ids=999"), [] as [i64; 0]);
        for (text, ids) in [("tOM_", vec![tom]), ("美", vec![mei]), ("_", vec![tom]), ("%", vec![]), ("m_L", vec![tom])]
        {
            assert_eq!(found(&query(&[("name", &text)])), ids, "{text}");
        }
        assert_eq!(found(&query(&[("phoneNumber", &"137-0000 0002")])), [mei]);
        assert_eq!(found("phoneNumber=1370000000"), [] as [i64; 0]);
        assert_eq!(found(&format!("department_id={department}")), [tom]);
        let page = admin.get("/api/user/user?page=2&count=2").ok();
        assert_eq!(
            (field(page["data"].as_array().expect("rows"), "id"), &page["page_info"]["total"]),
            (vec![&json!(1)], &json!(3))
        );
        assert_eq!(admin.get("/api/user/user?page=9223372036854775807&count=1000").rows().len(), 0);
        let bad = format!("status=2&type=3&group_ids=x&user_id=0&department_id=x&page=0&name={}", "x".repeat(101));
        assert_eq!(admin.get(&format!("/api/user/user?{bad}")).bad_fields().len(), 7);
        admin.post("/api/user/delgroup", json!({"group_id": sales})).refused(409, "conflict");
        for id in [tom, mei] {
            admin.post("/api/user/user", json!({"user_id": id, "group_id": support})).ok();
        }
        admin.post("/api/user/delgroup", json!({"group_id": sales})).ok();
        assert_eq!(
            admin.post("/api/user/user", json!({"user_id": tom, "group_id": [support, sales]})).bad_fields(),
            ["group_id"]
        );
    });
}

#[test]
fn disabling_and_deleting_end_sessions_and_rights_bind_on_the_next_request() {
    on_each_engine(|server| {
        let admin = server.admin();
        let sales = group(&admin, "销售");
        let (id, person) = colleague(server, "13700000001", 2, sales);
        person.get("/api/user/user").ok();
        admin.post("/api/user/user", json!({"user_id": id, "role_id": 3})).ok();
        person.get("/api/user/user").refused(403, "forbidden");
        admin.post("/api/user/group", json!({"group_id": sales, "status": 0})).ok();
        person.get("/api/user/menu").refused(403, "forbidden");
        assert_eq!(person.get("/api/user/profile").ok()["data"]["data_scope"], "own");
        admin.post("/api/user/group", json!({"group_id": sales, "status": 1})).ok();
        person.get("/api/user/menu").ok();
        admin
            .send(
                "DELETE",
                "/api/user/deluser",
                &[("content-type", "application/json")],
                Some(format!(r#"{{"user_id":{id},"status":0}}"#).as_bytes()),
            )
            .ok();
        person.get("/api/user/profile").refused(401, "unauthenticated");
        server
            .anonymous()
            .post("/api/user/login", json!({"phoneNumber": "13700000001", "password": PASSWORD}))
            .refused(401, "invalid_credentials");
        admin.post("/api/user/deluser", json!({"user_id": id, "status": 1})).ok();
        server.sign_in("13700000001", PASSWORD);
        for _ in 0..2 {
            admin.post("/api/user/deluser", json!({"user_id": id})).ok();
        }
        admin.post("/api/user/deluser", json!({"user_id": id, "status": 1})).refused(404, "not_found");
        admin.post("/api/user/user", json!({"user_id": id, "nickName": "x"})).refused(404, "not_found");
        admin.post("/api/user/usermenu", json!({"user_id": id, "menu": [1]})).refused(404, "not_found");
        for body in [json!({"user_id": 1}), json!({"user_id": 1, "status": 0})] {
            admin.post("/api/user/deluser", body).refused(409, "conflict");
        }
        admin.post("/api/user/user", json!({"user_id": 1, "role_id": 2})).refused(409, "conflict");
        assert_eq!(
            admin.post("/api/user/deluser", json!({"user_id": "x", "status": 2})).bad_fields(),
            ["user_id", "status"]
        );
    });
}

#[test]
fn each_role_may_do_what_the_contract_says() {
    on_each_engine(|server| {
        let admin = server.admin();
        let sales = group(&admin, "销售");
        let (_, staff) = colleague(server, "13700000001", 2, sales);
        let (id, correspondent) = colleague(server, "13700000002", 3, sales);
        let writes = [
            ("/api/user/group", json!({"name": "x"})),
            ("/api/user/delgroup", json!({"group_id": sales})),
            ("/api/user/user", json!({"phoneNumber": "13700000009", "group_id": sales})),
            ("/api/user/user", json!({"user_id": id, "role_id": 1})),
            ("/api/user/deluser", json!({"user_id": 1})),
            ("/api/user/menu", json!({"name": "x"})),
            ("/api/user/menu", json!({"menu_id": 1})),
            ("/api/user/usermenu", json!({"user_id": id, "menu": [1]})),
            ("/api/user/department", json!({"name": "x"})),
            ("/api/user/deldepartment", json!({"department_id": 1})),
        ];
        for client in [&staff, &correspondent] {
            for (path, body) in &writes {
                client.post(path, body.clone()).refused(403, "forbidden");
            }
            client.get("/api/user/audit").refused(403, "forbidden");
            for path in ["menu", "usermenu", "profile", "sessions"] {
                client.get(&format!("/api/user/{path}")).ok();
            }
        }
        for path in ["user", "group", "department"] {
            staff.get(&format!("/api/user/{path}")).ok();
            correspondent.get(&format!("/api/user/{path}")).refused(403, "forbidden");
        }
        for (path, body) in writes {
            server.anonymous().post(path, body).refused(401, "unauthenticated");
        }
        assert_eq!(correspondent.get("/api/user/usermenu").row()["user_id"], id);
        assert_eq!(correspondent.get(&format!("/api/user/usermenu?user_id={id}")).row()["user_id"], id);
        assert_eq!(staff.get(&format!("/api/user/usermenu?user_id={id}")).rows().len(), 0);
        assert_eq!(admin.get("/api/user/audit?action=refused").ok()["page_info"]["total"], 25);
    });
}
