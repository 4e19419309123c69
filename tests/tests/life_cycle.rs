//! What people attach to customers, over HTTP: options, labels, own fields, contacts, team,
//! assistants, stage, approval and marks.

#![recursion_limit = "256"]

use crm_db::Engine;
use crm_tests::{Client, Server, on_each_engine};
use serde_json::{Value, json};

const CUSTOMERS: &str = "/api/customers/customers";

fn at(route: &str) -> String {
    format!("/api/customers/{route}")
}

/// Somebody new with this role, who sees what is theirs: 2 is the first person after the administrator.
fn person(server: &Server, id: i64, role: i64) -> Client {
    let group = server.group(&format!("g{id}"), "own");
    let fields = json!({"realName": format!("p{id}"), "role_id": role, "group_id": [group]});
    let (entered, client) = server.person(&format!("1390000000{id}"), fields);
    assert_eq!(entered, id, "people are numbered in the order they are entered");
    client
}

fn one(client: &Client, id: i64) -> Value {
    client.get(&format!("{CUSTOMERS}?customer_id={id}")).row()
}

fn enter(client: &Client, name: &str) -> i64 {
    client.post(CUSTOMERS, json!({"realName": name})).id()
}

fn audited(admin: &Client, action: &str, id: i64) -> Value {
    admin.get(&format!("/api/user/audit?record=customer&action={action}&record_id={id}")).row()
}

#[test]
fn option_tables_are_written_by_administrators_and_read_by_all() {
    on_each_engine(|server| {
        let (admin, staff, correspondent) = (server.admin(), person(server, 2, 2), person(server, 3, 3));
        for (route, key) in [("stages", "stage_id"), ("sources", "source_id"), ("categories", "category_id")] {
            let path = at(route);
            let before = admin.get(&path).rows().len();
            let body = json!({"name": "新", "color": "#ffcc00", "sort_num": "-5", "is_default": 1});
            let id = admin.post(&path, body.clone()).id();
            let mut expected = json!({
                "id": id, "name": "新", "color": "#ffcc00", "sort_num": -5, "is_default": 1, "is_active": 1, "version": 1
            });
            if route == "stages" {
                expected["outcome"] = json!(0);
            }
            for client in [&admin, &staff, &correspondent] {
                let answer = client.get(&path).ok();
                assert_eq!(answer["data"][0], expected, "the first by its place");
                let total = before + 1;
                assert_eq!(answer["page_info"], json!({"total": total, "page": 1, "count": total}));
                assert_eq!(client.get(&format!("{path}?{key}={id}")).row(), expected);
                assert!(client.get(&format!("{path}?{key}=9999")).rows().is_empty());
            }
            let page = admin.get(&format!("{path}?page=2&count=1")).ok();
            assert_eq!(page["page_info"], json!({"total": before + 1, "page": 2, "count": 1}));
            assert_eq!(admin.get(&format!("{path}?count=0&{key}=x")).bad_fields(), [key, "count"]);

            for client in [&staff, &correspondent] {
                client.post(&path, body.clone()).refused(403, "forbidden");
            }
            server.anonymous().get(&path).refused(401, "unauthenticated");
            let taken = admin.post(&path, json!({"name": "新"})).refused(409, "conflict");
            assert_eq!(taken["errors"][0]["field"], "name");
            admin.post(&path, json!({key: id, "is_active": 0})).refused(409, "conflict");
            admin.form(&path, &format!("{key}={id}&name=更新&color=&version=1")).ok();
            let row = admin.get(&format!("{path}?{key}={id}")).row();
            assert_eq!((&row["name"], &row["color"], &row["version"]), (&json!("更新"), &json!("#606266"), &json!(2)));
            admin.post(&path, json!({key: id, "name": "x", "version": 1})).refused(409, "stale");
            admin.post(&path, json!({key: 9999, "name": "x"})).refused(404, "not_found");
            let bad = json!({"name": "", "color": "red", "sort_num": "x", "is_default": 2, "is_active": "y"});
            let mut fields = admin.post(&path, bad).bad_fields();
            fields.sort();
            assert_eq!(fields, ["color", "is_active", "is_default", "name", "sort_num"]);
        }
        assert_eq!(admin.post(&at("stages"), json!({"name": "x", "outcome": 4})).bad_fields(), ["outcome"]);
        let made = enter(&staff, "x");
        let row = one(&staff, made);
        assert_eq!(
            (&row["stage_name"], &row["source_name"], &row["category_name"]),
            (&json!("更新"), &json!("更新"), &json!("更新"))
        );
    });
}

