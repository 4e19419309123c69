//! The life of a customer by native routes, and what the vendors' surfaces answer at every step.

use crm_tests::{Answer, Client, Server};
use serde_json::{Value, json};

pub const CUSTOMERS: &str = "/api/customers/customers";
pub const MODULE: i64 = 347_772_778_973_233_152;
/// With these settings what staff enter waits for an administrator's approval.
pub const APPROVAL: &[&str] = &["--crm-customer-approval", "true"];

/// What `002` answers of a customer.
pub fn client_detail(client: &Client, id: i64) -> Value {
    let answer = client.post("/api/crm/client/detail", json!({"id": id.to_string(), "mid": MODULE.to_string()}));
    assert!(answer.status == 200 && answer.body["code"] == 200 && answer.body["message"] == "", "{}", answer.text);
    answer.body
}

/// What `004` answers of a customer to somebody who says to be this person.
pub fn sheet_as(client: &Client, user: i64, id: i64) -> Answer {
    client.send("GET", &format!("/miaosuan/customer/detail?customer_id={id}"), &[("user_id", &user.to_string())], None)
}

/// What `004` answers of a customer.
pub fn sheet(client: &Client, user: i64, id: i64) -> Value {
    let answer = sheet_as(client, user, id);
    assert!(answer.status == 200 && answer.body["code"] == 0 && answer.body["msg"] == "成功", "{}", answer.text);
    answer.body
}

/// The row of a customer in `003`, as a list that shows it: that of the deleted ones, if it is deleted.
pub fn row(client: &Client, id: i64) -> Value {
    let rows = |of: &str| client.get(&format!("/api/v2/customers?per_page=200{of}")).v2()["customers"].clone();
    let shown = [rows(""), rows("&status=-1")];
    let mut rows = shown.iter().flat_map(|rows| rows.as_array().expect("customers"));
    rows.find(|row| row["id"] == id).expect("the customer is shown").clone()
}

/// A team: the administrator, a seller and a designer; and the ids of the people.
pub struct Team {
    pub admin: Client,
    pub admin_id: i64,
    pub seller: Client,
    pub seller_id: i64,
    pub designer_id: i64,
}

/// The team, entered.
pub fn team(server: &Server) -> Team {
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

/// Options and labels the customer is given; the fields of the samples are defined.
struct Setup {
    source: i64,
    category: i64,
    labels: [i64; 2],
}

fn setup(admin: &Client) -> Setup {
    let post = |route: &str, body: Value| admin.post(&format!("/api/customers/{route}"), body).id();
    let label = |group: &str, name: &str, color: &str| {
        let group = post("labelgroups", json!({"name": group, "labels": [{"name": name, "color": color}]}));
        let rows = admin.get("/api/customers/labelgroups").rows();
        let row = rows.iter().find(|row| row["id"] == group).expect("the group");
        row["labels"][0]["id"].as_i64().expect("a label")
    };
    for (key, kind, options) in [
        ("textarea_1680158327352", "textarea", Value::Null),
        ("select_1680162080347", "select", json!(["甲", "乙"])),
        ("input_1680509561692", "input", Value::Null),
        ("input_1682406244377", "input", Value::Null),
    ] {
        post("fields", json!({"key": key, "title": key, "kind": kind, "options": options}));
    }
    Setup {
        source: post("sources", json!({"name": "线上流量", "color": "#606266"})),
        category: post("categories", json!({"name": "大客户"})),
        labels: [label("预算", "1500万", "#2da8aa"), label("荣誉", "行业先进企业", "#ffcc00")],
    }
}

/// A customer's life.
pub struct Life<'a> {
    server: &'a Server,
    pub team: Team,
    pub id: i64,
    /// What `002` answers: first of a customer of whom little is known, then of this one at every step.
    pub items: Vec<Value>,
    /// The same of `004`.
    pub sheets: Vec<Value>,
    /// The same of `003`.
    pub rows: Vec<Value>,
}

