//! Groups, departments and menus.

use crm_tests::on_each_engine;
use serde_json::{Value, json};

use crate::support::*;

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
