//! Writes that share a transaction of SQLite.

#![allow(clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crm_core::{Error, Result, Role, StaffId};
use crm_db::retry::{Once, Request};
use crm_db::testing::{TestDb, rows};
use crm_db::text_search::{self, Index};
use crm_db::{Conn, Db, Engine, Statement, deadline};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

diesel::table! {
    notes (id) {
        id -> BigInt,
        who -> BigInt,
        number -> BigInt,
    }
}

/// A database with a table of notes.
fn database() -> TestDb {
    let test = TestDb::new(Engine::Sqlite).expect("SQLite is always there");
    let table = "CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, who INTEGER NOT NULL, \
                 number INTEGER NOT NULL, UNIQUE (who, number)) STRICT; \
                 CREATE TABLE big (text TEXT NOT NULL) STRICT; \
                 CREATE TABLE later (note_id INTEGER NOT NULL REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED) STRICT";
    test.db.write(|conn| Ok(conn.batch_execute(table)?)).expect("tables can be made");
    test
}

fn note(conn: &mut Conn, who: i64, number: i64) -> Result<()> {
    Statement::of("INSERT INTO notes (who, number) VALUES (?, ?)").int(who).int(number).execute(conn)?;
    Ok(())
}

/// Who has written, in the order of writing.
fn written(db: &Db) -> Vec<i64> {
    db.read(|conn| Ok(notes::table.order(notes::id).select(notes::who).load(conn)?)).expect("notes can be read")
}

type Work<'a> = Box<dyn FnOnce(&Db) -> Result<()> + Send + 'a>;

/// A write that notes `who` and then does `more`.
fn noting<'a>(who: i64, more: impl FnOnce(&mut Conn) -> Result<()> + Send + 'a) -> Work<'a> {
    Box::new(move |db| {
        db.write(|conn| {
            note(conn, who, 1)?;
            more(conn)
        })
    })
}

/// A write that notes `who` and nothing else.
fn plain<'a>(who: i64) -> Work<'a> {
    noting(who, |_| Ok(()))
}

/// Runs these in line, one behind the other; what each came to (`None`: it panicked), and how many commits that took.
fn in_line(db: &Db, works: Vec<Work<'_>>) -> (Vec<Option<Result<()>>>, u64) {
    let (begun, has_begun) = mpsc::channel();
    let (tell, told) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let holder = scope.spawn(move || {
            db.write(|_| {
                begun.send(()).expect("it is waited for");
                let _ = told.recv_timeout(Duration::from_secs(10));
                Ok(())
            })
        });
        has_begun.recv().expect("it is held");
        let before = db.commits();
        let mut waiting = Vec::new();
        for work in works {
            waiting.push(scope.spawn(move || catch_unwind(AssertUnwindSafe(|| work(db))).ok()));
            std::thread::sleep(Duration::from_millis(15));
        }
        drop(tell);
        let results = waiting.into_iter().map(|thread| thread.join().expect("panics are caught")).collect();
        holder.join().expect("it ends").expect("it is committed");
        (results, db.commits() - before - 1)
    })
}

/// As [`in_line`], tried again on a new database until there were no more commits than `commits`: on a busy
/// machine a transaction can be too old before the next one is there.
fn together(commits: u64, works: impl Fn() -> Vec<Work<'static>>) -> (TestDb, Vec<Option<Result<()>>>) {
    for _ in 0..50 {
        let test = database();
        let (results, took) = in_line(&test.db, works());
        if took <= commits {
            return (test, results);
        }
    }
    panic!("never together");
}

fn all_done(results: &[Option<Result<()>>]) -> bool {
    results.iter().all(|result| matches!(result, Some(Ok(()))))
}

fn is_unavailable(result: Option<&Option<Result<()>>>) -> bool {
    matches!(result, Some(Some(Err(Error::Unavailable))))
}

#[test]
fn a_crowd_shares_commits_and_everything_is_written_once_and_in_order() {
    const WRITES: i64 = 40;
    let test = database();
    let db = &test.db;
    let before = db.commits();
    std::thread::scope(|scope| {
        for who in 0..32 {
            scope.spawn(move || {
                for number in 0..WRITES {
                    let written = db.write(|conn| {
                        note(conn, who, number)?;
                        if number % 4 == 3 { Err(Error::Stale) } else { Ok(()) }
                    });
                    assert_eq!(written.is_err(), number % 4 == 3, "{written:?}");
                    let mine = notes::table.filter(notes::who.eq(who).and(notes::number.eq(number))).count();
                    let there: i64 = db.read(|conn| Ok(mine.get_result(conn)?)).expect("it can be read");
                    assert_eq!(there == 1, written.is_ok(), "what is told is there");
                }
            });
        }
    });
    let all: Vec<(i64, i64)> = db
        .read(|conn| Ok(notes::table.order(notes::id).select((notes::who, notes::number)).load(conn)?))
        .expect("notes can be read");
    for who in 0..32 {
        let numbers: Vec<i64> = all.iter().filter(|row| row.0 == who).map(|row| row.1).collect();
        assert_eq!(numbers, (0..WRITES).filter(|number| number % 4 != 3).collect::<Vec<_>>());
    }
    let (writes, commits) = (all.len(), db.commits() - before);
    assert!(usize::try_from(commits * 4).expect("small") < writes * 3, "{commits} commits for {writes} writes");
}

