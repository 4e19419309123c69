//! `/api/v2/customers` over HTTP (vendor-surfaces §4).

use crm_db::Engine;
use crm_tests::{ADMIN_PHONE, Client, PASSWORD, Server, on_each_engine, query, shape};
use serde_json::{Value, json};

const LIST: &str = "/api/v2/customers";
const CUSTOMERS: &str = "/api/customers/customers";

fn sample() -> Value {
    serde_json::from_str(include_str!("../fixtures/003.json")).expect("the sample is JSON")
}

/// The names on a page of the list.
fn names(client: &Client, parameters: &str) -> Vec<String> {
    let customers = client.get(&format!("{LIST}?{parameters}")).v2()["customers"].clone();
    customers
        .as_array()
        .expect("customers")
        .iter()
        .map(|row| row["name"].as_str().expect("a name").to_owned())
        .collect()
}

fn enter(client: &Client, name: &str, mut fields: Value) -> i64 {
    fields["realName"] = json!(name);
    client.post(CUSTOMERS, fields).id()
}

/// A write under `/api/customers`; gives the id.
fn write(client: &Client, route: &str, body: Value) -> i64 {
    client.post(&format!("/api/customers/{route}"), body).id()
}

fn full() -> Value {
    json!({
        "phoneNumber": "138-1234-1234", "job": "经理", "next_follow_at": "2026-03-05 09:30:00", "tel": "0512-3667899",
        "email": "a@b.cn", "qq": "10001", "fax": "0512-1", "wechat": "wx", "wangwang": "ww", "zip": "215000",
        "url": "http://www.baidu.com", "province": "江苏省", "city": "苏州市", "district": "吴中区",
        "detail_address": "东环路1号", "lat": 31.25, "lng": -120.5
    })
}

#[test]
fn the_answer_has_every_field_of_the_sample_and_its_type_and_no_other() {
    on_each_engine(|server| {
        let admin = server.admin();
        assert_eq!(shape::differences(&sample(), &admin.get(LIST).body), Vec::<String>::new(), "an empty list");
        enter(&admin, "只有名字", json!({}));
        enter(&admin, "公海", json!({"owner_id": null, "phoneNumber": "13812341234"}));
        let organization = admin.post("/api/customers/organization", json!({"groupName": "工信部"})).id();
        let mut fields = full();
        fields["organization_id"] = json!([organization]);
        let id = enter(&admin, "王伟", fields);
        let labels = json!([{"name": "重点", "color": "#2da8aa"}]);
        let group = write(&admin, "labelgroups", json!({"name": "g", "labels": labels}));
        let label = admin.get("/api/customers/labelgroups").row()["labels"][0]["id"].as_i64().expect("a label");
        write(&admin, "labels", json!({"customer_id": id, "label_ids": [label]}));
        let new = json!({"customer_id": id, "name": "李四", "phone": "13900001111", "job": "助理", "is_primary": 1});
        let contact = write(&admin, "contact", new);
        admin.post("/api/user/user", json!({"user_id": 1, "wecom_userid": "wei"})).ok();
        let answer = admin.get(LIST).body;
        // Nobody has what is in the pool.
        let in_the_pool = [".data.customers[].user_id: null instead of {\"integer\"}"];
        assert_eq!(shape::differences(&sample(), &answer), in_the_pool);
        let data = &answer["data"];
        assert_eq!(data["column_list"], sample()["data"]["column_list"]);
        assert_eq!((&data["has_next_page"], &data["per_page"], &data["page"]), (&json!(false), &json!(15), &json!(1)));
        let mut row = data["customers"][0].clone();
        let phones = row["phones_data"].take();
        let address_id = row["address"]["id"].take();
        assert!(address_id.is_i64());
        assert_eq!(
            row,
            json!({
                "id": id, "user_id": 1, "user_name": "管理员", "user_third_userid": "wei", "name": "王伟",
                "status": "1", "status_mapped": "意向", "category": "", "category_mapped": "",
                "need_hidden_dispose": false, "updated_at": "2026-03-02 10:00", "created_at": "2026-03-02 10:00",
                "last_revist_log_content": null, "last_called_at": "", "revisit_remind_at": "2026-03-05 09:30",
                "will_flow_time": "", "approve_status": "approved", "approve_status_i18n": "已通过",
                "custom_field_template_id": null, "custom_field_template_i18n": "", "phones_data": null,
                "is_user_self": true, "is_creator_self": true,
                "labels": [{"id": label, "group_id": group, "content": "重点", "color": "#2da8aa"}],
                "address": {
                    "id": null, "addressable_id": id, "addressable_type": "Customer", "country_id": null,
                    "province_id": null, "city_id": null, "district_id": null, "tel": "0512-3667899",
                    "phone": "138-1234-1234", "email": "a@b.cn", "qq": "10001", "fax": "0512-1", "wechat": "wx",
                    "wangwang": "ww", "zip": "215000", "url": "http://www.baidu.com", "detail_address": "东环路1号",
                    "created_at": "2026-03-02T10:00:00.000+08:00", "updated_at": "2026-03-02T10:00:00.000+08:00",
                    "lat": 31.25, "lng": -120.5, "off_distance": null, "region_info": "江苏省苏州市吴中区",
                    "snippet": null, "organization_id": 5004848, "mode": "compat", "time_format": "ruby",
                    "use_to_json": true, "tel_hidden_result": "0512-3667899", "phone_hidden_result": "138-1234-1234"
                },
                "contacts": [{
                    "id": contact, "name": "李四", "job": "助理", "tel": null, "phone": "13900001111", "email": null,
                    "wechat": null, "is_primary": true, "tel_hidden_result": "", "phone_hidden_result": "13900001111"
                }],
                "contacts_associate_with_traffic": false
            })
        );
        let own = json!({
            "label": "电话", "call_field_name": "address.tel", "custom_field_name": "address.tel",
            "phone": "0512-3667899", "phone_hidden_result": "0512-3667899", "is_invisible": false, "is_enable": true,
            "entity_class": "Customer", "entity_id": id, "recordable_type": "Customer", "recordable_id": id,
            "entity_name": "王伟", "company_name": "工信部", "job": "经理", "status": "意向", "user": "管理员",
            "revisit_remind_at": "2026-03-05 09:30", "name": "王伟", "is_user_self": true, "is_creator_self": true
        });
        assert_eq!(phones[0], own);
        assert_eq!(
            (&phones[1]["call_field_name"], &phones[1]["phone"]),
            (&json!("address.phone"), &json!("138-1234-1234"))
        );
        let of_contact = &phones[2];
        assert_eq!((&of_contact["entity_class"], &of_contact["entity_id"]), (&json!("Contact"), &json!(contact)));
        assert_eq!((&of_contact["entity_name"], &of_contact["name"]), (&json!("李四"), &json!("王伟")));
        assert_eq!((&of_contact["custom_field_name"], phones.as_array().map(Vec::len)), (&json!("contacts"), Some(3)));
        assert_eq!(data["customers"][1]["user_id"], Value::Null);
    });
}

