//! Gateways that are killed in the middle: whoever sends again until there is an answer has written
//! exactly once.

use std::collections::BTreeMap;
use std::time::Duration;

use crm_db::Engine;
use crm_db::schema::{audit, organizations};
use crm_tests::child::Gateway;
use crm_tests::{ADMIN_PHONE, Answer, Client, PASSWORD, Server};
use diesel::prelude::*;
use serde_json::json;

const ORGANIZATION: &str = "/api/customers/organization";
const ROUNDS: u64 = 12;
const CLIENTS: u64 = 6;

/// Writes an organization of this name, with the name as the key; `None` where no answer came.
fn write(client: &Client, name: &str) -> Option<Answer> {
    let body = json!({"groupName": name}).to_string();
    let headers = [("content-type", "application/json"), ("idempotency-key", name)];
    client.try_send("POST", ORGANIZATION, &headers, Some(body.as_bytes())).ok().filter(|answer| answer.status != 503)
}

/// Writes one after the other until no answer comes: what was answered, and which was not.
fn write_until_cut_off(client: &Client, prefix: &str) -> (BTreeMap<String, i64>, String) {
    let mut answered = BTreeMap::new();
    for number in 0.. {
        let name = format!("{prefix}n{number}");
        match write(client, &name) {
            Some(answer) => answered.insert(name, answer.id()),
            None => return (answered, name),
        };
    }
    unreachable!("the gateway is killed")
}

/// Rounds of clients whose gateway is killed while they write; `spare` is one that lives on. Returns the
/// ids of all that was written, and how many writes had been done but not answered.
fn rounds(server: &Server, spare: Option<&Gateway>) -> (BTreeMap<String, i64>, usize) {
    // Their clock is the machine's, and so are the times of their sessions.
    let at = |gateway: &Gateway| Client::new(&gateway.url).sign_in(ADMIN_PHONE, PASSWORD);
    let (mut written, mut done_unanswered) = (BTreeMap::new(), 0);
    for round in 0..ROUNDS {
        let mut gateway = Gateway::start(&server.database.url, &[("CRM_LOG", "off")]);
        let client = at(&gateway);
        let ended: Vec<_> = std::thread::scope(|scope| {
            let started: Vec<_> = (0..CLIENTS)
                .map(|number| (format!("r{round}c{number}"), &client))
                .map(|(prefix, client)| scope.spawn(move || write_until_cut_off(client, &prefix)))
                .collect();
            std::thread::sleep(Duration::from_millis(40 + round * 7));
            gateway.kill();
            started.into_iter().map(|thread| thread.join().expect("it ends")).collect()
        });
        // And again at one that lives: the last of each client, and all that was answered before.
        let fresh =
            if spare.is_none() { Some(Gateway::start(&server.database.url, &[("CRM_LOG", "off")])) } else { None };
        let client = at(spare.or(fresh.as_ref()).expect("one lives"));
        for (answered, last) in ended {
            let answer = (0..20).find_map(|_| write(&client, &last)).expect("it is answered in the end");
            done_unanswered += usize::from(answer.headers.contains_key("idempotency-replayed"));
            written.insert(last, answer.id());
            for (name, id) in answered {
                assert_eq!(write(&client, &name).expect("it is answered").id(), id);
                written.insert(name, id);
            }
        }
    }
    (written, done_unanswered)
}

fn check(server: &Server, written: &BTreeMap<String, i64>) {
    let (rows, deeds): (Vec<(String, i64)>, i64) = server
        .database
        .db
        .read(|conn| {
            let rows = organizations::table.select((organizations::name, organizations::id)).load(conn)?;
            let deeds = audit::table.filter(audit::record.eq("organization"));
            Ok((rows, deeds.count().get_result(conn)?))
        })
        .expect("the rows can be read");
    assert_eq!(rows.len(), written.len(), "each was written once");
    assert_eq!(rows.into_iter().collect::<BTreeMap<_, _>>(), *written);
    assert_eq!(usize::try_from(deeds), Ok(written.len()), "each is in the trail once");
}

#[test]
fn a_gateway_killed_at_any_moment_has_written_what_is_answered_later_exactly_once() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(server) = Server::start(engine, &[]) else { continue };
        let (written, done_unanswered) = rounds(&server, None);
        check(&server, &written);
        println!("{engine:?}: {} written, {done_unanswered} of them before the kill but unanswered", written.len());
    }
}

#[test]
fn another_gateway_answers_for_one_that_was_killed() {
    let Some(server) = Server::start(Engine::Postgres, &[]) else { return };
    let spare = Gateway::start(&server.database.url, &[("CRM_LOG", "off")]);
    let (written, done_unanswered) = rounds(&server, Some(&spare));
    check(&server, &written);
    println!("{} written, {done_unanswered} of them before the kill but unanswered", written.len());
}
