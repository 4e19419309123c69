//! Client detail (`002`) and miaosuan detail (`004`): the shapes of the vendors' samples, and every
//! field moved by a native route that is documented for it.

use std::collections::{BTreeMap, BTreeSet};

use crm_tests::{Answer, Client, Server, on_each_engine};
use serde_json::{Value, json};

const CUSTOMERS: &str = "/api/customers/customers";
const MODULE: i64 = 347_772_778_973_233_152;

/// What 002 always answers alike: marks of the vendor's own format.
const MARKS: &[&str] = &["module_1688521860850", "clientListAndSeas", "life_cycle_id.group_id", "source.group_id"];

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).expect("the fixture is JSON")
}

/// Fails unless `live` has everything `sample` has, with the same types. `null` on either side goes
/// with anything: it says nothing about the type. An empty array in the sample goes with an object
/// too: these vendors show a relation that is not there so. The elements of an array must all have
/// the shape of the sample's first.
fn same_shape(sample: &Value, live: &Value) {
    let mut differences = Vec::new();
    compare(sample, live, "", &mut differences);
    assert!(differences.is_empty(), "{}\n{live:#}", differences.join("\n"));
}

fn compare(sample: &Value, live: &Value, path: &str, differences: &mut Vec<String>) {
    match (sample, live) {
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Object(wanted), Value::Object(found)) => {
            for (name, value) in wanted {
                let path = format!("{path}.{name}");
                match found.get(name) {
                    Some(live) => compare(value, live, &path, differences),
                    None => differences.push(format!("{path} is missing")),
                }
            }
        }
        (Value::Array(wanted), Value::Array(found)) => {
            if let Some(first) = wanted.first() {
                for live in found {
                    compare(first, live, &format!("{path}[]"), differences);
                }
            }
        }
        (Value::Array(wanted), Value::Object(_)) | (Value::Object(_), Value::Array(wanted)) if wanted.is_empty() => {}
        (Value::Number(wanted), Value::Number(found)) => {
            let is_whole = |number: &serde_json::Number| number.is_i64() || number.is_u64();
            if is_whole(wanted) && !is_whole(found) {
                differences.push(format!("{path} is {found}, not a whole number"));
            }
        }
        _ if std::mem::discriminant(sample) == std::mem::discriminant(live) => {}
        _ => differences.push(format!("{path} is {live}, not like {sample}")),
    }
}

fn client_detail(client: &Client, id: i64) -> Value {
    let answer = client.post("/api/crm/client/detail", json!({"id": id.to_string(), "mid": MODULE.to_string()}));
    assert!(answer.status == 200 && answer.body["code"] == 200 && answer.body["message"] == "", "{}", answer.text);
    answer.body
}

fn sheet_as(client: &Client, user: i64, id: i64) -> Answer {
    client.send("GET", &format!("/miaosuan/customer/detail?customer_id={id}"), &[("user_id", &user.to_string())], None)
}

fn sheet(client: &Client, user: i64, id: i64) -> Value {
    let answer = sheet_as(client, user, id);
    assert!(answer.status == 200 && answer.body["code"] == 0 && answer.body["msg"] == "成功", "{}", answer.text);
    answer.body
}

/// Every value at the end of a path.
fn leaves(value: &Value, path: &str, found: &mut BTreeMap<String, BTreeSet<String>>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                leaves(value, &if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, found);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                leaves(item, path, found);
            }
        }
        leaf => {
            found.entry(path.to_owned()).or_default().insert(leaf.to_string());
        }
    }
}

/// The paths of the sample at which all these answers say the same.
fn still(sample: &Value, answers: &[Value]) -> Vec<String> {
    let mut found = BTreeMap::new();
    for answer in answers {
        leaves(answer, "", &mut found);
    }
    let mut asked = BTreeMap::new();
    leaves(sample, "", &mut asked);
    let differs = |path: &String| {
        found.get(path).is_some_and(|values| values.len() > 1)
            // What is empty in the sample and an object here, or the other way round, has moved.
            || found.keys().any(|other| other.starts_with(&format!("{path}.")))
    };
    asked.keys().filter(|path| !differs(path)).cloned().collect()
}

/// A team: the administrator, a seller and a designer; and the ids of the people.
struct Team {
    admin: Client,
    admin_id: i64,
    seller: Client,
    seller_id: i64,
    designer_id: i64,
}

fn team(server: &Server) -> Team {
    let admin = server.admin();
    let group = server.group("销售", "all");
    let (seller_id, seller) = server.person(
        "13900000001",
        json!({"realName": "金苹果", "role_id": 2, "group_id": [group], "headImageUrl": "/upload/a.png"}),
    );
    let (designer_id, _) = server.person("13900000002", json!({"realName": "夏冰", "role_id": 2, "group_id": [group]}));
    let admin_id = admin.get("/api/user/profile").ok()["data"]["id"].as_i64().expect("an id");
    Team { admin, admin_id, seller, seller_id, designer_id }
}

