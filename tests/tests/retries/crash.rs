//! Gateways that are killed in the middle: whoever sends again until there is an answer has written
//! exactly once.

use std::collections::BTreeSet;
use std::time::Duration;

use crm_db::Engine;
use crm_db::schema::{audit, organizations};
use crm_tests::child::Gateway;
use crm_tests::{ADMIN_PHONE, Client, PASSWORD, Server};
use diesel::prelude::*;
use serde_json::json;

const ORGANIZATION: &str = "/api/customers/organization";
const ROUNDS: u64 = 12;
const CLIENTS: u64 = 6;

/// Sends until there is an answer; whoever serves then may be another gateway.
fn insist(client: &Client, spare: Option<&Client>, name: &str) -> Option<i64> {
    let body = json!({"groupName": name}).to_string();
    let headers = [("content-type", "application/json"), ("idempotency-key", name)];
    for client in [Some(client), spare].into_iter().flatten() {
        if let Ok(answer) = client.try_send("POST", ORGANIZATION, &headers, Some(body.as_bytes()))
            && answer.status != 503
        {
            return Some(answer.id());
        }
    }
    None
}

/// Rounds of clients whose gateway is killed while they write. `spare` is one that lives on.
fn rounds(server: &Server, spare: Option<&Gateway>) -> u32 {
    // Their clock is the machine's, and so are the times of their sessions.
    let at = |gateway: &Gateway| Client::new(&gateway.url).sign_in(ADMIN_PHONE, PASSWORD);
    let mut unanswered = 0;
    for round in 0..ROUNDS {
        let mut gateway = Gateway::start(&server.database.url, &[("CRM_LOG", "off")]);
        let (client, other) = (at(&gateway), spare.map(at));
        // Warm, so that the kill falls into the writes.
        client.get("/api/user/profile").ok();
        let names: Vec<String> = (0..CLIENTS).map(|number| format!("r{round}n{number}")).collect();
        let waiting: Vec<&String> = std::thread::scope(|scope| {
            let started: Vec<_> = names
                .iter()
                .map(|name| {
                    let (client, other) = (&client, other.as_ref());
                    (name, scope.spawn(move || insist(client, other, name)))
                })
                .collect();
            std::thread::sleep(Duration::from_millis(3 + round * 4));
            gateway.kill();
            let ended = started.into_iter().map(|(name, thread)| (name, thread.join().expect("it ends")));
            ended.filter(|(_, id)| id.is_none()).map(|(name, _)| name).collect()
        });
        unanswered += u32::try_from(waiting.len()).expect("few");
        // And again at one that lives, where all of them are answered: those who were, as before.
        let fresh;
        let client = match &other {
            Some(other) => other,
            None => {
                fresh = Gateway::start(&server.database.url, &[("CRM_LOG", "off")]);
                &at(&fresh)
            }
        };
        let ids: BTreeSet<i64> = names
            .iter()
            .map(|name| (0..20).find_map(|_| insist(client, None, name)).expect("it is answered in the end"))
            .collect();
        assert_eq!(ids.len(), names.len());
    }
    unanswered
}

fn check(server: &Server) {
    let (rows, names, deeds): (i64, Vec<String>, i64) = server
        .database
        .db
        .read(|conn| {
            let names = organizations::table.select(organizations::name).distinct().load(conn)?;
            let deeds = audit::table.filter(audit::record.eq("organization"));
            Ok((organizations::table.count().get_result(conn)?, names, deeds.count().get_result(conn)?))
        })
        .expect("the rows can be counted");
    let wanted = ROUNDS * CLIENTS;
    assert_eq!(u64::try_from(names.len()), Ok(wanted));
    assert_eq!(u64::try_from(rows), Ok(wanted), "each was written once");
    assert_eq!(u64::try_from(deeds), Ok(wanted), "each is in the trail once");
}

#[test]
fn a_gateway_killed_at_any_moment_has_written_what_is_answered_later_exactly_once() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(server) = Server::start(engine, &[]) else { continue };
        let unanswered = rounds(&server, None);
        check(&server);
        assert!(unanswered > 0, "the kills fell between the requests: nothing was tried");
        println!("{engine:?}: {unanswered} requests were cut off");
    }
}

#[test]
fn another_gateway_answers_for_one_that_was_killed() {
    let Some(server) = Server::start(Engine::Postgres, &[]) else { return };
    let spare = Gateway::start(&server.database.url, &[("CRM_LOG", "off")]);
    rounds(&server, Some(&spare));
    check(&server);
}
