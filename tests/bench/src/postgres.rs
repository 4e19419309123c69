//! A PostgreSQL cluster of the benchmark's own, with PostgreSQL's default settings: durable, and nothing
//! tuned. Its data stays from run to run; the server runs while the benchmark does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, anyhow, bail};
use crm_db::testing::programs::Programs;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

/// A running cluster; stopped when this is dropped.
pub(crate) struct Cluster {
    programs: Programs,
    folder: PathBuf,
    /// Short, because the path of a socket must be.
    socket: PathBuf,
}

impl Cluster {
    /// Starts the cluster of this folder, which is made when it is not there.
    ///
    /// # Errors
    /// What is missing, or what PostgreSQL says.
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        let programs = Programs::find().map_err(|error| anyhow!(error))?;
        let folder = folder.join("postgres");
        let socket = std::env::temp_dir().join(format!("crm-bench-{}", std::process::id()));
        for folder in [&folder, &socket] {
            fs::create_dir_all(folder)?;
            programs.give(folder).map_err(|error| anyhow!(error))?;
        }
        let cluster = Self { programs, folder, socket };
        let data = cluster.data();
        if !cluster.folder.join("data/PG_VERSION").exists() {
            cluster
                .run("initdb", &["-D", &data, "-U", "crm", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"])?;
        }
        // One that a killed run left behind.
        let _ = cluster.run("pg_ctl", &["-D", &data, "-m", "fast", "-w", "stop"]);
        let settings = format!("-c listen_addresses='' -c unix_socket_directories='{}'", cluster.socket.display());
        let log = cluster.log().display().to_string();
        cluster.run("pg_ctl", &["-D", &data, "-l", &log, "-w", "-t", "60", "-o", &settings, "start"])?;
        Ok(cluster)
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<()> {
        self.programs.run(program, arguments).map_err(|error| anyhow!(error))
    }

    /// The server's log.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// The URL of one of its databases.
    pub(crate) fn url(&self, database: &str) -> String {
        let socket = self.socket.display().to_string().replace('/', "%2F");
        format!("postgres://crm@{socket}/{database}")
    }

    /// The process that all others of the server are children of.
    pub(crate) fn pid(&self) -> u32 {
        let file = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap_or_default();
        file.lines().next().and_then(|pid| pid.trim().parse().ok()).unwrap_or_default()
    }

    /// Runs this in one of its databases, statement by statement and outside a transaction.
    ///
    /// # Errors
    /// What PostgreSQL says.
    pub(crate) fn execute(&self, database: &str, statements: &[&str]) -> Result<()> {
        let mut conn = PgConnection::establish(&self.url(database))?;
        for statement in statements {
            conn.batch_execute(statement).with_context(|| (*statement).to_owned())?;
        }
        Ok(())
    }

    /// What `pgbench` says of this script, run by so many clients for so many seconds: transactions per second.
    ///
    /// # Errors
    /// What it says when it fails.
    pub(crate) fn pgbench(&self, database: &str, script: &str, clients: usize, seconds: u64) -> Result<f64> {
        let path = self.folder.join("w5.sql");
        fs::write(&path, script)?;
        let (clients, seconds) = (clients.to_string(), seconds.to_string());
        let output = self
            .programs
            .command("pgbench")
            .arg("-h")
            .arg(&self.socket)
            .args(["-U", "crm", "-n", "-M", "prepared", "-j", "2", "-c", &clients, "-T", &seconds, "-f"])
            .arg(&path)
            .arg(database)
            .stdout(Stdio::piped())
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = "));
        match rate.and_then(|rate| rate.split(' ').next()?.parse().ok()) {
            Some(rate) if output.status.success() => Ok(rate),
            _ => bail!("pgbench: {}", String::from_utf8_lossy(&output.stderr).trim()),
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.run("pg_ctl", &["-D", &self.data(), "-m", "fast", "-w", "stop"]);
        let _ = fs::remove_dir_all(&self.socket);
    }
}