/// Options, labels and fields the customers below are given.
struct Setup {
    source: i64,
    label: i64,
    fields: [i64; 3],
}

fn setup(admin: &Client) -> Setup {
    let source = admin.post("/api/customers/sources", json!({"name": "线上流量", "color": "#606266"})).id();
    let groups = admin.post(
        "/api/customers/labelgroups",
        json!({"name": "预算", "labels": [{"name": "1500万", "color": "#2da8aa"}]}),
    );
    let group = groups.id();
    let rows = admin.get("/api/customers/labelgroups").rows();
    let label = rows.iter().find(|row| row["id"] == group).expect("the group")["labels"][0]["id"].as_i64();
    let field = |key: &str, kind: &str, options: Value| {
        admin.post("/api/customers/fields", json!({"key": key, "title": key, "kind": kind, "options": options})).id()
    };
    Setup {
        source,
        label: label.expect("a label"),
        fields: [
            field("textarea_1680158327352", "textarea", Value::Null),
            field("select_1680162080347", "select", json!(["甲", "乙"])),
            field("input_1680509561692", "input", Value::Null),
        ],
    }
}

/// Takes a customer through its life by native routes; gives both answers at every step.
fn life(server: &Server) -> (Team, Setup, i64, Vec<Value>, Vec<Value>) {
    let team = team(server);
    let setup = setup(&team.admin);
    let Team { admin, seller, .. } = &team;
    admin.post("/api/customers/fields", json!({"key": "input_1682406244377", "title": "备注二", "kind": "input"})).ok();
    admin
        .post("/api/customers/poolrule", json!({"enabled": 1, "contact_days": 5, "deal_days": 60, "notice_days": 10}))
        .ok();
    let id = seller
        .post(
            CUSTOMERS,
            json!({
                "realName": "张先生", "phoneNumber": "15612341234", "note": "4室2厅", "owner_id": null,
                "is_clue": 1, "clue_id_unique": "u-1", "api_platform": "飞鱼", "api_setting_id": 3,
                "clue_ocpc_data": {"value": ["form"], "display": "表单"}, "source_id": setup.source,
                "province": "上海", "detail_address": "绿城10号1002", "community_name": "绿城", "room_number": "10号1002",
                "budget": "60.00", "intent": 1, "next_follow_at": "2026-03-05 09:00:00",
                "custom": {
                    "textarea_1680158327352": "长", "select_1680162080347": ["乙"], "input_1680509561692": "短",
                    "input_1682406244377": "二"
                }
            }),
        )
        .id();
    let (mut details, mut sheets) = (Vec::new(), Vec::new());
    let mut see = |client: &Client, who: i64| {
        details.push(client_detail(client, id));
        sheets.push(sheet(client, who, id));
    };
    see(seller, team.seller_id);
    let post = |client: &Client, route: &str, body: Value| {
        server.clock.advance(60);
        client.post(&format!("/api/customers/{route}"), body).ok()
    };
    post(admin, "productlines", json!({"name": "整装"}));
    post(seller, "claim", json!({"customer_id": id}));
    see(seller, team.seller_id);
    post(seller, "stage", json!({"customer_id": id, "stage_id": 2}));
    post(seller, "labels", json!({"customer_id": id, "label_ids": [setup.label]}));
    post(seller, "team", json!({"customer_id": id, "role_type": 1, "user_ids": [team.designer_id]}));
    post(seller, "team", json!({"customer_id": id, "role_type": 0, "user_ids": [team.seller_id]}));
    post(seller, "favourite", json!({"customer_id": id, "favourite": 1}));
    post(seller, "blacklist", json!({"customer_id": id, "is_blacklisted": 1}));
    post(seller, "customers", json!({"customer_id": id, "product_line_id": 2, "realName": "张先生111"}));
    post(admin, "roletypes", json!({"role_type": 1, "role_name": "首席设计师", "role_description": "出图"}));
    let organization = seller.post("/api/customers/organization", json!({"groupName": "工信部"})).id();
    let contract = json!({
        "organization_id": organization, "customer_id": id, "name": "装修", "amount": "1200.50",
        "sign_time": "2026-03-02 10:02:00", "follower_id": [team.seller_id]
    });
    let contract = seller.post("/api/contract/contract", contract).id();
    let potential =
        json!({"organization_id": organization, "director_id": team.seller_id, "record_time": "2026-03-02 10:00:00"});
    let potential = seller.post("/api/record/potential", potential).id();
    let follow = json!({
        "protent_id": potential, "follower_id": [team.seller_id], "customers_id": [id], "event": 3,
        "record_time": "2026-03-02 10:01:00", "gain": "谈妥"
    });
    seller.post("/api/record/follow", follow).ok();
    see(seller, team.seller_id);
    post(admin, "lock", json!({"customer_id": id}));
    post(admin, "stage", json!({"customer_id": id, "stage_id": 6}));
    see(admin, team.admin_id);
    post(admin, "unlock", json!({"customer_id": id}));
    post(admin, "stages", json!({"stage_id": 6, "name": "签约", "color": "#112233", "sort_num": 60}));
    post(admin, "stages", json!({"stage_id": 3, "is_default": 1}));
    post(admin, "stage", json!({"customer_id": id, "stage_id": 3}));
    post(admin, "sources", json!({"source_id": setup.source, "name": "飞鱼", "color": "#ff0000", "sort_num": 7}));
    see(admin, team.admin_id);
    post(admin, "stages", json!({"stage_id": 4, "is_default": 1}));
    post(admin, "sources", json!({"name": "转介绍", "is_default": 1}));
    post(admin, "stages", json!({"stage_id": 3, "is_active": 0}));
    post(admin, "sources", json!({"source_id": setup.source, "is_active": 0, "is_default": 0}));
    post(admin, "assign", json!({"customer_id": id, "owner_id": team.designer_id}));
    see(admin, team.admin_id);
    post(admin, "release", json!({"customer_id": id, "reason": "无人跟进"}));
    see(admin, team.admin_id);
    see(seller, team.seller_id);
    seller.post("/api/contract/delcontract", json!({"contract_id": contract})).ok();
    post(admin, "delcustomer", json!({"customer_id": id, "reason": "重复"}));
    see(admin, team.admin_id);
    let poor = admin.post(CUSTOMERS, json!({"realName": "nainai"})).id();
    details.insert(0, client_detail(seller, poor));
    sheets.insert(0, sheet(seller, team.seller_id, poor));
    (team, setup, id, details, sheets)
}

