//! Throw-away databases for tests: one per test, on each engine.
//!
//! A test's body runs once per engine ([`on_each_engine`]). SQLite databases are copies of a
//! migrated file; PostgreSQL databases are clones of a migrated template in a temporary cluster
//! that the first test process starts and that goes away by itself. Where no
//! PostgreSQL is to be had a run says so, and with `CI=true` it fails.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test without its database fails here, and says on which"
)]

mod cluster;
pub mod own;
pub mod programs;
pub mod rows;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use crate::{Db, Engine, Options};

/// A migrated, empty database that is deleted when this is dropped.
#[derive(Debug)]
pub struct TestDb {
    /// The database.
    pub db: Db,
    /// The URL a second program can open it by.
    pub url: String,
    _keeper: Keeper,
}

#[derive(Debug)]
enum Keeper {
    Sqlite { _folder: tempfile::TempDir },
    Postgres { server: String, name: String },
}

impl TestDb {
    /// A new database on this engine; `None` when there is no PostgreSQL to be had.
    pub fn new(engine: Engine) -> Option<Self> {
        Self::with_options(engine, Options::default())
    }

    /// The same, opened with these options.
    pub fn with_options(engine: Engine, options: Options) -> Option<Self> {
        match engine {
            Engine::Sqlite => Some(sqlite(options)),
            Engine::Postgres => postgres(options),
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        if let Self::Postgres { server, name } = self
            && let Ok(mut conn) = PgConnection::establish(server)
        {
            // A server that is gone took the database with it.
            let _ = conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// Runs `test` on an empty database of each engine that is there.
pub fn on_each_engine(test: impl Fn(&TestDb)) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        if let Some(database) = TestDb::new(engine) {
            // Shown only when the test fails.
            println!("on {engine:?}");
            test(&database);
        }
    }
}

fn sqlite(options: Options) -> TestDb {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let template = TEMPLATE.get_or_init(|| {
        let path = folder.path().join("template.db");
        let db = Db::open(&format!("sqlite://{}", path.display())).expect("the template opens");
        db.migrate().expect("the template migrates");
        db.write(|conn| Ok(conn.batch_execute("SELECT 1")?)).expect("the template answers");
        drop(db);
        std::fs::read(path).expect("the template can be read")
    });
    let path = folder.path().join("test.db");
    std::fs::write(&path, template).expect("the template can be copied");
    let url = format!("sqlite://{}", path.display());
    let db = Db::open_with(&url, options).expect("a copy of the template opens");
    TestDb { db, url, _keeper: Keeper::Sqlite { _folder: folder } }
}

fn postgres(options: Options) -> Option<TestDb> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = cluster::server()?;
    let name = format!("crm_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let admin = server.url("postgres");
    let mut conn = PgConnection::establish(&admin).expect("the test server answers");
    conn.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {} STRATEGY FILE_COPY", server.template))
        .expect("the template can be cloned");
    let url = server.url(&name);
    let db = Db::open_with(&url, options).expect("a clone of the template opens");
    Some(TestDb { db, url, _keeper: Keeper::Postgres { server: admin, name } })
}
