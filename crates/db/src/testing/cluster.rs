//! One temporary PostgreSQL server for a whole test run, shared by its processes.
//!
//! The first process that needs it makes it (as an unprivileged user when we are root, because
//! PostgreSQL refuses root) and leaves a watchdog behind that stops and deletes it once no test
//! process is left. `TEST_POSTGRES_URL` names a server to use instead.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;
use std::sync::OnceLock;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl};

use super::programs::{Programs, user_tag};
use crate::Db;

/// A server to clone databases on.
#[derive(Debug)]
pub(super) struct Server {
    base: String,
    /// The migrated database that tests clone.
    pub(super) template: String,
}

impl Server {
    /// The URL of one of its databases.
    pub(super) fn url(&self, database: &str) -> String {
        match self.base.split_once('?') {
            Some((base, query)) => format!("{base}/{database}?{query}"),
            None => format!("{}/{database}", self.base),
        }
    }
}

/// The server of this run; `None`, said once, when there is no PostgreSQL to be had.
pub(super) fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER
        .get_or_init(|| {
            let found = find();
            if let Err(reason) = &found {
                let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
                assert!(!ci, "CI must test against PostgreSQL: {reason}");
                use std::io::Write;
                // Past the harness, which shows what a passing test prints to nobody.
                let _ = writeln!(std::io::stderr(), "NOTE: tests run on SQLite alone: {reason}");
            }
            found.ok()
        })
        .as_ref()
}

fn find() -> Result<Server, String> {
    let lock_path = std::env::temp_dir().join(format!("crm-test-postgres-{}.lock", user_tag()));
    let lock = File::create(&lock_path).map_err(|error| format!("{}: {error}", lock_path.display()))?;
    lock.lock().map_err(|error| error.to_string())?;
    let base = match std::env::var("TEST_POSTGRES_URL") {
        Ok(url) => url.trim_end_matches('/').to_owned(),
        Err(_) => start_or_join(&lock_path.with_extension(""))?,
    };
    let mut server = Server { base, template: String::new() };
    server.template = make_template(&server)?;
    Ok(server)
}

fn start_or_join(folder: &Path) -> Result<String, String> {
    let base =
        format!("postgres://crm@%2F{}", folder.display().to_string().trim_start_matches('/').replace('/', "%2F"));
    let me = folder.join("users").join(std::process::id().to_string());
    if folder.join("ready").exists()
        && fs::write(&me, "").is_ok()
        && PgConnection::establish(&format!("{base}/postgres")).is_ok()
    {
        return Ok(base);
    }
    let programs = Programs::find().map_err(|error| format!("{error}, or set TEST_POSTGRES_URL"))?;
    // A leftover of a machine that was switched off.
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder.join("users")).map_err(|error| error.to_string())?;
    programs.give(folder)?;
    let data = folder.join("data");
    let data_text = data.display().to_string();
    programs.run("initdb", &["-D", &data_text, "-U", "crm", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"])?;
    let settings = format!(
        "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=400 -c shared_buffers=128MB \
         -c listen_addresses='' -c unix_socket_directories='{}' -c autovacuum=off",
        folder.display()
    );
    let log = folder.join("log").display().to_string();
    programs.run("pg_ctl", &["-D", &data_text, "-l", &log, "-w", "-t", "60", "-o", &settings, "start"])?;
    fs::write(&me, "").map_err(|error| error.to_string())?;
    fs::write(folder.join("ready"), "").map_err(|error| error.to_string())?;
    watch(folder, &programs)?;
    Ok(base)
}

/// Leaves a process behind that stops the server when the last test process has been gone for a while.
fn watch(folder: &Path, programs: &Programs) -> Result<(), String> {
    const SCRIPT: &str = r#"
        idle=0
        while sleep 2; do
            alive=0
            for user in "$1"/users/*; do
                [ -e "$user" ] || continue
                if ps -p "${user##*/}" >/dev/null 2>&1 || [ -d "/proc/${user##*/}" ]; then alive=1; else rm -f "$user"; fi
            done
            if [ $alive = 1 ]; then idle=0; else idle=$((idle + 1)); fi
            if [ $idle -ge 15 ]; then
                rm -f "$1/ready"
                "$2/pg_ctl" -D "$1/data" -m immediate stop
                rm -rf "$1"/*
                exit
            fi
        done"#;
    // The folder belongs to the server's user, who may thus remove the marks of our processes.
    programs
        .command(Path::new("/bin/sh"))
        .args(["-c", SCRIPT, "watchdog"])
        .arg(folder)
        .arg(programs.folder())
        .stderr(Stdio::null())
        .spawn()
        .map(drop)
        .map_err(|error| error.to_string())
        .and_then(|()| programs.give(&folder.join("users")))
}

/// A migrated database to clone, made once per server and schema.
fn make_template(server: &Server) -> Result<String, String> {
    let name = format!("crm_template_{}", crate::migrations::FINGERPRINT);
    let mut conn = PgConnection::establish(&server.url("postgres")).map_err(|error| error.to_string())?;
    let exists = diesel::sql_query(format!("SELECT 1 FROM pg_database WHERE datname = '{name}'")).execute(&mut conn);
    if exists == Ok(1) {
        return Ok(name);
    }
    let making = format!("{name}_new");
    let said = |error: diesel::result::Error| error.to_string();
    conn.batch_execute(&format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)")).map_err(said)?;
    conn.batch_execute(&format!("CREATE DATABASE {making}")).map_err(said)?;
    let db = Db::open(&server.url(&making)).map_err(|error| error.to_string())?;
    db.migrate().map_err(|error| format!("{error:?}"))?;
    drop(db);
    // Closing a connection takes the server a moment, and a database in use cannot be renamed.
    let rename = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{making}'; ALTER DATABASE {making} RENAME TO {name}"
    );
    let mut renamed = conn.batch_execute(&rename);
    for _ in 0..50 {
        if renamed.is_ok() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
        renamed = conn.batch_execute(&rename);
    }
    renamed.map_err(said)?;
    Ok(name)
}
