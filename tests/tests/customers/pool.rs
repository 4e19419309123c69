//! The public pool over HTTP.

use crm_tests::{Client, on_each_engine, on_each_engine_with, query};
use serde_json::{Value, json};

use crate::support::*;

const CLAIM: &str = "/api/customers/claim";
const RELEASE: &str = "/api/customers/release";
const ASSIGN: &str = "/api/customers/assign";
const HISTORY: &str = "/api/customers/history";
const DUE: &str = "/api/customers/due";
const RULE: &str = "/api/customers/poolrule";
const DAY: i64 = 86_400;

fn pooled(client: &Client, name: &str) -> i64 {
    client.post(CUSTOMERS, json!({"realName": name, "phoneNumber": "13812341234", "owner_id": null})).id()
}

#[test]
fn one_bare_id_is_answered_like_a_write_and_an_array_with_a_result_for_each() {
    on_each_engine(|server| {
        let (admin, (me, staff)) = (server.admin(), colleague(server, 1, 2));
        let ids: Vec<i64> = ["a", "b", "c", "d"].iter().map(|name| pooled(&admin, name)).collect();
        let done = staff.post(CLAIM, json!({"customer_id": ids[0], "reason": "认识"})).ok();
        assert_eq!(done, json!({"status": 0, "msg": "操作成功", "data": {"id": ids[0]}}));
        let row = one(&staff, ids[0]);
        assert_eq!((&row["owner_id"], &row["phoneNumber"]), (&json!(me), &json!("13812341234")));
        let mut refused = staff.post(CLAIM, json!({"customer_id": ids[0]})).refused(409, "conflict");
        refused["request_id"].take();
        assert_eq!(refused["msg"], "该客户已有负责人");
        admin.form(CLAIM, &format!("customer_id={}", ids[0])).refused(409, "conflict");
        let answer = staff.post(CLAIM, json!({"customer_id": [99_999, ids[1], ids[0]]})).ok();
        assert_eq!(
            answer["data"]["results"],
            json!([
                {"id": ids[0], "ok": false, "code": "conflict", "msg": "该客户已有负责人"},
                {"id": ids[1], "ok": true},
                {"id": 99_999, "ok": false, "code": "not_found", "msg": "客户不存在"}
            ])
        );
        let (two, three) = (ids[2], ids[3]);
        let spellings = ["customer_id=[TWO]", "customer_id[]=TWO", "customer_id=TWO,THREE"];
        for spelled in spellings.map(|text| text.replace("TWO", &two.to_string()).replace("THREE", &three.to_string()))
        {
            let answer = staff.form(CLAIM, &spelled).ok();
            assert!(answer["data"]["results"].is_array(), "{spelled}: {answer}");
        }
        let answer = staff.form(RELEASE, &format!("customer_id={}&customer_id={}", ids[2], ids[3])).ok();
        assert_eq!(answer["data"]["results"].as_array().map(Vec::len), Some(2));
        for wrong in [json!({}), json!({"customer_id": []}), json!({"customer_id": null}), json!({"customer_id": "x"})]
        {
            assert_eq!(staff.post(CLAIM, wrong.clone()).bad_fields(), ["customer_id"], "{wrong}");
        }
        let many: Vec<i64> = (1..=1_001).collect();
        assert_eq!(staff.post(CLAIM, json!({ "customer_id": many })).bad_fields(), ["customer_id"]);
        let bad = staff.post(ASSIGN, json!({"customer_id": 0, "reason": 1})).bad_fields();
        assert_eq!(bad, ["customer_id", "owner_id", "reason"]);
        assert_eq!(admin.post(ASSIGN, json!({"customer_id": [ids[0]], "owner_id": 99})).bad_fields(), ["owner_id"]);
        assert_eq!(admin.post(ASSIGN, json!({"customer_id": ids[0], "owner_id": 99})).bad_fields(), ["owner_id"]);
        staff.get(CLAIM).refused(405, "method_not_allowed");
        server.anonymous().post(CLAIM, json!({"customer_id": ids[0]})).refused(401, "unauthenticated");
    });
}

