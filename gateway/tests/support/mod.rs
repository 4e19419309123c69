//! The program as a child process, for the tests of its commands.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    reason = "tests, each of which uses some of it"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

pub fn program(folder: &tempfile::TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crm-gateway"));
    command.current_dir(folder.path()).env_clear().env("CRM_PASSWORD_COST", "4");
    command
}

pub fn run(folder: &tempfile::TempDir, arguments: &[&str]) -> Output {
    program(folder).args(arguments).output().expect("the program runs")
}

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Starts `serve` on a free port; returns it with what it printed up to its address.
pub fn serve(folder: &tempfile::TempDir) -> (Child, Vec<String>) {
    serve_with(program(folder))
}

/// The same of a program with more settings.
pub fn serve_with(mut program: Command) -> (Child, Vec<String>) {
    let mut child = program
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

pub fn address(lines: &[String]) -> String {
    let line = lines.last().expect("a line");
    line.trim_start_matches("listening on http://").to_owned()
}

pub fn ask(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

pub fn sign_in(address: &str, phone: &str, password: &str) -> String {
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
pub fn password_in(text: &str) -> &str {
    text.lines().find_map(|line| line.split(" password ").nth(1)).expect("a password is printed").trim()
}
