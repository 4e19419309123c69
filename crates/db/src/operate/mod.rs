//! What an operator does with a whole database: [`backup`], [`restore`] and [`copy_to_postgres`].
//!
//! These work on the file and on connections of their own, beside [`Db`](crate::Db), and speak
//! English: their reader sits at a terminal. Nothing here prints, and no text holds a password.

mod backup;
mod copy;
mod file;
mod restore;

use std::path::{Path, PathBuf};

pub use backup::backup;
pub use copy::{Copied, CopiedTable, CopyOptions, copy_to_postgres, holds_unfinished_copy};
pub use restore::{Restored, restore};

/// Why a command on a whole database was not done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// What was asked for makes no sense here: another command line or setting is needed.
    #[error("{0}")]
    Wrong(String),
    /// The database is away, or somebody has it open; nothing was changed.
    #[error("{0}")]
    InUse(String),
    /// Refused because of what is there, or failed.
    #[error("{0}")]
    Failed(String),
}

impl Failure {
    fn wrong(text: impl Into<String>) -> Self {
        Self::Wrong(text.into())
    }

    fn in_use(text: impl Into<String>) -> Self {
        Self::InUse(text.into())
    }

    fn failed(text: impl Into<String>) -> Self {
        Self::Failed(text.into())
    }

    /// What the database or the system answered while `doing` this.
    fn while_doing<E: std::fmt::Display>(doing: impl Into<String>) -> impl FnOnce(E) -> Self {
        let doing = doing.into();
        move |error| Self::Failed(format!("{doing}: {error}"))
    }
}

/// A failure of the database, as far as nobody gave it a meaning. The engines' own messages name
/// tables and constraints, not what is in the rows.
impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// The result of an operator's command.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// How far a command is.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// Something worth a line.
    Said(&'a str),
    /// One long step without a measure begins.
    Doing(&'a str),
    /// So many rows of a table are done.
    Rows {
        /// What is done with them, such as "copying".
        doing: &'static str,
        /// Which table.
        table: &'a str,
        /// How many are done.
        done: u64,
        /// How many there are.
        of: u64,
    },
}

/// The file of a `sqlite://` URL.
///
/// # Errors
/// [`Failure::Wrong`] for any other URL.
pub fn sqlite_file(url: &str) -> Result<PathBuf> {
    match url.strip_prefix("sqlite://") {
        Some(path) if !crate::pool::names_no_file(path) => Ok(PathBuf::from(path)),
        _ => Err(Failure::wrong("DATABASE_URL: must be sqlite://path/to/file")),
    }
}

fn shown(path: &Path) -> std::path::Display<'_> {
    path.display()
}