#[test]
fn what_happens_to_a_customer_is_seen_in_the_list() {
    on_each_engine(|server| {
        let admin = server.admin();
        let organization = admin.post("/api/customers/organization", json!({"groupName": "工信部"})).id();
        let id = enter(&admin, "王伟", json!({}));
        let potential = admin
            .post(
                "/api/record/potential",
                json!({"organization_id": organization, "director_id": 1, "record_time": "2026-03-01 08:00:00"}),
            )
            .id();
        let follow = json!({
            "protent_id": potential, "follower_id": [1], "customers_id": [id], "event": 3, "gain": "谈妥",
            "record_time": "2026-03-01 08:05:59"
        });
        admin.post("/api/record/follow", follow).ok();
        let category = write(&admin, "categories", json!({"name": "大客户"}));
        let options = json!(["甲", "乙"]);
        for (key, kind, options, place) in [("select_1", "select", options, 2), ("input_2", "input", Value::Null, 1)] {
            let field = json!({"key": key, "title": key, "kind": kind, "options": options, "sort_num": place});
            write(&admin, "fields", field);
        }
        let fields = json!({"customer_id": id, "category_id": category, "custom": {"select_1": ["甲", "乙"]}});
        admin.post(CUSTOMERS, fields).ok();
        write(&admin, "approve", json!({"customer_id": id, "approve_status": "rejected"}));
        admin.post("/api/customers/poolrule", json!({"enabled": 1, "contact_days": 10})).ok();
        let data = admin.get(LIST).v2();
        let row = &data["customers"][0];
        for (name, value) in [
            ("last_revist_log_content", json!("谈妥")),
            ("last_called_at", json!("2026-03-01 08:05")),
            // Ten full days after its assignment on March 2nd.
            ("will_flow_time", json!("2026-03-13 00:00")),
            ("category", json!(category.to_string())),
            ("category_mapped", json!("大客户")),
            ("approve_status", json!("rejected")),
            ("approve_status_i18n", json!("已拒绝")),
            ("select_1", json!(["甲", "乙"])),
            ("input_2", json!("")),
        ] {
            assert_eq!(row[name], value, "{name}");
        }
        let columns = data["column_list"].as_array().expect("columns").clone();
        assert_eq!(columns[columns.len() - 2..], [json!("input_2"), json!("select_1")]);
        assert_eq!(names(&admin, "custom_field_name=select_1&query=%E4%B9%99"), ["王伟"]);
        for nothing in ["%22", ",", "%5B"] {
            assert_eq!(names(&admin, &format!("custom_field_name=select_1&query={nothing}")), [""; 0], "{nothing}");
        }
        admin.post("/api/customers/delcustomer", json!({"customer_id": id})).ok();
        assert_eq!(names(&admin, ""), [""; 0]);
        assert_eq!(names(&admin, "status=-1&custom_field_name=category_mapped&query=%E5%A4%A7"), ["王伟"]);
        let (_, staff) = server.person("13900000001", json!({"realName": "a", "group_id": [1]}));
        assert_eq!(names(&staff, "status=-1"), [""; 0]);
    });
}

