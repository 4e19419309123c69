//! `crm-gateway openapi`.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use support::{folder, program, said};

#[test]
fn the_document_is_printed_without_a_database_and_without_a_good_setting() {
    let folder = folder();
    let printed = program(&folder).arg("openapi").env("DATABASE_URL", "mysql://x").output().expect("it runs");
    assert!(printed.status.success(), "{}", said(&printed));
    let document: serde_json::Value = serde_json::from_slice(&printed.stdout).expect("JSON");
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0, "nothing is written");
}