#[test]
fn the_line_is_served_in_its_order_and_by_few_commits() {
    let (test, results) = together(2, || (1..=12).map(plain).collect());
    assert!(all_done(&results), "{results:?}");
    assert_eq!(written(&test.db), (1..=12).collect::<Vec<_>>());
    let writer = test.db.pools().into_iter().find(|pool| pool.name == "writer").expect("there is one");
    assert_eq!((writer.lent, writer.in_use, writer.idle, writer.timeouts), (14, 0, 1, 0));
    assert!(writer.waited > Duration::from_millis(12 * 15), "{writer:?}");
}

#[test]
fn one_sees_what_those_before_wrote_and_others_see_nothing_before_the_commit() {
    for _ in 0..50 {
        let test = database();
        let (db, seen) = (&test.db, AtomicI64::new(-1));
        let look = noting(2, |conn| {
            let mine: i64 = notes::table.count().get_result(conn)?;
            seen.store(mine * 100 + i64::try_from(written(db).len()).expect("few"), Ordering::Relaxed);
            Ok(())
        });
        let (results, commits) = in_line(db, vec![plain(1), look]);
        assert!(all_done(&results), "{results:?}");
        assert_eq!(written(db), [1, 2]);
        if commits == 1 {
            assert_eq!(seen.into_inner(), 200);
            return;
        }
    }
    panic!("never together");
}

/// The same in a request's time, in which what is made findable is put off to the end of the transaction.
fn as_a_request(work: Work<'static>) -> Work<'static> {
    Box::new(move |db| deadline::within(Instant::now() + Duration::from_millis(4_800), || work(db)))
}

/// Who is found by this name.
fn found(db: &Db, name: &str) -> Vec<i64> {
    let found = text_search::contains(Engine::Sqlite, Index::Customers, "who", name);
    let query = notes::table.filter(found).order(notes::id).select(notes::who);
    db.read(|conn| Ok(query.load(conn)?)).expect("names can be searched")
}

#[test]
fn one_that_fails_leaves_no_trace_and_harms_nobody() {
    let put = |id: i64, name: &'static str| {
        noting(id, move |conn| text_search::put(conn, Index::Customers, id, &[Some(name)]))
    };
    let fails = || {
        noting(2, |conn| {
            conn.transaction(|conn| text_search::put(conn, Index::Customers, 2, &[Some("王二")]))?;
            text_search::put(conn, Index::Customers, 1, &[Some("李四")])?;
            Err(Error::conflict("name", "taken"))
        })
    };
    let twice = || noting(1, |_| Ok(()));
    for wrap in [as_a_request, |work: Work<'static>| work] {
        let works = || vec![put(1, "王一"), fails(), put(3, "王三"), twice(), put(4, "王四")].into_iter().map(wrap);
        let (test, results) = together(1, || works().collect());
        assert!(matches!(results.get(1), Some(Some(Err(Error::Conflict { .. })))), "{results:?}");
        assert!(matches!(results.get(3), Some(Some(Err(_)))), "{results:?}");
        assert_eq!(results.iter().flatten().filter(|result| result.is_ok()).count(), 3);
        assert_eq!(written(&test.db), [1, 3, 4]);
        let find = |name: &str| found(&test.db, name);
        assert_eq!(find("王"), [1, 3, 4]);
        assert_eq!((find("王一"), find("李四"), find("王二")), (vec![1], vec![], vec![]));
    }
}

#[test]
fn the_last_name_given_is_the_one_that_is_found() {
    fn name(conn: &mut Conn, name: &str) -> Result<()> {
        text_search::put(conn, Index::Customers, 1, &[Some(name)])
    }

    let test = database();
    let write = |work: fn(&mut Conn) -> Result<()>| as_a_request(Box::new(move |db| db.write(work)))(&test.db);
    write(|conn| note(conn, 1, 1)).expect("noted");
    write(|conn| name(conn, "一").and_then(|()| name(conn, "二"))).expect("the later stays");
    assert_eq!((found(&test.db, "一"), found(&test.db, "二")), (vec![], vec![1]));
    write(|conn| conn.transaction(|conn| name(conn, "四"))).expect("a part makes findable too");
    assert_eq!((found(&test.db, "二"), found(&test.db, "四")), (vec![], vec![1]));
    let unclear = write(|conn| {
        name(conn, "三")?;
        conn.transaction(|conn| name(conn, "三"))
    });
    assert!(matches!(unclear, Err(Error::Internal(_))), "{unclear:?}");
    let undone = |conn: &mut Conn| -> Result<()> {
        let part: Result<()> = conn.transaction(|conn| {
            text_search::put(conn, Index::Customers, 1, &[Some("五")])?;
            Err(Error::Stale)
        });
        assert!(part.is_err());
        Ok(())
    };
    write(undone).expect("a part is undone alone");
    assert_eq!((found(&test.db, "四"), found(&test.db, "五")), (vec![1], vec![]));
    let refused = write(|conn| name(conn, "六").and(Err(Error::Stale)));
    assert!(refused.is_err());
    assert_eq!((found(&test.db, "四"), found(&test.db, "六")), (vec![1], vec![]));
}

