//! One temporary PostgreSQL server for a whole test run, shared by its processes.
//!
//! The first process that needs it makes it (as an unprivileged user when we are root, because
//! PostgreSQL refuses root) and leaves a watchdog behind that stops and deletes it once no test
//! process is left. `TEST_POSTGRES_URL` names a server to use instead.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl};

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

/// Users must not step on each other's lock files.
fn user_tag() -> String {
    fs::metadata("/proc/self")
        .map_or_else(|_| "shared".to_owned(), |me| std::os::unix::fs::MetadataExt::uid(&me).to_string())
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
    let programs = programs().ok_or(
        "no PostgreSQL programs found (initdb, pg_ctl); install the postgresql package or set TEST_POSTGRES_URL",
    )?;
    // A leftover of a machine that was switched off.
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder.join("users")).map_err(|error| error.to_string())?;
    let owner = Owner::choose()?;
    owner.give(folder)?;
    let data = folder.join("data");
    let data_text = data.display().to_string();
    owner.run(
        &programs.join("initdb"),
        &["-D", &data_text, "-U", "crm", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
    )?;
    let settings = format!(
        "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=400 -c shared_buffers=128MB \
         -c listen_addresses='' -c unix_socket_directories='{}' -c autovacuum=off",
        folder.display()
    );
    let log = folder.join("log").display().to_string();
    owner.run(&programs.join("pg_ctl"), &["-D", &data_text, "-l", &log, "-w", "-t", "60", "-o", &settings, "start"])?;
    fs::write(&me, "").map_err(|error| error.to_string())?;
    fs::write(folder.join("ready"), "").map_err(|error| error.to_string())?;
    watch(folder, &owner, &programs)?;
    Ok(base)
}

/// The folder of PostgreSQL's own programs, of the newest version found.
fn programs() -> Option<PathBuf> {
    let on_path =
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let mut packaged: Vec<PathBuf> = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr"]
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path().join("bin")))
        .collect();
    packaged.sort();
    packaged
        .into_iter()
        .rev()
        .chain(on_path)
        .find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}

/// Whose processes the server's are.
struct Owner(Option<(u32, u32)>);

impl Owner {
    fn choose() -> Result<Self, String> {
        if user_tag() != "0" {
            return Ok(Self(None));
        }
        let users = fs::read_to_string("/etc/passwd").map_err(|error| error.to_string())?;
        let ids = |name: &str| {
            let line = users.lines().find(|line| line.starts_with(&format!("{name}:")))?;
            let mut fields = line.split(':').skip(2);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        };
        ids("postgres")
            .or_else(|| ids("nobody"))
            .map(|ids| Self(Some(ids)))
            .ok_or_else(|| "no unprivileged user to run PostgreSQL as".to_owned())
    }

    fn give(&self, folder: &Path) -> Result<(), String> {
        let Some((uid, gid)) = self.0 else { return Ok(()) };
        chown(folder, Some(uid), Some(gid)).map_err(|error| error.to_string())?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).map_err(|error| error.to_string())
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some((uid, gid)) = self.0 {
            command.uid(uid).gid(gid);
        }
        command.current_dir("/").env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::null()).process_group(0);
        command
    }

    fn run(&self, program: &Path, arguments: &[&str]) -> Result<(), String> {
        // The server inherits these, and must not keep the test run's own output open.
        let status = self.command(program).args(arguments).stderr(Stdio::null()).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("{}: {status}", program.display())),
            Err(error) => Err(format!("{}: {error}", program.display())),
        }
    }
}

/// Leaves a process behind that stops the server when the last test process has been gone for a while.
fn watch(folder: &Path, owner: &Owner, programs: &Path) -> Result<(), String> {
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
    owner
        .command(Path::new("/bin/sh"))
        .args(["-c", SCRIPT, "watchdog"])
        .arg(folder)
        .arg(programs)
        .stderr(Stdio::null())
        .spawn()
        .map(drop)
        .and_then(|()| match owner.0 {
            Some((uid, gid)) => chown(folder.join("users"), Some(uid), Some(gid)),
            None => Ok(()),
        })
        .map_err(|error| error.to_string())
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