#[test]
fn a_customer_goes_from_hand_to_hand_and_its_history_tells_how() {
    on_each_engine(|server| {
        let admin = server.admin();
        let ((anna, first), (bert, second)) = (colleague(server, 1, 2), colleague(server, 2, 2));
        let correspondent = colleague(server, 3, 3).1;
        let id = pooled(&admin, "x");
        first.post(CLAIM, json!({"customer_id": id})).ok();
        second.post(RELEASE, json!({"customer_id": id})).refused(404, "not_found");
        first.post(ASSIGN, json!({"customer_id": id, "owner_id": bert})).refused(403, "forbidden");
        correspondent.post(CLAIM, json!({"customer_id": id})).refused(403, "forbidden");
        server.clock.advance(60);
        admin.post(ASSIGN, json!({"customer_id": id, "owner_id": bert, "reason": "换人"})).ok();
        first.post(RELEASE, json!({"customer_id": id})).refused(409, "conflict");
        admin.post("/api/customers/lock", json!({"customer_id": id})).ok();
        second.post(RELEASE, json!({"customer_id": id})).refused(409, "conflict");
        admin.post("/api/customers/unlock", json!({"customer_id": id})).ok();
        server.clock.advance(60);
        second.post(RELEASE, json!({"customer_id": id, "reason": "没有需求"})).ok();
        let rows = admin.get(&format!("{HISTORY}?customer_id={id}")).rows();
        let kinds: Vec<&Value> = rows.iter().map(|row| &row["kind"]).collect();
        assert_eq!(kinds, ["released", "unlocked", "locked", "assigned", "claimed", "created"]);
        let mut assigned = rows[3].clone();
        assert!(assigned["id"].take().is_i64());
        assert_eq!(
            assigned,
            json!({
                "id": null, "customer_id": id, "kind": "assigned", "actor_id": 1, "actor_name": "管理员",
                "from": anna.to_string(), "to": bert.to_string(), "reason": "换人", "at": "2026-03-02 10:01:00"
            })
        );
        let total = |filter: &str| admin.get(&format!("{HISTORY}?{filter}")).ok()["page_info"]["total"].clone();
        assert_eq!(total("kind=gained"), 1);
        assert_eq!(total(&format!("kind=lost&staff_id={bert}")), 1);
        assert_eq!(total(&format!("kind=lost&staff_id={anna}")), 0);
        assert_eq!(total(&query(&[("start_time", &"2026-03-02 10:02:00")])), 1);
        assert_eq!(first.get(&format!("{HISTORY}?customer_id={id}")).rows().len(), 6, "the pool is everybody's");
        assert_eq!(correspondent.get(HISTORY).rows().len(), 0);
        for wrong in ["kind=x", "customer_id=0", "staff_id=x", "department_id=-1", "start_time=x", "page=0"] {
            let field = wrong.split('=').next().expect("a name");
            assert_eq!(admin.get(&format!("{HISTORY}?{wrong}")).bad_fields(), [field], "{wrong}");
        }
        let row = one(&admin, id);
        assert_eq!(
            (&row["last_owner_id"], &row["pool_times"], &row["pool_type"]),
            (&json!(bert), &json!(1), &json!(2))
        );
    });
}

#[test]
fn the_rule_is_tried_set_and_carried_out_in_the_background() {
    on_each_engine_with(&["--crm-jobs-interval-seconds", "1"], |server| {
        let (admin, (_, staff)) = (server.admin(), colleague(server, 1, 2));
        let id = staff.post(CUSTOMERS, json!({"realName": "x"})).id();
        let rule = admin.get(RULE).ok()["data"].clone();
        assert_eq!(
            rule,
            json!({
                "enabled": 0, "contact_days": 30, "deal_days": 90, "notice_days": 3, "hold_limit": 0,
                "cooldown_days": 0, "tightened_at": null, "updated_at": "2026-01-01 08:00:00", "version": 1
            })
        );
        assert_eq!(staff.get(RULE).ok()["data"], rule);
        staff.post(RULE, json!({"enabled": 1})).refused(403, "forbidden");
        assert_eq!(
            admin
                .post(RULE, json!({"enabled": 2, "deal_days": "x", "notice_days": -1, "hold_limit": null}))
                .bad_fields(),
            ["enabled", "deal_days", "notice_days", "hold_limit"]
        );
        let wanted = json!({"enabled": true, "contact_days": 2, "deal_days": 0, "cooldown_days": 2, "preview": true});
        let tried = admin.post(RULE, wanted.clone()).ok()["data"].clone();
        assert_eq!((&tried["count"], tried["customers"].as_array().map(Vec::len)), (&json!(1), Some(1)));
        let shown = &tried["customers"][0];
        assert_eq!(
            (&shown["id"], &shown["days_left"], &shown["recycle_on"]),
            (&json!(id), &json!(3), &json!("2026-03-05"))
        );
        assert_eq!(admin.get(RULE).ok()["data"], rule, "nothing is saved");
        let mut saved = wanted;
        saved["preview"] = json!("false");
        assert_eq!(admin.post(RULE, saved).id(), 1);
        let rule = admin.get(RULE).ok()["data"].clone();
        assert_eq!((&rule["enabled"], &rule["tightened_at"]), (&json!(1), &json!("2026-03-02 10:00:00")));
        admin.post(RULE, json!({"version": 1, "enabled": 0})).refused(409, "stale");
        let due = staff.get(DUE).ok();
        assert_eq!((&due["page_info"]["total"], &due["data"][0]["days_left"]), (&json!(1), &json!(3)));
        assert_eq!(due["data"][0]["realName"], "x");
        assert_eq!(admin.get(&format!("{DUE}?days=1")).rows().len(), 0);
        assert_eq!(admin.get(&format!("{DUE}?days=-1")).bad_fields(), ["days"]);
        server.clock.advance(3 * DAY);
        let (admin, staff) = (server.admin(), server.sign_in("13900000001", crm_tests::PASSWORD));
        let row = (0..100)
            .map(|_| {
                std::thread::sleep(std::time::Duration::from_millis(100));
                one(&admin, id)
            })
            .find(|row| row["owner_id"].is_null())
            .expect("it is recycled");
        assert_eq!((&row["pool_type"], &row["pool_entered_at"]), (&json!(1), &json!("2026-03-05 10:00:00")));
        let event = admin.get(&format!("{HISTORY}?kind=recycled")).row();
        assert_eq!((&event["actor_id"], &event["actor_name"]), (&json!(null), &json!(null)));
        assert_eq!(event["reason"], "超过2天未跟进");
        let refused = staff.post(CLAIM, json!({"customer_id": id})).refused(409, "conflict");
        assert_eq!(refused["msg"], "刚失去该客户,2026-03-07 00:00:00起才能再次领取");
        let deed = admin.get("/api/user/audit?action=recycle").row();
        assert_eq!((&deed["user_id"], &deed["record_id"]), (&json!(null), &json!(id)));
    });
}

