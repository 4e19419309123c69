//! A story in which every operation is done once: the examples of the document are from it, and the
//! statements whose plans are looked at.

use crate::wecom::{AES_KEY, CORP_ID, TOKEN, body, encrypt_text, event, seal_for, sign};
use crate::{ADMIN_PHONE, Answer, Client, PASSWORD, Server};
use serde_json::{Value, json};

/// How the server of the story runs.
pub const FLAGS: &[&str] =
    &["--crm-wecom-token", TOKEN, "--crm-wecom-aes-key", AES_KEY, "--crm-wecom-corp-id", CORP_ID];

const NOW: &str = "2026-03-02 09:00:00";

/// Tells who wants to hear it of every answer.
struct Teller<'a, F: FnMut(&str, &str, &Answer)> {
    server: &'a Server,
    client: Client,
    hear: F,
}

impl<F: FnMut(&str, &str, &Answer)> Teller<'_, F> {
    fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    fn post(&mut self, path: &str, body: Value) -> Answer {
        let headers = [("content-type", "application/json")];
        self.send("POST", path, &headers, Some(body.to_string().as_bytes()))
    }

    fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answer {
        self.server.clock.advance(1);
        let answer = self.client.send(method, path, headers, body);
        (self.hear)(method, path, &answer);
        answer
    }

    fn upload(&mut self, path: &str, file: &str) {
        let form = format!(
            "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{file}\r\n--edge--\r\n"
        );
        self.send("POST", path, &[("content-type", "multipart/form-data; boundary=edge")], Some(form.as_bytes()));
    }

    /// Makes two records and deletes one by either method.
    fn delete_twice(&mut self, make: (&str, [Value; 2]), path: &str, id: &str, more: &str) {
        let [one, other] = make.1.map(|body| self.client.post(make.0, body).id());
        let with = if more.is_empty() { json!({id: one}) } else { json!({id: one, "status": -1, "reason": "重复"}) };
        self.post(path, with);
        self.send("DELETE", &format!("{path}?{id}={other}{more}"), &[], None);
    }
}

/// What the administrator's password is when the story has been told.
pub const LAST_PASSWORD: &str = "another horse";

/// Tells the story. Every request's method, path and answer are given to `hear`.
pub fn tell(server: &Server, hear: impl FnMut(&str, &str, &Answer)) {
    let mut teller = Teller { server, client: server.admin(), hear };
    staff(&mut teller);
    choices(&mut teller);
    customers(&mut teller);
    records(&mut teller);
    lists(&mut teller);
    files(&mut teller);
    pool(&mut teller);
    vendors(&mut teller);
    deletions(&mut teller);
    system(&mut teller);
    wecom(&mut teller);
    sessions(&mut teller);
}

fn staff<F: FnMut(&str, &str, &Answer)>(teller: &mut Teller<'_, F>) {
    teller.post("/api/user/group", json!({"name": "销售组", "content": "一线", "data_scope": "department"}));
    teller.post("/api/user/department", json!({"name": "销售部", "leader_id": 1}));
    teller.post(
        "/api/user/user",
        json!({
            "phoneNumber": "13900000001", "realName": "李曦宁", "group_id": [2], "departmentId": 1, "number": 7,
            "title": "经理", "birthday": "1990-05-01", "wecom_userid": "ZhangSan",
        }),
    );
    teller.post("/api/user/menu", json!({"name": "报表", "content": "/reports", "note": "月报"}));
    teller.post("/api/user/usermenu", json!({"user_id": 2, "menu": [1, 7]}));
}

fn choices<F: FnMut(&str, &str, &Answer)>(teller: &mut Teller<'_, F>) {
    let labels = json!([{"name": "大", "color": "#ffcc00"}, {"name": "小"}]);
    for (route, body) in [
        ("stages", json!({"name": "初访", "color": "#39b54a", "outcome": 0})),
        ("sources", json!({"name": "线上流量"})),
        ("categories", json!({"name": "A类"})),
        ("productlines", json!({"name": "二号线"})),
        ("roletypes", json!({"role_type": 1, "role_name": "主设计", "role_description": "方案"})),
        ("labelgroups", json!({"name": "规模", "labels": labels})),
        ("fields", json!({"title": "渠道", "kind": "select", "options": ["电话", "上门"], "key": "select_channel"})),
    ] {
        teller.post(&format!("/api/customers/{route}"), body);
    }
}

