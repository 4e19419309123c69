//! A SQLite file as a whole: opened without being made, checked, copied, and put in its place.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use tempfile::TempPath;

use super::{Failure, Result, shown};
use crate::in_use::{self, beside};
use crate::migrations::{Standing, sqlite_standing};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Opens a database that must be there; opening a missing file would make an empty one.
pub(super) fn open(path: &Path) -> Result<SqliteConnection> {
    if !path.is_file() {
        return Err(Failure::wrong(format!("{}: there is no such file", shown(path))));
    }
    let text = path.to_str().ok_or_else(|| Failure::wrong(format!("{}: not a UTF-8 name", shown(path))))?;
    let mut conn = SqliteConnection::establish(text).map_err(Failure::while_doing(text))?;
    conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL")
        .map_err(Failure::while_doing(text))?;
    Ok(conn)
}

/// Keeps every program of this kind from opening the database, until the result is dropped.
pub(super) fn alone(path: &Path) -> Result<File> {
    in_use::alone(path).map_err(Failure::while_doing(path.display().to_string()))?.ok_or_else(|| open_elsewhere(path))
}

/// Keeps the database from being replaced, until the result is dropped.
pub(super) fn together(path: &Path) -> Result<File> {
    in_use::together(path)
        .map_err(Failure::while_doing(path.display().to_string()))?
        .ok_or_else(|| Failure::in_use(format!("{}: is being restored or copied", shown(path))))
}

pub(super) fn open_elsewhere(path: &Path) -> Failure {
    Failure::in_use(format!("{}: a program has the database open; stop the server first", shown(path)))
}

/// The migrations of a database, which must be one of this program.
pub(super) fn standing(conn: &mut SqliteConnection, path: &Path) -> Result<Standing> {
    let standing = sqlite_standing(conn).map_err(Failure::while_doing(path.display().to_string()))?;
    standing.ok_or_else(|| Failure::wrong(format!("{}: not a database of this program", shown(path))))
}

/// Reads the whole database and every index of it.
pub(super) fn check(conn: &mut SqliteConnection, path: &Path) -> Result<()> {
    let found: Vec<Line> = diesel::sql_query("SELECT integrity_check AS line FROM pragma_integrity_check LIMIT 5")
        .load(conn)
        .map_err(Failure::while_doing(path.display().to_string()))?;
    let found: Vec<String> = found.into_iter().map(|line| line.line).collect();
    if found == ["ok"] {
        return Ok(());
    }
    Err(Failure::failed(format!("{}: the database is damaged: {}", shown(path), found.join("; "))))
}

/// Copies what is committed now into a new file in `folder`, which only its owner may read and which
/// goes away when the result is dropped. Others may go on reading and writing.
pub(super) fn snapshot(conn: &mut SqliteConnection, folder: &Path) -> Result<TempPath> {
    let named = || format!("a new file in {}", shown(folder));
    let made = tempfile::Builder::new().prefix(".crm-").suffix(".db.part").tempfile_in(folder);
    let path = made.map_err(Failure::while_doing(named()))?.into_temp_path();
    let text = path.to_str().ok_or_else(|| Failure::wrong(format!("{}: not a UTF-8 name", shown(folder))))?;
    diesel::sql_query("VACUUM INTO $1").bind::<Text, _>(text).execute(conn).map_err(Failure::while_doing(named()))?;
    Ok(path)
}

/// Makes sure that the file survives a loss of power.
pub(super) fn settle(path: &Path) -> Result<()> {
    File::open(path).and_then(|file| file.sync_all()).map_err(Failure::while_doing(path.display().to_string()))
}

/// Makes sure that what was renamed in the folder of `path` survives a loss of power.
pub(super) fn settle_folder(path: &Path) -> Result<()> {
    settle(&folder(path))
}

/// The folder a file is in.
pub(super) fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Whether both names lead to one file.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

/// What SQLite keeps beside a database that is open, or was not closed. It belongs to that database
/// alone: under another one it would be taken for that one's own last changes.
pub(super) fn companions(path: &Path) -> impl Iterator<Item = PathBuf> {
    ["-wal", "-shm", "-journal"].into_iter().map(move |ending| beside(path, ending)).filter(|path| path.exists())
}
