//! CSV as different programs write it.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use common::{admin, customers, import, skipping};
use crm_core::Caller;
use crm_db::testing::TestDb;
use crm_db::{Db, Engine};
use crm_exchange::{CustomerTable, ImportOptions};

fn database() -> (TestDb, Caller) {
    let database = TestDb::new(Engine::Sqlite).expect("SQLite is always there");
    let caller = admin(&database.db);
    (database, caller)
}

fn lines(db: &Db, caller: &Caller, text: &str) -> Vec<u64> {
    let report = import::<CustomerTable>(db, caller, text, &skipping());
    assert_eq!(report.added, 0, "{report:?}");
    report.errors.iter().map(|error| error.line).collect()
}

#[test]
fn rows_are_told_by_the_line_they_start_on() {
    let (database, caller) = database();
    for (text, told) in [
        ("客户姓名,等级\n甲,x\n乙,x\n", [2, 3]),
        ("客户姓名,等级\n甲,x\n乙,x", [2, 3]),
        ("客户姓名,等级\n\n甲,x\n\n\n乙,x\n\n", [3, 6]),
        ("\n\n客户姓名,等级\n甲,x\n乙,x\n", [4, 5]),
        ("客户姓名,等级\n,\n甲,x\n\"\"\n乙,x\n", [3, 5]),
        ("客户姓名,等级\n\"甲\n\n甲\",x\n乙,x\n", [2, 5]),
        ("\"客户姓名\",\"等级\"\n\"甲\",\"x\"\n\"\n乙\",\"x\n\"\n", [2, 3]),
    ] {
        for end in ["\n", "\r\n", "\r"] {
            let text = text.replace('\n', end);
            assert_eq!(lines(&database.db, &caller, &text), told, "{text:?}");
        }
    }
    assert_eq!(lines(&database.db, &caller, "客户姓名,等级\r\n甲,x\n\r\n\r乙,x\r"), [2, 5], "all three");
}

#[test]
fn semicolons_are_told_from_commas_by_the_first_line() {
    let (database, caller) = database();
    let db = &database.db;
    for text in [
        "客户姓名;备注\n甲;a,b\n",
        "\"客户姓名\";\"备注\"\r\n\"甲\";\"a,b\"\r\n",
        "\n\n客户姓名;备注;\"预算,\t万元\"\n甲;a,b;\n",
        "客户姓名\t备注\n甲\ta,b\n",
        "客户姓名,备注,\"a;b\"\n甲,\"a,b\",\n",
        "备注,客户姓名;\n\"a,b\",甲\n",
    ] {
        let renamed = [("客户姓名;".to_owned(), "realName".to_owned())];
        let columns = renamed.into_iter().filter(|_| text.starts_with("备注")).collect();
        let report = import::<CustomerTable>(db, &caller, text, &ImportOptions { columns, ..skipping() });
        assert_eq!(report.added, 1, "{text:?} {report:?}");
    }
    let rows = customers(db, &caller);
    assert_eq!(rows.len(), 6);
    for row in rows {
        assert_eq!(row.customer.profile.note.as_deref(), Some("a,b"));
    }
}
