//! What is exported can be imported again to change records, whatever people and columns are called.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use common::{admin, customers, errors, exchange, import, organizations, skipping, slips, updating};
use crm_contracts::ContractFilter;
use crm_core::{Caller, DELETED, Id};
use crm_customers::field::{FieldInput, Fields};
use crm_customers::{CustomerFilter, CustomerInput, Customers, OrganizationFilter, OrganizationInput, Organizations};
use crm_db::Db;
use crm_db::schema::staff;
use crm_db::testing::on_each_engine;
use crm_exchange::{ContractTable, CustomerTable, Export, Format, Headers, ImportOptions, OrganizationTable, Subject};
use crm_staff::{Passwords, administrators};
use diesel::prelude::*;

fn exported<S: Subject>(db: &Db, caller: &Caller, filter: S::Filter, format: Format, headers: Headers) -> Vec<u8> {
    let mut out = Vec::new();
    let export = Export::<S> { format, headers, ..Export::new(filter) };
    exchange(db).export(caller, export).expect("it begins").run(&mut out).expect("it ends");
    out
}

/// Exports everything in every way and imports it again as a change.
fn again<S: Subject>(db: &Db, caller: &Caller, filter: &S::Filter, rows: u64) {
    for format in [Format::Csv, Format::CsvGbk, Format::Xlsx] {
        for headers in [Headers::Chinese, Headers::Api] {
            for (create_missing, clear_empty) in [(false, false), (true, true)] {
                let file = exported::<S>(db, caller, filter.clone(), format, headers);
                let options = ImportOptions { create_missing, clear_empty, ..updating() };
                let report = import::<S>(db, caller, file, &options);
                assert_eq!((report.updated, report.organizations_added), (rows, 0), "{headers:?} {report:?}");
            }
        }
    }
}

fn second_admin(db: &Db) -> Caller {
    let access = administrators::create(db, &Passwords::new(4), "13900000000", Some("correct horse"));
    Caller::administrator(access.expect("an administrator").staff_id)
}

fn field(db: &Db, caller: &Caller, key: &str, title: &str) {
    let input = FieldInput { key: key.to_owned().into(), title: title.to_owned().into(), ..FieldInput::default() };
    Fields::new(db).create(caller, &input).expect("a field");
}

#[test]
fn what_nobody_could_name_stays_as_it_is() {
    on_each_engine(|database| {
        let (db, caller) = (&database.db, admin(&database.db));
        let gone = second_admin(db);
        let of_one_name = ["甲", "甲", "乙"].map(|name| {
            let input = OrganizationInput { name: name.to_owned().into(), ..OrganizationInput::default() };
            Organizations::new(db).create(&caller, input).expect("an organization")
        });
        for (who, organizations) in [(&caller, of_one_name.to_vec()), (&gone, vec![of_one_name[2]])] {
            let input = CustomerInput {
                real_name: "李".to_owned().into(),
                organization_ids: organizations.into(),
                ..CustomerInput::default()
            };
            Customers::new(db).create(who, input).expect("a customer");
        }
        let ids = of_one_name.map(|id| id.raw().to_string());
        let text = format!("合同名称,签订时间,客户单位编号,跟进人\n年度,2021-01-05,{},13800000000\n", ids[0]);
        assert_eq!(import::<ContractTable>(db, &caller, text, &skipping()).added, 1);

        // Two people and two organizations of the same name.
        let before = customers(db, &caller);
        again::<CustomerTable>(db, &caller, &CustomerFilter::default(), 2);
        again::<OrganizationTable>(db, &caller, &OrganizationFilter::default(), 3);
        again::<ContractTable>(db, &caller, &ContractFilter::default(), 1);
        // A person who is deleted.
        db.write(|conn| {
            let all = staff::table.filter(staff::id.ne(caller.staff_id));
            diesel::update(all).set((staff::real_name.eq("王"), staff::status.eq(DELETED))).execute(conn)?;
            Ok(())
        })
        .expect("they are gone");
        again::<CustomerTable>(db, &caller, &CustomerFilter::default(), 2);
        for (before, after) in before.iter().zip(customers(db, &caller)) {
            assert_eq!(before.organization_ids, after.organization_ids);
            assert_eq!(before.customer.holding.owner_id, after.customer.holding.owner_id);
            assert_eq!(before.customer.profile.creator_id, after.customer.profile.creator_id);
        }
        assert_eq!(organizations(db, &caller), 3);

        // What the record does not show is still to be told, and what it shows of others too.
        let ids: Vec<String> = before.iter().map(|row| row.customer.id.to_string()).collect();
        let text = format!("客户编号,客户单位,负责人\n{},甲,王\n{},甲;甲;乙,王\n", ids[0], ids[1]);
        let report = import::<CustomerTable>(db, &caller, text, &updating());
        let told = errors(&report);
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].contains("organization_name 有多个同名的:甲") && told[1].contains("owner_name 不存在:王"));
        assert!(told[2].starts_with("3 organization_name"), "{told:?}");
        // A row sees what an earlier row of the file has written, which is what the record shows then.
        let text = format!("客户编号,客户单位\n{0},甲;甲;乙\n{0},甲;甲;乙\n", ids[0]);
        let report = import::<CustomerTable>(db, &caller, text, &updating());
        assert_eq!((report.updated, report.failed), (2, 0), "{report:?}");
        let text = format!("客户编号,客户单位\n{0},乙\n{0},甲;甲;乙\n", ids[0]);
        let report = import::<CustomerTable>(db, &caller, text, &updating());
        assert_eq!((report.updated, report.failed), (1, 1), "{report:?}");
        // In a row that changes a record, organizations that are missing are entered as in others.
        let text = format!("客户编号,客户单位\n{},丙;丁\n", ids[0]);
        let options = ImportOptions { create_missing: true, ..updating() };
        let report = import::<CustomerTable>(db, &caller, text, &options);
        assert_eq!((report.updated, report.organizations_added), (1, 2), "{report:?}");
        assert_eq!(customers(db, &caller)[0].organization_names, ["丙", "丁"]);
    });
}

