//! `import` and `export` as a person at the terminal runs them.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crm-gateway"));
    command
        .env_clear()
        .env("DATABASE_URL", format!("sqlite://{}/crm.db", folder.display()))
        .current_dir(folder)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().expect("the program runs")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn with_administrator() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let made = run(folder.path(), &["create-admin", "13800000000", "--crm-password-cost", "4"]);
    assert!(made.status.success(), "{}", said(&made));
    folder
}

fn exported(folder: &Path) -> usize {
    let done = run(folder, &["export", "customers", "out.csv", "--force"]);
    assert!(done.status.success(), "{}", said(&done));
    std::fs::read_to_string(folder.join("out.csv")).expect("a file").lines().count() - 1
}

#[test]
fn a_file_goes_in_and_comes_out() {
    let folder = with_administrator();
    let folder = folder.path();
    std::fs::write(folder.join("in.csv"), "名,手机号,客户单位\n甲,13800138000,某单位\n乙,1,\n").expect("a file");
    let import = ["import", "customers", "in.csv", "--column", "名=realName", "--create-missing"];
    let stopped = run(folder, &import);
    assert!(!stopped.status.success() && said(&stopped).contains("nothing was imported"), "{}", said(&stopped));
    assert_eq!(exported(folder), 0);
    let skipped = run(folder, &[&import[..], &["--skip", "--errors", "wrong.csv"]].concat());
    assert!(skipped.status.success() && said(&skipped).contains("1 were added"), "{}", said(&skipped));
    assert!(std::fs::read_to_string(folder.join("wrong.csv")).expect("a file").contains("乙"));
    let done = run(folder, &["export", "customers", "out.xlsx"]);
    assert!(done.status.success(), "{}", said(&done));
    let refused = run(folder, &["export", "customers", "out.xlsx"]);
    assert!(!refused.status.success() && said(&refused).contains("--force"), "{}", said(&refused));
    assert!(said(&run(folder, &["export", "customers", "two.csv"])).contains("exporting: 1 of 1"));
    let mode = std::fs::metadata(folder.join("two.csv")).expect("a file").permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600, "people's data is nobody else's");
    let again = with_administrator();
    std::fs::copy(folder.join("out.xlsx"), again.path().join("in.xlsx")).expect("a copy");
    let done = run(again.path(), &["import", "customers", "in.xlsx", "--create-missing"]);
    assert!(done.status.success(), "{}", said(&done));
    assert_eq!(exported(again.path()), 1);
    let nobody = run(folder, &["import", "customers", "in.csv", "--as", "13911111111"]);
    assert!(!nobody.status.success() && said(&nobody).contains("--as"), "{}", said(&nobody));
}

#[test]
fn an_import_that_is_killed_leaves_nothing_of_all_or_nothing() {
    let folder = with_administrator();
    let folder = folder.path();
    let rows: String = (0..50_000).map(|row| format!("客户{row}\n")).collect();
    std::fs::write(folder.join("in.csv"), format!("客户姓名\n{rows}")).expect("a file");
    let log = folder.join("crm.db-wal");
    let mut import = command(folder, &["import", "customers", "in.csv"]).spawn().expect("the program runs");
    // Killed only when it is writing: its pages spill into the log before the transaction ends.
    for _ in 0..2_000 {
        if std::fs::metadata(&log).is_ok_and(|file| file.len() > 1 << 20) {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(import.try_wait().expect("it is there").is_none(), "it is still at work");
    import.kill().expect("it is killed");
    import.wait().expect("it ends");
    assert_eq!(exported(folder), 0);
}

#[test]
fn scripts_are_told_what_went_wrong() {
    let folder = with_administrator();
    let folder = folder.path();
    std::fs::write(folder.join("in.csv"), "客户姓名,备注\n甲,x\n,y\n").expect("a file");
    for (arguments, code) in [
        (vec!["import", "customers", "in.csv", "--dry-run"], 1),
        (vec!["import", "customers", "in.csv", "--dry-run", "--skip"], 0),
        (vec!["import", "customers", "none.csv"], 2),
        (vec!["import", "customers", "."], 2),
        (vec!["export", "customers", "out.pdf"], 2),
        (vec!["export", "customers", "out.pdf", "--format", "csv"], 0),
    ] {
        let done = run(folder, &arguments);
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {}", said(&done));
    }
    assert_eq!(exported(folder), 0);
}
