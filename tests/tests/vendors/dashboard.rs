//! The dashboard of surface `000`: its shape, and what makes each number change.

use crm_core::{Clock, Zone};
use crm_db::Engine;
use crm_tests::{Answer, Client, on_each_engine, on_each_engine_with, query, shape};
use serde_json::{Value, json};

const DASHBOARD: &str = "/business/1/plugin/CrmDashboard/getCustomerData";
const CUSTOMERS: &str = "/api/customers/customers";
const WECOM: &str = "/api/customers/wecom";

/// The answer of a success.
fn data(answer: Answer) -> Value {
    assert!(answer.status == 200 && answer.body["result"] == 1 && answer.body["msg"] == "成功", "{}", answer.text);
    answer.body["data"].clone()
}

fn read(client: &Client, question: Value) -> Value {
    data(client.post(DASHBOARD, question))
}

/// A refusal in the vendor's envelope.
fn refused(answer: Answer, status: u16) {
    let body = &answer.body;
    assert!(
        answer.status == status && body["result"] == 0 && body["data"] == json!([]) && body["msg"].is_string(),
        "{} {}",
        answer.status,
        answer.text
    );
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(3), "{}", answer.text);
}

fn enter(client: &Client, name: &str) -> i64 {
    client.post(CUSTOMERS, json!({"realName": name})).id()
}

/// Moves the clock to this local time.
fn set_clock(clock: &Clock, to: &str) {
    let to = Zone::default().parse(to, crm_core::DayEdge::Start).expect("a time");
    clock.advance(to.unix() - clock.now().unix());
}

fn seconds(text: &str) -> i64 {
    Zone::default().parse(text, crm_core::DayEdge::Start).expect("a time").unix()
}

#[test]
fn the_answer_has_every_key_of_the_sample_and_its_type() {
    let sample: Value = serde_json::from_str(include_str!("../fixtures/dashboard.json")).expect("the sample is JSON");
    on_each_engine(|server| {
        let admin = server.admin();
        enter(&admin, "王伟");
        let answer = admin.post(DASHBOARD, json!({}));
        assert_eq!(answer.status, 200);
        assert_eq!(shape::differences(&sample, &answer.body), Vec::<String>::new());
        // The sample's own week, asked for in every way.
        let time = seconds("2025-12-24 12:00:00");
        let forms = [
            admin.post(DASHBOARD, json!({"date_type": "week", "date_time": time})),
            admin.post(DASHBOARD, json!({"date_type": "week", "date_time": (time * 1000).to_string()})),
            admin.form(DASHBOARD, &format!("date_type=week&date_time={time}")),
            admin.send("POST", &format!("{DASHBOARD}?date_type=week&date_time={time}"), &[], None),
        ];
        for answer in forms {
            let data = data(answer);
            for kind in ["crm", "wechat"] {
                assert_eq!(data["graph"][kind]["x_axis"], sample["data"]["graph"][kind]["x_axis"]);
                assert_eq!(data["graph"][kind]["name"], sample["data"]["graph"][kind]["name"]);
                assert_eq!(data["graph"][kind]["series"].as_array().map(Vec::len), Some(7));
            }
            assert_eq!(data["old_name"], "前一周");
        }
        let names = ["day", "week", "month"].map(|kind| {
            let past = read(&admin, json!({"date_type": kind, "date_time": time}))["old_name"].clone();
            (read(&admin, json!({"date_type": kind}))["old_name"].clone(), past)
        });
        assert_eq!(json!(names), json!([["昨天", "前一天"], ["上周", "前一周"], ["上月", "前一月"]]));
    });
}

