//! What is done once, whatever happens in the middle, on both engines.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::time::{Duration, Instant};

use crm_core::{Clock, Error, Result, Role, StaffId};
use crm_db::retry::{Once, Request};
use crm_db::schema::{menus, retries};
use crm_db::testing::{TestDb, on_each_engine, rows};
use crm_db::{Db, Options};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

fn person(db: &Db) -> StaffId {
    rows::person(db, "1", "李曦宁", Role::Staff, None)
}

fn request(staff_id: StaffId, key: &str, what: &str) -> Request {
    Request { staff_id, key_hash: key.to_owned(), request_hash: what.to_owned() }
}

fn delete_one(db: &Db) -> Result<usize> {
    db.write(|conn| {
        let first: i64 = menus::table.select(menus::id).order(menus::id).first(conn)?;
        Ok(diesel::delete(menus::table.filter(menus::id.eq(first))).execute(conn)?)
    })
}

fn fail_after_deleting(db: &Db) -> Result<()> {
    db.write(|conn| {
        diesel::delete(menus::table).execute(conn)?;
        Err(Error::Stale)
    })
}

fn left(db: &Db) -> i64 {
    db.read(|conn| Ok(menus::table.count().get_result(conn)?)).expect("menus can be counted")
}

fn kept(db: &Db) -> i64 {
    db.read(|conn| Ok(retries::table.count().get_result(conn)?)).expect("answers can be counted")
}

fn once(db: &Db, request: &Request, work: impl FnOnce() -> Result<()>) -> Result<Once<()>> {
    db.once(request, work, |()| b"done")
}

#[test]
fn several_writes_are_one_and_see_each_other_and_one_that_fails_is_undone_alone() {
    on_each_engine(|test| {
        let db = &test.db;
        let request = request(person(db), "key", "what");
        let work = || {
            delete_one(db)?;
            assert_eq!(left(db), 5, "a read sees what the transaction wrote");
            assert!(matches!(fail_after_deleting(db), Err(Error::Stale)));
            delete_one(db)?;
            assert_eq!(left(db), 4);
            let nobody_else: i64 = std::thread::scope(|scope| scope.spawn(|| left(db)).join().expect("it reads"));
            assert_eq!(nobody_else, 6, "nothing is committed yet");
            Ok(())
        };
        assert!(matches!(once(db, &request, work), Ok(Once::Now(()))));
        assert_eq!(left(db), 4);
        let again = once(db, &request, || panic!("it was done"));
        assert!(matches!(again, Ok(Once::Before(answer)) if answer == "done"));
        delete_one(db).expect("writes are their own again");
        assert_eq!((left(db), kept(db)), (3, 1));
    });
}

#[test]
fn work_that_fails_panics_or_is_late_leaves_nothing_and_runs_again() {
    on_each_engine(|test| {
        let db = &test.db;
        let request = request(person(db), "key", "what");
        let fails = once(db, &request, || {
            delete_one(db)?;
            Err(Error::Forbidden)
        });
        assert!(matches!(fails, Err(Error::Forbidden)), "{fails:?}");
        let panics = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            once(db, &request, || {
                delete_one(db)?;
                panic!("between the write and the answer")
            })
        }));
        assert!(panics.is_err());
        let panics_inside = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            once(db, &request, || db.write(|_| panic!("in the write")))
        }));
        assert!(panics_inside.is_err());
        let late = crm_db::deadline::within(Instant::now() + Duration::from_millis(100), || {
            once(db, &request, || {
                delete_one(db)?;
                std::thread::sleep(Duration::from_millis(120));
                Ok(())
            })
        });
        assert!(matches!(late, Err(Error::Unavailable)), "{late:?}");
        assert_eq!((left(db), kept(db)), (6, 0));
        once(db, &request, || delete_one(db).map(drop)).expect("it runs again");
        assert_eq!((left(db), kept(db)), (5, 1));
    });
}