#[test]
fn product_lines_and_parts_of_teams_are_set_up() {
    on_each_engine(|server| {
        let (admin, staff) = (server.admin(), person(server, 2, 2));
        let lines = at("productlines");
        let id = admin.post(&lines, json!({"name": "整装"})).id();
        admin.post(&lines, json!({"product_line_id": id, "name": "局装"})).ok();
        let expected = json!([{"id": 1, "name": "默认产品线", "version": 1}, {"id": id, "name": "局装", "version": 2}]);
        assert_eq!(staff.get(&lines).ok()["data"], expected);
        staff.post(&lines, json!({"name": "x"})).refused(403, "forbidden");
        let customer = staff.post(CUSTOMERS, json!({"realName": "x", "product_line_id": id})).id();
        assert_eq!(one(&staff, customer)["product_line_id"], id);

        let roles = at("roletypes");
        let answer = admin.post(&roles, json!({"role_type": 0, "role_name": "销售", "role_description": "d"})).ok();
        assert_eq!(answer["data"]["id"], 0);
        let rows = staff.get(&roles).rows();
        let expected = json!({"id": 0, "role_type": 0, "role_name": "销售", "role_description": "d", "version": 2});
        assert_eq!((rows.len(), &rows[0]), (6, &expected));
        assert_eq!(staff.get(&format!("{roles}?role_type=0")).row(), expected);
        admin.post(&roles, json!({"role_type": 6, "role_name": "x"})).refused(404, "not_found");
        assert_eq!(admin.post(&roles, json!({"role_name": "x"})).bad_fields(), ["role_type"]);
        staff.post(&roles, json!({"role_type": 0, "role_name": "x"})).refused(403, "forbidden");
    });
}

#[test]
fn a_group_of_labels_is_written_as_a_whole_in_json_or_a_form() {
    on_each_engine(|server| {
        let (admin, staff) = (server.admin(), person(server, 2, 2));
        let groups = at("labelgroups");
        let labels = json!([{"name": "大", "color": "#ffcc00"}, {"name": "小"}]);
        let group = admin.post(&groups, json!({"name": "规模", "labels": labels})).id();
        let told = |client: &Client| client.get(&format!("{groups}?group_id={group}")).row()["labels"].clone();
        let first = json!([
            {"id": 1, "name": "大", "color": "#ffcc00"}, {"id": 2, "name": "小", "color": "#606266"}
        ]);
        assert_eq!(told(&staff), first);
        let customer = enter(&staff, "x");
        staff.post(&at("labels"), json!({"customer_id": customer, "label_ids": "2,1"})).ok();
        let row = one(&staff, customer);
        assert_eq!((&row["label_ids"], &row["version"]), (&json!([2, 1]), &json!(2)));

        let text = "[{\"id\":\"2\",\"name\":\"小型\"},{\"name\":\"中\",\"color\":\"#000000\"}]";
        admin.form(&groups, &format!("group_id={group}&labels={text}&version=1")).ok();
        let second = json!([
            {"id": 2, "name": "小型", "color": "#606266"}, {"id": 3, "name": "中", "color": "#000000"}
        ]);
        assert_eq!(told(&staff), second);
        assert_eq!(one(&staff, customer)["label_ids"], json!([2, 1]), "customers keep what left its group");
        let bad = json!([{"id": 1}, {"name": 5, "color": "x"}, {"id": "x", "name": ""}]);
        let mut fields = admin.post(&groups, json!({"group_id": group, "labels": bad})).bad_fields();
        fields.sort();
        assert_eq!(fields, ["labels", "labels.1.color", "labels.1.name", "labels.2.id", "labels.2.name"]);
        for wrong in [json!("x"), json!({"name": "a"}), json!([1]), json!(7)] {
            assert_eq!(admin.post(&groups, json!({"group_id": group, "labels": wrong})).bad_fields(), ["labels"]);
        }
        assert_eq!(told(&staff), second);
        staff.post(&groups, json!({"name": "x"})).refused(403, "forbidden");

        assert_eq!(staff.post(&at("labels"), json!({})).bad_fields(), ["customer_id", "label_ids"]);
        assert_eq!(
            staff.post(&at("labels"), json!({"customer_id": customer, "label_ids": [1, 99]})).bad_fields(),
            ["label_ids"]
        );
        let cleared = staff.form(&at("labels"), &format!("customer_id={customer}&label_ids="));
        assert_eq!(cleared.ok()["data"]["id"], customer);
        assert_eq!(one(&staff, customer)["label_ids"], json!([]));
        assert_eq!(admin.get("/api/user/audit?record=customer&action=labels").rows().len(), 2);
    });
}

