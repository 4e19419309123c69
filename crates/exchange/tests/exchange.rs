//! Imports and exports on both engines: what is written, what is refused, and that what is exported
//! can be imported again.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use crm_contracts::{ContractFilter, Contracts};
use crm_core::{Caller, Error, Page, Zone};
use crm_customers::{CustomerFilter, CustomerListing, Customers, OrganizationFilter, Organizations};
use crm_db::Db;
use crm_db::schema::audit;
use crm_db::testing::on_each_engine;
use crm_exchange::{
    ContractTable, CustomerTable, Encoding, Exchange, Export, Format, Headers, ImportOptions, Limits, Mode, OnError,
    OrganizationTable, Report, Subject,
};
use crm_staff::{Passwords, administrators};
use diesel::prelude::*;

fn admin(db: &Db) -> Caller {
    let access = administrators::create(db, &Passwords::new(4), "13800000000", Some("correct horse"));
    Caller::administrator(access.expect("an administrator").staff_id)
}

fn file(content: impl AsRef<[u8]>) -> File {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(content.as_ref()).expect("it is written");
    file
}

fn import<S: Subject>(db: &Db, caller: &Caller, content: impl AsRef<[u8]>, options: &ImportOptions) -> Report {
    Exchange::new(db, Zone::default()).import::<S>(caller, file(content), options).expect("the file is read")
}

fn refused(db: &Db, caller: &Caller, content: impl AsRef<[u8]>, options: &ImportOptions) -> String {
    let outcome = Exchange::new(db, Zone::default()).import::<CustomerTable>(caller, file(content), options);
    match outcome {
        Err(Error::Invalid(problems)) => {
            problems.iter().map(|error| format!("{} {}", error.field, error.message)).collect::<Vec<_>>().join(";")
        }
        other => panic!("{other:?}"),
    }
}

fn export<S: Subject>(db: &Db, caller: &Caller, export: Export<S>) -> Vec<u8> {
    let mut out = Vec::new();
    Exchange::new(db, Zone::default()).export(caller, export).expect("it begins").run(&mut out).expect("it ends");
    out
}

fn customers(db: &Db, caller: &Caller) -> Vec<CustomerListing> {
    let page = Page::new(1, 1000).expect("a page");
    let mut rows = Customers::new(db).list(caller, &CustomerFilter::default(), page).expect("a list").rows;
    rows.reverse();
    rows
}

fn slips(report: &mut Report) -> String {
    let mut text = String::new();
    if let Some(file) = &mut report.error_file {
        file.seek(SeekFrom::Start(0)).expect("a file");
        file.read_to_string(&mut text).expect("text");
    }
    text
}

fn actions(db: &Db) -> Vec<String> {
    db.read(|conn| Ok(audit::table.order(audit::id).select(audit::action).load(conn)?)).expect("the trail")
}

fn skipping() -> ImportOptions {
    ImportOptions { on_error: OnError::Skip, ..ImportOptions::default() }
}

#[test]
fn a_customer_is_read_by_either_name_of_its_columns() {
    on_each_engine(|database| {
        let (db, caller) = (&database.db, admin(&database.db));
        let text = "客户姓名*,phoneNumber,客户单位,性别,成立日期,预算(万元),VIP到期时间,别的\r\n\
                    李曦宁,138 0013 8000,甲;乙,女,2020/1/5,\"1,234.50\",2021年1月5日,x\r\n\
                    \"王,\"\"小\"\"伟\",,,1,,,,\r\n";
        let options = ImportOptions { create_missing: true, ..ImportOptions::default() };
        let report = import::<CustomerTable>(db, &caller, text, &options);
        assert_eq!((report.rows, report.added, report.failed, report.organizations_added), (2, 2, 0, 2), "{report:?}");
        assert_eq!(report.unknown_columns, ["别的"]);
        let rows = customers(db, &caller);
        let first = &rows[0];
        assert_eq!(first.organization_names, ["甲", "乙"]);
        assert_eq!(first.customer.profile.phone.as_deref(), Some("138 0013 8000"));
        assert_eq!(first.customer.profile.sex, 2);
        assert_eq!(first.customer.profile.register_date.expect("a date").to_string(), "2020-01-05");
        assert_eq!(first.customer.project.budget.expect("a budget").to_string(), "1234.50");
        assert_eq!(Zone::default().format(first.customer.profile.vip_due_time.expect("a time")), "2021-01-05 00:00:00");
        assert_eq!(rows[1].customer.profile.real_name, "王,\"小\"伟");
        let made = ["create", "create", "create", "create", "import"];
        assert!(actions(db).ends_with(&made.map(str::to_owned)), "{:?}", actions(db));
        let listed = Organizations::new(db).list(&caller, &OrganizationFilter::default(), Page::first());
        assert_eq!(listed.expect("a list").total, 2);
    });
}

