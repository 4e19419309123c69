//! The promises of `Db` on both engines.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::os::unix::fs::PermissionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crm_core::Error;
use crm_db::counters::{self, Counter, Totals};
use crm_db::schema::{counters as counters_table, menus};
use crm_db::testing::{TestDb, on_each_engine};
use crm_db::text_search::{self, Index};
use crm_db::{Conn, Db, Engine, Links, Options, Predicate, Statement};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

fn menus(db: &Db) -> i64 {
    db.read(|conn| Ok(menus::table.count().get_result(conn)?)).expect("menus can be counted")
}

#[test]
fn a_failed_write_leaves_nothing_behind() {
    on_each_engine(|test| {
        let result = test.db.write(|conn| {
            diesel::delete(menus::table).execute(conn)?;
            Err::<(), _>(Error::Stale)
        });
        assert!(matches!(result, Err(Error::Stale)));
        assert_eq!(menus(&test.db), 6);
    });
}

#[test]
fn a_panic_in_a_write_leaves_nothing_behind_and_the_next_write_works() {
    on_each_engine(|test| {
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            test.db.write(|conn| -> crm_core::Result<()> {
                diesel::delete(menus::table).execute(conn)?;
                panic!("in the middle");
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(menus(&test.db), 6);
        test.db.write(|conn| Ok(diesel::delete(menus::table).execute(conn)?)).expect("the next write works");
        assert_eq!(menus(&test.db), 0);
    });
}

#[test]
fn what_nobody_waits_for_any_more_is_not_written() {
    on_each_engine(|test| {
        let now = std::time::Instant::now();
        let late = crm_db::deadline::within(now + Duration::from_millis(50), || {
            test.db.write(|conn| {
                let deleted = diesel::delete(menus::table).execute(conn)?;
                std::thread::sleep(Duration::from_millis(60));
                Ok(deleted)
            })
        });
        assert!(matches!(late, Err(Error::Unavailable)), "{late:?}");
        let never = crm_db::deadline::within(now, || test.db.read(|_| Ok(())));
        assert!(matches!(never, Err(Error::Unavailable)), "{never:?}");
        assert_eq!(menus(&test.db), 6);

        let panicked = std::panic::catch_unwind(|| crm_db::deadline::within(now, || panic!("past its time")));
        assert!(panicked.is_err());
        test.db.write(|conn| Ok(diesel::delete(menus::table).execute(conn)?)).expect("the thread is as before");
    });
}

#[test]
fn a_reader_of_sqlite_cannot_write() {
    on_each_engine(|test| {
        if test.db.engine() == crm_db::Engine::Sqlite {
            let result = test.db.read(|conn| Ok(diesel::delete(menus::table).execute(conn)?));
            assert!(result.is_err());
        }
    });
}

#[test]
fn a_database_that_is_no_file_of_its_own_is_not_opened() {
    for url in ["", "mysql://a/b", "sqlite://", "sqlite://:memory:", "sqlite://file::memory:"] {
        assert!(matches!(Db::open(url), Err(Error::Invalid(_))), "{url}");
    }
}

#[test]
fn a_new_database_is_for_its_owner_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("crm.db");
    let db = Db::open(&format!("sqlite://{}", path.display())).expect("it is opened");
    db.migrate().expect("it is migrated");
    for ending in ["", "-wal", "-shm"] {
        let path = format!("{}{ending}", path.display());
        let mode = std::fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{path}");
    }
}

#[test]
fn migrations_go_up_down_and_up_again() {
    on_each_engine(|test| {
        assert_eq!(test.db.migrate().expect("nothing is missing"), 0);
        assert!(!test.db.needs_migration().expect("it can be asked"));
        let down = test.db.revert_all().expect("down");
        assert!(test.db.needs_migration().expect("it can be asked"));
        assert_eq!(test.db.migrate().expect("up"), down);
        assert_eq!(menus(&test.db), 6);
    });
}

#[test]
fn reads_that_belong_together_are_of_one_state_and_leave_the_connection_as_it_was() {
    let options = Options { pool_size: 1, ..Options::default() };
    let Some(test) = TestDb::with_options(Engine::Sqlite, options) else { return };
    let delete = || test.db.write(|conn| Ok(diesel::delete(menus::table).execute(conn)?)).expect("written");
    let seen = test.db.together(|| {
        let before = menus(&test.db);
        delete();
        (before, menus(&test.db))
    });
    assert_eq!((seen, menus(&test.db)), ((6, 6), 0));
    for _ in 0..3 {
        let panicked =
            catch_unwind(AssertUnwindSafe(|| test.db.together(|| test.db.read::<()>(|_| panic!("in a read")))));
        assert!(panicked.is_err());
        let failed = test.db.together(|| test.db.read(|conn| Ok(diesel::sql_query("SELECT nothing").execute(conn)?)));
        assert!(failed.is_err());
        assert_eq!(test.db.together(|| menus(&test.db)), 0, "and it reads on");
    }
    assert_eq!(test.db.pools().iter().map(|pool| pool.in_use).sum::<u32>(), 0);
}

/// On SQLite what is read together is of one state, so that a page agrees with its total.
#[test]
fn what_is_read_together_is_of_one_state() {
    let Some(test) = TestDb::new(Engine::Sqlite) else { return };
    let count = |conn: &mut Conn| Ok(menus::table.count().get_result::<i64>(conn)?);
    let seen = test.db.read(|conn| {
        let before = count(conn)?;
        test.db.write(|conn| Ok(diesel::delete(menus::table).execute(conn)?))?;
        let inside: i64 = test.db.read(count)?;
        Ok((before, count(conn)?, inside))
    });
    assert_eq!(seen.expect("it is read"), (6, 6, 0));
    assert_eq!(test.db.read(count).expect("it is read"), 0);
}

#[test]
fn thirty_two_writers_at_once_lose_no_count() {
    on_each_engine(|test| {
        std::thread::scope(|scope| {
            for _ in 0..32 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        test.db
                            .write(|conn| {
                                counters::add(conn, &[(Counter::CustomersLive, 2), (Counter::CustomersDeleted, -1)])
                            })
                            .expect("every writer gets its turn");
                    }
                });
            }
        });
        let total = |of: &[Counter]| test.db.read(|conn| counters::total(conn, of)).expect("it can be read");
        assert_eq!(total(&[Counter::CustomersLive]), 1280);
        assert_eq!(total(&[Counter::CustomersLive, Counter::CustomersDeleted]), 640);
    });
}

