//! PostgreSQL's own programs (`initdb`, `pg_ctl`, …), run as a user they accept: they refuse root.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where the programs are, and whose processes they become.
#[derive(Clone, Debug)]
pub struct Programs {
    folder: PathBuf,
    /// An unprivileged user and group when we are root.
    owner: Option<(u32, u32)>,
}

impl Programs {
    /// The programs of the newest version found.
    ///
    /// # Errors
    /// What is missing.
    pub fn find() -> Result<Self, String> {
        let folder = folder().ok_or("no PostgreSQL programs found (initdb, pg_ctl); install the postgresql package")?;
        Ok(Self { folder, owner: owner()? })
    }

    /// The folder they are in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Lets them write to a folder.
    ///
    /// # Errors
    /// What the file system says.
    pub fn give(&self, folder: &Path) -> Result<(), String> {
        let Some((uid, gid)) = self.owner else { return Ok(()) };
        chown(folder, Some(uid), Some(gid)).map_err(|error| error.to_string())?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).map_err(|error| error.to_string())
    }

    /// One of them by its name, or any other program by its name or path, to be run as their user.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let beside = self.folder.join(&program);
        let mut command = Command::new(if beside.exists() { &beside } else { program.as_ref() });
        if let Some((uid, gid)) = self.owner {
            command.uid(uid).gid(gid);
        }
        command.current_dir("/").env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::null()).process_group(0);
        command
    }

    /// Runs one of them to its end.
    ///
    /// # Errors
    /// How it ended, if not well.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Result<(), String> {
        // The server inherits these, and must not keep our own output open.
        let status = self.command(program).args(arguments).stderr(Stdio::null()).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("{program}: {status}")),
            Err(error) => Err(format!("{program}: {error}")),
        }
    }
}

/// Users must not step on each other's files.
pub(super) fn user_tag() -> String {
    fs::metadata("/proc/self").map_or_else(|_| "shared".to_owned(), |me| me.uid().to_string())
}

fn folder() -> Option<PathBuf> {
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

fn owner() -> Result<Option<(u32, u32)>, String> {
    if user_tag() != "0" {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").map_err(|error| error.to_string())?;
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.starts_with(&format!("{name}:")))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    let ids = ids("postgres").or_else(|| ids("nobody"));
    ids.map(Some).ok_or_else(|| "no unprivileged user to run PostgreSQL as".to_owned())
}