#[test]
fn a_panic_fails_those_before_it_alone() {
    for _ in 0..50 {
        let test = database();
        let panics = noting(3, |_| panic!("in the middle of others"));
        let (results, _) = in_line(&test.db, vec![plain(1), plain(2), panics, plain(4), plain(5)]);
        assert!(matches!(results.get(2), Some(None)), "{results:?}");
        let done: Vec<i64> =
            (1..).zip(&results).filter(|(_, result)| matches!(result, Some(Ok(())))).map(|(who, _)| who).collect();
        assert_eq!(written(&test.db), done, "{results:?}");
        assert!(done.ends_with(&[4, 5]), "{results:?}");
        if done == [4, 5] {
            assert!(is_unavailable(results.first()) && is_unavailable(results.get(1)), "{results:?}");
            return;
        }
    }
    panic!("never together");
}

#[test]
fn a_commit_that_fails_fails_all() {
    let breaks = || noting(2, |conn| Ok(conn.batch_execute("INSERT INTO later VALUES (-1)")?));
    let refused = || noting(3, |_| Err(Error::Stale));
    let (test, results) = together(1, || vec![plain(1), breaks(), refused(), plain(4)]);
    assert!(results.iter().all(|result| matches!(result, Some(Err(Error::Internal(_))))), "{results:?}");
    assert!(written(&test.db).is_empty());
    plain(5)(&test.db).expect("the next one writes");
}

#[test]
fn a_transaction_that_ends_by_itself_fails_all() {
    // As on a full disk, whether the one it happens to notices or not.
    for notices in [true, false] {
        let together = (0..50).any(|_| {
            let test = database();
            let fills = noting(2, move |conn| {
                conn.batch_execute("PRAGMA max_page_count = 1")?;
                let filled = conn.batch_execute("INSERT INTO big VALUES (hex(zeroblob(1000000)))");
                assert!(filled.is_err(), "there was room");
                if notices { Ok(filled?) } else { Ok(()) }
            });
            let (results, _) = in_line(&test.db, vec![plain(1), fills, plain(3)]);
            assert!(is_unavailable(results.get(1)), "{results:?}");
            let room = |conn: &mut Conn| Ok(conn.batch_execute("PRAGMA max_page_count = 1000000")?);
            if is_unavailable(results.first()) {
                assert!(!written(&test.db).contains(&1));
                test.db.write(room).expect("there is room");
                plain(4)(&test.db).expect("the next one writes");
                return true;
            }
            assert!(matches!(results.first(), Some(Some(Ok(())))), "{results:?}");
            false
        });
        assert!(together);
    }
}

#[test]
fn the_first_ones_lost_transaction_is_not_gone_on_with() {
    let test = database();
    let loses = noting(1, |conn| Ok(conn.batch_execute("ROLLBACK")?));
    let (results, _) = in_line(&test.db, vec![loses, plain(2), plain(3)]);
    assert!(matches!(results.first(), Some(Some(Err(_)))), "{results:?}");
    assert!(matches!(results.get(1..), Some([Some(Ok(())), Some(Ok(()))])), "{results:?}");
    assert_eq!(written(&test.db), [2, 3]);
}

/// The same, of which nobody waits for the outcome after `time`, from when it is called.
fn within<'a>(time: Duration, work: Work<'a>) -> Work<'a> {
    Box::new(move |db| deadline::within(Instant::now() + time, || work(db)))
}

#[test]
fn one_that_is_late_is_undone_alone() {
    let late = || {
        within(
            Duration::from_millis(300),
            noting(2, |_| {
                std::thread::sleep(Duration::from_millis(310));
                Ok(())
            }),
        )
    };
    let (test, results) = together(1, || vec![plain(1), late()]);
    assert!(matches!(results.first(), Some(Some(Ok(())))) && is_unavailable(results.get(1)), "{results:?}");
    assert_eq!(written(&test.db), [1]);
}

