//! What people attach to a customer: contacts, team, assistants, stage, approval and marks.

use crm_tests::{Client, on_each_engine, on_each_engine_with};
use serde_json::{Value, json};

use crate::support::*;

fn audited(admin: &Client, action: &str, id: i64) -> Value {
    admin.get(&format!("/api/user/audit?record=customer&action={action}&record_id={id}")).row()
}

#[test]
fn a_stage_is_changed_with_a_reason() {
    on_each_engine(|server| {
        let (admin, staff, other) = (server.admin(), person(server, 2, 2), person(server, 3, 2));
        let stage = at("stage");
        let id = enter(&staff, "x");
        staff.post(&stage, json!({"customer_id": id, "stage_id": "6", "reason": "签了"})).ok();
        let row = one(&staff, id);
        assert_eq!(
            (&row["stage_id"], &row["stage_name"], &row["last_stage_id"]),
            (&json!(6), &json!("合同"), &json!(1))
        );
        assert_eq!((&row["version"], &row["updated_by"]), (&json!(2), &json!(2)));
        let told = audited(&admin, "stage", id);
        assert_eq!((&told["before"]["stage_id"], &told["after"]["stage_id"]), (&json!(1), &json!(6)));
        staff.form(&stage, &format!("customer_id={id}&stage_id=6")).ok();
        assert_eq!(one(&staff, id)["version"], 2, "the same stage changes nothing");
        admin.post(&at("stages"), json!({"stage_id": 7, "is_active": 0})).ok();
        for wrong in [7, 99] {
            assert_eq!(staff.post(&stage, json!({"customer_id": id, "stage_id": wrong})).bad_fields(), ["stage_id"]);
        }
        assert_eq!(
            staff.post(&stage, json!({"stage_id": "x", "reason": "a\u{0}"})).bad_fields(),
            ["customer_id", "stage_id", "reason"]
        );
        staff.post(&stage, json!({"customer_id": id, "stage_id": 8, "version": 1})).refused(409, "stale");
        other.post(&stage, json!({"customer_id": id, "stage_id": 8})).refused(404, "not_found");
        let pool = admin.post(CUSTOMERS, json!({"realName": "p", "owner_id": null})).id();
        other.post(&stage, json!({"customer_id": pool, "stage_id": 8})).refused(403, "forbidden");
        admin.post(&stage, json!({"customer_id": pool, "stage_id": 8})).ok();
    });
}

#[test]
fn those_around_a_customer_see_it_and_its_records_as_their_own() {
    on_each_engine(|server| {
        let (admin, staff, helper) = (server.admin(), person(server, 2, 2), person(server, 3, 2));
        let correspondent = person(server, 4, 3);
        let organization = staff.post("/api/customers/organization", json!({"groupName": "工信部"})).id();
        let id = staff.post(CUSTOMERS, json!({"realName": "x", "organization_id": organization})).id();
        let attach: [(&str, Value); 2] =
            [("assistants", json!({"customer_id": id})), ("team", json!({"customer_id": id, "role_type": 4}))];
        for (route, body) in attach {
            let set = |people: Value| {
                let mut body = body.clone();
                body["user_ids"] = people;
                staff.post(&at(route), body)
            };
            let hidden = |client: &Client, me: i64| {
                assert_eq!(client.get(CUSTOMERS).ok()["page_info"]["total"], 0);
                assert_eq!(client.get(&format!("{CUSTOMERS}?customer_id={id}")).rows().len(), 0);
                assert_eq!(client.get("/api/customers/organization").rows().len(), 0);
                client.post(CUSTOMERS, json!({"customer_id": id, "note": "n"})).refused(404, "not_found");
                assert_eq!(client.get(&format!("/api/customers/contact?customer_id={id}")).rows().len(), 0);
                let demand = json!({"organization_id": organization, "customer_id": [id], "follower_id": me, "record_time": "2026-03-02", "content": "季报"});
                assert_eq!(client.post("/api/record/demand", demand).bad_fields(), ["organization_id", "customer_id"]);
            };
            hidden(&helper, 3);
            hidden(&correspondent, 4);
            set(json!([3, 4])).ok();
            for (client, me) in [(&helper, 3), (&correspondent, 4)] {
                let row = client.get(CUSTOMERS).row();
                assert_eq!(row["id"], id);
                match route {
                    "team" => assert_eq!(row["team"], json!([{"role_type": 4, "user_ids": [3, 4]}])),
                    _ => assert_eq!(row["assistant_ids"], json!([3, 4])),
                }
                assert_eq!(client.get("/api/customers/organization").row()["id"], organization);
                client.post(CUSTOMERS, json!({"customer_id": id, "note": "n"})).ok();
                let demand = json!({"organization_id": organization, "customer_id": [id], "follower_id": me, "record_time": "2026-03-02", "content": "季报"});
                client.post("/api/record/demand", demand).ok();
                client
                    .post("/api/customers/organization", json!({"organization_id": organization, "note": "n"}))
                    .refused(403, "forbidden");
            }
            set(json!([])).ok();
            hidden(&helper, 3);
            hidden(&correspondent, 4);
            assert_eq!(set(json!([3, 3])).bad_fields(), ["user_ids"]);
            assert_eq!(set(json!([99])).bad_fields(), ["user_ids"]);
        }
        assert_eq!(
            staff.post(&at("team"), json!({"role_type": "x"})).bad_fields(),
            ["customer_id", "role_type", "user_ids"]
        );
        assert_eq!(
            staff.post(&at("team"), json!({"customer_id": id, "role_type": 6, "user_ids": []})).bad_fields(),
            ["role_type"]
        );
        assert_eq!(staff.post(&at("assistants"), json!({"customer_id": id})).bad_fields(), ["user_ids"]);
        assert_eq!(admin.get(&format!("/api/user/audit?record=customer&action=team&record_id={id}")).rows().len(), 2);
    });
}

