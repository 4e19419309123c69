//! A copy of a SQLite database, taken while it is in use.

use std::path::Path;

use super::{Failure, Progress, Result, file, shown};

/// Writes what is committed at this moment to the file `to`, which only its owner may read. Programs
/// that have the database open go on reading and writing. The copy is checked as a whole before it
/// gets its name, and survives a loss of power from then on; returns its size in bytes.
///
/// # Errors
/// [`Failure::Wrong`] when `database` is no database of this program or `to` is no place for it,
/// [`Failure::InUse`] while it is being restored or copied,
/// [`Failure::Failed`] when `to` exists and `overwrite` is not set, when the copy cannot be written,
/// and when it is found to be damaged. In every case `to` is as it was.
pub fn backup(database: &Path, to: &Path, overwrite: bool, on: &mut dyn FnMut(Progress<'_>)) -> Result<u64> {
    let mut conn = file::open(database)?;
    let _together = file::together(database)?;
    file::standing(&mut conn, database)?;
    check_place(database, to, overwrite)?;
    on(Progress::Doing("copying the database"));
    let copy = file::snapshot(&mut conn, &file::folder(to))?;
    on(Progress::Doing("checking the copy"));
    file::check(&mut file::open(&copy)?, &copy)?;
    file::settle(&copy)?;
    let size = std::fs::metadata(&copy).map_err(Failure::while_doing(to.display().to_string()))?.len();
    if overwrite { copy.persist(to) } else { copy.persist_noclobber(to) }
        .map_err(|error| Failure::failed(format!("{}: {}", shown(to), error.error)))?;
    file::settle_folder(to)?;
    Ok(size)
}

fn check_place(database: &Path, to: &Path, overwrite: bool) -> Result<()> {
    if to.is_dir() {
        return Err(Failure::wrong(format!("{}: is a folder; name a file", shown(to))));
    }
    if file::is_same(database, to) {
        return Err(Failure::wrong(format!("{}: is the database itself", shown(to))));
    }
    if let Some(companion) = file::companions(to).next() {
        return Err(Failure::failed(format!(
            "{} belongs to a database that is open or was not closed; choose another name",
            shown(&companion)
        )));
    }
    if to.exists() && !overwrite {
        return Err(Failure::failed(format!("{} exists; --force overwrites it", shown(to))));
    }
    Ok(())
}