#[test]
fn own_fields_may_be_called_anything() {
    on_each_engine(|database| {
        let (db, caller) = (&database.db, admin(&database.db));
        for (key, title) in [
            ("input_a", "*重要*"),
            ("input_b", "重要"),
            ("input_c", "丙"),
            ("input_d", "丙(input_e)"),
            ("input_e", "丙"),
            ("input_f", "错误"),
            ("input_g", "custom.INPUT_a"),
            ("input_h", " 丙 "),
            ("input_i", "客户姓名*"),
            ("input_j", "*"),
            ("input_k", "PHONENUMBER"),
        ] {
            field(db, &caller, key, title);
        }
        let own = |row: &crm_customers::CustomerListing| format!("{:?}", row.custom);
        let text = "客户姓名,*重要*,重要,丙,丙(input_e),custom.input_e,错误(input_f),错误\n\
                    李,a,b,c,d,e,f,第2行:没有这样的错误\n";
        let report = import::<CustomerTable>(db, &caller, text, &skipping());
        assert_eq!((report.added, report.unknown_columns.len()), (1, 0), "{report:?}");
        assert_eq!(report.ignored_columns, ["错误"]);
        let text =
            "客户姓名,custom.input_g,custom.input_h,custom.input_i,custom.input_j,custom.input_k\n王,g,h,i,j,k\n";
        assert_eq!(import::<CustomerTable>(db, &caller, text, &skipping()).added, 1);
        let before = customers(db, &caller);
        for value in ["\"a\"", "\"b\"", "\"c\"", "\"d\"", "\"e\"", "\"f\""] {
            assert!(own(&before[0]).contains(value), "{value}: {}", own(&before[0]));
        }
        let file = exported::<CustomerTable>(db, &caller, CustomerFilter::default(), Format::Csv, Headers::Chinese);
        let text = String::from_utf8(file).expect("UTF-8");
        let mut titles: Vec<&str> = text.lines().next().expect("titles").split(',').map(str::trim).collect();
        titles.sort_unstable();
        let all = titles.len();
        titles.dedup();
        assert_eq!(titles.len(), all, "no title stands for two columns");
        again::<CustomerTable>(db, &caller, &CustomerFilter::default(), 2);
        for (before, after) in before.iter().zip(customers(db, &caller)) {
            assert_eq!(own(before), own(&after));
        }
    });
}

#[test]
fn the_column_of_errors_is_the_last_and_swallows_no_other() {
    on_each_engine(|database| {
        let (db, caller) = (&database.db, admin(&database.db));
        let text = "客户姓名,错误,等级,错误\n李,甲,x,第9行:旧\n";
        let mut report = import::<CustomerTable>(db, &caller, text, &skipping());
        let told = slips(&mut report);
        let mut lines = told.lines();
        assert_eq!(lines.next(), Some("\u{feff}\"客户姓名\",\"错误\",\"等级\",\"错误\""));
        assert_eq!(lines.next(), Some("\"李\",\"甲\",\"x\",\"第2行:等级 应为整数\""));
        // Where it stands for something else, it is not taken away.
        let columns = vec![("错误".to_owned(), "note".to_owned())];
        let options = ImportOptions { columns, ..skipping() };
        let mut report = import::<CustomerTable>(db, &caller, "等级,客户姓名,错误\nx,李,甲\n1,王,乙\n", &options);
        assert_eq!((report.added, report.failed), (1, 1));
        assert_eq!(customers(db, &caller)[0].customer.profile.note.as_deref(), Some("乙"));
        let told = slips(&mut report);
        assert!(told.contains("\"客户姓名\",\"错误\",\"错误\"") && told.contains("\"李\",\"甲\",\"第2行"), "{told}");
    });
}

#[test]
fn what_follows_from_an_error_is_none_of_its_own() {
    on_each_engine(|database| {
        let (db, caller) = (&database.db, admin(&database.db));
        let text = "合同名称,客户单位,签订时间\n年度,不,2021-01-05\n,不,\n年度,,2021-01-05\n";
        let told = errors(&import::<ContractTable>(db, &caller, text, &skipping()));
        assert_eq!(
            told,
            [
                "2 organization_name 不存在:不",
                "3 organization_name 不存在:不",
                "3 name 不能为空",
                "3 sign_time 不能为空",
                "4 organization_id 不能为空"
            ]
        );
        let text = "合同名称,客户单位编号,客户单位,签订时间\n年度,x,不,2021-01-05\n";
        let told = errors(&import::<ContractTable>(db, &caller, text, &skipping()));
        assert_eq!(told, ["2 organization_id 应为正整数", "2 organization_name 不存在:不"]);
    });
}