/// A field of each kind.
fn define(admin: &Client) {
    for (key, options) in [
        ("input_1", json!(null)),
        ("textarea_1", json!(null)),
        ("select_1", json!(["电话", "上门", "a,b"])),
        ("date_1", json!(null)),
        ("number_1", json!(null)),
    ] {
        admin.post(&at("fields"), json!({"key": key, "title": key, "options": options})).ok();
    }
}

#[test]
fn fields_are_defined_and_told() {
    on_each_engine(|server| {
        let (admin, staff, correspondent) = (server.admin(), person(server, 2, 2), person(server, 3, 3));
        let fields = at("fields");
        let body = json!({"kind": "select", "title": "渠道", "options": "电话,上门", "required": "1"});
        let id = admin.post(&fields, body).id();
        let expected = json!({
            "id": id, "key": "select_1772416800000", "title": "渠道", "kind": "select", "options": ["电话", "上门"],
            "required": 1, "sort_num": 1, "version": 1
        });
        for client in [&admin, &staff, &correspondent] {
            assert_eq!(client.get(&fields).ok()["data"], json!([expected]));
        }
        admin.post(&fields, json!({"field_id": id, "options": ["电话", "a,b"], "sort_num": 7, "required": 0})).ok();
        let row = staff.get(&format!("{fields}?field_id={id}")).row();
        assert_eq!(
            (&row["options"], &row["sort_num"], &row["version"]),
            (&json!(["电话", "a,b"]), &json!(7), &json!(2))
        );
        assert_eq!(
            admin.post(&fields, json!({"field_id": id, "kind": "input", "key": "input_1"})).bad_fields(),
            ["key", "kind"]
        );
        assert_eq!(
            admin.post(&fields, json!({"key": "x_1", "options": [null]})).bad_fields(),
            ["options", "title", "key", "kind"]
        );
        admin
            .post(&fields, json!({"key": "select_1772416800000", "title": "x", "options": "a"}))
            .refused(409, "conflict");
        admin.post(&fields, json!({"field_id": 99, "title": "x"})).refused(404, "not_found");
        staff.post(&fields, json!({"key": "input_1", "title": "x"})).refused(403, "forbidden");
    });
}