const MIXED: &str = "客户姓名,手机号,客户单位\n甲,13800000001,\n,13800000002,\n丙,12,无此单位\n丁,13800000004,\n";

#[test]
fn one_wrong_row_stops_all_or_is_left_out() {
    on_each_engine(|database| {
        let (db, caller) = (&database.db, admin(&database.db));
        let before = actions(db);
        let mut report = import::<CustomerTable>(db, &caller, MIXED, &ImportOptions::default());
        assert_eq!((report.rows, report.added, report.failed, report.written), (4, 0, 2, false));
        assert!(customers(db, &caller).is_empty() && actions(db) == before, "nothing is left behind");
        let lines = slips(&mut report);
        assert_eq!(lines.lines().count(), 3, "{lines}");
        assert!(lines.contains("客户姓名 不能为空") && lines.contains("客户单位 不存在:无此单位"), "{lines}");

        let dry = ImportOptions { dry_run: true, ..skipping() };
        let report = import::<CustomerTable>(db, &caller, MIXED, &dry);
        assert_eq!((report.added, report.failed, report.written), (2, 2, false));
        assert!(customers(db, &caller).is_empty() && actions(db) == before, "a dry run writes nothing");

        let mut report = import::<CustomerTable>(db, &caller, MIXED, &skipping());
        assert_eq!((report.added, report.failed, report.written), (2, 2, true));
        let names: Vec<String> = customers(db, &caller).into_iter().map(|row| row.customer.profile.real_name).collect();
        assert_eq!(names, ["甲", "丁"]);
        // What was refused is put right and imported again; its 错误 column is no unknown one.
        let again = slips(&mut report).replace("\"\",\"13800000002\"", "\"乙\",\"13800000002\"");
        let report = import::<CustomerTable>(db, &caller, again, &skipping());
        assert_eq!((report.added, report.failed), (1, 1), "{report:?}");
        assert!(report.unknown_columns.is_empty(), "{report:?}");
        assert_eq!(
            Customers::new(db).list(&caller, &CustomerFilter::default(), Page::first()).expect("a list").total,
            3
        );
    });
}

#[test]
fn rows_are_matched_by_a_key() {
    on_each_engine(|database| {
        let (db, caller) = (&database.db, admin(&database.db));
        let start = "客户姓名,手机号,备注\n甲,13800000001,旧\n乙,13800000002,\n丙,13800000002,\n";
        import::<CustomerTable>(db, &caller, start, &ImportOptions::default());
        let by = |mode, key: &str| ImportOptions { mode, key: Some(key.into()), ..skipping() };
        let change = "手机号,备注\n138-0000-0001,新\n13800000002,x\n13800000009,x\n";
        let report = import::<CustomerTable>(db, &caller, change, &by(Mode::Update, "手机号"));
        assert_eq!((report.updated, report.failed), (1, 2));
        assert!(report.errors[0].message.contains("多条"), "{report:?}");
        assert!(report.errors[1].message.contains("不存在"), "{report:?}");
        let first = &customers(db, &caller)[0].customer.profile;
        assert_eq!((first.real_name.as_str(), first.note.as_deref()), ("甲", Some("新")));
        // An empty cell says nothing, unless it is to clear.
        let empty = "客户姓名,备注\n甲,\n";
        import::<CustomerTable>(db, &caller, empty, &by(Mode::Update, "name"));
        assert_eq!(customers(db, &caller)[0].customer.profile.note.as_deref(), Some("新"));
        import::<CustomerTable>(db, &caller, empty, &ImportOptions { clear_empty: true, ..by(Mode::Update, "name") });
        assert_eq!(customers(db, &caller)[0].customer.profile.note, None);
        let both = "客户姓名,手机号\n甲2,13800000001\n新,13800000003\n新2,13800000003\n";
        let report = import::<CustomerTable>(db, &caller, both, &by(Mode::Both, "phoneNumber"));
        assert_eq!((report.added, report.updated, report.failed), (1, 2, 0), "a row finds what an earlier one entered");
        let report = import::<CustomerTable>(db, &caller, both, &by(Mode::Add, "phoneNumber"));
        assert_eq!((report.added, report.failed), (0, 3));
        let report = import::<CustomerTable>(db, &caller, "id,备注\n1,a\n99,b\nx,c\n", &by(Mode::Update, "id"));
        assert_eq!((report.updated, report.failed), (1, 2));
    });
}