#[test]
fn every_failure_is_in_the_vendors_envelope() {
    on_each_engine(|server| {
        let admin = server.admin();
        let group = server.group("own", "own");
        let (colleague, own) = server.person("13900000001", json!({"group_id": group}));
        let (_, correspondent) = server.person("13900000002", json!({"group_id": group, "role_id": 3}));
        let department = admin.post("/api/user/department", json!({"name": "部"})).id();
        refused(server.anonymous().post(DASHBOARD, json!({})), 401);
        refused(correspondent.post(DASHBOARD, json!({})), 403);
        for uniacid in ["2", "01", "x", "%E4%B8%80"] {
            refused(admin.post(&DASHBOARD.replace('1', uniacid), json!({})), 404);
        }
        let last = i64::MAX;
        for wrong in [
            json!({"date_type": "year"}),
            json!({"date_time": "x"}),
            json!({"date_time": -1}),
            json!({"date_time": last}),
            json!({"date_time": 1.5}),
            json!({"department_id": 99}),
            json!({"department_id": "x"}),
            json!({"subordinate_id": 99}),
            json!({"subordinate_id": [1, 2]}),
        ] {
            refused(admin.post(DASHBOARD, wrong), 400);
        }
        refused(own.post(DASHBOARD, json!({"subordinate_id": 1})), 400);
        refused(own.post(DASHBOARD, json!({"department_id": department})), 400);
        read(&own, json!({"subordinate_id": colleague}));
        read(&admin, json!({"department_id": department}));
        for (method, status) in [("GET", 405), ("PUT", 405), ("DELETE", 405)] {
            let answer = admin.send(method, DASHBOARD, &[], None);
            assert_eq!(answer.headers["allow"], "POST");
            refused(answer, status);
        }
        refused(admin.send("POST", DASHBOARD, &[("content-type", "text/xml")], Some(b"<a/>")), 415);
        refused(admin.send("POST", DASHBOARD, &[("content-type", "application/json")], Some(b"{")), 400);
        refused(
            admin.send("POST", DASHBOARD, &[("content-type", "application/json")], Some(&vec![b' '; (1 << 20) + 1])),
            413,
        );
        // The ends of what is a time.
        for time in [0, 1, 99_999_999_999, 100_000_000_000, 253_402_300_799_999_i64] {
            for kind in ["day", "week", "month"] {
                read(&admin, json!({"date_type": kind, "date_time": time}));
            }
        }
        server.clock.advance(13 * 3600);
        refused(admin.post(DASHBOARD, json!({})), 401);
    });
    on_each_engine_with(&["--crm-account-id", "shop-7"], |server| {
        refused(server.admin().post(DASHBOARD, json!({})), 404);
        data(server.admin().post(&DASHBOARD.replace('1', "shop-7"), json!({})));
    });
}

