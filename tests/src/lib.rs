//! What the HTTP tests share: the real application on a free port, and a client that sees what a
//! front-end developer sees.

pub mod child;
pub mod contract;
pub mod shape;
pub mod story;
pub mod wecom;

use std::fmt::Display;
use std::sync::mpsc;

use clap::Parser;
use crm_core::{Clock, Instant};
use crm_db::testing::TestDb;
use crm_db::{Engine, Options};
use crm_gateway::commands::{Cli, Command};
use crm_gateway::http::Endpoint;
use crm_gateway::{Application, Settings, endpoints};
use crm_staff::{Passwords, administrators};
use serde_json::{Value, json};

/// The Rust of the README compiles as written.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// The first administrator's phone number in every test.
pub const ADMIN_PHONE: &str = "13800000000";
/// Everybody's password.
pub const PASSWORD: &str = "correct horse";

/// A running application over its own database.
pub struct Server {
    /// The database.
    pub database: TestDb,
    /// `http://127.0.0.1:port`
    pub url: String,
    /// The clock of the application: it stands until it is moved.
    pub clock: Clock,
}

/// The moment at which tests' clocks start: 2026-03-02 10:00:00 in Shanghai, a Monday.
pub fn start_of_time() -> Instant {
    Instant::from_unix(1_772_416_800)
}

/// Runs `test` against a new server on each engine that is there.
pub fn on_each_engine(test: impl Fn(&Server)) {
    on_each_engine_with(&[], test);
}

/// The same with more settings of `serve`.
pub fn on_each_engine_with(flags: &[&str], test: impl Fn(&Server)) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        if let Some(server) = Server::start(engine, flags) {
            println!("on {engine:?}");
            test(&server);
        }
    }
}

impl Server {
    /// A server over a new database with one administrator who has chosen a password; `None` where
    /// there is no PostgreSQL. `flags` are more settings of `serve`.
    pub fn start(engine: Engine, flags: &[&str]) -> Option<Self> {
        let clock = Clock::manual(start_of_time());
        let database = TestDb::with_options(engine, Options { clock: clock.clone(), ..Options::default() })?;
        administrators::create(&database.db, &Passwords::new(4), ADMIN_PHONE, Some("first password"))
            .expect("the administrator is made");
        let url = serve(&database, flags, endpoints());
        let server = Self { database, url, clock };
        let admin = server.sign_in(ADMIN_PHONE, "first password");
        admin
            .post(
                "/api/user/password",
                json!({"phoneNumber": ADMIN_PHONE, "old_password": "first password", "new_password": PASSWORD}),
            )
            .ok();
        Some(server)
    }

    /// A second gateway over the same database.
    pub fn second(&self, flags: &[&str]) -> String {
        serve(&self.database, flags, endpoints())
    }

    /// A client of a gateway over the same database that serves these endpoints alone.
    pub fn serving(&self, endpoints: &'static [Endpoint]) -> Client {
        Client { url: serve(&self.database, &[], endpoints), token: None }
    }

    /// A client that has not signed in.
    pub fn anonymous(&self) -> Client {
        Client { url: self.url.clone(), token: None }
    }

    /// A client signed in as this person.
    pub fn sign_in(&self, phone: &str, password: &str) -> Client {
        self.anonymous().sign_in(phone, password)
    }

    /// Enters a group that grants this data scope.
    pub fn group(&self, name: &str, data_scope: &str) -> i64 {
        self.admin().post("/api/user/group", json!({"name": name, "data_scope": data_scope})).id()
    }

    /// Enters a person of whom these fields are said, who has chosen everybody's password, and signs
    /// them in.
    pub fn person(&self, phone: &str, mut fields: Value) -> (i64, Client) {
        fields["phoneNumber"] = json!(phone);
        fields["password"] = json!("first password");
        let id = self.admin().post("/api/user/user", fields).id();
        let client = self.sign_in(phone, "first password");
        let change = json!({"phoneNumber": phone, "old_password": "first password", "new_password": PASSWORD});
        client.post("/api/user/password", change).ok();
        (id, client)
    }

    /// A client signed in as the administrator.
    pub fn admin(&self) -> Client {
        self.sign_in(ADMIN_PHONE, PASSWORD)
    }
}