#[test]
fn a_transaction_that_ends_by_itself_takes_everything_with_it() {
    on_each_engine(|test| {
        let db = &test.db;
        let request = request(person(db), "key", "what");
        for fails in [true, false] {
            let answered = once(db, &request, || {
                delete_one(db)?;
                // As SQLite does on a full disk, and PostgreSQL when it is restarted.
                let ended = db.write(|conn| {
                    conn.batch_execute("ROLLBACK")?;
                    if fails { Err(Error::Stale) } else { Ok(()) }
                });
                assert!(ended.is_err());
                assert!(delete_one(db).is_err(), "it would stand alone");
                Ok(())
            });
            assert!(matches!(answered, Err(Error::Unavailable)), "{answered:?}");
            assert_eq!((left(db), kept(db)), (6, 0));
        }
        once(db, &request, || delete_one(db).map(drop)).expect("it runs again");
        assert_eq!((left(db), kept(db)), (5, 1));
    });
}

#[test]
fn what_wrote_nothing_is_not_kept() {
    on_each_engine(|test| {
        let db = &test.db;
        let request = request(person(db), "key", "what");
        for _ in 0..2 {
            let answered = once(db, &request, || {
                assert!(fail_after_deleting(db).is_err());
                Ok(())
            });
            assert!(matches!(answered, Ok(Once::Now(()))));
        }
        assert_eq!((left(db), kept(db)), (6, 0));
    });
}

#[test]
fn many_at_once_do_it_once() {
    on_each_engine(|test| {
        let person = person(&test.db);
        let other = Db::open(&test.url).expect("a second program opens it");
        for round in 0..10 {
            let before = left(&test.db);
            if before == 0 {
                break;
            }
            let request = request(person, &format!("key {round}"), "what");
            let now = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..8)
                    .map(|number| {
                        let db = if number % 2 == 0 { &test.db } else { &other };
                        let request = &request;
                        scope.spawn(move || {
                            loop {
                                match once(db, request, || delete_one(db).map(drop)) {
                                    // One who waited too long asks again.
                                    Err(Error::Unavailable) => {}
                                    answered => break answered.expect("it is done"),
                                }
                            }
                        })
                    })
                    .collect();
                let answers = threads.into_iter().map(|thread| thread.join().expect("it ends"));
                answers.filter(|answer| matches!(answer, Once::Now(()))).count()
            });
            assert_eq!(now, 1);
            assert_eq!(left(&test.db), before - 1);
        }
    });
}

#[test]
fn one_who_fails_because_another_did_it_meanwhile_is_answered_like_that_one() {
    on_each_engine(|test| {
        let db = &test.db;
        let request = request(person(db), "key", "what");
        let answered = once(db, &request, || {
            // The same request, done elsewhere after this one had looked.
            std::thread::scope(|scope| {
                scope.spawn(|| once(db, &request, || delete_one(db).map(drop)).expect("it is done")).join()
            })
            .expect("it ends");
            Err(Error::conflict("name", "taken"))
        });
        assert!(matches!(answered, Ok(Once::Before(_))), "{answered:?}");
    });
}

#[test]
fn a_key_is_one_persons_for_one_request_and_for_a_day() {
    for engine in [crm_db::Engine::Sqlite, crm_db::Engine::Postgres] {
        let clock = Clock::manual(crm_core::Instant::from_unix(1_772_416_800));
        let options = Options { clock: clock.clone(), ..Options::default() };
        let Some(test) = TestDb::with_options(engine, options) else { continue };
        let db = &test.db;
        let me = person(db);
        let delete = || delete_one(db).map(drop);
        let first = request(me, "key", "what");
        assert!(matches!(once(db, &first, delete), Ok(Once::Now(()))));
        let other = once(db, &request(me, "key", "something else"), delete);
        assert!(matches!(other, Err(Error::Conflict { .. })), "{other:?}");
        clock.advance(24 * 3600 - 1);
        assert!(matches!(once(db, &first, delete), Ok(Once::Before(_))));
        assert_eq!(db.forget_retries().expect("nothing is old"), 0);
        clock.advance(1);
        assert!(matches!(once(db, &request(me, "key", "something else"), delete), Ok(Once::Now(()))));
        assert_eq!((left(db), kept(db)), (4, 1));
        assert_eq!(db.forget_retries().expect("it is new"), 0);
        clock.advance(24 * 3600);
        assert_eq!(db.forget_retries().expect("it is old"), 1);
        assert_eq!(kept(db), 0);
    }
}
