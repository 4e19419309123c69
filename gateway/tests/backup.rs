//! `backup` and `restore`: what is kept, what comes back, and what is refused.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use support::{address, folder, password_in, program, run, said, serve, sign_in};
use tempfile::TempDir;

const PHONE: &str = "13800000000";

fn seeded() -> TempDir {
    let folder = folder();
    let made = run(&folder, &["seed-demo", "--customers", "20", "--until", "2026-03-02"]);
    assert!(made.status.success(), "{}", said(&made));
    folder
}

/// Runs the command, which must end with this code; returns what it said.
fn ends(folder: &TempDir, arguments: &[&str], code: i32) -> String {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
    said(&output)
}

fn sql(path: &Path, statements: &str) {
    let mut conn = SqliteConnection::establish(&path.display().to_string()).expect("it opens");
    conn.batch_execute(statements).expect("it runs");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there").flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn kept(folder: &TempDir) -> PathBuf {
    let data = folder.path().join("data");
    let name = names(&data).into_iter().find(|name| name.contains(".replaced-")).expect("the old database is kept");
    data.join(name)
}

#[test]
fn a_backup_of_a_running_server_comes_back_over_what_was_done_later() {
    let folder = seeded();
    let (mut child, lines) = serve(&folder);
    assert!(ends(&folder, &["backup", "one.db"], 0).contains("checked"));
    let backup = folder.path().join("one.db");
    assert_eq!(fs::metadata(&backup).expect("it is there").permissions().mode() & 0o777, 0o600);
    assert!(ends(&folder, &["backup", "one.db"], 1).contains("--force"));
    ends(&folder, &["backup", "one.db", "--force"], 0);
    let later = password_in(&ends(&folder, &["create-admin", PHONE], 0)).to_owned();
    assert!(sign_in(&address(&lines), PHONE, &later).contains("登陆成功"));
    let before = fs::read(&backup).expect("it can be read");
    assert!(ends(&folder, &["restore", "one.db"], 3).contains("stop the server first"));
    assert!(sign_in(&address(&lines), PHONE, &later).contains("登陆成功"), "the server was not disturbed");
    child.kill().expect("it is there");
    child.wait().expect("it ends");
    // The last writes of a server that was killed are in the log beside the database.
    assert!(names(&folder.path().join("data")).contains(&"crm.db-wal".to_owned()));
    assert!(ends(&folder, &["restore", "one.db"], 0).contains("is kept as data/crm.db.replaced-"));
    let beside = names(&folder.path().join("data"));
    assert!(beside.iter().all(|name| !name.ends_with("-journal") && !name.ends_with("-wal")), "{beside:?}");
    ends(&folder, &["reset-password", PHONE], 1);
    ends(&folder, &["reset-password", "10000000000"], 0);
    assert_eq!(fs::read(&backup).expect("it can be read"), before, "the backup stays as it is");
    let old = format!("sqlite://{}", kept(&folder).display());
    ends(&folder, &["reset-password", PHONE, "--database-url", &old], 0);
}

#[test]
fn a_backup_is_restored_where_no_database_is_and_over_one_that_is_broken() {
    let folder = seeded();
    ends(&folder, &["backup", "one.db"], 0);
    ends(&folder, &["restore", "one.db", "--database-url", "sqlite://data/new.db"], 0);
    ends(&folder, &["reset-password", "10000000000", "--database-url", "sqlite://data/new.db"], 0);
    let database = folder.path().join("data/crm.db");
    fs::write(&database, "this was a database").expect("it can be written");
    fs::write(folder.path().join("data/crm.db-wal"), "and this its log").expect("it can be written");
    ends(&folder, &["migrate"], 3);
    ends(&folder, &["restore", "one.db"], 0);
    ends(&folder, &["reset-password", "10000000000"], 0);
    assert_eq!(fs::read_to_string(kept(&folder)).expect("it is kept"), "this was a database");
}