#[test]
fn every_number_changes_with_what_it_counts_and_its_list_shows_the_same() {
    on_each_engine(|server| {
        set_clock(&server.clock, "2026-03-09 10:00:00");
        let admin = server.admin();
        let numbers = || {
            let data = read(&admin, json!({}));
            let crm = &data["crm"];
            let wechat = &data["wechat"];
            let of = |section: &Value| {
                [
                    &section["total"],
                    &section["new"]["value"],
                    &section["new"]["old_value"],
                    &section["loss"]["value"],
                    &section["loss"]["old_value"],
                ]
                .map(|number| number.as_i64().expect("a number"))
            };
            let lists = |path: &str| admin.get(path).ok()["page_info"]["total"].as_i64();
            assert_eq!(crm["total"].as_i64(), lists(&format!("{CUSTOMERS}?owned=1")));
            assert_eq!(wechat["total"].as_i64(), lists(WECOM));
            for (week, value) in [("2026-03-09", "value"), ("2026-03-02", "old_value")] {
                let end =
                    Zone::default().parse(week, crm_core::DayEdge::Start).expect("a day").plus_seconds(7 * 86_400 - 1);
                let range = query(&[("start_time", &week), ("end_time", &Zone::default().format(end))]);
                for (number, event) in [("new", "added"), ("loss", "lost")] {
                    assert_eq!(
                        wechat[number][value].as_i64(),
                        lists(&format!("{WECOM}?event={event}&{range}")),
                        "{event} {week}"
                    );
                }
            }
            assert_eq!(crm["new"]["is_up"], crm["new"]["value"].as_i64() >= crm["new"]["old_value"].as_i64());
            let series = &data["graph"]["crm"]["series"];
            assert_eq!((&series[6], &series[5]), (&crm["new"]["value"], &crm["new"]["old_value"]));
            (of(crm), of(wechat))
        };
        assert_eq!(numbers(), ([0; 5], [0; 5]));
        let first = enter(&admin, "一");
        enter(&admin, "二");
        admin.post(CUSTOMERS, json!({"realName": "公海", "owner_id": null})).ok();
        assert_eq!(numbers().0, [2, 2, 0, 0, 0], "the pool's customer is nobody's");
        let delete = |id: i64, status: i64| {
            admin.post("/api/customers/delcustomer", json!({"customer_id": id, "status": status})).ok()
        };
        delete(first, -1);
        assert_eq!(numbers().0, [1, 2, 0, 1, 0]);
        delete(first, 1);
        delete(first, -1);
        assert_eq!(numbers().0, [1, 2, 0, 1, 0], "each once per period, and what is restored is not new");
        // Somebody who leaves loses all customers to the pool.
        let (leaver, client) = server.person("13900000001", json!({"group_id": server.group("own", "own")}));
        enter(&client, "三");
        admin.post(WECOM, json!({"external_userid": "wm0", "user_id": leaver})).ok();
        assert_eq!(numbers(), ([2, 3, 0, 1, 0], [1, 1, 0, 0, 0]));
        admin.post("/api/user/deluser", json!({"user_id": leaver})).ok();
        assert_eq!(numbers().0, [1, 3, 0, 2, 0]);

        let contact = |body: Value| admin.post(WECOM, body).id();
        contact(json!({"external_userid": "wm1", "user_id": 1, "added_at": "2026-03-02 00:00:00"}));
        contact(json!({"external_userid": "wm2", "user_id": 1, "added_at": "2026-03-08 23:59:59"}));
        contact(json!({"external_userid": "wm3", "user_id": 1, "added_at": "2026-03-01 23:59:59"}));
        assert_eq!(numbers().1, [4, 1, 2, 0, 0]);
        contact(json!({"external_userid": "wm1", "user_id": 1, "lost_at": "2026-03-08 12:00:00"}));
        contact(json!({"external_userid": "wm2", "user_id": 1, "lost_at": "2026-03-09 00:00:00"}));
        assert_eq!(numbers().1, [2, 1, 2, 1, 1]);
        let gone = contact(json!({"external_userid": "wm2", "user_id": 1, "lost_at": null}));
        assert_eq!(numbers().1, [3, 2, 2, 1, 1]);
        admin.post("/api/customers/delwecom", json!({"wecom_id": gone})).ok();
        assert_eq!(numbers().1, [2, 1, 1, 0, 1], "what should not have been entered counts nowhere");

        // A week later this week is the last one.
        set_clock(&server.clock, "2026-03-16 00:00:00");
        let admin = server.admin();
        let data = read(&admin, json!({}));
        assert_eq!(data["crm"]["new"], json!({"value": 0, "old_value": 3, "is_up": false}));
        assert_eq!(data["crm"]["loss"], json!({"value": 0, "old_value": 2, "is_up": false}));
        assert_eq!(data["graph"]["crm"]["series"], json!([0, 0, 0, 0, 0, 3, 0]));
        assert_eq!(data["graph"]["wechat"]["series"], json!([0, 0, 0, 1, 1, 1, 0]));
    });
}