#[test]
fn every_parameter_narrows_the_list_and_they_combine() {
    on_each_engine(|server| {
        let admin = server.admin();
        let department = admin.post("/api/user/department", json!({"name": "销售部", "leader_id": 1})).id();
        let below = admin.post("/api/user/department", json!({"name": "东区", "parent_id": department})).id();
        let group = server.group("g", "own");
        let fields = json!({"realName": "李曦宁", "group_id": [group], "departmentId": below});
        let (li, client) = server.person("13900000001", fields);
        enter(&client, "甲", json!({"phoneNumber": "13812341234", "next_follow_at": "2026-03-05 23:59:59"}));
        server.clock.advance(86_400);
        let admin = server.admin();
        let second =
            enter(&admin, "乙", json!({"tel": "0512-3667899", "note": "Call", "next_follow_at": "2026-03-06"}));
        write(&admin, "stage", json!({"customer_id": second, "stage_id": 2}));
        write(&admin, "assistants", json!({"customer_id": second, "user_ids": [li]}));
        let organization = admin.post("/api/customers/organization", json!({"groupName": "工信部"})).id();
        let potential =
            json!({"organization_id": organization, "director_id": 1, "record_time": "2026-03-03 00:00:00"});
        let potential = admin.post("/api/record/potential", potential).id();
        let follow = json!({
            "protent_id": potential, "follower_id": [1], "customers_id": [second], "record_time": "2026-03-03 00:00:00"
        });
        admin.post("/api/record/follow", follow).ok();
        server.clock.advance(86_400);
        let (admin, client) = (server.admin(), server.sign_in("13900000001", PASSWORD));
        enter(&admin, "丙", json!({"owner_id": null, "phoneNumber": "13812345678"}));
        let people = [format!("user_id={li}"), format!("department_id={department}"), "tab_type=sub".to_owned()];
        for parameters in &people {
            assert_eq!(names(&admin, parameters), ["甲"], "{parameters}");
        }
        for (parameters, expected) in [
            ("", &["丙", "乙", "甲"][..]),
            ("order=asc", &["甲", "乙", "丙"]),
            ("sort=revisit_remind_at", &["乙", "甲", "丙"]),
            ("sort=revisit_remind_at&order=asc", &["甲", "乙", "丙"]),
            ("sort=real_revisit_at&order=asc", &["乙", "甲", "丙"]),
            ("sort=name&order=desc", &["甲", "乙", "丙"]),
            ("tab_type=my", &["乙"]),
            ("tab_type=common", &["丙"]),
            ("tab_type=assist", &[]),
            ("tab_type=", &["丙", "乙", "甲"]),
            ("status=2", &["乙"]),
            ("status=9", &[]),
            ("category=1", &[]),
            ("source=1", &[]),
            ("product_id=1&status=1", &["丙", "甲"]),
            ("product_id=2", &[]),
            ("query=138", &["丙", "甲"]),
            ("query=3667", &["乙"]),
            ("custom_field_name=note&query=cALL", &["乙"]),
            ("custom_field_name=address.phone&query=1234", &["丙", "甲"]),
            ("custom_field_name=user.name&query=%E6%9B%A6", &["甲"]),
            ("custom_field_name=industry_mapped&query=a", &[]),
            ("custom_field_name=note", &["丙", "乙", "甲"]),
            ("created_at[]=2026-03-02&created_at[]=2026-03-03", &["乙", "甲"]),
            ("created_at%5B%5D=2026-03-03&created_at%5B%5D=2026-03-03", &["乙"]),
            ("created_at=2026-03-03&created_at=2026-03-04", &["丙", "乙"]),
            ("updated_at[]=2026-03-04", &["丙"]),
            ("real_revisit_at=2026-03-03", &["乙"]),
            ("real_revisit_at=2026-03-02", &[]),
            ("revisit_remind_at[]=2026-03-05&revisit_remind_at[]=2026-03-05", &["甲"]),
            ("tab_type=my&query=3667&status=2&real_revisit_at=2026-03-03&unknown=1", &["乙"]),
            ("tab_type=my&query=138", &[]),
        ] {
            assert_eq!(names(&admin, parameters), expected, "{parameters}");
        }
        assert_eq!(names(&client, "tab_type=assist"), ["乙"]);
        assert_eq!(names(&client, "tab_type=sub"), [""; 0]);
        assert_eq!(names(&client, ""), ["丙", "乙", "甲"]);
        for (page, expected, has_next_page) in [(1, 2, true), (2, 1, false), (3, 0, false)] {
            let data = admin.get(&format!("{LIST}?per_page=2&page={page}")).v2();
            let shown = data["customers"].as_array().map(Vec::len);
            assert_eq!((shown, &data["has_next_page"]), (Some(expected), &json!(has_next_page)), "{page}");
            assert_eq!((&data["per_page"], &data["page"]), (&json!(2), &json!(page)));
        }
    });
}

