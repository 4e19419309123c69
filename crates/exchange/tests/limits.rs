//! How far an import goes: what one cell may say, and when time is up.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::time::{Duration, Instant as Tick};

use common::{actions, admin, customers, errors, exchange, file, import, organizations, skipping, slips, told};
use crm_core::{Error, Role, Zone};
use crm_customers::pool::{Pool, PoolRuleInput};
use crm_db::deadline;
use crm_db::testing::{on_each_engine, rows};
use crm_exchange::{ContractTable, CustomerTable, ImportOptions, Limits};

/// So many names with `;` between them.
fn names(count: usize) -> String {
    (0..count).map(|number| format!("o{number}")).collect::<Vec<_>>().join(";")
}

#[test]
fn a_cell_names_a_thousand_and_no_more() {
    on_each_engine(|database| {
        let (db, caller) = (&database.db, admin(&database.db));
        let options = ImportOptions { create_missing: true, ..skipping() };
        let text = format!("客户姓名,客户单位\n甲,{}\n乙,o1;o2\n", names(100_000));
        let before = db.statements();
        let report = import::<CustomerTable>(db, &caller, text, &options);
        assert_eq!(errors(&report), ["2 organization_name 最多1000个"]);
        assert_eq!((report.added, report.organizations_added, organizations(db, &caller)), (1, 2, 2));
        assert!(db.statements() - before < 200, "nothing was looked for: {}", db.statements() - before);
        let ids = vec!["1"; 1_001].join(";");
        let report = import::<CustomerTable>(db, &caller, format!("客户姓名,客户单位编号\n甲,{ids}\n"), &options);
        assert_eq!(errors(&report), ["2 organization_id 最多1000个"]);
        let text = format!("合同名称,签订时间,客户单位,跟进人\n甲,2021-01-05,o1,{}\n", names(1_001));
        assert_eq!(errors(&import::<ContractTable>(db, &caller, text, &options)), ["2 follower 最多1000个"]);
        let text = format!("客户姓名,客户单位\n丙,{}\n", names(1_000));
        assert_eq!(import::<CustomerTable>(db, &caller, text, &options).added, 1);
    });
}

#[test]
fn time_is_looked_at_within_a_row() {
    on_each_engine(|database| {
        let (db, caller) = (&database.db, admin(&database.db));
        let text = format!("客户姓名,客户单位\n甲,{}\n乙,x\n", names(1_000));
        let soon = || Limits { until: Some(Tick::now() + Duration::from_millis(60)), ..Limits::default() };
        let all = ImportOptions { create_missing: true, limits: soon(), ..ImportOptions::default() };
        let outcome = exchange(db).import::<CustomerTable>(&caller, file(&text), &all);
        assert!(matches!(outcome, Err(Error::Unavailable)), "{outcome:?}");
        let each = ImportOptions { create_missing: true, limits: soon(), ..skipping() };
        let mut report = import::<CustomerTable>(db, &caller, &text, &each);
        assert_eq!((report.added, report.left, report.organizations_added), (0, 2, 0), "{report:?}");
        assert_eq!(slips(&mut report).matches("未处理").count(), 2);
        let each = ImportOptions { create_missing: true, ..skipping() };
        let outcome = deadline::within(Tick::now() + Duration::from_millis(60), || {
            exchange(db).import::<CustomerTable>(&caller, file(&text), &each)
        });
        assert!(matches!(outcome, Err(Error::Unavailable)), "{outcome:?}");
        assert_eq!(organizations(db, &caller), 0);
        assert!(customers(db, &caller).is_empty());
    });
}

#[test]
fn time_that_runs_out_leaves_the_rest_for_later() {
    on_each_engine(|database| {
        let (db, caller) = (&database.db, admin(&database.db));
        let text = format!("客户姓名\n{}", "甲\n".repeat(500));
        let until = Tick::now() + Duration::from_secs(2);
        let limits = Limits { until: Some(until), ..Limits::default() };
        let waits = move |_, _| std::thread::sleep(until.saturating_duration_since(Tick::now()));
        let outcome = exchange(db).watched_by(waits).import::<CustomerTable>(
            &caller,
            file(&text),
            &ImportOptions { limits, ..skipping() },
        );
        let mut report = outcome.expect("what is done is told");
        assert!(report.added > 0 && report.added < 500, "{report:?}");
        assert_eq!(report.added + report.left, 500);
        assert_eq!(slips(&mut report).matches("未处理").count(), usize::try_from(report.left).expect("few"));
        assert_eq!(actions(db).last().map(String::as_str), Some("import"));
    });
}

#[test]
fn what_nobody_waits_for_is_not_even_read() {
    on_each_engine(|database| {
        let (db, caller) = (&database.db, admin(&database.db));
        let text = "客户姓名\n甲\n";
        let mut book = rust_xlsxwriter::Workbook::new();
        book.add_worksheet().write(0, 0, "客户姓名").expect("a cell").write(1, 0, "甲").expect("a cell");
        let sheet = book.save_to_buffer().expect("a file");
        let past = ImportOptions { limits: Limits { until: Some(Tick::now()), ..Limits::default() }, ..skipping() };
        for content in [text.as_bytes(), &sheet] {
            let outcome = exchange(db).import::<CustomerTable>(&caller, file(content), &past);
            assert!(matches!(outcome, Err(Error::Unavailable)), "{outcome:?}");
            // A file at fault would be told as one.
            let broken = deadline::within(Tick::now(), || {
                exchange(db).import::<CustomerTable>(&caller, file([content, b"\xff\""].concat()), &skipping())
            });
            assert!(matches!(broken, Err(Error::Unavailable)), "{broken:?}");
        }
        assert!(customers(db, &caller).is_empty());
    });
}

#[test]
fn a_limit_is_told_once() {
    on_each_engine(|database| {
        let (db, caller) = (&database.db, admin(&database.db));
        let refused = |rows, rows_at_once| {
            let limits = Limits { rows: Some(rows), rows_at_once: Some(rows_at_once), until: None };
            let options = ImportOptions { limits, ..ImportOptions::default() };
            told(exchange(db).import::<CustomerTable>(&caller, file("客户姓名\n甲\n乙\n丙\n"), &options))
        };
        let same = refused(2, 2);
        assert!(same.starts_with("file ") && !same.contains("on_error"), "{same}");
        let two = refused(2, 1);
        assert!(two.contains("file ") && two.contains("on_error "), "{two}");
        assert!(refused(3, 2).starts_with("on_error "));
    });
}

/// What a transaction has not ended is counted too.
#[test]
fn an_import_gives_nobody_more_customers_than_they_may_hold() {
    on_each_engine(|test| {
        let (db, caller) = (&test.db, admin(&test.db));
        rows::person(db, "13900000001", "安娜", Role::Staff, None);
        let rule = PoolRuleInput { hold_limit: 2.into(), ..PoolRuleInput::default() };
        Pool::new(db, Zone::default()).set_rule(&caller, None, rule).expect("the rule is set");
        let content = "realName,owner_name\n甲,安娜\n乙,安娜\n丙,安娜\n";
        let whole = import::<CustomerTable>(db, &caller, content, &ImportOptions::default());
        assert_eq!((whole.added, whole.failed), (0, 1), "{:?}", whole.errors);
        let report = import::<CustomerTable>(db, &caller, content, &skipping());
        assert_eq!((report.added, report.failed), (2, 1), "{:?}", report.errors);
        assert_eq!(customers(db, &caller).len(), 2);
    });
}
