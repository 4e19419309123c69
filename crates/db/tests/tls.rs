//! PostgreSQL over TLS, as the README says to reach it: a server whose certificate a private authority signed.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::net::TcpListener;
use std::path::Path;

use crm_core::Result;
use crm_db::Db;
use crm_db::testing::own::OwnCluster;
use crm_db::testing::programs::Programs;
use diesel::prelude::*;
use diesel::sql_types::Bool;

#[derive(QueryableByName)]
struct Encrypted {
    #[diesel(sql_type = Bool)]
    ssl: bool,
}

fn is_encrypted(url: &str) -> Result<bool> {
    let asked = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let encrypted: Encrypted = Db::open(url)?.read(|conn| Ok(diesel::sql_query(asked).get_result(conn)?))?;
    Ok(encrypted.ssl)
}

/// Two authorities, and a certificate for `localhost` signed by the first.
fn certify(programs: &Programs, folder: &Path) -> std::result::Result<(), String> {
    let path = |name: &str| folder.join(name).display().to_string();
    for name in ["ca", "other"] {
        let (key, file, subject) = (path(&format!("{name}.key")), path(&format!("{name}.crt")), format!("/CN={name}"));
        let arguments = [
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", &subject, "-keyout", &key, "-out",
            &file,
        ];
        programs.run("openssl", &arguments)?;
    }
    let (key, file, ca, ca_key) = (path("server.key"), path("server.crt"), path("ca.crt"), path("ca.key"));
    let signed = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
        "-CA",
        &ca,
        "-CAkey",
        &ca_key,
        "-keyout",
        &key,
        "-out",
        &file,
    ];
    programs.run("openssl", &signed)
}

#[test]
fn the_server_is_who_the_url_says_or_is_not_spoken_to() {
    let Ok(programs) = Programs::find() else {
        let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!ci, "CI must test against PostgreSQL");
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path().join("tls");
    std::fs::create_dir(&folder).expect("a folder of its own");
    programs.give(&folder).expect("the folder is its user's");
    let above = folder.parent().expect("it was made in one");
    programs.give(above).expect("and so is the one above it");
    certify(&programs, &folder).expect("openssl makes certificates");
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
    let file = |name: &str| folder.join(name).display().to_string();
    let settings = format!(
        "-c listen_addresses=127.0.0.1 -c port={port} -c ssl=on -c ssl_cert_file={} -c ssl_key_file={} -c fsync=off",
        file("server.crt"),
        file("server.key")
    );
    let _cluster = OwnCluster::start(&folder, &settings).expect("a cluster with TLS");
    let url = |host: &str, query: &str| format!("postgres://crm@{host}:{port}/postgres?{query}");
    let with = |mode: &str, ca: &str| format!("sslmode={mode}&sslrootcert={}", file(ca));

    assert!(is_encrypted(&url("localhost", "sslmode=require")).expect("encrypted, to whomever"));
    assert!(!is_encrypted(&url("localhost", "sslmode=disable")).expect("in the clear"));
    assert!(is_encrypted(&url("localhost", &with("verify-full", "ca.crt"))).expect("to the one that is meant"));
    let refused = |url: &str| is_encrypted(url).expect_err("it is somebody else");
    refused(&url("localhost", &with("verify-full", "other.crt")));
    refused(&url("127.0.0.1", &with("verify-full", "ca.crt")));
    refused(&url("localhost", &with("verify-full", "nowhere.crt")));
    assert!(is_encrypted(&url("127.0.0.1", &with("verify-ca", "ca.crt"))).expect("signed, whatever its name"));
}