#[test]
fn every_offered_sort_and_column_is_taken_and_everything_else_is_refused_by_name() {
    on_each_engine(|server| {
        let admin = server.admin();
        let offered = admin.get("/api/v2/customers/filter_sort_group").v2();
        let values = |of: &str| -> Vec<String> {
            let all = offered[of].as_array().expect("a list").iter();
            all.map(|one| {
                assert!(one["label"].as_str().is_some_and(|label| !label.is_ascii()), "{one}");
                one["value"].as_str().expect("a value").to_owned()
            })
            .collect()
        };
        assert!(values("sorts").contains(&"created_at".to_owned()));
        for sort in values("sorts") {
            admin.get(&format!("{LIST}?sort={sort}&order=asc")).v2();
        }
        let valid = |name: &str| match name {
            "tab_type" => "my",
            "custom_field_name" => "name",
            name if name.ends_with("_at") => "2026-03-01",
            _ => "1",
        };
        for filter in values("filters") {
            admin.get(&format!("{LIST}?{filter}={}", valid(&filter))).v2();
            if filter != "query" {
                let message = admin.get(&format!("{LIST}?{filter}=x")).v2_refused(400);
                assert!(message.contains(&filter), "{message}");
            }
        }
        let moments = [
            "submit_applying_at",
            "finish_approve_at",
            "revisit_remind_at",
            "revisit_at",
            "real_revisit_at",
            "real_revisit_at_in_word",
            "created_at",
            "updated_at",
            "will_flow_time",
            "last_called_at",
        ];
        for column in sample()["data"]["column_list"].as_array().expect("columns") {
            let column = column.as_str().expect("a name");
            let answer = admin.get(&format!("{LIST}?custom_field_name={column}&query=a"));
            if moments.contains(&column) {
                assert!(answer.v2_refused(400).contains("custom_field_name"));
            } else {
                answer.v2();
            }
        }
        for (parameters, fields) in [
            ("sort=id", &["sort"][..]),
            ("sort=created_at;drop", &["sort"]),
            ("order=up", &["order"]),
            ("tab_type=all", &["tab_type"]),
            ("page=0&per_page=201", &["page", "per_page"]),
            ("per_page=0", &["per_page"]),
            ("user_id=-1&status=a&department_id=1.5", &["user_id", "status", "department_id"]),
            ("created_at[]=2026-03-02&created_at[]=2026-03-01", &["created_at"]),
            ("created_at[]=2026-03-02&created_at[]=2026-03-03&created_at[]=2026-03-04", &["created_at"]),
            ("created_at[]=2026-03-02%2010:00:00", &["created_at"]),
            ("custom_field_name=id&query=1&sort=x", &["custom_field_name", "sort"]),
            ("custom_field_name=real_name", &["custom_field_name"]),
            ("query=a&query=b", &["query"]),
        ] {
            let message = admin.get(&format!("{LIST}?{parameters}")).v2_refused(400);
            assert!(fields.iter().all(|field| message.contains(field)), "{parameters}: {message}");
        }
        let long = query(&[("query", &"长".repeat(101))]);
        assert!(admin.get(&format!("{LIST}?{long}")).v2_refused(400).contains("query"));
    });
}