#[test]
fn favourites_and_the_blacklist_are_marked_with_one_and_zero() {
    on_each_engine(|server| {
        let (admin, staff) = (server.admin(), person(server, 2, 2));
        let id = enter(&staff, "x");
        let pool = admin.post(CUSTOMERS, json!({"realName": "p", "owner_id": null})).id();
        for favourite in [id, pool] {
            staff.post(&at("favourite"), json!({"customer_id": favourite, "favourite": 1})).ok();
            let row = one(&staff, favourite);
            assert_eq!((&row["is_favourite"], &row["version"]), (&json!(true), &json!(1)));
            assert_eq!(one(&admin, favourite)["is_favourite"], false, "it is each person's own");
        }
        staff.form(&at("favourite"), &format!("customer_id={id}&favourite=0")).ok();
        assert_eq!(one(&staff, id)["is_favourite"], false);
        assert_eq!(staff.post(&at("favourite"), json!({"favourite": 2})).bad_fields(), ["customer_id", "favourite"]);
        staff.post(&at("favourite"), json!({"customer_id": 99, "favourite": 1})).refused(404, "not_found");

        staff.post(&at("blacklist"), json!({"customer_id": id, "is_blacklisted": "1"})).ok();
        let row = one(&staff, id);
        assert_eq!((&row["is_blacklisted"], &row["version"]), (&json!(1), &json!(2)));
        assert_eq!(audited(&admin, "blacklist", id)["after"]["is_blacklisted"], 1);
        staff.post(&at("blacklist"), json!({"customer_id": id, "is_blacklisted": 0})).ok();
        assert_eq!(one(&staff, id)["is_blacklisted"], 0);
        assert_eq!(staff.post(&at("blacklist"), json!({"customer_id": id})).bad_fields(), ["is_blacklisted"]);
        staff.post(&at("blacklist"), json!({"customer_id": pool, "is_blacklisted": 1})).refused(403, "forbidden");
    });
}

#[test]
fn contacts_are_kept_with_one_primary_and_masked_in_the_pool() {
    on_each_engine(|server| {
        let (admin, staff, other) = (server.admin(), person(server, 2, 2), person(server, 3, 2));
        let contact = at("contact");
        let id = enter(&staff, "x");
        let sent = json!({
            "customer_id": id, "name": "王五", "phone": "138-1234-1234", "tel": "0512-3667899", "job": "经理",
            "email": "a@b.cn", "wechat": "wx", "is_primary": 1
        });
        let first = staff.post(&contact, sent.clone()).id();
        let row = staff.get(&format!("{contact}?customer_id={id}")).row();
        for (name, value) in sent.as_object().expect("an object") {
            assert_eq!(&row[name], value, "{name}");
        }
        assert_eq!(
            (&row["id"], &row["version"], &row["createTime"]),
            (&json!(first), &json!(1), &json!("2026-03-02 10:00:00"))
        );
        let second = staff.form(&contact, &format!("customer_id={id}&name=赵六&is_primary=1")).id();
        let marks = || -> Value {
            let rows = staff.get(&format!("{contact}?customer_id={id}")).rows();
            rows.iter().map(|row| json!([row["id"], row["is_primary"]])).collect()
        };
        assert_eq!(marks(), json!([[second, 1], [first, 0]]));
        let page = staff.get(&format!("{contact}?customer_id={id}&page=2&count=1")).ok();
        assert_eq!((&page["data"][0]["id"], &page["page_info"]["total"]), (&json!(first), &json!(2)));
        staff.post(&contact, json!({"contact_id": first, "tel": null, "job": "总监", "version": 2})).ok();
        staff.post(&contact, json!({"contact_id": first, "tel": null, "version": 2})).refused(409, "stale");
        let row = staff.get(&format!("{contact}?contact_id={first}")).row();
        assert_eq!((&row["tel"], &row["job"], &row["phone"]), (&json!(null), &json!("总监"), &json!("138-1234-1234")));

        assert_eq!(staff.get(&contact).bad_fields(), ["customer_id"]);
        assert_eq!(
            staff.post(&contact, json!({"phone": "x", "is_primary": 3})).bad_fields(),
            ["name", "phone", "is_primary", "customer_id"]
        );
        assert_eq!(other.post(&contact, json!({"customer_id": id, "name": "x"})).bad_fields(), ["customer_id"]);
        other.post(&contact, json!({"contact_id": first, "name": "x"})).refused(404, "not_found");
        other.post(&at("delcontact"), json!({"contact_id": first})).refused(404, "not_found");
        assert!(other.get(&format!("{contact}?customer_id={id}")).rows().is_empty());
        assert_eq!(one(&staff, id)["version"], 1);

        let delete = at("delcontact");
        assert_eq!(staff.get(&delete).headers["allow"], "POST, DELETE");
        staff.send("DELETE", &format!("{delete}?contact_id={second}"), &[], None).ok();
        staff.post(&delete, json!({"contact_id": second})).ok();
        staff.post(&contact, json!({"contact_id": second, "name": "x"})).refused(404, "not_found");
        assert_eq!(marks(), json!([[first, 0]]));

        let pool = admin.post(CUSTOMERS, json!({"realName": "p", "owner_id": null})).id();
        admin.post(&contact, json!({"customer_id": pool, "name": "王五", "phone": "13812341234"})).ok();
        let phone = |client: &Client| client.get(&format!("{contact}?customer_id={pool}")).row()["phone"].clone();
        assert_eq!((phone(&admin), phone(&other)), (json!("13812341234"), json!("138****1234")));
        other.post(&contact, json!({"customer_id": pool, "name": "x"})).refused(403, "forbidden");
    });
}

