//! Statistics over HTTP.

use crm_tests::{Server, on_each_engine, query};
use serde_json::{Value, json};

use crate::support::{CONTRACT, NOW, SATISFY, admin_id, customer, organization};

/// Two demands and a followed-up potential.
fn record_rows(server: &Server, organization: i64) {
    let (admin, me) = (server.admin(), admin_id(server).0);
    for at in [NOW, "2026-03-02 09:00:00"] {
        let demand =
            json!({"organization_id": organization, "follower_id": [me], "record_time": at, "content": "季报"});
        admin.post("/api/record/demand", demand).id();
    }
    let potential = json!({"organization_id": organization, "director_id": me, "record_time": NOW});
    let potential = admin.post("/api/record/potential", potential).id();
    let follow = json!({"protent_id": potential, "follower_id": [me], "record_time": NOW});
    admin.post("/api/record/follow", follow).id();
}

#[test]
fn statistics_have_the_documented_shapes_and_orders() {
    on_each_engine(|server| {
        let admin = server.admin();
        let empty = json!({"status": 0, "data": [[], {"total": 0, "page": 1, "count": 20}]});
        assert_eq!(admin.get("/api/stats/demand").ok(), empty);
        let (one, two) = (organization(&admin, "国务院"), organization(&admin, "外交部"));
        let jerry = customer(server, "Jerry");
        record_rows(server, one);
        assert_eq!(
            admin.get("/api/stats/demand").ok(),
            json!({"status": 0, "data": [
                [{"organization_id": one, "demand_count": 2, "m_recordTime": "2026-03-02 09:00:00"}],
                {"total": 1, "page": 1, "count": 20}]})
        );
        assert_eq!(
            admin.get("/api/stats/follow?count=5").ok(),
            json!({"status": 0, "data": [[{"organization_id": one, "follow_count": 1, "min_sign_time": NOW}],
                {"total": 1, "page": 1, "count": 5}]})
        );
        for (group, amount, at) in [
            (one, json!("100000.00"), "2026-03-01 09:00:00"),
            (one, json!("0.01"), NOW),
            (two, Value::Null, "2026-03-01 09:00:01"),
            (two, json!("7.00"), "2026-02-23 09:59:59"),
        ] {
            admin
                .post(CONTRACT, json!({"organization_id": group, "name": "合同", "sign_time": at, "amount": amount}))
                .ok();
        }
        assert_eq!(
            admin.get("/api/stats/sign").ok(),
            json!({"status": 0, "data": [
                {"organization_id": two, "sign_amount": "0.00", "sign_count": 1,
                    "min_sign_time": "2026-03-01 09:00:01"},
                {"organization_id": one, "sign_amount": "100000.01", "sign_count": 2,
                    "min_sign_time": "2026-03-01 09:00:00"}],
                "page_info": {"total": 2, "page": 1, "count": 20}})
        );
        let wider = admin.get("/api/stats/sign?start_time=2026-02-23&page=2&count=1").ok();
        assert_eq!((&wider["data"][0]["sign_amount"], &wider["page_info"]["total"]), (&json!("7.00"), &json!(2)));
        for (groups, value) in [
            (json!({"organization_id": one}), 3),
            (json!({"organization_id": one}), 4),
            (json!({"organization_id": two}), -1),
            (json!({"customers_id": jerry}), 10),
        ] {
            let mut body = groups;
            body["value"] = json!(value);
            body["record_time"] = json!(NOW);
            admin.post(SATISFY, body).ok();
        }
        assert_eq!(
            admin.get("/api/stats/satisfy").ok(),
            json!({"status": 0, "data": [
                {"organization_id": one, "satisfy_count": 2, "average": "3.50", "min": 3, "max": 4},
                {"organization_id": two, "satisfy_count": 1, "average": "-1.00", "min": -1, "max": -1},
                {"organization_id": null, "satisfy_count": 1, "average": "10.00", "min": 10, "max": 10}],
                "page_info": {"total": 3, "page": 1, "count": 20}})
        );
        for spelled in [format!("{two}"), format!("[{two}]"), format!("{two},999999")] {
            let question = query(&[("organization_ids", &spelled)]);
            assert_eq!(admin.get(&format!("/api/stats/satisfy?{question}")).row()["organization_id"], two);
        }
        assert!(admin.get("/api/stats/satisfy?page=2").rows().is_empty());
    });
}
