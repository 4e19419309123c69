//! `/metrics`: what it counts, and to whom it answers.

use std::net::UdpSocket;
use std::time::Duration;

use crm_db::Engine;
use crm_tests::child::Gateway;
use crm_tests::{ADMIN_PHONE, Client, PASSWORD, Server, on_each_engine};
use serde_json::json;

#[test]
fn serves() {
    crm_tests::child::serve_if_asked();
}

/// The value of the line that starts with this, labels and all.
fn value(text: &str, series: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')))?;
    line.rsplit(' ').next()?.parse().ok()
}

fn scrape(client: &Client) -> String {
    let answer = client.get("/metrics");
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.headers["content-type"].to_str().expect("text").starts_with("text/plain; version=0.0.4"));
    answer.text
}

fn requests(text: &str, route: &str, method: &str, status: u16) -> f64 {
    let series =
        format!("crm_http_request_duration_seconds_count{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}");
    value(text, &series).unwrap_or(0.0)
}

#[test]
fn requests_are_counted_by_route_pattern_method_and_status() {
    on_each_engine(|server| {
        let admin = server.admin();
        let route = "/api/customers/organization";
        admin.post(route, json!({"groupName": "云南耳尖"})).ok();
        admin.post_once("key", route, &json!({"groupName": "云南耳尖"})).ok();
        admin.post_once("key", route, &json!({"groupName": "云南耳尖"})).ok();
        admin.post(route, json!({})).refused(400, "validation_failed");
        admin.get(&format!("{route}?groupName=canary")).ok();
        admin.send("BREW", route, &[], None).refused(405, "method_not_allowed");
        admin.get("/canary/13912345678").refused(404, "not_found");
        admin.get(&format!("{route}/canary")).refused(404, "not_found");
        admin.get("/healthz");
        let refused = server.anonymous().post("/api/user/login", json!({"phoneNumber": ADMIN_PHONE, "password": "no"}));
        refused.refused(401, "invalid_credentials");
        let text = scrape(&server.anonymous());
        assert_eq!(requests(&text, route, "POST", 200), 3.0);
        assert_eq!(requests(&text, route, "POST", 400), 1.0);
        assert_eq!(requests(&text, route, "GET", 200), 1.0);
        assert_eq!(requests(&text, route, "other", 405), 1.0);
        assert_eq!(requests(&text, "(unknown)", "GET", 404), 2.0);
        assert_eq!(requests(&text, "/healthz", "GET", 200), 1.0);
        assert!(!text.contains("canary") && !text.contains("13912345678"), "{text}");
        let bucket = format!(
            "crm_http_request_duration_seconds_bucket{{method=\"POST\",route=\"{route}\",status=\"200\",le=\"+Inf\"}}"
        );
        assert_eq!(value(&text, &bucket), Some(3.0));
        assert_eq!(value(&text, "crm_http_repeated_total"), Some(1.0));
        // The server's own set-up signs in once with the first password; the test's client with the second.
        assert_eq!(value(&text, "crm_sign_ins_total{outcome=\"ok\"}"), Some(2.0));
        assert_eq!(value(&text, "crm_sign_ins_total{outcome=\"refused\"}"), Some(1.0));
        assert_eq!(value(&text, "crm_sign_ins_total{outcome=\"throttled\"}"), Some(0.0));
    });
}

#[test]
fn pools_jobs_and_the_process_are_told() {
    on_each_engine(|server| {
        let admin = server.admin();
        admin.get("/api/customers/organization").ok();
        let text = scrape(&admin);
        let (pools, engine) = match server.database.db.engine() {
            Engine::Sqlite => (&["reader", "writer"][..], "sqlite"),
            Engine::Postgres => (&["all"][..], "postgres"),
        };
        for pool in pools {
            let of = |name: &str| value(&text, &format!("{name}{{pool=\"{pool}\"}}")).expect(name);
            let max = if *pool == "writer" { 1.0 } else { 4.0 };
            assert_eq!(of("crm_db_pool_max_connections"), max);
            assert!(of("crm_db_pool_lent_total") > 1.0);
            assert!(of("crm_db_pool_wait_seconds_total") > 0.0);
            assert_eq!(of("crm_db_pool_timeouts_total"), 0.0);
            let open = |state: &str| {
                value(&text, &format!("crm_db_pool_connections{{pool=\"{pool}\",state=\"{state}\"}}")).expect(state)
            };
            let (idle, in_use) = (open("idle"), open("in_use"));
            assert!(idle + in_use >= 1.0 && idle + in_use <= max, "{idle} {in_use}");
        }
        let version = env!("CARGO_PKG_VERSION");
        let build = format!("crm_build_info{{engine=\"{engine}\",version=\"{version}\"}}");
        assert_eq!(value(&text, &build), Some(1.0));
        assert!(value(&text, "crm_uptime_seconds").expect("uptime") > 0.0);
        assert!(value(&text, "process_resident_memory_bytes").expect("memory") > 1_000_000.0);
        let done = (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            let text = scrape(&admin);
            ["housekeeping", "retries"].iter().all(|job| {
                value(&text, &format!("crm_job_runs_total{{job=\"{job}\",outcome=\"ok\"}}"))
                    .is_some_and(|runs| runs >= 1.0)
                    && value(&text, &format!("crm_job_last_success_timestamp_seconds{{job=\"{job}\"}}")).is_some()
                    && value(&text, &format!("crm_job_last_duration_seconds{{job=\"{job}\"}}")).is_some()
            })
        });
        assert!(done, "the background tasks are counted");
    });
}