#[test]
fn custom_values_come_back_in_the_types_of_their_fields() {
    on_each_engine(|server| {
        let (admin, staff) = (server.admin(), person(server, 2, 2));
        let before = enter(&staff, "older than the fields");
        assert_eq!(one(&staff, before)["custom"], json!({}));
        define(&admin);
        let empty = json!({"input_1": null, "textarea_1": null, "select_1": [], "date_1": null, "number_1": null});
        assert_eq!(one(&staff, before)["custom"], empty, "every field is there");

        let body = "{\"realName\":\"x\",\"custom\":{\"input_1\":\"一\",\"textarea_1\":\"二\",\"select_1\":[\"a,b\",\"电话\"],\
                    \"date_1\":\"2024-02-29\",\"number_1\":12345678901234567890.50}}";
        let sent = staff.send("POST", CUSTOMERS, &[("content-type", "application/json")], Some(body.as_bytes()));
        let id = sent.id();
        let answer = staff.get(&format!("{CUSTOMERS}?customer_id={id}"));
        assert!(answer.text.contains("\"number_1\":12345678901234567890.50"), "exact: {}", answer.text);
        let custom = answer.row()["custom"].clone();
        assert_eq!((&custom["select_1"], &custom["date_1"]), (&json!(["a,b", "电话"]), &json!("2024-02-29")));
        assert_eq!((&custom["input_1"], &custom["textarea_1"]), (&json!("一"), &json!("二")));

        // In a form it is the text of the object; what it does not name stays.
        staff
            .form(
                CUSTOMERS,
                &format!("customer_id={id}&custom={{\"input_1\":\"\",\"select_1\":\"上门\",\"number_1\":\"-7\"}}"),
            )
            .ok();
        let custom = one(&staff, id)["custom"].clone();
        let expected =
            json!({"input_1": null, "textarea_1": "二", "select_1": ["上门"], "date_1": "2024-02-29", "number_1": -7});
        assert_eq!(custom, expected);
        staff.post(CUSTOMERS, json!({"customer_id": id, "custom": {"select_1": [], "date_1": null}})).ok();
        let custom = one(&staff, id)["custom"].clone();
        assert_eq!(
            (&custom["select_1"], &custom["date_1"], &custom["number_1"]),
            (&json!([]), &json!(null), &json!(-7))
        );
        let made = admin.get(&format!("/api/user/audit?record=customer&action=create&record_id={id}")).row();
        assert_eq!(made["after"]["custom"]["date_1"], "2024-02-29");
        staff.form(CUSTOMERS, &format!("customer_id={id}&custom=")).ok();
        assert_eq!(one(&staff, id)["custom"], empty);
    });
}

#[test]
fn every_bad_custom_value_is_told_with_the_other_bad_fields() {
    on_each_engine(|server| {
        let admin = server.admin();
        define(&admin);
        let bad = json!({
            "sex": 9,
            "custom": {"input_1": 5, "textarea_1": {"a": 1}, "select_1": ["电话", 1], "date_1": "2023-02-29", "number_1": true, "input_9": "x"}
        });
        let mut fields = admin.post(CUSTOMERS, bad).bad_fields();
        fields.sort();
        let expected = [
            "custom.date_1",
            "custom.input_1",
            "custom.input_9",
            "custom.number_1",
            "custom.select_1",
            "custom.textarea_1",
            "realName",
            "sex",
        ];
        assert_eq!(fields, expected);
        for wrong in [json!("x"), json!([1]), json!(1)] {
            assert_eq!(admin.post(CUSTOMERS, json!({"realName": "x", "custom": wrong})).bad_fields(), ["custom"]);
        }
        admin.post(&at("fields"), json!({"field_id": 1, "required": 1})).ok();
        assert_eq!(admin.post(CUSTOMERS, json!({"realName": "x"})).bad_fields(), ["custom.input_1"]);
        let id = admin.post(CUSTOMERS, json!({"realName": "x", "custom": {"input_1": "v"}})).id();
        assert_eq!(
            admin.post(CUSTOMERS, json!({"customer_id": id, "custom": {"input_1": null}})).bad_fields(),
            ["custom.input_1"]
        );
        admin.post(CUSTOMERS, json!({"customer_id": id, "realName": "y"})).ok();
        assert_eq!(one(&admin, id)["custom"]["input_1"], "v");
    });
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
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(server) = Server::start(engine, &["--crm-customer-approval", "true"]) else { continue };
        let (admin, staff, correspondent) = (server.admin(), person(&server, 2, 2), person(&server, 3, 3));
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
    }
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
