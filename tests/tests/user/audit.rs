//! The audit trail.

use crm_tests::{PASSWORD, on_each_engine, query};
use serde_json::json;

use crate::support::*;

#[test]
fn the_audit_trail_is_filtered_and_newest_first() {
    on_each_engine(|server| {
        let admin = server.admin();
        server.clock.advance(3600);
        let sales = group(&admin, "销售");
        server.clock.advance(3600);
        admin.post("/api/user/group", json!({"group_id": sales, "content": "卖"})).ok();
        let rows = admin.get(&format!("/api/user/audit?record=group&record_id={sales}&user_id=1")).rows();
        assert_eq!(field(&rows, "action"), ["update", "create"]);
        assert_eq!(
            keys(&rows[0]),
            sorted("id user_id user_name address action record record_id before after createTime")
        );
        assert_eq!((&rows[0]["user_name"], &rows[0]["address"]), (&json!("管理员"), &json!("127.0.0.1")));
        assert_eq!((&rows[0]["before"]["detail"], &rows[0]["after"]["detail"]), (&json!(null), &json!("卖")));
        assert_eq!((&rows[1]["before"], &rows[1]["after"]["name"]), (&json!(null), &json!("销售")));
        let within = |start: &str, end: &str| {
            let range = query(&[("start_time", &start), ("end_time", &end), ("record", &"group")]);
            admin.get(&format!("/api/user/audit?{range}")).rows().len()
        };
        assert_eq!(within("2026-03-02 11:00:00", "2026-03-02 11:00:00"), 1);
        assert_eq!(within("2026-03-02", "2026-03-02"), 2);
        assert_eq!(within("2026-03-02 11:00:01", "2026-03-02 11:59:59"), 0);
        let bad = "start_time=2021-02-30&user_id=x&record_id=0&count=0";
        assert_eq!(admin.get(&format!("/api/user/audit?{bad}")).bad_fields().len(), 4);
        assert_eq!(admin.get("/api/user/audit?start_time=2026-03-03&end_time=2026-03-02").bad_fields(), ["start_time"]);
        let text = admin.get("/api/user/audit?count=1000").text;
        assert!(!text.contains(PASSWORD) && !text.contains("$2b$"), "{text}");
        assert!(text.contains("sign_in") && text.contains("change_password"), "{text}");
    });
}
