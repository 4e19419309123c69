//! A gateway that is told to stop while clients are at it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crm_db::Engine;
use crm_tests::child::{Gateway, serve_if_asked};
use crm_tests::{ADMIN_PHONE, Client, PASSWORD, Server};

#[test]
fn serves() {
    serve_if_asked();
}

fn connect(gateway: &Gateway) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(gateway.url.trim_start_matches("http://"))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    Ok(stream)
}

/// Reads to the end of the connection.
fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    stream.read_to_end(&mut text).expect("the connection is closed in order");
    String::from_utf8_lossy(&text).into_owned()
}

#[test]
fn what_was_being_sent_when_it_was_told_to_stop_is_answered() {
    let server = Server::start(Engine::Sqlite, &[]).expect("SQLite is always there");
    let mut gateway = Gateway::start(&server.database.url, &[]);
    let token = Client::new(&gateway.url).sign_in(ADMIN_PHONE, PASSWORD).token.expect("a token");
    let head = "GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n";
    let body = r#"{"groupName": "最后一家"}"#;
    let write = format!(
        "POST /api/customers/organization HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut half_a_head = connect(&gateway).expect("it listens");
    half_a_head.write_all(&head.as_bytes()[..20]).expect("it is sent");
    let mut half_a_body = connect(&gateway).expect("it listens");
    half_a_body.write_all(&write.as_bytes()[..write.len() - 10]).expect("it is sent");
    let mut idle = connect(&gateway).expect("it listens");
    idle.write_all(head.as_bytes()).expect("it is sent");
    idle.read_exact(&mut [0; 15]).expect("it is answered");
    std::thread::sleep(Duration::from_millis(100));

    gateway.terminate();
    let told = Instant::now();
    while connect(&gateway).is_ok() {
        assert!(told.elapsed() < Duration::from_secs(1), "new connections are taken");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(150));
    half_a_head.write_all(&head.as_bytes()[20..]).expect("it is sent");
    let answer = rest(&mut half_a_head);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"), "{answer}");
    // A body may take longer than what has not begun.
    std::thread::sleep(Duration::from_millis(1_000));
    half_a_body.write_all(&write.as_bytes()[write.len() - 10..]).expect("it is sent");
    let answer = rest(&mut half_a_body);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"status\":0"), "{answer}");
    let status = gateway.wait(Duration::from_secs(10)).expect("it ends");
    assert!(status.success() && told.elapsed() < Duration::from_secs(6), "{status} after {:?}", told.elapsed());
    rest(&mut idle);
    assert_eq!(server.admin().get("/api/customers/organization").ok()["page_info"]["total"], 1);
}

#[test]
fn who_does_not_finish_does_not_keep_it() {
    let server = Server::start(Engine::Sqlite, &[]).expect("SQLite is always there");
    let mut gateway = Gateway::start(&server.database.url, &[]);
    let mut never = connect(&gateway).expect("it listens");
    let half = "POST /api/customers/organization HTTP/1.1\r\nHost: here\r\nContent-Length: 50\r\n\r\nhalf";
    never.write_all(half.as_bytes()).expect("it is sent");
    std::thread::sleep(Duration::from_millis(100));
    gateway.terminate();
    let told = Instant::now();
    let status = gateway.wait(Duration::from_secs(11)).expect("it ends");
    assert!(status.success(), "{status}");
    assert!(told.elapsed() > Duration::from_secs(8), "what is in flight has ten seconds: {:?}", told.elapsed());
}