fn customers<F: FnMut(&str, &str, &Answer)>(teller: &mut Teller<'_, F>) {
    let organization = json!({"groupName": "云南耳尖科技有限公司", "provience": "云南省", "city": "昆明市"});
    teller.post("/api/customers/organization", organization);
    let customer = json!({
        "realName": "王小明", "phoneNumber": "138 0013 8000", "organization_id": [1], "job": "采购经理", "source_id": 1,
        "category_id": 1, "province": "云南省", "city": "昆明市", "budget": "12.50", "is_clue": 1,
        "custom": {"select_channel": ["电话"]},
    });
    teller.post("/api/customers/customers", customer);
    teller.client.post("/api/customers/customers", json!({"realName": "赵一"})).ok();
    for (route, body) in [
        ("contact", json!({"customer_id": 1, "name": "王五", "phone": "13812341234", "is_primary": 1})),
        ("stage", json!({"customer_id": 1, "stage_id": 2, "reason": "已报价"})),
        ("approve", json!({"customer_id": 2, "approve_status": "rejected", "reason": "重复"})),
        ("blacklist", json!({"customer_id": 2, "is_blacklisted": 1})),
        ("favourite", json!({"customer_id": 1, "favourite": 1})),
        ("team", json!({"customer_id": 1, "role_type": 1, "user_ids": [1, 2]})),
        ("assistants", json!({"customer_id": 1, "user_ids": [2]})),
        ("labels", json!({"customer_id": 1, "label_ids": [1]})),
        ("wecom", json!({"external_userid": "wm1", "user_id": 1, "name": "小王", "added_at": NOW, "customer_id": 1})),
    ] {
        teller.post(&format!("/api/customers/{route}"), body);
    }
}

fn records<F: FnMut(&str, &str, &Answer)>(teller: &mut Teller<'_, F>) {
    teller.post("/api/record/potential", json!({"organization_id": 1, "director_id": 1, "record_time": NOW}));
    let follow = json!({
        "protent_id": 1, "follower_id": [1], "customers_id": [1], "record_time": NOW, "event": 1, "gain": "有意向",
    });
    teller.post("/api/record/follow", follow);
    let demand = json!({
        "organization_id": 1, "follower_id": [1], "customer_id": [1], "record_time": NOW, "content": "增加季报",
    });
    teller.post("/api/record/demand", demand);
    let satisfy = json!({
        "organization_id": 1, "customers_id": [1], "follower_id": [1], "record_time": NOW, "value": 3,
    });
    teller.post("/api/feedback/satisfy", satisfy);
    let contract = json!({
        "organization_id": 1, "customer_id": 1, "name": "年度维护合同", "code": "C-1", "sign_time": NOW,
        "amount": "112.00", "follower_id": [1],
    });
    teller.post("/api/contract/contract", contract);
}

fn lists<F: FnMut(&str, &str, &Answer)>(teller: &mut Teller<'_, F>) {
    for path in [
        "/api/user/group",
        "/api/user/user?user_id=2",
        "/api/user/menu?count=2",
        "/api/user/usermenu",
        "/api/user/department",
        "/api/user/profile",
        "/api/user/sessions?count=1",
        "/api/user/audit?count=2",
        "/api/customers/organization",
        "/api/customers/customers?customer_id=1",
        "/api/customers/contact?customer_id=1",
        "/api/customers/wecom",
        "/api/customers/stages?page=1&count=2",
        "/api/customers/sources",
        "/api/customers/categories",
        "/api/customers/productlines",
        "/api/customers/roletypes?page=1&count=2",
        "/api/customers/labelgroups",
        "/api/customers/fields",
        "/api/record/potential",
        "/api/record/follow",
        "/api/record/demand",
        "/api/feedback/satisfy",
        "/api/contract/contract",
        "/api/stats/sign",
        "/api/stats/demand",
        "/api/stats/follow",
        "/api/stats/satisfy",
    ] {
        teller.get(path);
    }
}

fn files<F: FnMut(&str, &str, &Answer)>(teller: &mut Teller<'_, F>) {
    for path in ["/api/customers/export", "/api/customers/exportorganization", "/api/contract/export"] {
        teller.get(&format!("{path}?headers=api"));
    }
    teller.upload("/api/customers/import", "realName,phoneNumber\n孙七,13700000007\n");
    teller.upload("/api/customers/importorganization", "groupName,city\n工信部,北京市\n");
    let contract = "name,organization_name,sign_time,amount\n二期合同,云南耳尖科技有限公司,2026-03-01 09:00:00,5.50\n";
    teller.upload("/api/contract/import", contract);
}

fn pool<F: FnMut(&str, &str, &Answer)>(teller: &mut Teller<'_, F>) {
    let rule = json!({"enabled": 1, "contact_days": 1, "deal_days": 2, "notice_days": 5});
    teller.post("/api/customers/poolrule", rule);
    teller.get("/api/customers/poolrule");
    teller.get("/api/customers/due?customer_id=1");
    for (route, body) in [
        ("lock", json!({"customer_id": 1, "reason": "大客户"})),
        ("unlock", json!({"customer_id": 1})),
        ("release", json!({"customer_id": 1, "reason": "暂无需求"})),
        ("claim", json!({"customer_id": [1, 99]})),
        ("assign", json!({"customer_id": 1, "owner_id": 2})),
    ] {
        teller.post(&format!("/api/customers/{route}"), body);
    }
    teller.get("/api/customers/history?customer_id=1&count=2");
}