#[test]
fn nothing_is_written_that_somebody_was_told_was_not() {
    let slow = || {
        noting(2, |_| {
            std::thread::sleep(Duration::from_millis(1_500));
            Ok(())
        })
    };
    // With little time left one does not wait for others.
    let test = database();
    let (results, commits) = in_line(&test.db, vec![within(Duration::from_millis(900), plain(1)), slow()]);
    assert!(all_done(&results) && commits == 2, "{results:?}");
    for _ in 0..20 {
        let test = database();
        let (results, commits) = in_line(&test.db, vec![within(Duration::from_millis(1_400), plain(1)), slow()]);
        if commits == 0 {
            assert!(is_unavailable(results.first()) && is_unavailable(results.get(1)), "{results:?}");
            assert!(written(&test.db).is_empty());
            return;
        }
        assert!(all_done(&results), "{results:?}");
    }
    panic!("never together");
}

#[test]
fn nobody_waits_for_an_import_that_came_later() {
    let test = database();
    let db = &test.db;
    let import = noting(2, |_| {
        assert_eq!(written(db), [1], "what was before it is committed");
        Ok(())
    });
    let (results, _) = in_line(db, vec![plain(1), within(Duration::from_secs(45), import), plain(3)]);
    assert!(all_done(&results), "{results:?}");
    assert_eq!(written(db), [1, 2, 3]);
}

#[test]
fn one_who_leaves_the_line_holds_up_nobody() {
    let test = database();
    let db = &test.db;
    let held = |more: Duration| {
        move |db: &Db| {
            db.write(|_| {
                std::thread::sleep(more);
                Ok(())
            })
        }
    };
    let later: Work<'_> = Box::new(|db| {
        std::thread::sleep(Duration::from_millis(600));
        plain(2)(db)
    });
    let (results, _) = in_line(db, vec![Box::new(held(Duration::from_millis(1_800))), plain(1), later]);
    assert!(is_unavailable(results.get(1)), "{results:?}");
    assert!(matches!(results.get(2), Some(Some(Ok(())))), "{results:?}");
    assert_eq!(written(db), [2]);
    assert_eq!(db.pools().first().expect("the writer").timeouts, 1);
}

#[test]
fn a_write_in_a_write_is_refused_and_harms_nobody() {
    let test = database();
    let db = &test.db;
    let nested = noting(2, |_| {
        assert!(matches!(plain(9)(db), Err(Error::Unavailable)));
        Ok(())
    });
    let (results, _) = in_line(db, vec![plain(1), nested]);
    assert!(all_done(&results), "{results:?}");
    assert_eq!(written(db), [1, 2]);
}

fn once(db: &Db, person: StaffId, key: i64, work: impl FnOnce() -> Result<()>) -> Result<Once<()>> {
    let request = Request { staff_id: person, key_hash: key.to_string(), request_hash: "what".to_owned() };
    db.once(&request, work, |()| b"done")
}

#[test]
fn a_keyed_request_has_its_transaction_alone() {
    let test = database();
    let person = rows::person(&test.db, "1", "李曦宁", Role::Staff, None);
    let keyed: Work<'_> = Box::new(move |db| {
        once(db, person, 1, || {
            plain(2)(db)?;
            let elsewhere = std::thread::scope(|scope| scope.spawn(|| written(db)).join().expect("it reads"));
            assert_eq!(elsewhere, [1], "what was before it is committed");
            plain(3)(db)
        })
        .map(drop)
    });
    let (results, commits) = in_line(&test.db, vec![plain(1), keyed, plain(4)]);
    assert!(all_done(&results), "{results:?}");
    assert_eq!((written(&test.db), commits), (vec![1, 2, 3, 4], 3));
}

#[test]
fn keyed_requests_and_migrations_go_on_in_a_crowd() {
    let test = database();
    let db = &test.db;
    let person = rows::person(db, "1", "李曦宁", Role::Staff, None);
    std::thread::scope(|scope| {
        for who in 0..24 {
            scope.spawn(move || (0..20).for_each(|number| db.write(|conn| note(conn, who, number)).expect("written")));
        }
        for who in 24..32 {
            scope.spawn(move || {
                for number in 0..20 {
                    let key = who * 100 + number;
                    let work = || {
                        db.write(|conn| note(conn, who, number))?;
                        assert!(db.write(|conn| note(conn, who, number)).is_err(), "it is there");
                        db.write(|conn| note(conn, who, number + 1_000))
                    };
                    assert!(matches!(once(db, person, key, work), Ok(Once::Now(()))));
                    assert!(matches!(once(db, person, key, || panic!("it was done")), Ok(Once::Before(_))));
                }
            });
        }
        scope.spawn(|| (0..5).for_each(|_| assert_eq!(db.migrate().expect("nothing is missing"), 0)));
    });
    assert_eq!(written(db).len(), 24 * 20 + 8 * 20 * 2);
}
