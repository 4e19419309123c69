//! The program itself: its commands, what it prints, how it starts and stops.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::process::{Command, Stdio};

use crm_db::testing::TestDb;
use crm_db::{Db, Engine};
use diesel::RunQueryDsl;
use support::{address, folder, password_in, program, run, said, serve, sign_in};

const PHONE: &str = "13800000000";

#[test]
fn the_first_start_prints_a_password_once_and_stops_cleanly_when_told() {
    let folder = folder();
    let (mut child, lines) = serve(&folder);
    let first = lines
        .iter()
        .find(|line| line.starts_with("administrator 10000000000 password "))
        .expect("the first administrator");
    assert!(sign_in(&address(&lines), "10000000000", password_in(first)).contains("登陆成功"));
    let stop = Command::new("kill").arg(child.id().to_string()).status().expect("kill runs");
    assert!(stop.success());
    assert!(child.wait().expect("it ends").success(), "SIGTERM is a clean end");
    let (mut child, lines) = serve(&folder);
    assert!(lines.iter().all(|line| !line.contains("password")), "{lines:?}");
    child.kill().expect("it is there");
    child.wait().expect("it ends");
}

#[test]
fn accounts_are_made_and_reset_from_the_command_line() {
    let folder = folder();
    let made = said(&run(&folder, &["create-admin", PHONE]));
    let first = password_in(&made).to_owned();
    let again = run(&folder, &["create-admin", PHONE]);
    assert_eq!(again.status.code(), Some(1), "{}", said(&again));
    let reset = said(&run(&folder, &["reset-password", PHONE]));
    let second = password_in(&reset).to_owned();
    assert_ne!(first, second);
    assert_eq!(run(&folder, &["reset-password", "13900000000"]).status.code(), Some(1));
    let (mut child, lines) = serve(&folder);
    assert!(lines.iter().all(|line| !line.contains("password")), "there is an administrator already: {lines:?}");
    assert!(sign_in(&address(&lines), PHONE, &first).contains("invalid_credentials"));
    assert!(sign_in(&address(&lines), PHONE, &second).contains("登陆成功"));
    child.kill().expect("it is there");
    child.wait().expect("it ends");
}

#[test]
fn a_bad_setting_stops_the_start_and_is_named() {
    for (name, value) in [
        ("DATABASE_URL", "mysql://x"),
        ("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none"),
        ("CRM_LISTEN", "nowhere"),
        ("CRM_TIMEZONE", "Mars/Olympus"),
        ("CRM_ADMIN_PHONE", "x"),
        ("CRM_ADMIN_PASSWORD", "short"),
        ("CRM_SINGLE_SESSION", "perhaps"),
        ("CRM_SESSION_IDLE_MINUTES", "0"),
        ("CRM_TRUSTED_PROXIES", "10.0.0.0/99"),
        ("CRM_CORS_ORIGINS", "*"),
        ("CRM_PASSWORD_COST", "3"),
        ("CRM_LOG_FORMAT", "xml"),
    ] {
        let folder = folder();
        let mut child = program(&folder)
            .env(name, value)
            .arg("serve")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let ended = (0..200).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            child.try_wait().expect("it can be asked").is_some()
        });
        if !ended {
            child.kill().expect("it runs");
        }
        let output = child.wait_with_output().expect("it ends");
        assert!(ended, "{name}={value} did not stop the start");
        let text = said(&output);
        let code = if value.starts_with("postgres://") { 3 } else { 2 };
        assert_eq!(output.status.code(), Some(code), "{name}={value}: {text}");
        let flag = format!("--{}", name.to_lowercase().replace('_', "-"));
        assert!(text.contains(name) || text.contains(&flag), "{name}={value} is not named: {text}");
    }
}

#[test]
fn demonstration_data_goes_into_an_empty_database_only() {
    let folder = folder();
    let seed = ["seed-demo", "--customers", "20", "--until", "2026-03-02"];
    let made = run(&folder, &seed);
    assert!(made.status.success(), "{}", said(&made));
    assert!(said(&made).contains("2 organizations, 20 customers"), "{}", said(&made));
    let again = run(&folder, &seed);
    assert_eq!(again.status.code(), Some(1), "{}", said(&again));
    let skipped = run(&folder, &[&seed[..], &["--if-empty"]].concat());
    assert!(skipped.status.success() && said(&skipped).is_empty(), "{}", said(&skipped));
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let folder = folder();
    let target = TestDb::new(Engine::Postgres);
    assert!(run(&folder, &["migrate"]).status.success());
    let file = format!("sqlite://{}", folder.path().join("data/crm.db").display());
    for url in [Some(file), target.as_ref().map(|target| target.url.clone())].into_iter().flatten() {
        let newer = Db::open(&url).and_then(|db| {
            let newer = "INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('999999', CURRENT_TIMESTAMP)";
            db.write(|conn| Ok(diesel::sql_query(newer).execute(conn)?))
        });
        assert_eq!(newer.expect("the row is written"), 1);
        for command in ["serve", "migrate", "create-admin"] {
            let mut arguments = vec![command, "--database-url", &url];
            arguments.extend((command == "create-admin").then_some(PHONE));
            let refused = run(&folder, &arguments);
            assert_eq!(refused.status.code(), Some(2), "{command}: {}", said(&refused));
            assert!(said(&refused).contains("999999"), "{command}: {}", said(&refused));
        }
    }
}