fn vendors<F: FnMut(&str, &str, &Answer)>(teller: &mut Teller<'_, F>) {
    teller.post("/business/1/plugin/CrmDashboard/getCustomerData", json!({"date_type": "week"}));
    teller.post("/api/crm/client/detail", json!({"id": 1, "mid": 347_772_778_973_233_152_i64}));
    teller.get("/api/v2/customers?per_page=1&sort=created_at&order=asc");
    for options in ["filter_sort_group", "source/filter_options", "status/filter_options"] {
        teller.get(&format!("/api/v2/customers/{options}"));
    }
    teller.send("GET", "/miaosuan/customer/detail?customer_id=1", &[("user_id", "1")], None);
}

fn deletions<F: FnMut(&str, &str, &Answer)>(teller: &mut Teller<'_, F>) {
    let named = |name: &str| [json!({"name": format!("{name}甲")}), json!({"name": format!("{name}乙")})];
    let both = |value: Value| [value.clone(), value];
    teller.delete_twice(("/api/user/group", named("组")), "/api/user/delgroup", "group_id", "");
    teller.delete_twice(("/api/user/department", named("部")), "/api/user/deldepartment", "department_id", "");
    let people = ["13900000008", "13900000009"].map(|phone| json!({"phoneNumber": phone, "group_id": [1]}));
    teller.delete_twice(("/api/user/user", people), "/api/user/deluser", "user_id", "&status=-1");
    let organizations = ["甲", "乙"].map(|name| json!({"groupName": format!("{name}单位")}));
    let at = |route: &str| format!("/api/customers/{route}");
    teller.delete_twice((&at("organization"), organizations), &at("delorganization"), "organization_id", "&status=-1");
    let customers = ["甲", "乙"].map(|name| json!({"realName": format!("{name}客户")}));
    teller.delete_twice((&at("customers"), customers), &at("delcustomer"), "customer_id", "&status=-1");
    let contacts = ["甲", "乙"].map(|name| json!({"customer_id": 1, "name": name}));
    teller.delete_twice((&at("contact"), contacts), &at("delcontact"), "contact_id", "");
    let friends = ["wm8", "wm9"].map(|id| json!({"external_userid": id, "user_id": 1, "added_at": NOW}));
    teller.delete_twice((&at("wecom"), friends), &at("delwecom"), "wecom_id", "");
    let potential = json!({"organization_id": 1, "director_id": 1, "record_time": NOW});
    teller.delete_twice(("/api/record/potential", both(potential)), "/api/record/delpotent", "potent_id", "&status=-1");
    let follow = json!({"protent_id": 1, "follower_id": [1], "customers_id": [1], "record_time": NOW});
    teller.delete_twice(("/api/record/follow", both(follow)), "/api/record/delfollow", "follow_id", "");
    let demand = json!({"organization_id": 1, "follower_id": [1], "record_time": NOW, "content": "季报"});
    teller.delete_twice(("/api/record/demand", both(demand)), "/api/record/deldemand", "demand_id", "");
    let satisfy = json!({"organization_id": 1, "record_time": NOW, "value": 3});
    teller.delete_twice(("/api/feedback/satisfy", both(satisfy)), "/api/feedback/delsatisfy", "satisfy_id", "");
    let contract = json!({"organization_id": 1, "name": "合同", "sign_time": NOW});
    teller.delete_twice(("/api/contract/contract", both(contract)), "/api/contract/delcontract", "contract_id", "");
}

fn system<F: FnMut(&str, &str, &Answer)>(teller: &mut Teller<'_, F>) {
    for path in ["/healthz", "/readyz", "/metrics"] {
        teller.get(path);
    }
}

fn wecom<F: FnMut(&str, &str, &Answer)>(teller: &mut Teller<'_, F>) {
    let hello = sign(&encrypt_text(CORP_ID, "1234567890"));
    let echo = crate::query(&[("echostr", &hello.encrypted)]);
    teller.get(&format!("/wecom/callback?{}&{echo}", hello.query));
    let sealed = seal_for(CORP_ID, &event("add_external_contact", "ZhangSan", "wmA", 1_772_416_800));
    let path = format!("/wecom/callback?{}", sealed.query);
    teller.send("POST", &path, &[("content-type", "text/xml")], Some(body(&sealed.encrypted).as_bytes()));
}

fn sessions<F: FnMut(&str, &str, &Answer)>(teller: &mut Teller<'_, F>) {
    let credentials = json!({"phoneNumber": ADMIN_PHONE, "password": PASSWORD});
    teller.post("/api/user/login", credentials.clone());
    let all = teller.client.get("/api/user/sessions").rows();
    let mut others = all.iter().filter(|row| row["current"] == false).map(|row| row["id"].clone());
    let (one, other) = (others.next().expect("a session"), others.next().expect("another"));
    teller.post("/api/user/delsession", json!({"session_id": one}));
    teller.send("DELETE", &format!("/api/user/delsession?session_id={other}"), &[], None);
    let change = json!({"phoneNumber": ADMIN_PHONE, "old_password": PASSWORD, "new_password": LAST_PASSWORD});
    teller.post("/api/user/password", change);
    teller.client = teller.server.sign_in(ADMIN_PHONE, LAST_PASSWORD);
    teller.post("/api/user/logout", json!({}));
}