/// Takes a customer through its life by native routes.
pub fn live(server: &Server) -> Life<'_> {
    let team = team(server);
    let setup = setup(&team.admin);
    let id = entered(&team.seller, setup.source);
    let mut life = Life { server, team, id, items: Vec::new(), sheets: Vec::new(), rows: Vec::new() };
    life.claimed();
    let [organization, contract] = life.worked(&setup);
    life.reached(&setup, organization);
    life.signed(&setup);
    life.lost(&setup, contract);
    life.beside_another();
    life
}

fn entered(seller: &Client, source: i64) -> i64 {
    let fields = json!({
        "realName": "张先生", "phoneNumber": "15612341234", "note": "4室2厅", "owner_id": null,
        "is_clue": 1, "clue_id_unique": "u-1", "api_platform": "飞鱼", "api_setting_id": 3,
        "clue_ocpc_data": {"value": ["form"], "display": "表单"}, "source_id": source,
        "province": "上海", "detail_address": "绿城10号1002", "community_name": "绿城", "room_number": "10号1002",
        "budget": "60.00", "intent": 1, "next_follow_at": "2026-03-05 09:00:00",
        "custom": {
            "textarea_1680158327352": "长", "select_1680162080347": ["乙"], "input_1680509561692": "短",
            "input_1682406244377": "二"
        }
    });
    seller.post(CUSTOMERS, fields).id()
}

