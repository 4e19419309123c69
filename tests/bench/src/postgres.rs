//! A PostgreSQL cluster of the benchmark's own, with PostgreSQL's default settings: durable, and nothing
//! tuned. Its data stays from run to run; the server runs while the benchmark does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Result, anyhow, bail};
use crm_db::testing::own::OwnCluster;

/// A running cluster; stopped when this is dropped.
pub(crate) struct Cluster(OwnCluster);

impl Cluster {
    /// Starts the cluster of this folder, which is made when it is not there.
    ///
    /// # Errors
    /// What is missing, or what PostgreSQL says.
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        OwnCluster::start(&folder.join("postgres"), "").map(Self).map_err(|error| anyhow!(error))
    }

    /// The server's log.
    pub(crate) fn log(&self) -> PathBuf {
        self.0.log()
    }

    /// The URL of one of its databases.
    pub(crate) fn url(&self, database: &str) -> String {
        self.0.url(database)
    }

    /// The process that all others of the server are children of.
    pub(crate) fn pid(&self) -> u32 {
        self.0.pid()
    }

    /// Runs this in one of its databases, statement by statement and outside a transaction.
    ///
    /// # Errors
    /// What PostgreSQL says.
    pub(crate) fn execute(&self, database: &str, statements: &[&str]) -> Result<()> {
        self.0.execute(database, statements).map_err(|error| anyhow!(error))
    }

    /// What `pgbench` says of this script, run by so many clients for so many seconds: transactions per second.
    ///
    /// # Errors
    /// What it says when it fails.
    pub(crate) fn pgbench(&self, database: &str, script: &str, clients: usize, seconds: u64) -> Result<f64> {
        let path = self.0.folder().join("w5.sql");
        fs::write(&path, script)?;
        let (clients, seconds) = (clients.to_string(), seconds.to_string());
        let output = self
            .0
            .programs()
            .command("pgbench")
            .arg("-h")
            .arg(self.0.socket())
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
