//! How long one waits for a database that others hold.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::sync::mpsc;
use std::time::{Duration, Instant};

use crm_core::{Error, Result};
use crm_db::testing::TestDb;
use crm_db::{Db, Engine, Options, deadline};
use diesel::connection::SimpleConnection;

/// What an operation may take that is refused for want of a connection, and a little for the machine.
const SOON: Duration = Duration::from_millis(1_950);

/// Runs `work` while another thread is inside `hold`.
fn while_held<T>(hold: impl FnOnce(&mut dyn FnMut()) -> Result<()> + Send, work: impl FnOnce() -> T) -> T {
    let (begun, has_begun) = mpsc::channel();
    let (tell, told) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let holder = scope.spawn(move || {
            hold(&mut || {
                begun.send(()).expect("it is waited for");
                let _ = told.recv_timeout(Duration::from_secs(10));
            })
        });
        has_begun.recv().expect("it is held");
        let done = work();
        drop(tell);
        holder.join().expect("it ends").expect("it was held");
        done
    })
}

/// Runs `work` as a request does; how long that took, with its result.
fn asked<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let result = deadline::within(begun + Duration::from_millis(4_800), work);
    (begun.elapsed(), result)
}

#[test]
fn a_request_that_needs_several_connections_waits_for_all_of_them_once() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let options = Options { pool_size: 1, ..Options::default() };
        let Some(test) = TestDb::with_options(engine, options) else { continue };
        let db = &test.db;
        let hold = |hold: &mut dyn FnMut()| match engine {
            Engine::Sqlite => db.read(|_| {
                db.write(|_| {
                    hold();
                    Ok(())
                })
            }),
            Engine::Postgres => db.read(|_| {
                hold();
                Ok(())
            }),
        };
        let (took, all) =
            while_held(hold, || asked(|| [db.read(|_| Ok(())), db.write(|_| Ok(())), db.read(|_| Ok(()))]));
        assert!(all.iter().all(|result| matches!(result, Err(Error::Unavailable))), "{all:?}");
        assert!(took > Duration::from_secs(1) && took < SOON, "{engine:?}: {took:?}");
        let (took, done) = asked(|| db.write(|_| Ok(())));
        assert!(done.is_ok() && took < Duration::from_secs(1), "{took:?}");
    }
}

#[test]
fn a_file_that_another_process_has_locked_is_waited_for_no_longer() {
    let test = TestDb::new(Engine::Sqlite).expect("SQLite is always there");
    let other = Db::open(&test.url).expect("the file opens twice");
    let hold = |hold: &mut dyn FnMut()| {
        other.write(|_| {
            hold();
            Ok(())
        })
    };
    let write = || asked(|| test.db.write(|_| Ok(())));
    // One waits for the lock and the other for the connection of the first, and then for the lock.
    let (first, second) = while_held(hold, || {
        std::thread::scope(|scope| {
            let first = scope.spawn(write);
            std::thread::sleep(Duration::from_millis(500));
            (write(), first.join().expect("it ends"))
        })
    });
    for (took, result) in [first, second] {
        assert!(matches!(result, Err(Error::Unavailable)), "{result:?}");
        assert!(took > Duration::from_secs(1) && took < SOON, "{took:?}");
    }
    write().1.expect("it is free again");
}

#[test]
fn a_lock_that_is_let_go_in_time_is_got() {
    let test = TestDb::new(Engine::Sqlite).expect("SQLite is always there");
    let other = Db::open(&test.url).expect("the file opens twice");
    std::thread::scope(|scope| {
        let (begun, has_begun) = mpsc::channel();
        scope.spawn(move || {
            let held = other.write(|conn| {
                begun.send(()).expect("it is waited for");
                std::thread::sleep(Duration::from_millis(700));
                Ok(conn.batch_execute("SELECT 1")?)
            });
            held.expect("it was held");
        });
        has_begun.recv().expect("it is held");
        let (took, result) = asked(|| test.db.write(|_| Ok(())));
        result.expect("it is got");
        assert!(took > Duration::from_millis(400), "it was not held: {took:?}");
    });
}