#[test]
fn every_field_of_both_samples_is_there_with_its_type_and_is_moved_by_a_native_route() {
    on_each_engine(|server| {
        let (team, setup, id, details, sheets) = life(server);
        assert_eq!(setup.fields.len(), 3);
        let sample = fixture(include_str!("fixtures/002.json"));
        for answer in &details {
            same_shape(&sample, answer);
        }
        let frozen: Vec<String> = still(&sample["data"]["item"], &items(&details))
            .into_iter()
            .filter(|path| !MARKS.contains(&path.as_str()))
            // Approval and its marks are off here; `approval` below moves them.
            .filter(|path| !path.starts_with("_flow"))
            .collect();
        assert_eq!(frozen, [] as [String; 0], "these say the same whatever is written");
        let sample = fixture(include_str!("fixtures/004.json"));
        for answer in &sheets {
            same_shape(&sample, answer);
        }
        let data: Vec<Value> = sheets.iter().map(|sheet| sheet["data"].clone()).collect();
        let frozen = still(&sample["data"], &data);
        // The parts people play have fixed numbers.
        assert_eq!(frozen, [] as [String; 0], "these say the same whatever is written");
        // Deleted customers are the administrator's to read.
        let refused = team.seller.post("/api/crm/client/detail", json!({"id": id, "mid": MODULE}));
        assert_eq!((refused.status, &refused.body["code"], &refused.body["data"]), (404, &json!(404), &Value::Null));
        assert_eq!(sheet_as(&team.seller, team.seller_id, id).status, 404);
    });
}

fn items(details: &[Value]) -> Vec<Value> {
    details.iter().map(|detail| detail["data"]["item"].clone()).collect()
}

#[test]
fn the_values_are_those_that_were_written() {
    on_each_engine(|server| {
        let (team, _, id, details, sheets) = life(server);
        let items = items(&details);
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

        let worked = &sheets[3]["data"];
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
        let outcomes: Vec<&Value> = sheets.iter().map(|sheet| &sheet["data"]["global_status"]).collect();
        assert_eq!(outcomes[4], &json!(1), "signed");
        assert_eq!(
            (&sheets[7]["data"]["follower_id"], &sheets[7]["data"]["follower_name"]),
            (&Value::Null, &json!(""))
        );
        assert_eq!(sheets.last().expect("the last")["data"]["finance_status"], 0, "the contract was deleted");
    });
}

#[test]
fn approval_marks_the_flow() {
    for engine in [crm_db::Engine::Sqlite, crm_db::Engine::Postgres] {
        let Some(server) = Server::start(engine, &["--crm-customer-approval", "true"]) else { continue };
        let team = team(&server);
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
    }
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
