//! `/api/user`: staff, groups, departments, menus, sessions and the audit trail.

use crm_db::Engine;
use crm_tests::{ADMIN_PHONE, Client, PASSWORD, Server, on_each_engine, query};
use serde_json::{Value, json};

fn group(admin: &Client, name: &str) -> i64 {
    admin.post("/api/user/group", json!({"name": name})).id()
}

fn colleague(server: &Server, phone: &str, role: i64, group: i64) -> (i64, Client) {
    server.person(phone, json!({"group_id": [group], "role_id": role}))
}

fn field<'a>(rows: &'a [Value], name: &str) -> Vec<&'a Value> {
    rows.iter().map(|row| &row[name]).collect()
}

fn keys(row: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = row.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn sorted(names: &str) -> Vec<String> {
    let mut names: Vec<String> = names.split_whitespace().map(str::to_owned).collect();
    names.sort_unstable();
    names
}

#[test]
fn groups_are_made_listed_changed_and_deleted() {
    on_each_engine(|server| {
        let admin = server.admin();
        let sales = admin.post("/api/user/group", json!({"name": "销售", "content": "卖", "data_scope": "own"})).id();
        let body = admin.get("/api/user/group").ok();
        assert_eq!(field(body["data"].as_array().expect("rows"), "groupName"), ["管理员", "销售"]);
        assert_eq!(body["page_info"], json!({"total": 2, "page": 1, "count": 2}));
        assert_eq!(
            body["data"][1],
            json!({"id": sales, "groupName": "销售", "groupDetail": "卖", "data_scope": "own", "status": 1, "version": 1,
                   "createTime": "2026-03-02 10:00:00", "updateTime": "2026-03-02 10:00:00"})
        );
        let paged = admin.get("/api/user/group?count=1&page=2").ok();
        assert_eq!(
            (&paged["data"][0]["id"], &paged["page_info"]),
            (&json!(sales), &json!({"total": 2, "page": 2, "count": 1}))
        );
        admin.post("/api/user/group", json!({"name": "销售"})).refused(409, "conflict");
        admin.post("/api/user/group", json!({"group_id": sales, "name": "管理员"})).refused(409, "conflict");
        admin.form("/api/user/group", &format!("group_id={sales}&content=&status=0&version=1")).ok();
        admin.post("/api/user/group", json!({"group_id": sales, "name": "x", "version": 1})).refused(409, "stale");
        assert_eq!(admin.get("/api/user/group").rows().len(), 1);
        let row = admin.get("/api/user/group?status=0").row();
        assert_eq!((&row["groupDetail"], &row["status"], &row["version"]), (&json!(null), &json!(0), &json!(2)));
        assert_eq!(
            admin
                .post("/api/user/group", json!({"name": "a\u{0}b", "content": 3, "data_scope": "mine", "status": -1}))
                .bad_fields(),
            ["content", "data_scope", "status", "name"]
        );
        assert_eq!(admin.post("/api/user/group", json!({"name": "长".repeat(101)})).bad_fields(), ["name"]);
        assert_eq!(admin.get("/api/user/group?status=2&page=0&count=1001&group_id=-1").bad_fields().len(), 4);
        for _ in 0..2 {
            admin.send("DELETE", &format!("/api/user/delgroup?group_id={sales}"), &[], None).ok();
        }
        admin.post("/api/user/group", json!({"group_id": sales, "name": "x"})).refused(404, "not_found");
        admin.post("/api/user/delgroup", json!({"group_id": 999})).refused(404, "not_found");
        assert_eq!(admin.post("/api/user/delgroup", json!({})).bad_fields(), ["group_id"]);
        assert_eq!(admin.get("/api/user/group?status=-1").row()["id"], sales);
        assert_eq!(admin.get(&format!("/api/user/group?group_id={sales}")).row()["status"], -1);
        admin.post("/api/user/group", json!({"name": "销售"})).ok();
        admin.get("/api/user/delgroup?group_id=1").refused(405, "method_not_allowed");
    });
}

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

#[test]
fn menus_are_listed_changed_deleted_and_given_to_people() {
    on_each_engine(|server| {
        let admin = server.admin();
        let rows = admin.get("/api/user/menu").rows();
        assert_eq!(field(&rows, "name"), ["客户管理", "拜访记录", "需求变更", "满意度", "合同管理", "统计"]);
        assert_eq!(rows[0], json!({"id": 1, "name": "客户管理", "content": "", "note": "", "version": 1}));
        let id = admin.post("/api/user/menu", json!({"name": "报表", "content": "c"})).id();
        admin.post("/api/user/menu", json!({"menu_id": id, "note": "n", "content": null, "version": 1})).ok();
        let row = admin.get(&format!("/api/user/menu?menu_id={id}")).row();
        assert_eq!(row, json!({"id": id, "name": "报表", "content": "", "note": "n", "version": 2}));
        assert_eq!(admin.post("/api/user/menu", json!({"content": "x"})).bad_fields(), ["name"]);
        assert_eq!(admin.post("/api/user/menu", json!({"menu_id": id, "name": ""})).bad_fields(), ["name"]);
        admin.post("/api/user/menu", json!({"menu_id": id, "name": "x", "version": 1})).refused(409, "stale");
        admin.post("/api/user/menu", json!({"menu_id": 999, "name": "x"})).refused(404, "not_found");

        let answer = admin.post("/api/user/usermenu", json!({"user_id": 1, "menu": [id, 2, 1]})).ok();
        assert_eq!((&answer["msg"], &answer["data"]["id"]), (&json!("修改成功"), &json!(1)));
        let row = admin.get("/api/user/usermenu").row();
        assert_eq!(field(row["menu"].as_array().expect("a menu"), "id"), [id, 2, 1]);
        assert_eq!(row["menu"][1], json!({"id": 2, "name": "拜访记录", "content": "", "note": ""}));
        admin.post("/api/user/usermenu", json!({"user_id": 1, "menu": [1], "version": 1})).refused(409, "stale");
        admin.form("/api/user/menu", &format!("menu_id={id}")).ok();
        admin.form("/api/user/menu", &format!("menu_id={id}")).ok();
        admin.post("/api/user/menu", json!({"menu_id": id, "name": "x"})).refused(404, "not_found");
        assert_eq!(admin.get("/api/user/menu?count=1").ok()["page_info"]["total"], 6);
        let profile = admin.get("/api/user/profile").ok();
        assert_eq!(field(profile["data"]["menu"].as_array().expect("a menu"), "id"), [2, 1]);
        admin.post("/api/user/usermenu", json!({"user_id": 1, "menu": [id, 2]})).ok();
        admin.post("/api/user/usermenu", json!({"user_id": 1, "menu": []})).ok();
        assert_eq!(admin.get("/api/user/usermenu").row()["menu"], json!([]));
        for (body, fields) in [
            (json!({"user_id": 1}), vec!["menu"]),
            (json!({}), vec!["user_id", "menu"]),
            (json!({"user_id": 1, "menu": [1, id]}), vec!["menu"]),
            (json!({"user_id": 1, "menu": [1, 999]}), vec!["menu"]),
            (json!({"user_id": 1, "menu": [1, 1]}), vec!["menu"]),
            (json!({"user_id": 1, "menu": {"a": 1}}), vec!["menu"]),
        ] {
            assert_eq!(admin.post("/api/user/usermenu", body).bad_fields(), fields);
        }
    });
}

#[test]
fn departments_are_a_tree_that_is_kept_whole() {
    on_each_engine(|server| {
        let admin = server.admin();
        let top = admin.post("/api/user/department", json!({"name": "总部", "leader_id": 1})).id();
        let below = admin.post("/api/user/department", json!({"name": "销售部", "parent_id": top})).id();
        admin.post("/api/user/user", json!({"user_id": 1, "departmentId": below})).ok();
        assert_eq!(
            admin.get("/api/user/department").ok()["data"],
            json!([
                {"id": top, "name": "总部", "parent_id": null, "leader_id": 1, "leader_name": "管理员", "staff_count": 0, "version": 1},
                {"id": below, "name": "销售部", "parent_id": top, "leader_id": null, "leader_name": null, "staff_count": 1, "version": 1},
            ])
        );
        let fields = |body: Value| admin.post("/api/user/department", body).bad_fields();
        assert_eq!(fields(json!({"department_id": top, "parent_id": below})), ["parent_id"]);
        assert_eq!(fields(json!({"department_id": top, "parent_id": top})), ["parent_id"]);
        assert_eq!(fields(json!({"parent_id": 999, "leader_id": 999})), ["name", "parent_id", "leader_id"]);
        admin.post("/api/user/deldepartment", json!({"department_id": top})).refused(409, "conflict");
        admin.post("/api/user/deldepartment", json!({"department_id": below})).refused(409, "conflict");
        admin.post("/api/user/user", json!({"user_id": 1, "departmentId": null})).ok();
        for id in [below, below, top] {
            admin.post("/api/user/deldepartment", json!({"department_id": id})).ok();
        }
        admin.post("/api/user/department", json!({"department_id": top, "name": "x"})).refused(404, "not_found");
        assert_eq!(fields(json!({"name": "x", "parent_id": top})), ["parent_id"]);
        assert_eq!(
            admin.post("/api/user/user", json!({"user_id": 1, "departmentId": top})).bad_fields(),
            ["departmentId"]
        );
        assert_eq!(admin.get(&format!("/api/user/department?department_id={top}")).rows().len(), 0);
    });
}

#[test]
fn the_profile_is_open_before_the_first_password_is_changed_and_little_else() {
    on_each_engine(|server| {
        let admin = server.admin();
        let body = json!({"phoneNumber": "13700000001", "group_id": 1, "role_id": 3});
        let made = admin.post("/api/user/user", body).ok();
        let person = server.sign_in("13700000001", made["data"]["initial_password"].as_str().expect("a password"));
        let profile = person.get("/api/user/profile").ok();
        assert_eq!((profile["status"].as_i64(), &profile["data"]["must_change_password"]), (Some(0), &json!(true)));
        assert_eq!(
            (&profile["data"]["data_scope"], &profile["data"]["phoneNumber"]),
            (&json!("own"), &json!("13700000001"))
        );
        for path in ["menu", "usermenu", "sessions"] {
            person.get(&format!("/api/user/{path}")).refused(403, "password_change_required");
        }
        assert_eq!(admin.get("/api/user/profile").ok()["data"]["data_scope"], "all");
    });
}

#[test]
fn sessions_are_shown_to_whose_they_are_and_ended_one_by_one() {
    on_each_engine(|server| {
        let (first, second) = (server.admin(), server.admin());
        let rows = first.get("/api/user/sessions").rows();
        assert_eq!(keys(&rows[0]), sorted("id address user_agent createTime lastSeenTime current"));
        let current: Vec<&Value> = rows.iter().filter(|row| row["current"] == true).collect();
        assert_eq!((current.len(), &current[0]["address"]), (1, &json!("127.0.0.1")));
        let other =
            second.get("/api/user/sessions").rows().into_iter().find(|row| row["current"] == true).expect("one");
        for _ in 0..2 {
            first.post("/api/user/delsession", json!({"session_id": other["id"]})).ok();
        }
        second.get("/api/user/sessions").refused(401, "unauthenticated");
        first.post("/api/user/delsession", json!({"session_id": 999})).refused(404, "not_found");
        assert_eq!(first.post("/api/user/delsession", json!({"session_id": "x"})).bad_fields(), ["session_id"]);
        first.post("/api/user/delsession", json!({"session_id": current[0]["id"]})).ok();
        first.get("/api/user/sessions").refused(401, "unauthenticated");
    });
}

#[test]
fn the_audit_trail_is_filtered_and_newest_first() {
    on_each_engine(|server| {
        let admin = server.admin();
        server.clock.advance(3600);
        let sales = group(&admin, "销售");
        server.clock.advance(3600);
        admin.post("/api/user/group", json!({"group_id": sales, "content": "卖"})).ok();
        let rows = admin.get(&format!("/api/user/audit?record=group&record_id={sales}&user_id=1")).rows();
        assert_eq!(field(&rows, "action"), ["update", "create"]);
        assert_eq!(
            keys(&rows[0]),
            sorted("id user_id user_name address action record record_id before after createTime")
        );
        assert_eq!((&rows[0]["user_name"], &rows[0]["address"]), (&json!("管理员"), &json!("127.0.0.1")));
        assert_eq!((&rows[0]["before"]["detail"], &rows[0]["after"]["detail"]), (&json!(null), &json!("卖")));
        assert_eq!((&rows[1]["before"], &rows[1]["after"]["name"]), (&json!(null), &json!("销售")));
        let within = |start: &str, end: &str| {
            let range = query(&[("start_time", &start), ("end_time", &end), ("record", &"group")]);
            admin.get(&format!("/api/user/audit?{range}")).rows().len()
        };
        assert_eq!(within("2026-03-02 11:00:00", "2026-03-02 11:00:00"), 1);
        assert_eq!(within("2026-03-02", "2026-03-02"), 2);
        assert_eq!(within("2026-03-02 11:00:01", "2026-03-02 11:59:59"), 0);
        let bad = "start_time=2021-02-30&user_id=x&record_id=0&count=0";
        assert_eq!(admin.get(&format!("/api/user/audit?{bad}")).bad_fields().len(), 4);
        assert_eq!(admin.get("/api/user/audit?start_time=2026-03-03&end_time=2026-03-02").bad_fields(), ["start_time"]);
        let text = admin.get("/api/user/audit?count=1000").text;
        assert!(!text.contains(PASSWORD) && !text.contains("$2b$"), "{text}");
        assert!(text.contains("sign_in") && text.contains("change_password"), "{text}");
    });
}

#[test]
fn a_password_is_checked_in_every_field() {
    on_each_engine(|server| {
        let admin = server.admin();
        let fields = |body: Value| admin.post("/api/user/password", body).bad_fields();
        assert_eq!(fields(json!({})), ["phoneNumber", "new_password"]);
        assert_eq!(
            fields(json!({"phoneNumber": ADMIN_PHONE, "new_password": "short"})),
            ["old_password", "new_password"]
        );
        let wrong =
            json!({"phoneNumber": ADMIN_PHONE, "old_password": "wrong password", "new_password": "a new password"});
        assert_eq!(fields(wrong), ["old_password"]);
        let nobody = json!({"phoneNumber": "13999999999", "new_password": "a new password"});
        admin.post("/api/user/password", nobody).refused(404, "not_found");
        let longest = "长".repeat(24);
        let change = json!({"phoneNumber": ADMIN_PHONE, "old_password": PASSWORD, "new_password": longest});
        admin.post("/api/user/password", change).ok();
        let _ = server.sign_in(ADMIN_PHONE, &longest);
    });
}

#[test]
fn a_replaced_session_is_told_so_everywhere_and_a_password_still_signs_out() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(server) = Server::start(engine, &["--crm-single-session", "true"]) else { continue };
        let (first, second) = (server.admin(), server.admin());
        let body = first.get("/api/user/profile").refused(401, "session_replaced");
        assert_eq!(body["msg"], "你的帐号已在其他地方登录,本地已经下线");
        first.post("/api/user/logout", json!({})).refused(401, "session_replaced");
        second.get("/api/user/profile").ok();
        first
            .post("/api/user/logout", json!({"phoneNumber": ADMIN_PHONE, "password": "wrong"}))
            .refused(401, "invalid_credentials");
        first.post("/api/user/logout", json!({"phoneNumber": ADMIN_PHONE, "password": PASSWORD})).ok();
        second.get("/api/user/profile").refused(401, "unauthenticated");
    }
}
