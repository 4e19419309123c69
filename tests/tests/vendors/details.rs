//! Client detail (`002`) and miaosuan detail (`004`): the values, and how they refuse.

use crm_tests::{Answer, on_each_engine, on_each_engine_with};
use serde_json::{Value, json};

use crate::life::{APPROVAL, CUSTOMERS, Life, MODULE, client_detail, live, sheet, sheet_as, team};

#[test]
fn the_values_are_those_that_were_written() {
    on_each_engine_with(APPROVAL, |server| {
        let Life { team, id, items, sheets, .. } = live(server);
        let person =
            |id: i64, name: &str, avatar: &str| json!({"id": id.to_string(), "name": name, "avatar_url": avatar});
        let seller = person(team.seller_id, "金苹果", "/upload/a.png");
        let designer = person(team.designer_id, "夏冰", "");
        let pool = &items[1];
        assert_eq!(pool["phone"], "156****1234", "masked in the pool");
        assert_eq!(
            (&pool["is_public"], &pool["client_position"], &pool["own_id"]),
            (&json!(1), &json!("seas"), &json!([]))
        );
        assert_eq!((&pool["_can_edit"], &pool["_can_del"]), (&json!(false), &json!(false)));
        assert_eq!((&pool["first_assign_time"], &pool["first_assign_diff"]), (&Value::Null, &json!("-")));
        let claimed = &items[2];
        assert_eq!((&claimed["own_id"], &claimed["clue_user"]), (&seller, &seller));
        assert_eq!((&claimed["first_assign_time"], &claimed["first_assign_diff"]), (&json!(120), &json!("2分")));
        assert_eq!((&claimed["phone"], &claimed["assign_at"]), (&json!("15612341234"), &json!("2026-03-02 10:02:00")));
        // Assigned on Monday; due after five full days and not before the rule's ten days of notice.
        assert_eq!((&claimed["_left_days"], &claimed["_coming_free"]), (&json!(10), &json!(true)));
        let worked = &items[3];
        assert_eq!(
            worked["life_cycle_id"],
            json!({
                "id": "2", "name": "定金", "group_id": "356016794198081536", "is_active": true, "color": "#2da8aa",
                "sort_num": 2, "is_default": 0
            })
        );
        assert_eq!((&worked["last_life_cycle_id"], &worked["order_money"]), (&json!(1), &json!("1200.5000")));
        assert_eq!(
            (&worked["last_deal_money"], &worked["last_deal_at"]),
            (&json!("1200.5000"), &json!("2026-03-02 10:02:00"))
        );
        assert_eq!(
            (&worked["last_follow_log"], &worked["last_follow_at"]),
            (&json!("谈妥"), &json!("2026-03-02 10:01:00"))
        );
        assert_eq!(
            (&worked["_team_info"], &worked["is_favorite"], &worked["clue_is_black"]),
            (&json!(true), &json!(true), &json!(1))
        );
        assert_eq!(worked["tags"][0]["name"], "1500万");
        assert_eq!(
            (&worked["textarea_1680158327352"], &worked["select_1680162080347"]),
            (&json!("长"), &json!(["乙"]))
        );
        let locked = &items[4];
        assert_eq!(
            (&locked["is_lock"], &locked["is_favorite"], &locked["_left_days"]),
            (&json!(1), &json!(false), &json!(0))
        );
        let assigned = &items[6];
        assert_eq!((&assigned["own_id"], &assigned["last_own_id"]), (&designer, &seller));
        assert_eq!(
            (&assigned["life_cycle_id"]["is_active"], &assigned["source"]["is_active"]),
            (&json!(false), &json!(false))
        );
        let released = &items[7];
        assert_eq!(
            (&released["move_seas_times"], &released["move_seas_type"], &released["last_own_id"]),
            (&json!(1), &json!(2), &designer)
        );
        let deleted = items.last().expect("the last");
        assert_eq!(deleted["deleted_reason"], "重复");
        assert_eq!(deleted["deleted_id"]["id"], team.admin_id.to_string());

        let worked = &sheets[3];
        let expected = json!({
            "id": id, "status": "定金", "global_status": 0, "finance_status": 1, "description": "4室2厅",
            "community_name": "绿城", "room_number": "10号1002", "customer_name": "张先生111",
            "customer_address": "上海绿城10号1002", "customer_phone": "15612341234", "status_id": 2,
            "customer_source": "线上流量", "customer_type": 1, "follower_name": "金苹果", "follower_id": team.seller_id
        });
        for (name, value) in expected.as_object().expect("an object") {
            assert_eq!(&worked[name], value, "{name}");
        }
        assert_eq!(worked["customer_budget"].to_string(), "60.00");
        assert_eq!(
            worked["role_types"][1],
            json!({
                "role_type": 1, "role_name": "首席设计师", "role_description": "出图",
                "users": [{"user_id": team.designer_id, "user_name": "夏冰", "user_phone": "13900000002"}]
            })
        );
        assert_eq!(worked["role_types"][2]["users"], Value::Null);
        let outcomes: Vec<&Value> = sheets.iter().map(|sheet| &sheet["global_status"]).collect();
        assert_eq!(outcomes[4], &json!(1), "signed");
        assert_eq!((&sheets[7]["follower_id"], &sheets[7]["follower_name"]), (&Value::Null, &json!("")));
        assert_eq!(sheets.last().expect("the last")["finance_status"], 0, "the contract was deleted");
    });
}

