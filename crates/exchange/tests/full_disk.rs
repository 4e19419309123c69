//! No room for the file of errors. Alone in its program: where temporary files go is one for all of it.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use common::{actions, admin, customers, exchange, file, skipping};
use crm_core::Error;
use crm_db::Engine;
use crm_db::schema::audit;
use crm_db::testing::TestDb;
use crm_exchange::{CustomerTable, ImportOptions};
use diesel::prelude::*;

#[test]
fn a_full_disk_is_told_as_one_and_what_was_written_is_noted() {
    let database = TestDb::new(Engine::Sqlite).expect("SQLite is always there");
    let (db, caller) = (&database.db, admin(&database.db));
    let text = "客户姓名,等级\n甲,1\n乙,x\n丙,1\n";
    let (skipped, stopped) = (file(text), file(text));
    let gone = tempfile::tempdir().expect("a folder").path().to_owned();
    tempfile::env::override_temp_dir(&gone).expect("it is set once");
    let outcome = exchange(db).import::<CustomerTable>(&caller, stopped, &ImportOptions::default());
    assert!(matches!(outcome, Err(Error::Unavailable)), "{outcome:?}");
    assert!(customers(db, &caller).is_empty() && !actions(db).contains(&"import".to_owned()));
    let outcome = exchange(db).import::<CustomerTable>(&caller, skipped, &skipping());
    assert!(matches!(outcome, Err(Error::Unavailable)), "{outcome:?}");
    assert_eq!(customers(db, &caller).len(), 2, "both right rows of the batch");
    let noted: Option<String> = db
        .read(|conn| {
            let row = audit::table.filter(audit::action.eq("import")).select(audit::after);
            Ok(row.first(conn)?)
        })
        .expect("the import is noted");
    let noted = noted.expect("what became of it");
    assert!(noted.contains("\"added\":2") && noted.contains("\"left\":0"), "{noted}");
}