#[test]
fn two_gateways_give_every_customer_one_owner_and_nobody_more_than_the_limit() {
    on_each_engine(|server| {
        let admin = server.admin();
        let people: Vec<(i64, Client)> = (1..=8).map(|number| colleague(server, number, 2)).collect();
        let ids: Vec<i64> = (0..20).map(|number| pooled(&admin, &number.to_string())).collect();
        admin.post(RULE, json!({"hold_limit": 3})).ok();
        let second = server.second(&[]);
        let won: usize = std::thread::scope(|scope| {
            let claimants: Vec<_> = people
                .iter()
                .enumerate()
                .map(|(number, (_, client))| {
                    let ids = &ids;
                    let mut gateway = if number % 2 == 0 { client.clone() } else { Client::new(&second) };
                    gateway.token.clone_from(&client.token);
                    scope.spawn(move || {
                        if number < 4 {
                            let answer = gateway.post(CLAIM, json!({ "customer_id": ids })).ok();
                            let results = answer["data"]["results"].as_array().expect("results").clone();
                            assert!(results.iter().all(|one| one["ok"] == true || one["code"] == "conflict"));
                            return results.iter().filter(|one| one["ok"] == true).count();
                        }
                        let won = ids.iter().rev().filter(|id| {
                            let answer = gateway.post(CLAIM, json!({ "customer_id": id }));
                            assert!(matches!(answer.status, 200 | 409), "{}", answer.text);
                            answer.status == 200
                        });
                        won.count()
                    })
                })
                .collect();
            claimants.into_iter().map(|claimant| claimant.join().expect("it ends")).sum()
        });
        assert_eq!(won, 20);
        for (id, _) in &people {
            let held = admin.get(&format!("{CUSTOMERS}?owner_id={id}")).ok()["page_info"]["total"].as_i64();
            assert!(held.is_some_and(|held| held <= 3), "{held:?}");
        }
        assert_eq!(admin.get(&format!("{HISTORY}?kind=claimed&count=1000")).rows().len(), 20);
    });
}

#[test]
fn an_array_of_a_thousand_is_answered_in_time_and_tells_the_truth() {
    on_each_engine_with(&["--crm-jobs", "false"], |server| {
        let (admin, now) = (server.admin(), "2026-03-02 02:00:00");
        let rows = (1..=1_000).map(|id| format!("({id}, 'c{id}', 3, 0, 0, 0, 1, 0, 0, '0', 1, 1, '{now}', '{now}')"));
        let sql = format!(
            "INSERT INTO customers (id, real_name, sex, level, is_vip, is_senior, creator_id, pool_times, pool_type, \
             order_money, status, version, created_at, updated_at) VALUES {}",
            rows.collect::<Vec<_>>().join(", ")
        );
        server
            .database
            .db
            .write(|conn| Ok(diesel::connection::SimpleConnection::batch_execute(conn, &sql)?))
            .expect("inserted");
        let ids: Vec<i64> = (1..=1_000).collect();
        let begun = std::time::Instant::now();
        let answer = admin.post(CLAIM, json!({ "customer_id": ids })).ok();
        println!("{:?}", begun.elapsed());
        let results = answer["data"]["results"].as_array().expect("results").clone();
        assert_eq!(results.len(), 1_000);
        let owned = admin.get(&format!("{CUSTOMERS}?owner_id=1&count=1000")).rows();
        let owned: std::collections::BTreeSet<i64> = owned.iter().filter_map(|row| row["id"].as_i64()).collect();
        for result in &results {
            let id = result["id"].as_i64().expect("an id");
            assert_eq!(result["ok"].as_bool(), Some(owned.contains(&id)), "{result}");
            assert!(result["ok"] == true || result["code"] == "unavailable", "{result}");
        }
        println!("{} done", owned.len());
        assert!(!owned.is_empty());
    });
}
