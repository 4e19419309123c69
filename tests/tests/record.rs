//! `/api/record`: potentials, follow-ups and demands over HTTP.

use crm_core::Role;
use crm_tests::{Client, Server, on_each_engine, query};
use serde_json::{Value, json};

/// A signed-in person with this role, whose group grants this data scope; and their id.
fn person(server: &Server, phone: &str, role: Role, scope: &str) -> (i64, Client) {
    server.person(phone, json!({"role_id": role.id(), "group_id": [server.group(phone, scope)]}))
}

fn customer(server: &Server, name: &str) -> i64 {
    server.admin().post("/api/customers/customers", json!({"realName": name})).id()
}

fn organization(client: &Client, name: &str) -> i64 {
    client.post("/api/customers/organization", json!({"groupName": name})).id()
}

const AT: &str = "2026-03-01 13:01:02";

fn potential(client: &Client, organization: i64) -> i64 {
    let body = json!({"organization_id": organization, "director_id": 1, "record_time": AT});
    client.post("/api/record/potential", body).id()
}

fn total(client: &Client, path: &str) -> i64 {
    client.get(path).ok()["page_info"]["total"].as_i64().expect("a total")
}

#[test]
fn a_potential_is_entered_listed_changed_and_deleted() {
    on_each_engine(|server| {
        let admin = server.admin();
        let organization = organization(&admin, "国务院");
        let body = json!({"organization_id": organization, "director_id": 1, "record_time": AT});
        let answer = admin.post("/api/record/potential", body).ok();
        assert_eq!(answer["msg"], "操作成功");
        let id = answer["data"]["id"].as_i64().expect("an id");
        assert_eq!(
            admin.get("/api/record/potential").row(),
            json!({
                "id": id, "organization_id": organization, "organization_name": "国务院", "director_id": 1,
                "director": "管理员", "creator_id": 1, "recordTime": AT, "follow_count": 0, "last_follow_time": null,
                "createTime": "2026-03-02 10:00:00", "updateTime": "2026-03-02 10:00:00", "status": 0, "note": null,
                "version": 1
            })
        );
        server.clock.advance(5);
        admin.form("/api/record/potential", &format!("protent_id={id}&note=%E6%B3%A8&version=1")).ok();
        let row = admin.get(&format!("/api/record/potential?potential_id={id}")).row();
        assert_eq!(
            (&row["note"], &row["version"], &row["updateTime"], &row["recordTime"]),
            (&json!("注"), &json!(2), &json!("2026-03-02 10:00:05"), &json!(AT))
        );
        admin.post("/api/record/potential", json!({"potent_id": id, "version": 1, "note": null})).refused(409, "stale");
        for status in [json!(3), json!("2"), json!(-1), json!(-1)] {
            let answer = admin.post("/api/record/delpotent", json!({"potent_id": id, "status": status})).ok();
            assert_eq!((&answer["msg"], &answer["data"]["id"]), (&json!("操作成功"), &json!(id)));
        }
        admin.post("/api/record/potential", json!({"protent_id": id, "note": "x"})).refused(404, "not_found");
        assert_eq!(total(&admin, "/api/record/potential"), 0);
        assert_eq!(total(&admin, "/api/record/potential?status=normal"), 0);
        assert_eq!(total(&admin, "/api/record/potential?status=all"), 1);
        assert_eq!(total(&admin, "/api/record/potential?status=-1"), 1);
        assert_eq!(admin.get(&format!("/api/record/potential?potent_id={id}")).row()["status"], -1);
        admin.send("DELETE", &format!("/api/record/delpotent?protent_id={id}&status=2"), &[], None).ok();
        assert_eq!(admin.get("/api/record/potential?status=2").row()["id"], id);
        assert_eq!(admin.get("/api/customers/organization").row()["status"], 2);
    });
}

