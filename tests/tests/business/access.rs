//! What satisfaction, contracts and statistics have in common over HTTP: bad questions, rights, and
//! writes at once.

use crm_core::Role;
use crm_tests::{on_each_engine, query};
use serde_json::{Value, json};

use crate::support::{CONTRACT, NOW, SATISFY, customer, organization, person, with};

#[test]
fn bad_questions_name_the_parameter() {
    on_each_engine(|server| {
        let admin = server.admin();
        let lists =
            [SATISFY, CONTRACT, "/api/stats/sign", "/api/stats/demand", "/api/stats/follow", "/api/stats/satisfy"];
        for path in lists {
            for (question, field) in [
                ("page=0", "page"),
                ("page=-1", "page"),
                ("page=x", "page"),
                ("page=1&page=2", "page"),
                ("count=0", "count"),
                ("count=1001", "count"),
                ("count=99999999999999999999", "count"),
                ("start_time=2021-02-30", "start_time"),
                ("end_time=yesterday", "end_time"),
                ("start_time=2026-03-02&end_time=2026-03-01", "start_time"),
                ("start_time=2026-03-03", "start_time"),
            ] {
                assert_eq!(admin.get(&format!("{path}?{question}")).bad_fields(), [field], "{path} {question}");
            }
            let far = admin.get(&format!("{path}?page=9223372036854775807&count=1000")).ok();
            assert!(far["data"].as_array().is_some());
        }
        for path in &lists[2..] {
            for wrong in ["x", "1,,2", "0", "-1", "1,1", "[1"] {
                let question = query(&[("organization_ids", &wrong)]);
                assert_eq!(admin.get(&format!("{path}?{question}")).bad_fields(), ["organization_ids"], "{wrong}");
            }
            admin.post(path, json!({})).refused(405, "method_not_allowed");
        }
        for (path, field) in [(SATISFY, "satisfy_id"), (CONTRACT, "contract_id"), (CONTRACT, "customer_id")] {
            for wrong in ["0", "-1", "x", "1,2", "99999999999999999999"] {
                assert_eq!(admin.get(&format!("{path}?{field}={wrong}")).bad_fields(), [field]);
            }
        }
        assert_eq!(admin.get(&format!("{SATISFY}?status=1")).bad_fields(), ["status"]);
        let long = "x".repeat(256);
        assert_eq!(admin.get(&format!("{CONTRACT}?code={long}")).bad_fields(), ["code"]);
        assert_eq!(admin.get(&format!("{CONTRACT}?code=%00")).bad_fields(), ["code"]);
        assert_eq!(admin.get(&format!("{CONTRACT}?name={}", &long[..101])).bad_fields(), ["name"]);
    });
}

#[test]
fn each_role_and_scope_gets_its_own_over_http() {
    on_each_engine(|server| {
        let admin = server.admin();
        let (own_id, own) = person(server, "13900000001", "own", Role::Staff, "own");
        let (_, all) = person(server, "13900000002", "all", Role::Staff, "all");
        let (correspondent_id, correspondent) = person(server, "13900000003", "通讯员", Role::Correspondent, "all");
        let group = organization(&admin, "国务院");
        let contract = json!({"organization_id": group, "name": "合同", "sign_time": NOW, "amount": "1.00"});
        let hidden = admin.post(CONTRACT, contract.clone()).id();
        let followed = admin.post(CONTRACT, with(&contract, "follower_id", json!([own_id.0]))).id();
        assert_eq!(own.get(CONTRACT).row()["id"], followed);
        assert_eq!(all.get(CONTRACT).rows().len(), 2);
        assert!(own.get(&format!("{CONTRACT}?contract_id={hidden}")).rows().is_empty());
        own.post(CONTRACT, json!({"contract_id": hidden, "name": "x"})).refused(404, "not_found");
        own.post("/api/contract/delcontract", json!({"contract_id": hidden})).refused(404, "not_found");
        assert_eq!(own.get("/api/stats/sign").row()["sign_count"], 1);
        assert_eq!(all.get("/api/stats/sign").row()["sign_count"], 2);
        own.post(CONTRACT, json!({"contract_id": followed, "creator_id": own_id.0})).refused(403, "forbidden");
        let satisfy =
            json!({"organization_id": group, "record_time": NOW, "value": 5, "follower_id": [correspondent_id.0]});
        let named = admin.post(SATISFY, satisfy.clone()).id();
        admin.post(SATISFY, with(&satisfy, "follower_id", Value::Null)).ok();
        assert_eq!(correspondent.get(SATISFY).row()["id"], named);
        correspondent.post(SATISFY, json!({"satisfy_id": named, "value": -1})).ok();
        let mine = organization(&correspondent, "我的单位");
        correspondent.post(SATISFY, json!({"organization_id": mine, "record_time": NOW, "value": 1})).ok();
        assert_eq!(correspondent.get(SATISFY).rows().len(), 2);
        for path in [CONTRACT, "/api/stats/sign", "/api/stats/demand", "/api/stats/follow", "/api/stats/satisfy"] {
            correspondent.get(path).refused(403, "forbidden");
            server.anonymous().get(path).refused(401, "unauthenticated");
        }
        correspondent.post(CONTRACT, contract).refused(403, "forbidden");
        correspondent.post("/api/contract/delcontract", json!({"contract_id": followed})).refused(403, "forbidden");
        server.anonymous().get(SATISFY).refused(401, "unauthenticated");
    });
}

#[test]
fn satisfaction_and_contracts_of_the_same_customers_written_at_once_all_succeed() {
    on_each_engine(|server| {
        let admin = server.admin();
        let group = organization(&admin, "国务院");
        let (low, high) = (customer(server, "Jerry"), customer(server, "Spike"));
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..25 {
                        // Named in the order opposite to the one in which contracts lock them.
                        let said = json!({"customers_id": [high, low], "record_time": NOW, "value": 1});
                        admin.post(SATISFY, said).ok();
                    }
                });
                scope.spawn(|| {
                    let made = json!({"organization_id": group, "name": "合同", "sign_time": NOW, "customer_id": low});
                    let id = admin.post(CONTRACT, made).id();
                    for round in 0..25 {
                        let to = if round % 2 == 0 { high } else { low };
                        admin.post(CONTRACT, json!({"contract_id": id, "customer_id": to})).ok();
                    }
                });
            }
        });
        assert_eq!(admin.get(SATISFY).ok()["page_info"]["total"], 50);
    });
}