#[test]
fn approval_marks_the_flow() {
    on_each_engine_with(APPROVAL, |server| {
        let team = team(server);
        let flow = |id: i64| {
            let item = client_detail(&team.seller, id)["data"]["item"].clone();
            (item["_flow"].clone(), item["_flow_status"].clone(), item["_flow_node_name"].clone())
        };
        let id = team.seller.post(CUSTOMERS, json!({"realName": "甲"})).id();
        assert_eq!(flow(id), (json!(true), json!("pending"), json!("管理员审批")));
        team.admin.post("/api/customers/approve", json!({"customer_id": id, "approve_status": "rejected"})).ok();
        assert_eq!(flow(id), (json!(false), json!("rejected"), Value::Null));
        team.admin.post("/api/customers/approve", json!({"customer_id": id, "approve_status": "approved"})).ok();
        assert_eq!(flow(id), (json!(false), Value::Null, Value::Null));
    });
}

#[test]
fn client_detail_refuses_in_its_own_envelope() {
    on_each_engine(|server| {
        let team = team(server);
        let id = team.seller.post(CUSTOMERS, json!({"realName": "甲"})).id();
        let path = "/api/crm/client/detail";
        let refused = |answer: Answer, status: u16| {
            assert_eq!((answer.status, answer.body["code"].as_i64()), (status, Some(status.into())), "{}", answer.text);
            assert!(answer.body["data"].is_null() && answer.body["message"].is_string(), "{}", answer.text);
            answer.text
        };
        let hidden = refused(team.seller.post(path, json!({"id": 999_999, "mid": MODULE})), 404);
        assert!(refused(team.seller.post(path, json!({"id": id})), 400).contains("mid"));
        assert!(refused(team.seller.post(path, json!({"id": id, "mid": 1})), 400).contains("mid"));
        assert!(refused(team.seller.post(path, json!({"mid": MODULE})), 400).contains("id"));
        refused(server.anonymous().post(path, json!({"id": id, "mid": MODULE})), 401);
        refused(team.seller.get(path), 405);
        let form = format!("mid={MODULE}&id={id}");
        assert_eq!(team.seller.form(path, &form).status, 200);
        assert_eq!(team.seller.send("POST", &format!("{path}?{form}"), &[], None).status, 200);
        let of_line = |line: &str| {
            let headers = [("default-product-id", line), ("content-type", "application/x-www-form-urlencoded")];
            team.seller.send("POST", path, &headers, Some(form.as_bytes()))
        };
        assert_eq!(of_line("1").status, 200);
        assert_eq!(refused(of_line("2"), 404), hidden);
        assert!(refused(of_line("x"), 400).contains("default-product-id"));
        let twice = [("default-product-id", "1"), ("default-product-id", "2")];
        refused(team.seller.send("POST", &format!("{path}?{form}"), &twice, None), 400);
    });
}

#[test]
fn miaosuan_asks_who_is_calling() {
    on_each_engine(|server| {
        let team = team(server);
        let group = server.group("own", "own");
        let (other_id, other) =
            server.person("13900000003", json!({"realName": "乙", "role_id": 2, "group_id": [group]}));
        let id = team.seller.post(CUSTOMERS, json!({"realName": "甲"})).id();
        let refused = |answer: Answer, status: u16| {
            assert_eq!((answer.status, answer.body["code"].as_i64()), (status, Some(status.into())), "{}", answer.text);
            assert!(answer.body["data"].is_null() && answer.body["msg"].is_string(), "{}", answer.text);
        };
        let path = format!("/miaosuan/customer/detail?customer_id={id}");
        refused(team.seller.get(&path), 400);
        refused(team.seller.send("GET", &path, &[("user_id", "x")], None), 400);
        refused(sheet_as(&team.seller, team.admin_id, id), 403);
        refused(sheet_as(&other, other_id, id), 404);
        refused(sheet_as(&server.anonymous(), team.seller_id, id), 401);
        refused(team.seller.post("/miaosuan/customer/detail", json!({})), 405);
        // An administrator sees what the other may see.
        sheet(&team.admin, team.admin_id, id);
        sheet(&team.admin, team.seller_id, id);
        refused(sheet_as(&team.admin, other_id, id), 404);
        refused(sheet_as(&team.admin, 999_999, id), 404);
    });
}
