//! Organizations over HTTP.

use crm_tests::{on_each_engine, query};
use serde_json::json;

use crate::support::*;

const ORGANIZATION: &str = "/api/customers/organization";

#[test]
fn organizations_have_every_field_and_come_back_with_status_one() {
    on_each_engine(|server| {
        let admin = server.admin();
        let sent = json!({
            "groupName": "国务院", "groupDetail": "中南海", "type": "t", "provience": "北京市", "city": "北京市",
            "county": "房山区", "address": "a", "note": "n", "legal_person": "李", "register_capital": "1亿",
            "registerDate": "1949-10-01", "website": "www.gov.cn"
        });
        let id = admin.post(ORGANIZATION, sent.clone()).id();
        let row = admin.get(&format!("{ORGANIZATION}?organization_id={id}")).row();
        for (name, value) in sent.as_object().expect("an object") {
            assert_eq!(&row[name], value, "{name}");
        }
        assert!(row["creator_id"].is_i64() && row["creator_name"].is_string());
        let delete = "/api/customers/delorganization";
        assert_eq!(admin.post(delete, json!({"organization_id": id, "status": 3})).bad_fields(), ["status"]);
        admin.post(delete, json!({"organization_id": id, "status": -1})).ok();
        admin.post(ORGANIZATION, json!({"organization_id": id, "city": "x"})).refused(404, "not_found");
        let gone = admin.get(&format!("{ORGANIZATION}?organization_id={id}")).row();
        assert_eq!(gone["status"], -1);
        assert_eq!(
            admin.post(CUSTOMERS, json!({"realName": "x", "organization_id": id})).bad_fields(),
            ["organization_id"]
        );
        admin.post(delete, json!({"organization_id": id, "status": 1})).ok();
        assert_eq!(admin.get(&format!("{ORGANIZATION}?status=1")).row()["id"], id);
        admin.post(delete, json!({"organization_id": 99_999, "status": -1})).refused(404, "not_found");
        assert_eq!(admin.post(delete, json!({"organization_id": id})).bad_fields(), ["status"]);
        assert_eq!(admin.get(&format!("{ORGANIZATION}?organization_id={id}")).row()["status"], 1);
        assert_eq!(
            admin
                .post(
                    ORGANIZATION,
                    json!({"groupName": "字".repeat(101), "registerDate": "2021-02-30", "creator_id": 99})
                )
                .bad_fields(),
            ["registerDate", "groupName", "creator_id"]
        );
        for query in ["status=5", "organization_id=x", "creator_id=x", "count=1001"] {
            let fields = admin.get(&format!("{ORGANIZATION}?{query}")).bad_fields();
            assert_eq!(fields, [query.split('=').next().expect("a name")], "{query}");
        }
    });
}

#[test]
fn organizations_are_entered_listed_changed_and_deleted() {
    on_each_engine(|server| {
        let admin = server.admin();
        let id = admin.post(ORGANIZATION, json!({"groupName": "国务院", "provience": "北京市"})).id();
        let row = admin.get(&format!("/api/customers/organization?{}", query(&[("organization_name", &"务")]))).row();
        assert_eq!(
            (row["id"].as_i64(), &row["status"], &row["createTime"]),
            (Some(id), &json!(1), &json!("2026-03-02 10:00:00"))
        );
        admin.form(ORGANIZATION, &format!("organization_id={id}&groupName=Tsinghua_%25&provience=")).ok();
        let row = admin.get("/api/customers/organization?organization_name=a_%25").row();
        assert_eq!((&row["provience"], &row["version"]), (&json!(null), &json!(2)));
        assert_eq!(
            admin.post(ORGANIZATION, json!({"groupName": "", "website": "javascript:1", "city": 3})).bad_fields(),
            ["city", "groupName", "website"]
        );
        admin.post("/api/customers/delorganization", json!({"organization_id": id, "status": -1})).ok();
        assert_eq!(admin.get(ORGANIZATION).ok()["page_info"]["total"], 0);
        assert_eq!(admin.get("/api/customers/organization?status=all").ok()["page_info"]["total"], 1);
    });
}