impl Life<'_> {
    fn see(&mut self, client: &Client, who: i64, id: i64) {
        self.items.push(client_detail(client, id)["data"]["item"].clone());
        self.sheets.push(sheet(client, who, id)["data"].clone());
        self.rows.push(row(client, id));
    }

    fn seen_by_seller(&mut self) {
        self.see(&self.team.seller.clone(), self.team.seller_id, self.id);
    }

    fn seen_by_admin(&mut self) {
        self.see(&self.team.admin.clone(), self.team.admin_id, self.id);
    }

    /// A write of the customer a minute later.
    fn of_customer(&self, client: &Client, route: &str, mut body: Value) {
        body["customer_id"] = json!(self.id);
        self.around(client, route, body);
    }

    /// Another write a minute later.
    fn around(&self, client: &Client, route: &str, body: Value) {
        self.server.clock.advance(60);
        client.post(&format!("/api/customers/{route}"), body).ok();
    }

    fn claimed(&mut self) {
        let rule = json!({"enabled": 1, "contact_days": 5, "deal_days": 60, "notice_days": 10});
        self.team.admin.post("/api/customers/poolrule", rule).ok();
        self.seen_by_seller();
        self.around(&self.team.admin, "productlines", json!({"name": "整装"}));
        self.of_customer(&self.team.seller, "claim", json!({}));
        self.seen_by_seller();
    }

    /// Gives the ids of the organization and of the contract.
    fn worked(&mut self, setup: &Setup) -> [i64; 2] {
        let Team { admin, seller, seller_id, designer_id, .. } = &self.team;
        self.of_customer(admin, "approve", json!({"approve_status": "approved"}));
        self.of_customer(seller, "stage", json!({"stage_id": 2}));
        self.of_customer(seller, "labels", json!({"label_ids": [setup.labels[0]]}));
        self.of_customer(seller, "team", json!({"role_type": 1, "user_ids": [designer_id]}));
        self.of_customer(seller, "team", json!({"role_type": 0, "user_ids": [seller_id]}));
        self.of_customer(seller, "favourite", json!({"favourite": 1}));
        self.of_customer(seller, "blacklist", json!({"is_blacklisted": 1}));
        self.of_customer(seller, "customers", json!({"product_line_id": 2, "realName": "张先生111"}));
        let role = json!({"role_type": 1, "role_name": "首席设计师", "role_description": "出图"});
        self.around(admin, "roletypes", role);
        let organization = seller.post("/api/customers/organization", json!({"groupName": "工信部"})).id();
        let contract = json!({
            "organization_id": organization, "customer_id": self.id, "name": "装修", "amount": "1200.50",
            "sign_time": "2026-03-02 10:02:00", "follower_id": [seller_id]
        });
        let contract = seller.post("/api/contract/contract", contract).id();
        let potential =
            json!({"organization_id": organization, "director_id": seller_id, "record_time": "2026-03-02 10:00:00"});
        let potential = seller.post("/api/record/potential", potential).id();
        let follow = json!({
            "protent_id": potential, "follower_id": [seller_id], "customers_id": [self.id], "event": 3,
            "record_time": "2026-03-02 10:01:00", "gain": "谈妥"
        });
        seller.post("/api/record/follow", follow).ok();
        self.seen_by_seller();
        [organization, contract]
    }

    /// It is told how and through whom the customer is reached; the customer is locked.
    fn reached(&mut self, setup: &Setup, organization: i64) {
        let Team { admin, seller, seller_id, .. } = &self.team;
        let reached = json!({
            "organization_id": [organization], "category_id": setup.category, "job": "经理",
            "tel": "0512-3667899", "email": "a@b.cn", "qq": "10001", "fax": "0512-1", "wechat": "wx",
            "wangwang": "ww", "zip": "215000", "url": "http://www.baidu.com", "city": "上海", "district": "徐汇区",
            "lat": 31.25, "lng": 121.5
        });
        self.of_customer(seller, "customers", reached);
        self.of_customer(seller, "contact", json!({"name": "李四", "phone": "13900001111", "job": "助理"}));
        self.of_customer(seller, "labels", json!({"label_ids": [setup.labels[1]]}));
        self.of_customer(seller, "team", json!({"role_type": 0, "user_ids": []}));
        admin.post("/api/user/user", json!({"user_id": seller_id, "wecom_userid": "jinpingguo"})).ok();
        self.of_customer(admin, "lock", json!({}));
        self.of_customer(admin, "stage", json!({"stage_id": 6}));
        self.seen_by_admin();
    }

    fn signed(&mut self, setup: &Setup) {
        let admin = &self.team.admin;
        self.of_customer(admin, "unlock", json!({}));
        self.around(admin, "stages", json!({"stage_id": 6, "name": "签约", "color": "#112233", "sort_num": 60}));
        self.around(admin, "stages", json!({"stage_id": 3, "is_default": 1}));
        self.of_customer(admin, "stage", json!({"stage_id": 3}));
        let source = json!({"source_id": setup.source, "name": "飞鱼", "color": "#ff0000", "sort_num": 7});
        self.around(admin, "sources", source);
        self.seen_by_admin();
    }

    fn lost(&mut self, setup: &Setup, contract: i64) {
        let Team { admin, designer_id, .. } = &self.team;
        self.around(admin, "stages", json!({"stage_id": 4, "is_default": 1}));
        self.around(admin, "sources", json!({"name": "转介绍", "is_default": 1}));
        self.around(admin, "stages", json!({"stage_id": 3, "is_active": 0}));
        self.around(admin, "sources", json!({"source_id": setup.source, "is_active": 0, "is_default": 0}));
        self.of_customer(admin, "assign", json!({"owner_id": designer_id}));
        self.seen_by_admin();
        self.of_customer(&self.team.admin, "release", json!({"reason": "无人跟进"}));
        self.seen_by_admin();
        self.seen_by_seller();
        self.team.seller.post("/api/contract/delcontract", json!({"contract_id": contract})).ok();
        self.of_customer(&self.team.admin, "delcustomer", json!({"reason": "重复"}));
        self.seen_by_admin();
    }

    /// What is answered of a customer of whom little is known is put first.
    fn beside_another(&mut self) {
        let poor = self.team.admin.post(CUSTOMERS, json!({"realName": "nainai", "tel": "3667899"})).id();
        self.see(&self.team.seller.clone(), self.team.seller_id, poor);
        for answers in [&mut self.items, &mut self.sheets, &mut self.rows] {
            answers.rotate_right(1);
        }
    }
}