#[test]
fn the_id_of_a_potential_has_three_names_that_must_agree() {
    on_each_engine(|server| {
        let admin = server.admin();
        let organization = organization(&admin, "国务院");
        let (id, other) = (potential(&admin, organization), potential(&admin, organization));
        for name in ["potent_id", "protent_id", "potential_id"] {
            assert_eq!(admin.get(&format!("/api/record/potential?{name}={id}")).row()["id"], id);
            admin.post("/api/record/potential", json!({name: id, "note": name})).ok();
            admin.post("/api/record/delpotent", json!({name: id, "status": 1})).ok();
            admin.post("/api/record/follow", json!({name: id.to_string(), "follower_id": 1, "record_time": AT})).ok();
            assert!(total(&admin, &format!("/api/record/follow?{name}={id}")) > 0);
        }
        let same = format!("potent_id={id}&potential_id={id}");
        assert_eq!(admin.get(&format!("/api/record/potential?{same}")).row()["id"], id);
        let both = format!("potent_id={id}&potential_id={other}");
        for path in ["potential", "follow"] {
            assert_eq!(admin.get(&format!("/api/record/{path}?{both}")).bad_fields(), ["potential_id"]);
        }
        let contradiction = json!({"protent_id": id, "potent_id": other, "status": 1, "follower_id": [1],
            "record_time": AT, "organization_id": organization, "director_id": 1});
        for path in ["potential", "delpotent", "follow"] {
            let answer = admin.post(&format!("/api/record/{path}"), contradiction.clone());
            assert_eq!(answer.bad_fields(), ["protent_id"], "{path}");
        }
        let answer =
            admin.post("/api/record/follow", json!({"potential_id": "x", "follower_id": [1], "record_time": AT}));
        assert_eq!(answer.bad_fields(), ["potential_id"]);
        assert_eq!(admin.post("/api/record/delpotent", json!({})).bad_fields(), ["potent_id", "status"]);
    });
}

#[test]
fn a_follow_up_is_recorded_listed_changed_and_deleted() {
    on_each_engine(|server| {
        let admin = server.admin();
        let (tom, _) = person(server, "13900000001", Role::Staff, "all");
        let (jerry, wang) = (customer(server, "Jerry"), customer(server, "王伟"));
        let organization = organization(&admin, "国务院");
        let potential = potential(&admin, organization);
        let answer = admin
            .post(
                "/api/record/follow",
                json!({
                    "protent_id": potential, "customers_id": [jerry, wang], "follower_id": [tom, 1],
                    "record_time": "2026-03-01", "event": 2, "gain": "<b>收获</b>", "event_attach": "www.baidu.com",
                    "event_note": " 备注\n"
                }),
            )
            .ok();
        assert_eq!(answer["msg"], "创建成功");
        let id = answer["data"]["id"].as_i64().expect("an id");
        assert_eq!(
            admin.get("/api/record/follow").row(),
            json!({
                "id": id, "potential_id": potential, "organization_id": organization, "organization_name": "国务院",
                "event": 2, "attach": "www.baidu.com", "gain": "<b>收获</b>", "recordTime": "2026-03-01 00:00:00",
                "createTime": "2026-03-02 10:00:00", "updateTime": "2026-03-02 10:00:00", "status": 0,
                "note": " 备注\n", "operator_id": 1, "operator_name": "管理员", "follower_id": [tom, 1],
                "follower_name": ["13900000001", "管理员"], "customers_id": [jerry, wang],
                "customer_name": ["Jerry", "王伟"], "version": 1
            })
        );
        let row = admin.get("/api/record/potential").row();
        assert_eq!(
            (&row["status"], &row["follow_count"], &row["last_follow_time"]),
            (&json!(1), &json!(1), &json!("2026-03-01 00:00:00"))
        );
        let change = json!({"follow_id": id, "event": null, "gain": "", "customers_id": wang, "version": 1});
        admin.post("/api/record/follow", change.clone()).ok();
        admin.post("/api/record/follow", change).refused(409, "stale");
        let row = admin.get(&format!("/api/record/follow?follow_id={id}")).row();
        assert_eq!(
            (&row["event"], &row["gain"], &row["customers_id"], &row["follower_id"], &row["version"]),
            (&json!(null), &json!(null), &json!([wang]), &json!([tom, 1]), &json!(2))
        );
        admin.post("/api/record/delfollow", json!({"follow_id": id})).ok();
        admin.send("DELETE", &format!("/api/record/delfollow?follow_id={id}"), &[], None).ok();
        assert_eq!(total(&admin, "/api/record/follow"), 0);
        assert_eq!(total(&admin, &format!("/api/record/follow?protent_id={potential}")), 0);
        assert_eq!(total(&admin, "/api/record/follow?status=all"), 1);
        assert_eq!(total(&admin, "/api/record/follow?status=0"), 0);
        assert_eq!(admin.get("/api/record/follow?status=-1").row()["status"], -1);
        admin.post("/api/record/follow", json!({"follow_id": id, "gain": "x"})).refused(404, "not_found");
        admin.post("/api/record/delpotent", json!({"potent_id": potential, "status": -1})).ok();
        let late = json!({"protent_id": potential, "follower_id": [1], "record_time": AT});
        assert_eq!(admin.post("/api/record/follow", late).refused(409, "conflict")["errors"][0]["field"], "protent_id");
    });
}