#[test]
fn where_approval_is_on_what_staff_enter_waits_for_an_administrator() {
    on_each_engine_with(&["--crm-customer-approval", "true"], |server| {
        let (admin, staff, correspondent) = (server.admin(), person(server, 2, 2), person(server, 3, 3));
        let status = |id: i64| one(&admin, id)["approve_status"].clone();
        assert_eq!(status(enter(&admin, "a")), "approved");
        assert_eq!(status(enter(&correspondent, "c")), "pending");
        let id = enter(&staff, "s");
        assert_eq!(one(&staff, id)["approve_status"], "pending");
        let approve = at("approve");
        for client in [&staff, &correspondent] {
            client.post(&approve, json!({"customer_id": id, "approve_status": "approved"})).refused(403, "forbidden");
        }
        assert_eq!(status(id), "pending");
        admin.post(&approve, json!({"customer_id": id, "approve_status": "rejected", "reason": "重复"})).ok();
        let row = one(&staff, id);
        assert_eq!(
            (&row["approve_status"], &row["version"], &row["updated_by"]),
            (&json!("rejected"), &json!(2), &json!(1))
        );
        admin.form(&approve, &format!("customer_id={id}&approve_status=rejected")).ok();
        assert_eq!(one(&staff, id)["version"], 2, "deciding the same twice changes nothing");
        staff.post(CUSTOMERS, json!({"customer_id": id, "note": "补充了"})).ok();
        assert_eq!(status(id), "rejected", "a change is no decision");
        admin
            .post(&approve, json!({"customer_id": id, "approve_status": "approved", "version": 2}))
            .refused(409, "stale");
        admin.post(&approve, json!({"customer_id": id, "approve_status": "approved", "version": 3})).ok();
        assert_eq!(status(id), "approved");
        let told = audited(&admin, "reject", id);
        assert_eq!(
            (&told["before"]["approve_status"], &told["after"]["approve_status"]),
            (&json!("pending"), &json!("rejected"))
        );
        for wrong in ["pending", "x", ""] {
            let body = json!({"customer_id": id, "approve_status": wrong});
            assert_eq!(admin.post(&approve, body).bad_fields(), ["approve_status"]);
        }
        admin.post(&approve, json!({"customer_id": 99, "approve_status": "approved"})).refused(404, "not_found");
        // Off, which is the default, nobody asks.
        let mut off = Client::new(&server.second(&[]));
        off.token = staff.token.clone();
        assert_eq!(status(enter(&off, "s")), "approved");
    });
}

#[test]
fn the_customer_of_a_wecom_contact_is_told_to_those_who_see_it() {
    on_each_engine(|server| {
        let admin = server.admin();
        let group = server.group("own", "own");
        let (id, own) = server.person("13900000099", json!({"realName": "甲", "group_id": group}));
        let hidden = admin.post("/api/customers/customers", json!({"realName": "HiddenGuy"})).id();
        let contact = json!({"external_userid": "ext1", "user_id": id, "customer_id": hidden});
        admin.post("/api/customers/wecom", contact).ok();
        let row = own.get("/api/customers/wecom").row();
        assert!(row["customer_id"].is_null() && row["customer_name"].is_null(), "{row}");
        assert_eq!(admin.get("/api/customers/wecom").row()["customer_name"], "HiddenGuy");
        assert_eq!(own.get("/api/customers/wecom?external_userid=%00").bad_fields(), ["external_userid"]);
    });
}