#[test]
fn a_pool_that_is_used_up_shows_it() {
    on_each_engine(|server| {
        let db = &server.database.db;
        let before = scrape(&server.anonymous());
        let pool = if db.engine() == Engine::Sqlite { "reader" } else { "all" };
        let in_use = format!("crm_db_pool_connections{{pool=\"{pool}\",state=\"in_use\"}}");
        assert!(value(&before, &in_use).expect("in use") < 4.0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    db.read(|_| {
                        std::thread::sleep(Duration::from_millis(2_500));
                        Ok(())
                    })
                });
            }
            std::thread::sleep(Duration::from_millis(200));
            let admin = Client { token: Some("none".to_owned()), ..server.anonymous() };
            admin.get("/api/user/profile").refused(503, "unavailable");
            let text = scrape(&admin);
            assert_eq!(value(&text, &in_use), Some(4.0));
            assert_eq!(value(&text, &format!("crm_db_pool_timeouts_total{{pool=\"{pool}\"}}")), Some(1.0));
            let waited = value(&text, &format!("crm_db_pool_wait_seconds_total{{pool=\"{pool}\"}}"));
            assert!(waited.expect("waiting is counted") > 1.4);
        });
    });
}

/// An address of this machine that is not the loopback; nothing is sent to find it.
fn outside_address() -> Option<String> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then(|| address.to_string())
}

#[test]
fn strangers_are_refused_unless_it_is_public() {
    let Some(server) = Server::start(Engine::Sqlite, &[]) else { return };
    let get = |url: &str, headers: &[(&str, &str)]| Client::new(url).send("GET", "/metrics", headers, None);
    let forwarded = |address: &'static str| [("x-forwarded-for", address)];
    // Not from a trusted proxy: what it says is ignored, and it is on this machine itself.
    assert_eq!(get(&server.url, &forwarded("203.0.113.9")).status, 200);
    let behind_proxy = server.second(&["--crm-trusted-proxies", "127.0.0.1"]);
    get(&behind_proxy, &forwarded("203.0.113.9")).refused(403, "forbidden");
    get(&behind_proxy, &forwarded("127.0.0.1, 203.0.113.9")).refused(403, "forbidden");
    get(&behind_proxy, &forwarded("::ffff:203.0.113.9")).refused(403, "forbidden");
    assert_eq!(get(&behind_proxy, &forwarded("203.0.113.9, 127.0.0.1")).status, 403);
    assert_eq!(get(&behind_proxy, &[]).status, 200);
    assert_eq!(get(&behind_proxy, &forwarded("::1")).status, 200);
    let public = server.second(&["--crm-trusted-proxies", "127.0.0.1", "--crm-metrics-public", "true"]);
    assert_eq!(get(&public, &forwarded("203.0.113.9")).status, 200);
    Client::new(&public).send("POST", "/metrics", &[], None).refused(405, "method_not_allowed");
    if let Some(address) = outside_address() {
        let everywhere = Gateway::start(&server.database.url, &[("CRM_LISTEN", "0.0.0.0:0")]);
        let port = everywhere.url.rsplit(':').next().expect("a port");
        let outside = format!("http://{address}:{port}");
        get(&outside, &[]).refused(403, "forbidden");
        // It may say what it likes.
        get(&outside, &forwarded("127.0.0.1")).refused(403, "forbidden");
        get(&outside, &[("forwarded", "for=127.0.0.1"), ("host", "localhost")]).refused(403, "forbidden");
    }
}

#[test]
fn forwarded_headers_of_strangers_are_warned_about_once() {
    let Some(server) = Server::start(Engine::Sqlite, &[]) else { return };
    let gateway = Gateway::start(&server.database.url, &[]);
    let client = Client::new(&gateway.url);
    client.sign_in(ADMIN_PHONE, PASSWORD);
    for header in ["x-forwarded-for", "X-Forwarded-Proto", "x-forwarded-host", "forwarded"] {
        for _ in 0..3 {
            client.send("GET", "/api/user/profile", &[(header, "canary.example")], None);
            client.send("GET", "/metrics", &[(header, "canary.example")], None);
        }
    }
    let log = gateway.stop();
    assert_eq!(log.matches("CRM_TRUSTED_PROXIES").count(), 1, "{log}");
    assert!(!log.contains("canary"));
}