#[test]
fn a_demand_is_recorded_listed_changed_and_deleted() {
    on_each_engine(|server| {
        let admin = server.admin();
        let jerry = customer(server, "Jerry");
        let (organization, other) = (organization(&admin, "国务院"), organization(&admin, "别的"));
        let answer = admin
            .post(
                "/api/record/demand",
                json!({
                    "organization_id": organization, "customer_id": [jerry], "follower_id": 1, "record_time": AT,
                    "content": "季报", "demand_attach": "/upload/a.png", "demand_note": "急"
                }),
            )
            .ok();
        assert_eq!(answer["msg"], "操作成功");
        let id = answer["data"]["id"].as_i64().expect("an id");
        assert_eq!(
            admin.get("/api/record/demand").row(),
            json!({
                "id": id, "content": "季报", "attach": "/upload/a.png", "recordTime": AT,
                "createTime": "2026-03-02 10:00:00", "updateTime": "2026-03-02 10:00:00", "status": 0, "note": "急",
                "operator_id": 1, "operator_name": "管理员", "organization_id": organization,
                "organization_name": "国务院", "follower_id": [1], "follower_name": ["管理员"],
                "customer_id": [jerry], "customer_name": ["Jerry"], "version": 1
            })
        );
        let change = json!({"demand_id": id, "organization_id": other, "customer_id": null, "demand_note": ""});
        admin.post("/api/record/demand", change).ok();
        assert_eq!(total(&admin, &format!("/api/record/demand?organization_id={organization}")), 0);
        assert_eq!(total(&admin, &format!("/api/record/demand?customer_id={jerry}")), 0);
        let row = admin.get(&format!("/api/record/demand?organization_id={other}")).row();
        assert_eq!((&row["note"], &row["customer_name"], &row["version"]), (&json!(null), &json!([]), &json!(2)));
        for _ in 0..2 {
            admin.post("/api/record/deldemand", json!({"demand_id": id.to_string()})).ok();
        }
        assert_eq!(total(&admin, "/api/record/demand"), 0);
        assert_eq!(total(&admin, "/api/record/demand?status=all"), 1);
        assert_eq!(admin.get(&format!("/api/record/demand?demand_id={id}")).row()["status"], -1);
        admin.post("/api/record/demand", json!({"demand_id": id, "content": "x"})).refused(404, "not_found");
    });
}

#[test]
fn arrays_are_read_in_every_spelling() {
    on_each_engine(|server| {
        let admin = server.admin();
        let (a, b) = (customer(server, "甲"), customer(server, "乙"));
        let potential = potential(&admin, organization(&admin, "国务院"));
        let expected = json!([b, a]);
        let check = |id: i64| {
            assert_eq!(admin.get(&format!("/api/record/follow?follow_id={id}")).row()["customers_id"], expected);
        };
        for spelling in
            [json!([b, a]), json!(format!("[{b},{a}]")), json!(format!("{b},{a}")), json!([b.to_string(), a])]
        {
            let body =
                json!({"protent_id": potential, "follower_id": "1", "record_time": AT, "customers_id": spelling});
            check(admin.post("/api/record/follow", body).id());
        }
        for spelling in [
            format!("customers_id={b}&customers_id={a}"),
            format!("customers_id[]={b}&customers_id[]={a}"),
            format!("customers_id={b},{a}"),
            format!("customers_id=[{b},{a}]"),
        ] {
            let body = format!("protent_id={potential}&follower_id=1&record_time=2026-03-01&{spelling}");
            check(admin.form("/api/record/follow", &body).id());
        }
        let multipart = format!(
            "--x\r\ncontent-disposition: form-data; name=\"protent_id\"\r\n\r\n{potential}\r\n\
             --x\r\ncontent-disposition: form-data; name=\"follower_id\"\r\n\r\n1\r\n\
             --x\r\ncontent-disposition: form-data; name=\"record_time\"\r\n\r\n{AT}\r\n\
             --x\r\ncontent-disposition: form-data; name=\"customers_id\"\r\n\r\n[{b},{a}]\r\n--x--\r\n"
        );
        let headers = [("content-type", "multipart/form-data; boundary=x")];
        check(admin.send("POST", "/api/record/follow", &headers, Some(multipart.as_bytes())).id());
    });
}

