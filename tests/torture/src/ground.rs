//! Where a scenario takes place: a database of its own, and the real program over it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use crm_db::testing::own::OwnCluster;
use crm_db::{Db, Engine, Options};
use crm_tests::child::Gateway;

use crate::wire::{Request, ask};

/// The first administrator's phone number.
pub(crate) const ADMIN_PHONE: &str = "13800000000";
/// The password the first administrator is given at the start.
pub(crate) const FIRST_PASSWORD: &str = "first password";

/// A database of one engine, empty at first.
pub(crate) struct Ground<'a> {
    pub(crate) engine: Engine,
    pub(crate) url: String,
    pub(crate) folder: PathBuf,
    pub(crate) cluster: Option<&'a OwnCluster>,
    program: &'a Path,
}

/// A running gateway and where it answers.
pub(crate) struct Running {
    pub(crate) gateway: Gateway,
    pub(crate) address: SocketAddr,
    /// From its start to its first answer that needs the database.
    pub(crate) started_in: Duration,
}

impl<'a> Ground<'a> {
    /// A new database for the scenario of this name; on PostgreSQL where there is a cluster.
    pub(crate) fn new(
        scenario: &str,
        folder: &Path,
        cluster: Option<&'a OwnCluster>,
        program: &'a Path,
    ) -> Result<Self> {
        let engine = if cluster.is_some() { Engine::Postgres } else { Engine::Sqlite };
        let folder = folder.join(scenario);
        // Of an earlier run.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        let url = match cluster {
            None => format!("sqlite://{}/crm.db", folder.display()),
            Some(cluster) => {
                let drop = format!("DROP DATABASE IF EXISTS {scenario} WITH (FORCE)");
                let make = format!("CREATE DATABASE {scenario}");
                cluster.execute("postgres", &[&drop, &make]).map_err(|error| anyhow!(error))?;
                cluster.url(scenario)
            }
        };
        Ok(Self { engine, url, folder, cluster, program })
    }

    /// The program, to be given arguments.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(self.program);
        command.env_clear().env("DATABASE_URL", &self.url);
        command
    }

    /// The program as it serves on a free port.
    pub(crate) fn serve(&self, settings: &[(&str, &str)]) -> Command {
        let mut command = self.command();
        command
            .arg("serve")
            .envs([("CRM_LISTEN", "127.0.0.1:0"), ("CRM_PASSWORD_COST", "4"), ("CRM_LOG", "warn")])
            .envs([("CRM_ADMIN_PHONE", ADMIN_PHONE), ("CRM_ADMIN_PASSWORD", FIRST_PASSWORD)])
            .envs(settings.iter().copied());
        command
    }

    /// Starts the gateway with these settings.
    pub(crate) fn start(&self, settings: &[(&str, &str)]) -> Result<Running> {
        Running::of(self.serve(settings))
    }

    /// The database, to look into.
    pub(crate) fn db(&self) -> Result<Db> {
        Db::open_with(&self.url, Options { pool_size: 2, ..Options::default() }).context("the database opens")
    }
}

impl Running {
    /// Starts a program and waits for its first answer.
    pub(crate) fn of(command: Command) -> Result<Self> {
        let begun = Instant::now();
        let gateway = Gateway::run(command);
        let address = gateway.url.trim_start_matches("http://").parse().context("its address")?;
        let ready = Request { method: "GET", path: "/readyz", token: None, key: None, body: None };
        loop {
            let said = ask(address, &ready, Duration::from_secs(5));
            if said.as_ref().is_ok_and(|answer| answer.status == 200) {
                return Ok(Self { gateway, address, started_in: begun.elapsed() });
            }
            if begun.elapsed() > Duration::from_secs(60) {
                let said = said.map_or_else(|error| format!("{error:#}"), |answer| answer.status.to_string());
                anyhow::bail!("the gateway at {address} is not ready: {said}; its log: {}", gateway.stop());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Resident memory in MB (10⁶ bytes), and how many threads there are.
    pub(crate) fn size(&self) -> (f64, u32) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.gateway.pid())).unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0)
        };
        (field("VmRSS:") * 1024.0 / 1e6, field("Threads:") as u32)
    }
}

/// Waits until this is so, and says how long that took.
pub(crate) fn until(patience: Duration, mut is_so: impl FnMut() -> bool) -> Option<Duration> {
    let begun = Instant::now();
    while !is_so() {
        if begun.elapsed() > patience {
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Some(begun.elapsed())
}