#[test]
fn files_that_are_no_tables_are_refused_whole() {
    on_each_engine(|database| {
        let (db, caller) = (&database.db, admin(&database.db));
        let options = skipping();
        let long = format!("客户姓名,备注\n甲,{}\n", "x".repeat(3 << 20));
        let zip = [b"PK\x03\x04".as_slice(), &[7; 100]].concat();
        for (content, why) in [
            (b"".to_vec(), "为空"),
            ("客户姓名,手机号\n".into(), "没有数据行"),
            ("客户姓名,realName\n甲,乙\n".into(), "列重复"),
            ("手机号\n13800000001\n".into(), "缺少列:客户姓名"),
            ("甲,乙\n1,2\n".into(), "没有可识别的列"),
            ("客户姓名,备注\n甲,\"乙\n丙,丁\n".into(), "引号不成对"),
            (long.into(), "超过1MiB"),
            (b"\xef\xbb\xbf\xe5\xae\xa2\xff\xff\n".to_vec(), "编码错误"),
            (b"realName\n\xff\xff\n".to_vec(), "编码错误"),
            (zip, "不是有效的xlsx"),
            (vec![0xd0, 0xcf, 0x11, 0xe0, 1, 2, 3, 4], "xls"),
        ] {
            let told = refused(db, &caller, &content, &options);
            assert!(told.contains(why), "{why}: {told}");
        }
        let update = ImportOptions { mode: Mode::Update, ..skipping() };
        assert!(refused(db, &caller, "备注\nx\n", &update).starts_with("key "));
        let limited = |rows, rows_at_once, on_error| ImportOptions {
            on_error,
            limits: Limits { rows, rows_at_once, until: None },
            ..ImportOptions::default()
        };
        let two = "客户姓名\n甲\n乙\n";
        assert!(refused(db, &caller, two, &limited(Some(1), None, OnError::Skip)).starts_with("file "));
        assert!(refused(db, &caller, two, &limited(None, Some(1), OnError::Stop)).starts_with("on_error "));
        assert!(customers(db, &caller).is_empty());
        let wide = import::<CustomerTable>(db, &caller, "客户姓名,备注\n甲\n乙,1,2\n丙,1,\n", &options);
        assert_eq!((wide.added, wide.failed), (1, 2), "rows that do not fit their header");
    });
}

#[test]
fn encodings_are_told_apart() {
    on_each_engine(|database| {
        let (db, caller) = (&database.db, admin(&database.db));
        let text = "客户姓名\t备注\n李曦宁\t𠮷😀\n";
        let utf16: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let gbk = encoding_rs::GB18030.encode(text).0.into_owned();
        for content in [text.as_bytes().to_vec(), format!("\u{feff}{text}").into_bytes(), gbk.clone(), utf16] {
            import::<CustomerTable>(db, &caller, content, &ImportOptions::default());
        }
        let rows = customers(db, &caller);
        assert_eq!(rows.len(), 4);
        for row in rows {
            assert_eq!(row.customer.profile.real_name, "李曦宁");
            assert_eq!(row.customer.profile.note.as_deref(), Some("𠮷😀"));
        }
        let told = refused(db, &caller, gbk, &ImportOptions { encoding: Encoding::Utf8, ..skipping() });
        assert!(told.contains("编码"), "{told}");
    });
}

#[test]
fn two_imports_at_once_both_arrive_whole() {
    on_each_engine(|database| {
        let (db, caller) = (&database.db, admin(&database.db));
        let rows: String = (0..300).map(|row| format!("客户{row},单位{}\n", row % 7)).collect();
        let text = format!("客户姓名,客户单位\n{rows}");
        let options = ImportOptions { create_missing: true, ..skipping() };
        std::thread::scope(|scope| {
            let imports: Vec<_> =
                (0..2).map(|_| scope.spawn(|| import::<CustomerTable>(db, &caller, &text, &options).added)).collect();
            for import in imports {
                assert_eq!(import.join().expect("no panic"), 300);
            }
        });
        let total = Customers::new(db).list(&caller, &CustomerFilter::default(), Page::first()).expect("a list").total;
        assert_eq!(total, 600);
    });
}