#[test]
fn every_bad_field_is_listed_at_once() {
    on_each_engine(|server| {
        let admin = server.admin();
        let organization = organization(&admin, "国务院");
        let potential = potential(&admin, organization);
        let cases: &[(&str, Value, &[&str])] = &[
            ("potential", json!({}), &["organization_id", "director_id", "record_time"]),
            (
                "potential",
                json!({"organization_id": -1, "director_id": "tom", "record_time": "2021-02-30", "note": 5}),
                &["organization_id", "director_id", "record_time", "note"],
            ),
            (
                "potential",
                json!({"organization_id": 99999, "director_id": 99999, "record_time": AT, "note": "x".repeat(10_001)}),
                &["note", "organization_id", "director_id"],
            ),
            (
                "potential",
                json!({"protent_id": potential, "organization_id": null, "director_id": "", "record_time": null,
                    "version": 0}),
                &["version", "organization_id", "director_id", "record_time"],
            ),
            ("delpotent", json!({"potent_id": "1.5", "status": 4}), &["potent_id", "status"]),
            ("delpotent", json!({"potent_id": potential, "status": null}), &["status"]),
            ("delpotent", json!({"potent_id": potential, "status": true}), &["status"]),
            ("follow", json!({}), &["follower_id", "record_time", "protent_id"]),
            (
                "follow",
                json!({"protent_id": 99999, "follower_id": [], "record_time": 1636440126, "event": 0,
                    "event_attach": "javascript:alert(1)", "event_note": "\u{0}", "customers_id": [1, 1], "gain": []}),
                &[
                    "customers_id",
                    "record_time",
                    "gain",
                    "follower_id",
                    "event",
                    "event_attach",
                    "event_note",
                    "protent_id",
                ],
            ),
            (
                "follow",
                json!({"protent_id": potential, "follower_id": [1, 99998, 99999], "record_time": AT, "event": 1.5,
                    "customers_id": ["x"]}),
                &["customers_id", "event", "follower_id"],
            ),
            (
                "follow",
                json!({"protent_id": "99999999999999999999", "follower_id": {"a": 1}, "record_time": "2026-03-01 24:00:00",
                    "event": "99999999999999999999"}),
                &["protent_id", "follower_id", "record_time", "event"],
            ),
            ("delfollow", json!({}), &["follow_id"]),
            ("delfollow", json!({"follow_id": 0}), &["follow_id"]),
            ("demand", json!({}), &["organization_id", "follower_id", "record_time", "content"]),
            (
                "demand",
                json!({"organization_id": "x", "follower_id": [-1], "customer_id": [99999], "record_time": [],
                    "content": "", "demand_attach": "data:text/html,x", "demand_note": "\u{7}"}),
                &[
                    "organization_id",
                    "follower_id",
                    "record_time",
                    "content",
                    "demand_attach",
                    "demand_note",
                    "customer_id",
                ],
            ),
            ("deldemand", json!({"demand_id": [1]}), &["demand_id"]),
        ];
        for (path, body, fields) in cases {
            let answer = admin.post(&format!("/api/record/{path}"), body.clone());
            assert_eq!(answer.bad_fields(), *fields, "{path} {body}");
        }
        let many: Vec<i64> = (1..=1001).collect();
        let body = json!({"organization_id": organization, "follower_id": many, "record_time": AT, "content": "x"});
        assert_eq!(admin.post("/api/record/demand", body).bad_fields(), ["follower_id"]);
        let body = json!({"protent_id": potential, "follower_id": [1, 99998, 99999], "record_time": AT});
        let message = admin.post("/api/record/follow", body).refused(400, "validation_failed")["msg"].to_string();
        assert!(message.contains("99998,99999"), "{message}");
        assert_eq!(total(&admin, "/api/record/follow?status=all"), 0);
        assert_eq!(total(&admin, "/api/record/demand?status=all"), 0);
        assert_eq!(admin.get("/api/record/potential?status=all").row()["version"], 1);
        for (path, body) in [
            ("potential", json!({"protent_id": 99999, "note": "x"})),
            ("delpotent", json!({"potent_id": 99999, "status": 1})),
            ("follow", json!({"follow_id": 99999, "gain": "x"})),
            ("delfollow", json!({"follow_id": 99999})),
            ("demand", json!({"demand_id": 99999, "content": "x"})),
            ("deldemand", json!({"demand_id": 99999})),
        ] {
            admin.post(&format!("/api/record/{path}"), body).refused(404, "not_found");
        }
    });
}