/// As an import of a thousand customers with long names: more than one statement is given time for.
#[test]
fn very_many_totals_are_kept_and_those_that_are_nought_are_forgotten() {
    on_each_engine(|test| {
        let changes = |by: i64| {
            let mut totals = Totals::default();
            for number in 0..20_000 {
                totals.add(&Counter::CustomersNamed(format!("{number}")), by);
            }
            totals
        };
        let kept = || {
            let named = counters_table::name.like("customers.named.%");
            let rows = counters_table::table.filter(named).count();
            let total = counters::sum(&[Counter::CustomersNamed("19999".to_owned())]);
            test.db
                .read(|conn| {
                    let sum =
                        Statement::new(Predicate::new("SELECT ").then(total)).rows::<BigInt>().get_result(conn)?;
                    Ok((rows.get_result::<i64>(conn)?, sum))
                })
                .expect("they are read")
        };
        for (by, expected) in [(1, (20_000, 1i64)), (1, (20_000, 2)), (-1, (20_000, 1)), (-1, (0, 0))] {
            test.db.write(|conn| changes(by).keep(conn)).expect("they are kept");
            assert_eq!(kept(), expected);
        }
    });
}

#[test]
fn a_total_whose_shards_are_nought_together_is_forgotten() {
    let Some(test) = TestDb::new(Engine::Postgres) else { return };
    let shards = "INSERT INTO counters (name, shard, value) VALUES ('customers.named.a', 1, -7), \
                  ('customers.named.a', 2, 8), ('customers.named.b', 1, -7), ('customers.named.b', 2, 9)";
    let left = test.db.write(|conn| {
        diesel::sql_query(shards).execute(conn)?;
        let [a, b] = ["a", "b"].map(|name| Counter::CustomersNamed(name.to_owned()));
        counters::add(conn, &[(a, -1), (b.clone(), -1)])?;
        let rows = counters_table::table.filter(counters_table::name.like("customers.named.%"));
        Ok((rows.count().get_result::<i64>(conn)?, counters::total(conn, &[b])?))
    });
    assert_eq!(left.expect("written"), (2, 1));
}