#[test]
fn a_file_that_is_no_backup_is_refused_and_the_database_stays() {
    let folder = seeded();
    ends(&folder, &["backup", "good.db"], 0);
    let at = |name: &str| folder.path().join(name);
    fs::write(at("text.db"), "hello").expect("it can be written");
    fs::write(at("empty.db"), "").expect("it can be written");
    sql(&at("foreign.db"), "CREATE TABLE staff (id INTEGER PRIMARY KEY)");
    fs::copy(at("good.db"), at("newer.db")).expect("it can be copied");
    sql(&at("newer.db"), "INSERT INTO __diesel_schema_migrations (version) VALUES ('999999')");
    let mut damaged = fs::read(at("good.db")).expect("it can be read");
    let middle = damaged.len() / 2;
    damaged[middle..middle + 8192].fill(7);
    fs::write(at("damaged.db"), damaged).expect("it can be written");
    let database = at("data/crm.db");
    let before = fs::read(&database).expect("it can be read");
    for (name, code, reason) in [
        ("missing.db", 2, "no such file"),
        ("text.db", 1, "not a database"),
        ("empty.db", 2, "not a database of this program"),
        ("foreign.db", 2, "not a database of this program"),
        ("newer.db", 2, "newer version"),
        ("damaged.db", 1, "damaged"),
        ("data/crm.db", 2, "the database itself"),
    ] {
        let text = ends(&folder, &["restore", name], code);
        assert!(text.contains(reason), "{name}: {text}");
    }
    assert!(fs::read(&database).expect("it can be read") == before, "the database stays as it was");
    let there = names(&at("data"));
    assert!(there.iter().all(|name| !name.contains("replaced") && !name.ends_with(".part")), "{there:?}");
}

#[test]
fn a_backup_of_an_older_version_is_brought_up_to_date() {
    let folder = folder();
    ends(&folder, &["create-admin", PHONE], 0);
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/sqlite");
    let newest = names(&migrations).pop().expect("there are migrations");
    let down = fs::read_to_string(migrations.join(newest).join("down.sql")).expect("it can be taken back");
    ends(&folder, &["backup", "old.db"], 0);
    let forget =
        "DELETE FROM __diesel_schema_migrations WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)";
    sql(&folder.path().join("old.db"), &format!("{down};{forget}"));
    assert!(ends(&folder, &["restore", "old.db"], 0).contains("1 migrations applied"));
    assert!(ends(&folder, &["migrate"], 0).contains("up to date"));
    ends(&folder, &["reset-password", PHONE], 0);
}

#[test]
fn a_backup_does_not_overwrite_what_it_must_not() {
    let folder = seeded();
    assert!(ends(&folder, &["backup", "data/crm.db", "--force"], 2).contains("the database itself"));
    assert!(ends(&folder, &["backup", "data", "--force"], 2).contains("name a file"));
    fs::write(folder.path().join("open.db-wal"), "a log").expect("it can be written");
    assert!(ends(&folder, &["backup", "open.db", "--force"], 1).contains("open.db-wal"));
    assert!(ends(&folder, &["backup", "nowhere/one.db"], 1).contains("nowhere"));
    let nothing = ends(&folder, &["backup", "one.db", "--database-url", "sqlite://data/missing.db"], 2);
    assert!(nothing.contains("no such file"), "{nothing}");
    assert!(!folder.path().join("data/missing.db").exists());
}

#[test]
fn on_postgresql_the_right_program_is_named_without_the_password() {
    let folder = folder();
    let url = "postgres://crm:secret@db.example.com/crm?sslmode=require";
    for (command, program) in [("backup", "pg_dump --format=custom --file='it'\\''s.dump'"), ("restore", "pg_restore ")]
    {
        let text = ends(&folder, &[command, "it's.dump", "--database-url", url], 2);
        assert!(text.contains(program), "{text}");
        assert!(text.contains("--dbname='postgres://crm@db.example.com/crm?sslmode=require'"), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }
}

#[test]
fn every_command_explains_itself_and_shows_nothing_secret() {
    let folder = folder();
    let commands = ["serve", "migrate", "create-admin", "reset-password", "seed-demo", "backup", "restore", "copy-to"];
    for command in commands {
        let output = program(&folder)
            .env("DATABASE_URL", "postgres://crm:hidden-word@host/crm")
            .env("CRM_ADMIN_PASSWORD", "hidden-word")
            .args([command, "--help"])
            .output()
            .expect("the program runs");
        let text = said(&output);
        assert!(output.status.success() && text.contains("Ends with 0"), "{command}: {text}");
        assert!(!text.contains("hidden-word"), "{command}: {text}");
        assert_eq!(run(&folder, &[command, "--no-such-flag"]).status.code(), Some(2), "{command}");
    }
    let output = program(&folder).env("DATABASE_URL", "postgres://crm:hidden/word@host/crm").arg("migrate").output();
    let output = output.expect("the program runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(!said(&output).contains("hidden") && said(&output).contains("%2F"), "{}", said(&output));
}
