//! Bodies with files as a stranger sends them: nothing in them makes the server keep or do more than a file
//! may ask for.

use crm_db::Engine;
use crm_tests::{Client, Server};

const IMPORT: &str = "/api/customers/import";

fn send(client: &Client, headers: &[(&str, &str)], body: &[u8]) -> crm_tests::Answer {
    let mut all = vec![("content-type", "multipart/form-data; boundary=b")];
    all.extend(headers);
    client.send("POST", IMPORT, &all, Some(body))
}

fn field(name: &str, value: &str) -> String {
    format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

fn file(content: &str) -> String {
    format!("--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{content}\r\n--b--\r\n")
}

#[test]
fn names_count_like_what_they_name() {
    let Some(server) = Server::start(Engine::Sqlite, &[]) else { return };
    let admin = server.admin();
    let names: String = (0..40).map(|number| field(&format!("{number}{}", "n".repeat(2_000)), "")).collect();
    send(&admin, &[], names.as_bytes()).refused(413, "payload_too_large");
    let many: String = (0..200).map(|number| field(&format!("f{number}"), "")).collect();
    send(&admin, &[], format!("{many}{}", file("客户姓名\n甲\n")).as_bytes()).refused(413, "payload_too_large");
}

#[test]
fn a_head_of_a_field_that_does_not_end_is_given_up() {
    let Some(server) = Server::start(Engine::Sqlite, &[]) else { return };
    let endless = format!("--b\r\ncontent-disposition: form-data; name=\"{}", "a".repeat(8 << 20));
    let begun = std::time::Instant::now();
    send(&server.admin(), &[], endless.as_bytes()).refused(400, "malformed_request");
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

#[test]
fn what_is_kept_for_a_day_is_small() {
    let Some(server) = Server::start(Engine::Sqlite, &[]) else { return };
    let admin = server.admin();
    let large = file(&format!("客户姓名,备注\n甲,{}\n", "长".repeat(1 << 20)));
    send(&admin, &[("idempotency-key", "large")], large.as_bytes()).refused(413, "payload_too_large");
    // The same without a key is read, and refused for what it says.
    assert_eq!(send(&admin, &[], large.as_bytes()).status, 400);
}