#[test]
fn a_follow_up_stays_with_its_potential() {
    on_each_engine(|server| {
        let admin = server.admin();
        let organization = organization(&admin, "国务院");
        let (first, second) = (potential(&admin, organization), potential(&admin, organization));
        let id =
            admin.post("/api/record/follow", json!({"protent_id": first, "follower_id": [1], "record_time": AT})).id();
        admin.post("/api/record/follow", json!({"follow_id": id, "protent_id": first, "gain": "x"})).ok();
        let moved = json!({"follow_id": id, "protent_id": second, "event": 9});
        assert_eq!(admin.post("/api/record/follow", moved).bad_fields(), ["protent_id", "event"]);
        assert_eq!(admin.get("/api/record/follow").row()["potential_id"], first);
    });
}

#[test]
fn lists_show_the_last_week_unless_told_otherwise() {
    on_each_engine(|server| {
        let admin = server.admin();
        let organization = organization(&admin, "国务院");
        let mut ids = Vec::new();
        // Just inside and just outside the week before 2026-03-02 10:00:00, and in the future.
        for at in ["2026-02-23 10:00:00", "2026-02-23 09:59:59", "2026-03-02 10:00:01"] {
            let body = json!({"organization_id": organization, "director_id": 1, "record_time": at});
            let potential = admin.post("/api/record/potential", body).id();
            let body = json!({"protent_id": potential, "follower_id": [1], "record_time": at});
            let follow = admin.post("/api/record/follow", body).id();
            let body =
                json!({"organization_id": organization, "follower_id": [1], "record_time": at, "content": "季报"});
            ids.push([potential, follow, admin.post("/api/record/demand", body).id()]);
        }
        let [inside, before, after] = [ids[0], ids[1], ids[2]];
        for (kind, (path, own)) in
            [("potential", "potent_id"), ("follow", "follow_id"), ("demand", "demand_id")].into_iter().enumerate()
        {
            let list = |pairs: &[(&str, &str)]| -> Vec<i64> {
                let pairs: Vec<(&str, &dyn std::fmt::Display)> =
                    pairs.iter().map(|(name, value)| (*name, value as &dyn std::fmt::Display)).collect();
                let rows = admin.get(&format!("/api/record/{path}?{}", query(&pairs))).rows();
                rows.iter().map(|row| row["id"].as_i64().expect("an id")).collect()
            };
            assert_eq!(list(&[]), [inside[kind]], "{path}");
            assert_eq!(list(&[("start_time", "2026-02-23")]), [inside[kind], before[kind]]);
            assert_eq!(
                list(&[("end_time", "2026-03-02")]),
                [after[kind]],
                "the default start is a week before the end"
            );
            let range = [("start_time", "2026-02-23T01:59:59Z"), ("end_time", "2026-03-02 10:00:01")];
            assert_eq!(list(&range), [after[kind], inside[kind], before[kind]]);
            assert_eq!(
                list(&[("start_time", "2026-02-23 09:59:59"), ("end_time", "2026-02-23 09:59:59")]),
                [before[kind]]
            );
            assert_eq!(list(&[(own, &before[kind].to_string())]), [before[kind]], "by id there is no default range");
            let both = [(own, before[kind].to_string()), ("start_time", "2026-02-24".to_owned())];
            assert_eq!(list(&both.each_ref().map(|(name, value)| (*name, value.as_str()))), [0i64; 0]);
            for (pairs, fields) in [
                ("start_time=2026-03-02&end_time=2026-03-01", &["start_time"][..]),
                ("start_time=2026-03-03", &["start_time"]),
                ("start_time=2021-02-30&end_time=x", &["start_time", "end_time"]),
                ("page=0&count=1001", &["page", "count"]),
                ("page=x&count=-1&organization_id=0&status=9", &["status", "organization_id", "page", "count"]),
                ("organization_id=1&organization_id=1", &["organization_id"]),
            ] {
                assert_eq!(admin.get(&format!("/api/record/{path}?{pairs}")).bad_fields(), fields, "{path} {pairs}");
            }
            let past = admin.get(&format!("/api/record/{path}?page=9223372036854775807&count=1000")).ok();
            assert_eq!((&past["data"], &past["page_info"]["total"]), (&json!([]), &json!(1)));
            assert_eq!(total(&admin, &format!("/api/record/{path}?{own}=99999")), 0);
        }
        let of_potential = admin.get(&format!("/api/record/follow?protent_id={}", before[0])).row();
        assert_eq!(of_potential["id"], before[1], "by potential there is no default range");
        for filter in ["customer_id=99999", "follower_id=99999", "organization_id=99999"] {
            assert_eq!(total(&admin, &format!("/api/record/follow?{filter}")), 0, "{filter}");
        }
        assert_eq!(total(&admin, "/api/record/potential?director_id=99999"), 0);
        assert_eq!(total(&admin, "/api/record/potential?director_id=1"), 1);
    });
}