fn serve(database: &TestDb, flags: &[&str], endpoints: &'static [Endpoint]) -> String {
    let fixed = [
        "crm-gateway",
        "serve",
        "--crm-listen",
        "127.0.0.1:0",
        "--crm-password-cost",
        "4",
        "--crm-workers",
        "2",
        "--database-url",
        &database.url,
    ];
    let Command::Serve(settings) = Cli::parse_from(fixed.iter().chain(flags)).command else {
        panic!("serve was asked for")
    };
    let settings: Settings = *settings;
    let db = database.db.clone();
    let (tell, told) = mpsc::channel();
    // The thread ends with the test process.
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async {
            let application = Application::serving(settings, &db, endpoints).expect("the application is built");
            tell.send(application.address()).expect("the test waits");
            application.run().await.expect("the server runs");
        });
    });
    let url = format!("http://{}", told.recv().expect("the server starts"));
    if flags.contains(&"--crm-legacy-http-200") {
        contract::note_legacy(&url);
    }
    url
}

/// A client of one server, perhaps with a session.
#[derive(Clone)]
pub struct Client {
    /// `http://127.0.0.1:port`
    pub url: String,
    /// The bearer token.
    pub token: Option<String>,
}

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: ureq::http::HeaderMap,
    /// The body as sent.
    pub text: String,
    /// The body as JSON; null when it is not.
    pub body: Value,
}

impl Answer {
    /// The body of a success; anything else fails the test.
    pub fn ok(self) -> Value {
        assert!(self.status == 200 && self.body["status"] == 0, "{} {}", self.status, self.text);
        self.body
    }

    /// The id that was written.
    pub fn id(self) -> i64 {
        self.ok()["data"]["id"].as_i64().expect("an id")
    }

    /// The rows of a list.
    pub fn rows(self) -> Vec<Value> {
        self.ok()["data"].as_array().expect("rows").clone()
    }

    /// The only row of a list.
    pub fn row(self) -> Value {
        let rows = self.rows();
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows.into_iter().next().expect("one row")
    }

    /// The body of a refusal with this status and code; anything else fails the test.
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert!(
            self.status == status && self.body["code"] == code && self.body["status"] == 1,
            "{} {}",
            self.status,
            self.text
        );
        self.body
    }

    /// The `data` of a success on `/api/v2`; anything else fails the test.
    pub fn v2(self) -> Value {
        assert!(self.status == 200 && self.body["code"] == 0, "{} {}", self.status, self.text);
        self.body["data"].clone()
    }

    /// The message of a refusal on `/api/v2` with this HTTP status; anything else fails the test.
    pub fn v2_refused(self, status: u16) -> String {
        let body = &self.body;
        let code = 100_000 + u32::from(status);
        assert!(
            self.status == status && body["code"] == code && body["data"].is_null() && body.get("data").is_some(),
            "{} {}",
            self.status,
            self.text
        );
        body["message"].as_str().expect("a message").to_owned()
    }

    /// The fields a validation error names.
    pub fn bad_fields(self) -> Vec<String> {
        let body = self.refused(400, "validation_failed");
        let errors = body["errors"].as_array().expect("errors");
        errors.iter().map(|error| error["field"].as_str().expect("a field").to_owned()).collect()
    }
}

impl Client {
    /// A client of the gateway at this URL that has not signed in.
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned(), token: None }
    }

    /// The same, signed in as this person.
    pub fn sign_in(&self, phone: &str, password: &str) -> Self {
        let answer = self.post("/api/user/login", json!({"phoneNumber": phone, "password": password})).ok();
        let token = answer["data"]["token"].as_str().expect("a token").to_owned();
        Self { url: self.url.clone(), token: Some(token) }
    }

    /// GET of a path with its query.
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    /// POST of a JSON body.
    pub fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, &[("content-type", "application/json")], Some(body.to_string().as_bytes()))
    }

    /// POST of a form.
    pub fn form(&self, path: &str, body: &str) -> Answer {
        self.send("POST", path, &[("content-type", "application/x-www-form-urlencoded")], Some(body.as_bytes()))
    }

    /// Any request.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answer {
        self.try_send(method, path, headers, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// Any request, of a server that may be gone.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer, ureq::Error> {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .build()
            .new_agent();
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = match body {
            Some(body) => agent.run(request.body(body).expect("a request")),
            None => agent.run(request.body(()).expect("a request")),
        }?;
        let text = response.body_mut().read_to_string()?;
        let media = response.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let status = response.status().as_u16();
        contract::hold(&self.url, method, path, status, media, &text);
        Ok(Answer {
            status,
            headers: response.headers().clone(),
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        })
    }

    /// POST of a JSON body under this `Idempotency-Key`.
    pub fn post_once(&self, key: &str, path: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        self.send("POST", path, &headers, Some(body.to_string().as_bytes()))
    }
}

/// A query string of these pairs, escaped.
pub fn query(pairs: &[(&str, &dyn Display)]) -> String {
    let escape = |text: String| {
        text.bytes()
            .map(
                |byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") },
            )
            .collect::<String>()
    };
    pairs.iter().map(|(name, value)| format!("{name}={}", escape(value.to_string()))).collect::<Vec<_>>().join("&")
}
