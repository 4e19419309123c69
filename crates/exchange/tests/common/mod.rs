//! What the tests of imports share.

#![allow(dead_code, clippy::expect_used, clippy::panic, reason = "tests, of which each uses some")]

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use crm_core::{Caller, Error, Page, Zone};
use crm_customers::{CustomerFilter, CustomerListing, Customers, OrganizationFilter, Organizations};
use crm_db::Db;
use crm_db::schema::audit;
use crm_exchange::{Exchange, ImportOptions, Mode, OnError, Report, Subject};
use crm_staff::{Passwords, administrators};
use diesel::prelude::*;

pub(crate) fn admin(db: &Db) -> Caller {
    let access = administrators::create(db, &Passwords::new(4), "13800000000", Some("correct horse"));
    Caller::administrator(access.expect("an administrator").staff_id)
}

pub(crate) fn exchange(db: &Db) -> Exchange {
    Exchange::new(db, Zone::default())
}

pub(crate) fn file(content: impl AsRef<[u8]>) -> File {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(content.as_ref()).expect("it is written");
    file
}

pub(crate) fn import<S: Subject>(
    db: &Db,
    caller: &Caller,
    content: impl AsRef<[u8]>,
    options: &ImportOptions,
) -> Report {
    exchange(db).import::<S>(caller, file(content), options).expect("the file is read")
}

/// What is said of a file that is refused whole.
pub(crate) fn told<T>(outcome: Result<T, Error>) -> String {
    match outcome {
        Err(Error::Invalid(problems)) => {
            problems.iter().map(|error| format!("{} {}", error.field, error.message)).collect::<Vec<_>>().join(";")
        }
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("it is taken"),
    }
}

/// Each error of a report: line, field, message.
pub(crate) fn errors(report: &Report) -> Vec<String> {
    report.errors.iter().map(|error| format!("{} {} {}", error.line, error.field, error.message)).collect()
}

pub(crate) fn skipping() -> ImportOptions {
    ImportOptions { on_error: OnError::Skip, ..ImportOptions::default() }
}

pub(crate) fn updating() -> ImportOptions {
    ImportOptions { mode: Mode::Update, ..skipping() }
}

/// All customers, oldest first.
pub(crate) fn customers(db: &Db, caller: &Caller) -> Vec<CustomerListing> {
    let page = Page::new(1, 1000).expect("a page");
    let mut rows = Customers::new(db).list(caller, &CustomerFilter::default(), page).expect("a list").rows;
    rows.reverse();
    rows
}

pub(crate) fn organizations(db: &Db, caller: &Caller) -> i64 {
    Organizations::new(db).list(caller, &OrganizationFilter::default(), Page::first()).expect("a list").total
}

/// The file of errors.
pub(crate) fn slips(report: &mut Report) -> String {
    let mut text = String::new();
    if let Some(file) = &mut report.error_file {
        file.seek(SeekFrom::Start(0)).expect("a file");
        file.read_to_string(&mut text).expect("text");
    }
    text
}

/// What was done, oldest first.
pub(crate) fn actions(db: &Db) -> Vec<String> {
    db.read(|conn| Ok(audit::table.order(audit::id).select(audit::action).load(conn)?)).expect("the trail")
}