#[test]
fn each_role_works_within_its_scope_and_strangers_not_at_all() {
    on_each_engine(|server| {
        let admin = server.admin();
        let foreign = potential(&admin, organization(&admin, "国务院"));
        for (phone, role, scope) in [("13900000001", Role::Staff, "own"), ("13900000002", Role::Correspondent, "all")] {
            let (me, client) = person(server, phone, role, scope);
            assert_eq!(total(&client, &format!("/api/record/potential?potent_id={foreign}")), 0);
            client.post("/api/record/delpotent", json!({"potent_id": foreign, "status": 1})).refused(404, "not_found");
            let organization = organization(&client, "自己的");
            let body = json!({"organization_id": organization, "director_id": me, "record_time": AT});
            let own = client.post("/api/record/potential", body).id();
            let body = json!({"protent_id": foreign, "follower_id": [me], "record_time": AT});
            assert_eq!(client.post("/api/record/follow", body).bad_fields(), ["protent_id"]);
            let body = json!({"protent_id": own, "follower_id": [me], "record_time": AT});
            let follow = client.post("/api/record/follow", body).id();
            let body =
                json!({"organization_id": organization, "follower_id": [me], "record_time": AT, "content": "季报"});
            let demand = client.post("/api/record/demand", body).id();
            assert_eq!(client.get("/api/record/follow").row()["operator_name"], phone);
            assert_eq!(total(&client, "/api/record/demand"), 1);
            client.post("/api/record/delfollow", json!({"follow_id": follow})).ok();
            client.post("/api/record/deldemand", json!({"demand_id": demand})).ok();
            client.post("/api/record/delpotent", json!({"potent_id": own, "status": -1})).ok();
        }
        for path in ["potential", "follow", "demand"] {
            server.anonymous().get(&format!("/api/record/{path}?page=0")).refused(401, "unauthenticated");
            server.anonymous().post(&format!("/api/record/{path}"), json!({})).refused(401, "unauthenticated");
            admin.send("DELETE", &format!("/api/record/{path}"), &[], None).refused(405, "method_not_allowed");
        }
        for path in ["delpotent", "delfollow", "deldemand"] {
            server.anonymous().post(&format!("/api/record/{path}"), json!({})).refused(401, "unauthenticated");
            let refused = admin.get(&format!("/api/record/{path}"));
            assert_eq!(refused.headers["allow"], "POST, DELETE");
            refused.refused(405, "method_not_allowed");
        }
    });
}
