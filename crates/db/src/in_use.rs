//! Who has a SQLite file open: a lock on a small file beside it.
//!
//! Every program that opens the database holds the lock together with the others; a command that
//! replaces the file, or copies it while nothing may change, holds it alone. SQLite's own locks
//! cannot say this: between two of its transactions an open database is not locked, and what opens
//! a file that is being replaced would go on writing into the old one. The system lets go of the
//! lock when a program ends, however it ends; the file stays, because deleting it would be a race.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Takes part in using the database at `path`, until the result is dropped. `None`: a command has
/// the database to itself.
pub(crate) fn together(path: &Path) -> io::Result<Option<File>> {
    let file = lock_file(path)?;
    had(file.try_lock_shared()).map(|had| had.then_some(file))
}

/// Has the database at `path` alone, until the result is dropped. `None`: somebody has it open.
pub(crate) fn alone(path: &Path) -> io::Result<Option<File>> {
    let file = lock_file(path)?;
    had(file.try_lock()).map(|had| had.then_some(file))
}

fn had(locked: Result<(), TryLockError>) -> io::Result<bool> {
    match locked {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn lock_file(path: &Path) -> io::Result<File> {
    let beside = beside(path, ".lock");
    // Reading is enough to lock it, and it may belong to somebody else.
    match File::open(&beside) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if let Some(folder) = beside.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                fs::create_dir_all(folder)?;
            }
            File::options().create(true).append(true).open(&beside)
        }
        opened => opened,
    }
}

/// The file of the same name with this ending after it.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
