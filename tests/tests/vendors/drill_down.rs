//! For every number of the dashboard there is a list that shows exactly what it counts, for whoever
//! asks and whomever it is asked of.

use chrono::{Datelike, Days, Months, NaiveDate};
use crm_core::Zone;
use crm_tests::{Client, Server, on_each_engine_with};
use serde_json::{Value, json};

const DASHBOARD: &str = "/business/1/plugin/CrmDashboard/getCustomerData";
const DAY: i64 = 86_400;

/// First and last day of the period a date is in, and of the one before.
fn periods(kind: &str, date: NaiveDate) -> [(NaiveDate, NaiveDate); 2] {
    let start = match kind {
        "day" => date,
        "week" => date - Days::new(u64::from(date.weekday().num_days_from_monday())),
        _ => date.with_day(1).expect("the first"),
    };
    let move_by = |date: NaiveDate, back: bool| match (kind, back) {
        ("day", true) => date - Days::new(1),
        ("day", false) => date + Days::new(1),
        ("week", true) => date - Days::new(7),
        ("week", false) => date + Days::new(7),
        (_, true) => date - Months::new(1),
        (_, false) => date + Months::new(1),
    };
    let end = |start: NaiveDate| move_by(start, false) - Days::new(1);
    let before = move_by(start, true);
    [(start, end(start)), (before, end(before))]
}

/// The total of a list, which is the number of its rows, each of another customer or contact.
fn listed(client: &Client, path: &str, of: &str) -> i64 {
    let body = client.get(&format!("{path}&count=1000")).ok();
    let rows = body["data"].as_array().expect("rows");
    let mut ids: Vec<i64> = rows.iter().map(|row| row[of].as_i64().expect("an id")).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), rows.len(), "{path}: one twice");
    assert_eq!(body["page_info"]["total"].as_u64(), u64::try_from(rows.len()).ok(), "{path}");
    body["page_info"]["total"].as_i64().expect("a total")
}

fn today(server: &Server) -> NaiveDate {
    Zone::default().date(server.clock.now())
}

/// Compares every number with its list; gives how many were not zero.
fn compare(server: &Server, client: &Client, question: &Value, owner: &str, staff: &str, user: &str) -> usize {
    let mut some = 0;
    let mut equal = |what: String, number: &Value, path: String, of: &str| {
        let number = number.as_i64().expect("a number");
        assert_eq!(number, listed(client, &path, of), "{what}: {path}");
        some += usize::from(number > 0);
    };
    for kind in ["day", "week", "month"] {
        let mut question = question.clone();
        question["date_type"] = json!(kind);
        let answer = client.post(DASHBOARD, question);
        assert_eq!(answer.body["result"], 1, "{}", answer.text);
        let data = &answer.body["data"];
        let crm = "/api/customers";
        equal("total".into(), &data["crm"]["total"], format!("{crm}/customers?owned=1{owner}"), "id");
        equal("soon".into(), &data["soon_loss_total"], format!("{crm}/due?days=1&owned=1{owner}"), "id");
        equal("wechat".into(), &data["wechat"]["total"], format!("{crm}/wecom?state=current{user}"), "id");
        for (which, (start, end)) in ["value", "old_value"].into_iter().zip(periods(kind, today(server))) {
            let time = format!("start_time={start}&end_time={end}");
            for (name, word, event) in [("new", "gained", "added"), ("loss", "lost", "lost")] {
                let what = format!("{kind} {name} {which}");
                let history = format!("{crm}/history?kind={word}&{time}{staff}");
                equal(what.clone(), &data["crm"][name][which], history, "customer_id");
                let wecom = format!("{crm}/wecom?event={event}&state=all&{time}{user}");
                equal(what, &data["wechat"][name][which], wecom, "id");
            }
        }
    }
    some
}

#[test]
fn every_number_has_a_list_of_just_what_it_counts() {
    let flags = ["--crm-session-idle-minutes", "525600", "--crm-session-max-days", "3650"];
    on_each_engine_with(&flags, |server| {
        let admin = server.admin();
        let mut rng = fastrand::Rng::with_seed(7);
        let top = admin.post("/api/user/department", json!({"name": "销售"})).id();
        let below = admin.post("/api/user/department", json!({"name": "东区", "parent_id": top})).id();
        let other = admin.post("/api/user/department", json!({"name": "客服"})).id();
        let (tree, own) = (server.group("tree", "department_tree"), server.group("own", "own"));
        let mut people = Vec::new();
        for (number, (department, group)) in
            [(top, tree), (below, own), (below, own), (other, own), (other, tree)].into_iter().enumerate()
        {
            people.push(server.person(
                &format!("1390000000{number}"),
                json!({"realName": format!("p{number}"), "group_id": group, "departmentId": department}),
            ));
        }
        admin.post("/api/customers/poolrule", json!({"enabled": 1, "contact_days": 6, "notice_days": 2})).ok();
        let mut customers: Vec<i64> = Vec::new();
        for day in 0..40 {
            for _ in 0..rng.usize(1..5) {
                let (id, client) = rng.choice(&people).expect("people");
                let Some(customer) = rng.choice(&customers).copied().filter(|_| rng.u8(0..3) > 0) else {
                    customers.push(client.post("/api/customers/customers", json!({"realName": "客户"})).id());
                    continue;
                };
                let body = json!({"customer_id": customer, "owner_id": id});
                let wecom = json!({"external_userid": format!("w{}", rng.u8(0..9)), "user_id": id});
                let wecom_lost = json!({
                    "external_userid": format!("w{}", rng.u8(0..9)), "user_id": id,
                    "lost_at": Zone::default().format(server.clock.now())
                });
                // Some of it is refused, which changes nothing.
                let _ = match rng.u8(0..8) {
                    0 | 1 => client.post("/api/customers/release", body),
                    2 | 3 => client.post("/api/customers/claim", body),
                    4 => admin.post("/api/customers/assign", body),
                    5 => client.post("/api/customers/delcustomer", body),
                    6 => client.post("/api/customers/wecom", wecom),
                    _ => client.post("/api/customers/wecom", wecom_lost),
                };
            }
            server.clock.advance(rng.i64(DAY / 2..DAY));
            if day % 13 < 12 {
                continue;
            }
            let mut some = 0;
            let (leader, member) = (&people[0].1, &people[1]);
            for client in [&admin, leader, &member.1] {
                some += compare(server, client, &json!({}), "", "", "");
            }
            for client in [&admin, leader] {
                let question = json!({"department_id": top});
                let of = format!("&department_id={top}");
                some += compare(server, client, &question, &of, &of, &of);
                let question = json!({"subordinate_id": member.0});
                let (owner, staff, user) = (
                    format!("&owner_id={}", member.0),
                    format!("&staff_id={}", member.0),
                    format!("&user_id={}", member.0),
                );
                some += compare(server, client, &question, &owner, &staff, &user);
            }
            assert!(some > 40, "{some} numbers were not zero");
        }
    });
}
