//! A database that cannot grow, as on a full disk: what writes is told to try again, what reads goes on, and
//! with room again everything works without a restart. `make torture` fills a real file system.

use crm_db::Engine;
use crm_tests::{ADMIN_PHONE, PASSWORD, Server};
use diesel::connection::SimpleConnection;
use serde_json::json;

const ORGANIZATION: &str = "/api/customers/organization";

/// How many pages SQLite's file may have: as many as there are, or any number.
fn limit_pages(server: &Server, limit: u32) {
    let limited = server.database.db.write(|conn| {
        // Not less than it has already.
        Ok(conn.batch_execute(&format!("PRAGMA max_page_count = {limit}"))?)
    });
    limited.expect("the limit can be set");
}

#[test]
fn a_full_disk_refuses_writes_alone_and_for_as_long_as_it_is_full() {
    let server = Server::start(Engine::Sqlite, &[]).expect("SQLite is always there");
    let admin = server.admin();
    let first = admin.post(ORGANIZATION, json!({"groupName": "先前"})).id();
    limit_pages(&server, 1);

    // What is left of the last page takes some more.
    let note = "记".repeat(10_000);
    let write = || admin.post(ORGANIZATION, json!({"groupName": "满了", "note": note}));
    let refused = write();
    assert!(refused.headers.contains_key("retry-after"), "{refused:?}");
    refused.refused(503, "unavailable");
    for _ in 0..20 {
        write().refused(503, "unavailable");
        assert_eq!(admin.get(&format!("{ORGANIZATION}?organization_id={first}")).row()["id"], first);
    }
    assert_eq!(admin.get("/api/customers/customers").ok()["page_info"]["total"], 0);
    let anonymous = server.anonymous();
    assert_eq!(anonymous.get("/readyz").status, 200);
    // A sign-in writes: as long as there is room in what the file has, it succeeds, and is refused properly then.
    let sign_in = json!({"phoneNumber": ADMIN_PHONE, "password": PASSWORD});
    let answers: Vec<_> = (0..200).map(|_| anonymous.post("/api/user/login", sign_in.clone())).collect();
    let refused = answers.into_iter().find(|answer| answer.status != 200).expect("no room for 200 sessions");
    refused.refused(503, "unavailable");

    limit_pages(&server, u32::MAX / 4);
    let id = write().id();
    assert_eq!(admin.get(&format!("{ORGANIZATION}?organization_id={id}")).row()["note"], note);
    assert_eq!(admin.get(ORGANIZATION).ok()["page_info"]["total"], 2);
}