/// What of a customer a file can carry from one database to another.
fn carried(row: &CustomerListing) -> String {
    let mut row = row.clone();
    row.customer.id = crm_core::CustomerId(0);
    row.customer.created_at = crm_core::Instant::from_unix(0);
    row.customer.updated_at = row.customer.created_at;
    (row.customer.holding.assigned_at, row.customer.holding.pool_entered_at) = (None, None);
    (row.address.created_at, row.address.updated_at) = (row.customer.created_at, row.customer.created_at);
    (row.address.id, row.address.customer_id) = (crm_core::AddressId(0), row.customer.id);
    row.organization_ids.clear();
    format!("{row:?}")
}

const NASTY: &[&str] = &[
    "=HYPERLINK(\"http://evil\")",
    "+1",
    "-1+1",
    "@SUM(A1)",
    " =1",
    "\t=1",
    "\r\n=x",
    "'=1",
    "''a",
    "a;b,c\"d\"",
    "\u{feff}=1",
    "𠮷😀é",
    "_x000D_",
    "a\r\nb\rc\n",
    " 前后 ",
    "<&>]]>",
];

#[test]
fn what_is_exported_imports_to_the_same() {
    for format in [Format::Csv, Format::CsvGbk, Format::Xlsx] {
        for headers in [Headers::Chinese, Headers::Api] {
            on_each_engine(|database| {
                let (db, caller) = (&database.db, admin(&database.db));
                let customers_of = Customers::new(db);
                for (number, text) in NASTY.iter().enumerate() {
                    let name = |text: &str| format!("{text}{number}");
                    let organizations = ["a;b\\c", "甲", text].map(|text| {
                        let input = crm_customers::OrganizationInput { name: name(text).into(), ..Default::default() };
                        Organizations::new(db).create(&caller, input).expect("an organization")
                    });
                    let mut input = crm_customers::CustomerInput {
                        real_name: (*text).to_owned().into(),
                        phone: "+86 138-0013-8000".to_owned().into(),
                        note: (*text).to_owned().into(),
                        sex: 1.into(),
                        level: (-3).into(),
                        vip_due_time: db.now().into(),
                        organization_ids: organizations.to_vec().into(),
                        ..Default::default()
                    };
                    input.address.lng = (-12.5).into();
                    input.address.detail_address = name(text).into();
                    input.project.budget = "99999999999999.99".parse::<crm_core::Money>().expect("money").into();
                    if number == 0 {
                        input.owner_id = crm_core::Patch::Null;
                    }
                    customers_of.create(&caller, input).expect("a customer");
                }
                let rows = customers(db, &caller);
                let written = export(
                    db,
                    &caller,
                    Export::<CustomerTable> { format, headers, ..Export::new(CustomerFilter::default()) },
                );
                assert!(actions(db).ends_with(&["export".to_owned()]));
                if format == Format::Csv {
                    let text = String::from_utf8(written.clone()).expect("UTF-8");
                    assert!(!text.contains("\"=") && !text.contains("\"@") && !text.contains("\"+"), "{text}");
                    assert!(text.contains("\"'+86 138-0013-8000\"") && text.contains("\"-12.5\""), "{text}");
                }
                let fresh = crm_db::testing::TestDb::new(db.engine()).expect("another database");
                let to = admin(&fresh.db);
                let options = ImportOptions { create_missing: true, ..ImportOptions::default() };
                let mut report = import::<CustomerTable>(&fresh.db, &to, written, &options);
                let told = slips(&mut report);
                assert_eq!(report.failed, 0, "{format:?} {told}");
                assert!(report.unknown_columns.is_empty());
                let mut again = customers(&fresh.db, &to);
                again.reverse();
                for (before, after) in rows.iter().zip(&again) {
                    assert_eq!(carried(before), carried(after), "{format:?}");
                }
                assert_eq!(rows.len(), again.len());
            });
        }
    }
}

