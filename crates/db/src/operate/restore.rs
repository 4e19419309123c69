//! Putting a backup in the place of a SQLite database.

use std::fs;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use tempfile::TempPath;

use super::{Failure, Progress, Result, file, shown};
use crate::in_use::beside;
use crate::migrations;

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Where the database that was there is kept; `None` when there was none.
    pub replaced: Option<PathBuf>,
    /// How many migrations the backup lacked.
    pub migrated: usize,
}

/// Puts what is in `from` in the place of `database`. The backup is checked, copied beside the
/// database and brought up to this program's schema first; then the database gets a dated name and
/// the copy takes its place, at one stroke. `from` stays as it is. `now` is a moment to name the
/// kept database by, in UTC.
///
/// # Errors
/// [`Failure::InUse`] while a program has `database` open, [`Failure::Wrong`] when `from` is no
/// database of this program or of a newer one, [`Failure::Failed`] when it is damaged or cannot be
/// copied. In every case the database is as it was.
pub fn restore(
    database: &Path,
    from: &Path,
    now: crm_core::Instant,
    on: &mut dyn FnMut(Progress<'_>),
) -> Result<Restored> {
    if file::is_same(database, from) {
        return Err(Failure::wrong(format!("{}: is the database itself", shown(from))));
    }
    let mut source = file::open(from)?;
    let standing = file::standing(&mut source, from)?;
    if let Some(unknown) = standing.unknown.first() {
        return Err(Failure::wrong(format!(
            "{}: was written by a newer version of this program (it has the migration {unknown}); use that one",
            shown(from)
        )));
    }
    // From here to the end: what starts now finds the database taken, and says so.
    let _alone = file::alone(database)?;
    on(Progress::Doing("checking the backup"));
    file::check(&mut source, from)?;
    on(Progress::Doing("copying it"));
    let copy = file::snapshot(&mut source, &file::folder(database))?;
    drop(source);
    let migrated = migrate(&copy)?;
    resemble(database, &copy);
    file::settle(&copy)?;
    let hold = hold(database)?;
    let replaced = keep(database, now)?;
    copy.persist(database).map_err(|error| Failure::failed(format!("{}: {}", shown(database), error.error)))?;
    file::settle_folder(database)?;
    // A connection that has a database for itself leaves its empty journal until it is closed.
    if let (Some(conn), Some(kept)) = (hold, &replaced) {
        drop(conn);
        let _ = fs::remove_file(beside(kept, "-journal"));
    }
    Ok(Restored { replaced, migrated })
}

#[derive(QueryableByName)]
struct Mode {
    #[diesel(sql_type = Text)]
    journal_mode: String,
}

/// Closes the write-ahead log, which SQLite does only for the one connection there is, and keeps
/// every other one out, also those of programs that are not this one. `None` when there is no
/// database, or none that SQLite could read any more.
fn hold(database: &Path) -> Result<Option<SqliteConnection>> {
    if !database.exists() {
        return Ok(None);
    }
    let is_locked = |text: String| text.contains("database is locked");
    let mut conn = match file::open(database) {
        Ok(conn) => conn,
        Err(failure) if is_locked(failure.to_string()) => return Err(file::open_elsewhere(database)),
        Err(_) => return Ok(None),
    };
    let held = conn
        .batch_execute("PRAGMA busy_timeout = 1000; PRAGMA locking_mode = EXCLUSIVE")
        .and_then(|()| diesel::sql_query("PRAGMA journal_mode = DELETE").get_result::<Mode>(&mut conn))
        .and_then(|mode| conn.batch_execute("BEGIN EXCLUSIVE").map(|()| mode));
    match held {
        Ok(mode) if mode.journal_mode == "delete" => Ok(Some(conn)),
        Ok(_) => Err(file::open_elsewhere(database)),
        Err(error) if is_locked(error.to_string()) => Err(file::open_elsewhere(database)),
        // A damaged database is what backups are for.
        Err(_) => Ok(None),
    }
}

fn migrate(copy: &TempPath) -> Result<usize> {
    let doing = "the backup could not be brought up to date";
    let mut conn = file::open(copy)?;
    migrations::migrate_sqlite(&mut conn).map_err(Failure::while_doing(doing))
}

/// The new file is read and written by whoever read and wrote the old one; where there was none, by
/// its owner alone.
fn resemble(database: &Path, copy: &Path) {
    let Ok(old) = fs::metadata(database) else { return };
    // A person who may not give files away restores into what is theirs.
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, chown};
        let _ = chown(copy, Some(old.uid()), Some(old.gid()));
    }
    let _ = fs::set_permissions(copy, old.permissions());
}

/// Gives what is there a dated name beside it, without ever leaving the place empty where the file
/// system knows links.
fn keep(database: &Path, now: crm_core::Instant) -> Result<Option<PathBuf>> {
    let stamp: String = now.utc().to_string().chars().filter(char::is_ascii_digit).collect();
    let name = |more: u32| match more {
        0 => beside(database, &format!(".replaced-{stamp}")),
        more => beside(database, &format!(".replaced-{stamp}-{more}")),
    };
    let kept = (0..)
        .map(name)
        .find(|kept| !kept.exists())
        .ok_or_else(|| Failure::failed("no name is left for the replaced database"))?;
    let doing = || format!("{}: cannot be kept as {}", shown(database), shown(&kept));
    for companion in file::companions(database) {
        let ending = companion.to_string_lossy().into_owned().split_off(database.to_string_lossy().len());
        fs::rename(&companion, beside(&kept, &ending)).map_err(Failure::while_doing(doing()))?;
    }
    if !database.exists() {
        return Ok(None);
    }
    fs::hard_link(database, &kept).or_else(|_| fs::rename(database, &kept)).map_err(Failure::while_doing(doing()))?;
    Ok(Some(kept))
}