#[test]
fn periods_move_through_the_ends_of_years() {
    on_each_engine(|server| {
        let mut number = 0;
        for time in [
            "2026-12-27 23:59:59",
            "2026-12-28 00:00:00",
            "2026-12-31 23:59:59",
            "2027-01-01 00:00:00",
            "2027-01-03 23:59:59",
            "2027-01-04 00:00:00",
        ] {
            set_clock(&server.clock, time);
            number += 1;
            enter(&server.admin(), &number.to_string());
        }
        let admin = server.admin();
        let graph = |kind: &str| {
            let data = read(&admin, json!({"date_type": kind}));
            (data["graph"]["crm"]["x_axis"].clone(), data["graph"]["crm"]["series"].clone(), data["old_name"].clone())
        };
        let weeks = ["2026/48", "2026/49", "2026/50", "2026/51", "2026/52", "2026/53", "2027/01"];
        assert_eq!(graph("week"), (json!(weeks), json!([0, 0, 0, 0, 1, 4, 1]), json!("上周")));
        let months = ["2026/07", "2026/08", "2026/09", "2026/10", "2026/11", "2026/12", "2027/01"];
        assert_eq!(graph("month"), (json!(months), json!([0, 0, 0, 0, 0, 3, 3]), json!("上月")));
        let days = ["2026/12/29", "2026/12/30", "2026/12/31", "2027/01/01", "2027/01/02", "2027/01/03", "2027/01/04"];
        assert_eq!(graph("day"), (json!(days), json!([0, 0, 1, 1, 0, 1, 1]), json!("昨天")));
        let past = read(&admin, json!({"date_type": "week", "date_time": seconds("2027-01-03 23:59:59")}));
        assert_eq!((&past["crm"]["new"]["value"], &past["crm"]["new"]["old_value"]), (&json!(4), &json!(1)));
        assert_eq!((&past["old_name"], &past["crm"]["total"]), (&json!("前一周"), &json!(6)));
    });
}

#[test]
fn a_day_is_a_day_of_the_deployments_zone() {
    on_each_engine_with(&["--crm-timezone", "Europe/Berlin"], |server| {
        // 2026-03-29 has 23 hours there: 22:59:59 UTC the day before to 21:59:59 UTC.
        for utc in ["2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z"] {
            set_clock(&server.clock, utc);
            enter(&server.admin(), utc);
        }
        let series = read(&server.admin(), json!({"date_type": "day"}))["graph"]["crm"]["series"].clone();
        assert_eq!(series, json!([0, 0, 0, 0, 1, 2, 1]));
    });
}

#[test]
fn everybody_counts_what_is_in_their_scope() {
    on_each_engine(|server| {
        let admin = server.admin();
        let department = |body: Value| admin.post("/api/user/department", body).id();
        let sales = department(json!({"name": "销售部"}));
        let east = department(json!({"name": "东区", "parent_id": sales}));
        let support = department(json!({"name": "客服部"}));
        let group = |scope: &str| server.group(scope, scope);
        let (tree, department_only, own) = (group("department_tree"), group("department"), group("own"));
        let mut phones = 13_900_000_001_i64..;
        let mut person = |group: i64, department: i64| {
            let phone = phones.next().expect("a number").to_string();
            let (id, client) = server.person(&phone, json!({"group_id": group, "departmentId": department}));
            enter(&client, "甲");
            client.post(WECOM, json!({"external_userid": "wm", "user_id": id})).ok();
            (id, client)
        };
        let (boss_id, boss) = person(tree, sales);
        let (_, flat) = person(department_only, sales);
        let (worker_id, worker) = person(own, east);
        let (other_id, other) = person(own, support);
        enter(&worker, "乙");
        // Entered by one person for another: it is the owner's.
        admin.post(CUSTOMERS, json!({"realName": "丙", "owner_id": other_id, "creator_id": boss_id})).ok();

        let count = |client: &Client, question: Value| {
            let data = read(client, question.clone());
            let mut filter = String::from("owned=1");
            let mut contacts = String::from("state=current");
            if let Some(department) = question.get("department_id") {
                filter += &format!("&department_id={department}");
                contacts += &format!("&department_id={department}");
            }
            if let Some(person) = question.get("subordinate_id") {
                filter += &format!("&owner_id={person}");
                contacts += &format!("&user_id={person}");
            }
            let total = |path: String| client.get(&path).ok()["page_info"]["total"].clone();
            assert_eq!(data["crm"]["total"], total(format!("{CUSTOMERS}?{filter}")), "{question}");
            assert_eq!(data["wechat"]["total"], total(format!("{WECOM}?{contacts}")), "{question}");
            assert_eq!(data["crm"]["total"], data["crm"]["new"]["value"], "{question}");
            assert_eq!(data["wechat"]["total"], data["wechat"]["new"]["value"], "{question}");
            (data["crm"]["total"].as_i64().expect("a number"), data["wechat"]["total"].as_i64().expect("a number"))
        };
        assert_eq!(count(&admin, json!({})), (6, 4));
        assert_eq!(count(&boss, json!({})), (4, 3));
        assert_eq!(count(&flat, json!({})), (2, 2));
        assert_eq!(count(&worker, json!({})), (2, 1));
        assert_eq!(count(&other, json!({})), (2, 1));
        assert_eq!(count(&admin, json!({"department_id": sales})), (4, 3));
        assert_eq!(count(&admin, json!({"department_id": east})), (2, 1));
        assert_eq!(count(&boss, json!({"department_id": east})), (2, 1));
        assert_eq!(count(&boss, json!({"subordinate_id": worker_id})), (2, 1));
        assert_eq!(count(&admin, json!({"subordinate_id": other_id, "department_id": sales})), (0, 0));
        assert_eq!(count(&worker, json!({"department_id": sales})), (2, 1));
        for (client, question) in [
            (&boss, json!({"subordinate_id": other_id})),
            (&boss, json!({"department_id": support})),
            (&flat, json!({"department_id": east})),
            (&worker, json!({"subordinate_id": boss_id})),
        ] {
            refused(client.post(DASHBOARD, question), 400);
        }
    });
}