#[test]
fn a_search_finds_any_substring_and_nothing_else() {
    on_each_engine(|test| {
        let names = ["王伟", "王小伟 Wang_100%", "it's \"quoted\"", "李", "伟王"];
        test.db
            .write(|conn| {
                for (id, name) in (1..).zip(names) {
                    text_search::put(conn, Index::Customers, id, &[Some(name), Some("别名")])?;
                }
                text_search::put(conn, Index::Customers, 4, &[Some("赵"), Some("六")])
            })
            .expect("names can be put");
        let find = |text: &str| -> Vec<i64> {
            let found = text_search::contains(test.db.engine(), Index::Customers, "id", text);
            test.db
                .read(|conn| {
                    // The six menus lend their ids: any table with an id will do.
                    Ok(menus::table.filter(found).order(menus::id).select(menus::id).load(conn)?)
                })
                .expect("names can be searched")
        };
        assert_eq!(find("伟"), [1, 2, 5]);
        assert_eq!(find("王伟"), [1]);
        assert_eq!(find("wang_1"), [2]);
        assert_eq!(find("WANG"), [2]);
        assert_eq!(find("0%"), [2]);
        assert_eq!(find("'s \"q"), [3]);
        assert_eq!(find("王小伟 w"), [2]);
        assert_eq!(find("小伟 WANG_100%"), [2]);
        assert_eq!(find("王小伟 v"), [0i64; 0]);
        assert_eq!(find("李"), [0i64; 0]);
        assert_eq!(find(""), [0i64; 0]);
        assert_eq!(find("赵"), [4]);
        assert_eq!(find("王伟别"), [0i64; 0]);
        assert_eq!(find("伟王别名"), [0i64; 0]);
        assert_eq!(find("赵六"), [0i64; 0], "a phrase does not run from one text into the next");
        assert_eq!(find(" "), [2, 3]);
    });
}

#[test]
fn links_keep_their_order_and_are_replaced_whole() {
    use crm_core::{MenuId, StaffId};
    const LINKS: Links<StaffId, MenuId> = Links::new("staff_menus", "staff_id", "menu_id");
    on_each_engine(|test| {
        test.db
            .write(|conn| {
                for id in 1..=2 {
                    diesel::sql_query(
                        "INSERT INTO staff (id, phone, phone_key, password_hash, must_change_password, role_id, sex, status, version, created_at, updated_at) \
                         VALUES ($1, $2, $2, '', FALSE, 1, 3, 1, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
                    )
                    .bind::<diesel::sql_types::BigInt, _>(id)
                    .bind::<diesel::sql_types::Text, _>(id.to_string())
                    .execute(conn)?;
                }
                LINKS.replace(conn, StaffId(1), &[MenuId(3), MenuId(1), MenuId(2)])?;
                LINKS.replace(conn, StaffId(2), &[MenuId(6)])?;
                LINKS.replace(conn, StaffId(2), &[])
            })
            .expect("links can be written");
        let found = test.db.read(|conn| LINKS.of_all(conn, &[StaffId(1), StaffId(2)])).expect("links can be read");
        assert_eq!(found.get(&StaffId(1)), Some(&vec![MenuId(3), MenuId(1), MenuId(2)]));
        assert_eq!(found.get(&StaffId(2)), None);
    });
}