#[test]
fn an_export_has_every_row_of_the_list_and_no_other() {
    on_each_engine(|database| {
        let (db, caller) = (&database.db, admin(&database.db));
        let rows: String = (0..1203).map(|row| format!("客户{row},{}\n", row % 3)).collect();
        import::<CustomerTable>(db, &caller, format!("客户姓名,等级\n{rows}"), &skipping());
        let text = String::from_utf8(export(db, &caller, Export::<CustomerTable>::new(CustomerFilter::default())));
        let text = text.expect("UTF-8");
        assert_eq!(text.lines().count(), 1204);
        assert!(text.lines().nth(1).is_some_and(|line| line.contains("客户1202")), "newest first");
        let filter = CustomerFilter { name: Some("客户12".into()), ..CustomerFilter::default() };
        let total = Customers::new(db).list(&caller, &filter, Page::first()).expect("a list").total;
        let text = String::from_utf8(export(db, &caller, Export::<CustomerTable>::new(filter))).expect("UTF-8");
        assert_eq!(i64::try_from(text.lines().count()).expect("few"), total + 1);
    });
}

#[test]
fn organizations_and_contracts_come_and_go() {
    on_each_engine(|database| {
        let (db, caller) = (&database.db, admin(&database.db));
        let report = import::<OrganizationTable>(
            db,
            &caller,
            "单位名称,省,成立日期\n甲,云南省,2001-02-03\n乙,,\n",
            &ImportOptions::default(),
        );
        assert_eq!(report.added, 2, "{report:?}");
        let text = "合同名称,合同编号,客户单位,合同金额,签订时间,跟进人\n\
                    年度,HT-1,甲,\"1,112.10\",2021/1/5,13800000000\n\
                    年度,HT-1,甲,1,2021/1/5,\n\
                    年度,HT-2,丙,1,2021/1/5,\n\
                    年度,HT-3,乙,1.234,2021/1/5,\n";
        let mut report = import::<ContractTable>(db, &caller, text, &skipping());
        assert_eq!((report.added, report.failed), (1, 3), "{report:?}");
        let told = slips(&mut report);
        assert!(told.contains("合同编号 合同编号已存在") && told.contains("最多两位小数"), "{told}");
        let change = "合同编号,备注\nHT-1,改\n";
        let options = ImportOptions { mode: Mode::Update, key: Some("code".into()), ..skipping() };
        assert_eq!(import::<ContractTable>(db, &caller, change, &options).updated, 1);
        let rows = Contracts::new(db).list(&caller, &ContractFilter::default(), Page::first()).expect("a list").rows;
        assert_eq!(rows[0].contract.amount.expect("an amount").to_string(), "1112.10");
        assert_eq!(rows[0].contract.note.as_deref(), Some("改"));
        assert_eq!(rows[0].follower_ids, [caller.staff_id]);
        for format in [Format::Csv, Format::Xlsx] {
            let organizations = export(
                db,
                &caller,
                Export::<OrganizationTable> { format, ..Export::new(OrganizationFilter::default()) },
            );
            let contracts =
                export(db, &caller, Export::<ContractTable> { format, ..Export::new(ContractFilter::default()) });
            let fresh = crm_db::testing::TestDb::new(db.engine()).expect("another database");
            let to = admin(&fresh.db);
            assert_eq!(import::<OrganizationTable>(&fresh.db, &to, organizations, &ImportOptions::default()).added, 2);
            let mut report = import::<ContractTable>(&fresh.db, &to, contracts, &ImportOptions::default());
            let told = slips(&mut report);
            assert_eq!(report.added, 1, "{told}");
            let found = Contracts::new(&fresh.db).list(&to, &ContractFilter::default(), Page::first()).expect("a list");
            assert_eq!(found.rows[0].contract.amount, rows[0].contract.amount);
            assert_eq!(found.rows[0].contract.sign_time, rows[0].contract.sign_time);
        }
        let outsider = Caller::new(caller.staff_id, crm_core::Role::Correspondent, crm_core::Scope::Own);
        let exchange = Exchange::new(db, Zone::default());
        assert!(matches!(exchange.import::<ContractTable>(&outsider, file(text), &skipping()), Err(Error::Forbidden)));
        let export = Export::<ContractTable>::new(ContractFilter::default());
        assert!(matches!(exchange.export(&outsider, export), Err(Error::Forbidden)));
    });
}