#[test]
fn what_the_pool_rule_recycles_within_a_day_is_soon_lost() {
    on_each_engine(|server| {
        let rule = |enabled: i16| {
            let rule = json!({"enabled": enabled, "contact_days": 3, "deal_days": 0, "notice_days": 1});
            server.admin().post("/api/customers/poolrule", rule).ok();
        };
        let group = server.group("own", "own");
        let (_, client) = server.person("13900000001", json!({"group_id": group}));
        enter(&server.admin(), "一");
        enter(&client, "二");
        rule(1);
        let soon = |client: &Client| read(client, json!({}))["soon_loss_total"].as_i64();
        assert_eq!(soon(&server.admin()), Some(0));
        // Entered on the 2nd, due on the 6th.
        set_clock(&server.clock, "2026-03-04 23:59:59");
        assert_eq!(soon(&server.admin()), Some(0));
        set_clock(&server.clock, "2026-03-05 00:00:00");
        enter(&server.admin(), "三");
        assert_eq!(soon(&server.admin()), Some(2));
        assert_eq!(soon(&server.sign_in("13900000001", crm_tests::PASSWORD)), Some(1));
        rule(0);
        assert_eq!(soon(&server.admin()), Some(0));
    });
}

#[test]
fn the_dashboard_takes_as_many_statements_however_much_there_is() {
    on_each_engine(|server| {
        let admin = server.admin();
        let statements = || {
            let before = server.database.db.statements();
            read(&admin, json!({"department_id": 1, "subordinate_id": 1}));
            server.database.db.statements() - before
        };
        admin.post("/api/user/department", json!({"name": "部"})).ok();
        let empty = statements();
        for number in 0..20 {
            enter(&admin, &number.to_string());
            admin.post(WECOM, json!({"external_userid": format!("wm{number}"), "user_id": 1})).ok();
            admin.post("/api/user/department", json!({"name": number.to_string(), "parent_id": 1})).ok();
        }
        let full = statements();
        println!("{full} statements");
        // On SQLite they see one state, which is begun and ended.
        let framed = if server.database.db.engine() == Engine::Sqlite { 2 } else { 0 };
        assert!(empty == full && full <= 12 + framed, "{empty} and {full}");
    });
}
