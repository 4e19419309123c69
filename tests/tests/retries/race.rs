//! The same key several times at once, also through several gateways, and what one handler writes in
//! several steps.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crm_core::Error;
use crm_db::schema::{menus, organizations};
use crm_gateway::http::{Call, Endpoint, Outcome, Reader, Reply};
use crm_tests::{Answer, Client, Server, on_each_engine};
use diesel::prelude::*;
use serde_json::json;

const ORGANIZATION: &str = "/api/customers/organization";

fn named(server: &Server, name: &str) -> i64 {
    let rows = organizations::table.filter(organizations::name.eq(name));
    server.database.db.read(|conn| Ok(rows.count().get_result(conn)?)).expect("organizations can be counted")
}

/// Sends the request from this many threads at once through these gateways in turn; whoever is told to
/// come back does.
fn at_once(clients: &[Client], threads: usize, send: impl Fn(&Client) -> Answer + Sync) -> Vec<Answer> {
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads)
            .map(|number| {
                let (client, send) = (&clients[number % clients.len()], &send);
                scope.spawn(move || {
                    loop {
                        let answer = send(client);
                        if answer.status != 503 {
                            break answer;
                        }
                        assert_eq!(answer.headers["retry-after"], "1");
                    }
                })
            })
            .collect();
        started.into_iter().map(|thread| thread.join().expect("the request is answered")).collect()
    })
}

#[test]
fn the_same_key_at_once_through_two_gateways_is_done_once() {
    on_each_engine(|server| {
        let first = server.admin();
        let second = Client { token: first.token.clone(), ..Client::new(&server.second(&[])) };
        let clients = [first, second];
        for round in 0..8 {
            let name = format!("云南耳尖 {round}");
            let answers = at_once(&clients, 12, |client| {
                client.post_once(&format!("key-{round}"), ORGANIZATION, &json!({"groupName": name}))
            });
            let texts: Vec<&str> = answers.iter().map(|answer| answer.text.as_str()).collect();
            assert!(texts.iter().all(|text| *text == texts[0]) && answers[0].status == 200, "{texts:?}");
            assert_eq!(named(server, &name), 1);
            let fresh = answers.iter().filter(|answer| !answer.headers.contains_key("idempotency-replayed"));
            assert_eq!(fresh.count(), 1);
        }
    });
}

#[test]
fn what_can_be_done_only_once_is_answered_to_all_as_to_the_first() {
    on_each_engine(|server| {
        let admin = server.admin();
        let group = server.group("销售组", "all");
        for round in 0..5 {
            let member =
                json!({"phoneNumber": format!("1390000000{round}"), "group_id": [group], "password": "first password"});
            let answers = at_once(std::slice::from_ref(&admin), 6, |client| {
                client.post_once(&format!("key-{round}"), "/api/user/user", &member)
            });
            let ids: Vec<i64> = answers.into_iter().map(Answer::id).collect();
            assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        }
    });
}

#[test]
fn different_keys_do_not_wait_for_each_other_for_long() {
    on_each_engine(|server| {
        let admin = server.admin();
        let count = AtomicUsize::new(0);
        let answers = at_once(std::slice::from_ref(&admin), 16, |client| {
            let number = count.fetch_add(1, Ordering::Relaxed);
            client.post_once(&format!("key-{number}"), ORGANIZATION, &json!({"groupName": "云南耳尖"}))
        });
        let mut ids: Vec<i64> = answers.into_iter().map(Answer::id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 16);
    });
}

/// One is at it: the handlers below run one at a time, because what they count is shared.
static ONE: Mutex<()> = Mutex::new(());
static RUNS: AtomicUsize = AtomicUsize::new(0);

fn delete_menu(call: &Call<'_>, and_then: crm_core::Result<()>) -> crm_core::Result<()> {
    call.services()?.db.write(|conn| {
        let first: i64 = menus::table.select(menus::id).order(menus::id).first(conn)?;
        diesel::delete(menus::table.filter(menus::id.eq(first))).execute(conn)?;
        and_then
    })
}

/// Four steps, of which the second and the last fail: what a route does with an array.
fn steps(call: &Call<'_>, _: &mut Reader) -> Outcome {
    RUNS.fetch_add(1, Ordering::Relaxed);
    let results = [Ok(()), Err(Error::Stale), Ok(()), Err(Error::Forbidden)]
        .map(|then| delete_menu(call, then).map_or_else(|error| error.code().as_str(), |()| "ok"));
    Reply::json(&results)
}

fn panics_after_writing(call: &Call<'_>, _: &mut Reader) -> Outcome {
    delete_menu(call, Ok(()))?;
    panic!("between the write and the answer")
}

fn fails_after_writing(call: &Call<'_>, _: &mut Reader) -> Outcome {
    delete_menu(call, Ok(()))?;
    Err(Error::Forbidden)
}

fn slow(call: &Call<'_>, _: &mut Reader) -> Outcome {
    RUNS.fetch_add(1, Ordering::Relaxed);
    delete_menu(call, Ok(()))?;
    std::thread::sleep(Duration::from_millis(3_800));
    Reply::json(&json!("slow"))
}

const HANDLERS: &[Endpoint] = &[
    Endpoint::post("/steps", steps),
    Endpoint::post("/panics", panics_after_writing),
    Endpoint::post("/fails", fails_after_writing),
    Endpoint::post("/slow", slow),
];

fn menus_left(server: &Server) -> i64 {
    server.database.db.read(|conn| Ok(menus::table.count().get_result(conn)?)).expect("menus can be counted")
}

fn client(server: &Server) -> Client {
    Client { token: server.admin().token, ..server.serving(HANDLERS) }
}

#[test]
fn a_handler_of_several_steps_is_one_and_its_failed_steps_are_undone_alone() {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    on_each_engine(|server| {
        let client = client(server);
        RUNS.store(0, Ordering::Relaxed);
        for _ in 0..3 {
            let answer = client.post_once("key", "/steps", &json!({}));
            assert_eq!(answer.body, json!(["ok", "stale", "ok", "forbidden"]));
        }
        assert_eq!((menus_left(server), RUNS.load(Ordering::Relaxed)), (4, 1));
    });
}

#[test]
fn what_fails_after_a_write_leaves_nothing() {
    on_each_engine(|server| {
        let client = client(server);
        for _ in 0..2 {
            client.post_once("key", "/panics", &json!({})).refused(500, "internal");
            client.post_once("other-key", "/fails", &json!({})).refused(403, "forbidden");
        }
        assert_eq!(menus_left(server), 6);
        // Without a key it is as it always was: the write of a step that succeeded stays.
        client.post("/fails", json!({})).refused(403, "forbidden");
        assert_eq!(menus_left(server), 5);
    });
}

#[test]
fn who_asks_while_it_is_being_done_waits_and_is_told_to_come_back() {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    on_each_engine(|server| {
        let client = client(server);
        RUNS.store(0, Ordering::Relaxed);
        std::thread::scope(|scope| {
            let first = scope.spawn(|| client.post_once("key", "/slow", &json!({})));
            std::thread::sleep(Duration::from_millis(300));
            let asked = Instant::now();
            let told = client.post_once("key", "/slow", &json!({}));
            assert_eq!(told.headers["retry-after"], "1");
            told.refused(503, "unavailable");
            assert!(asked.elapsed() > Duration::from_secs(1) && asked.elapsed() < Duration::from_millis(3_600));
            assert_eq!(first.join().expect("it is answered").body, "slow");
        });
        assert_eq!(client.post_once("key", "/slow", &json!({})).body, "slow");
        assert_eq!(menus_left(server), 5);
    });
}
