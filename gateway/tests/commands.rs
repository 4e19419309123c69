//! The program itself: its commands, what it prints, how it starts and stops.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

const PHONE: &str = "13800000000";

fn program(folder: &tempfile::TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crm-gateway"));
    command.current_dir(folder.path()).env_clear().env("CRM_PASSWORD_COST", "4");
    command
}

fn run(folder: &tempfile::TempDir, arguments: &[&str]) -> Output {
    program(folder).args(arguments).output().expect("the program runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Starts `serve` on a free port; returns it with what it printed up to its address.
fn serve(folder: &tempfile::TempDir) -> (Child, Vec<String>) {
    let mut child = program(folder)
        .args(["serve", "--crm-listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let output = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut lines = Vec::new();
    for line in output.lines().map_while(Result::ok) {
        lines.push(line);
        if lines.last().is_some_and(|line| line.starts_with("listening on ")) {
            return (child, lines);
        }
    }
    let ended = child.wait();
    panic!("it never listened: {lines:?}, {ended:?}");
}

fn address(lines: &[String]) -> String {
    let line = lines.last().expect("a line");
    line.trim_start_matches("listening on http://").to_owned()
}

fn ask(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

fn sign_in(address: &str, phone: &str, password: &str) -> String {
    let body = format!("phoneNumber={phone}&password={password}");
    let length = body.len();
    ask(
        address,
        &format!(
            "POST /api/user/login HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
        ),
    )
}

/// The password in a line `administrator <phone> password <password>`.
fn password_in(text: &str) -> &str {
    text.lines().find_map(|line| line.split(" password ").nth(1)).expect("a password is printed").trim()
}

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
        assert!(!output.status.success(), "{name}={value}: {text}");
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
