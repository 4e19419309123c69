//! A PostgreSQL server of one's own, for what the shared one cannot be used for: measuring it, stopping
//! it, or giving it settings that others would not stand.

use std::fs;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use super::programs::Programs;

/// A cluster whose server runs until this is dropped. Its data stays in its folder.
#[derive(Debug)]
pub struct OwnCluster {
    programs: Programs,
    folder: PathBuf,
    /// Short, because the path of a socket must be.
    socket: PathBuf,
    settings: String,
}

impl OwnCluster {
    /// Starts the cluster of this folder, which is made when it is not there. `settings` are further
    /// options of the server, as `-c name=value`; it listens on a socket alone unless they say more.
    ///
    /// # Errors
    /// What is missing, or what PostgreSQL says.
    pub fn start(folder: &Path, settings: &str) -> Result<Self, String> {
        let programs = Programs::find()?;
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let socket = std::env::temp_dir().join(format!("crm-{}-{name}", std::process::id()));
        for folder in [folder, &socket] {
            fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
            programs.give(folder)?;
        }
        let settings = format!("-c listen_addresses='' -c unix_socket_directories='{}' {settings}", socket.display());
        let cluster = Self { programs, folder: folder.to_owned(), socket, settings };
        if !folder.join("data/PG_VERSION").exists() {
            let data = cluster.data();
            let arguments = ["-D", &data, "-U", "crm", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
            cluster.programs.run("initdb", &arguments)?;
        }
        // One that a killed run left behind.
        let _ = cluster.stop("fast");
        cluster.start_again()?;
        Ok(cluster)
    }

    /// Starts the server after [`OwnCluster::stop`], and waits until it accepts connections.
    ///
    /// # Errors
    /// How `pg_ctl` ended, if not well.
    pub fn start_again(&self) -> Result<(), String> {
        let log = self.log().display().to_string();
        self.programs.run("pg_ctl", &["-D", &self.data(), "-l", &log, "-w", "-t", "60", "-o", &self.settings, "start"])
    }

    /// Stops the server: `fast` as one does, `immediate` as a crash does.
    ///
    /// # Errors
    /// How `pg_ctl` ended, if not well.
    pub fn stop(&self, mode: &str) -> Result<(), String> {
        self.programs.run("pg_ctl", &["-D", &self.data(), "-m", mode, "-w", "stop"])
    }

    /// PostgreSQL's programs.
    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// The folder it keeps everything in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of its socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The folder of its data.
    pub fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    /// The server's log.
    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// The URL of one of its databases.
    pub fn url(&self, database: &str) -> String {
        let socket = self.socket.display().to_string().replace('/', "%2F");
        format!("postgres://crm@{socket}/{database}")
    }

    /// The process that all others of the server are children of; 0 when it does not run.
    pub fn pid(&self) -> u32 {
        let file = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap_or_default();
        file.lines().next().and_then(|pid| pid.trim().parse().ok()).unwrap_or_default()
    }

    /// Runs this in one of its databases, statement by statement and outside a transaction.
    ///
    /// # Errors
    /// What PostgreSQL says, and of which statement.
    pub fn execute(&self, database: &str, statements: &[&str]) -> Result<(), String> {
        let mut conn = PgConnection::establish(&self.url(database)).map_err(|error| error.to_string())?;
        for statement in statements {
            conn.batch_execute(statement).map_err(|error| format!("{statement}: {error}"))?;
        }
        Ok(())
    }
}

impl Drop for OwnCluster {
    fn drop(&mut self) {
        let _ = self.stop("fast");
        let _ = fs::remove_dir_all(&self.socket);
    }
}