#[test]
fn the_options_are_those_a_customer_can_be_given() {
    on_each_engine(|server| {
        let admin = server.admin();
        for stage in 3..=9 {
            write(&admin, "stages", json!({"stage_id": stage, "is_active": 0}));
        }
        for (name, place, active) in [("展会", 2, 1), ("网络", 1, 1), ("旧", 0, 0)] {
            write(&admin, "sources", json!({"name": name, "sort_num": place, "is_active": active}));
        }
        let options = |of: &str| admin.get(&format!("/api/v2/customers/{of}/filter_options")).v2();
        assert_eq!(options("status"), json!([{"label": "意向", "value": "1"}, {"label": "定金", "value": "2"}]));
        assert_eq!(options("source"), json!([{"label": "网络", "value": "2"}, {"label": "展会", "value": "1"}]));
        enter(&admin, "甲", json!({"source_id": 2}));
        assert_eq!(names(&admin, "source=2"), ["甲"]);
        assert_eq!(names(&admin, "custom_field_name=source_mapped&query=%E7%BD%91"), ["甲"]);
    });
}

#[test]
fn in_the_pool_numbers_are_masked_and_found_whole_alone() {
    on_each_engine(|server| {
        let admin = server.admin();
        let mut fields = full();
        fields["owner_id"] = json!(null);
        fields["phoneNumber"] = json!("13812341234");
        enter(&admin, "公海", fields);
        let (_, staff) = server.person("13900000001", json!({"realName": "a", "group_id": [1]}));
        let (_, correspondent) = server.person("13900000002", json!({"realName": "b", "group_id": [1], "role_id": 3}));
        let row = staff.get(LIST).v2()["customers"][0].clone();
        assert_eq!((&row["need_hidden_dispose"], &row["is_user_self"]), (&json!(true), &json!(false)));
        assert_eq!((&row["user_id"], &row["user_name"]), (&json!(null), &json!("")));
        assert_eq!(row["address"]["phone_hidden_result"], "138****1234");
        for phone in row["phones_data"].as_array().expect("phones") {
            assert!(
                phone["is_invisible"] == true
                    && phone["is_enable"] == false
                    && phone["phone"] == phone["phone_hidden_result"]
            );
        }
        let text = row.to_string();
        for hidden in ["13812341234", "3667899", "a@b.cn", "10001", "\"wx\""] {
            assert!(!text.contains(hidden), "{hidden}");
        }
        for column in ["", "address.phone", "address.tel", "address.email", "address.wechat", "address.qq", "contacts"]
        {
            let field = if column.is_empty() { String::new() } else { format!("custom_field_name={column}&") };
            for part in ["1381234", "3667", "a@b", "wx", "1000"] {
                assert_eq!(names(&staff, &format!("{field}query={part}")), [""; 0], "{column} {part}");
            }
        }
        for whole in ["query=13812341234", "query=138-1234-1234", "custom_field_name=address.tel&query=05123667899"] {
            assert_eq!(names(&staff, whole), ["公海"], "{whole}");
            assert_eq!(names(&correspondent, whole), [""; 0]);
        }
        assert_eq!(names(&admin, "custom_field_name=address.wechat&query=w"), ["公海"]);
        assert_eq!(admin.get(LIST).v2()["customers"][0]["address"]["phone"], "13812341234");
        assert_eq!(names(&correspondent, "tab_type=common"), [""; 0]);
    });
}

#[test]
fn failures_wear_the_envelope_of_the_vendor() {
    on_each_engine(|server| {
        server.anonymous().get(LIST).v2_refused(401);
        let other = server.admin().post(LIST, json!({}));
        assert_eq!(other.headers.get("allow").and_then(|allow| allow.to_str().ok()), Some("GET"));
        other.v2_refused(405);
        server.admin().get(&format!("{LIST}?query=%ff")).v2_refused(400);
        let group = server.group("g", "own");
        let new = json!({"phoneNumber": "13900000009", "group_id": [group], "password": "first password"});
        server.admin().post("/api/user/user", new).ok();
        server.sign_in("13900000009", "first password").get(LIST).v2_refused(403);
    });
    let server = Server::start(Engine::Sqlite, &["--crm-single-session", "true"]).expect("SQLite is always there");
    let first = server.admin();
    let second = server.sign_in(ADMIN_PHONE, PASSWORD);
    assert_eq!(first.get(LIST).v2_refused(401), "你的帐号已在其他地方登录,本地已经下线");
    second.get(LIST).v2();
}
