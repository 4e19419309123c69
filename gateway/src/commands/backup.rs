//! `backup` and `restore`.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use crm_core::Clock;
use crm_db::operate;

use super::database::{check_password, without_password};
use super::exit::Wrong;
use super::progress::Shown;
use super::{Database, say};

/// Where a backup goes.
#[derive(Args, Debug)]
pub struct Backup {
    #[command(flatten)]
    database: Database,
    /// The file to write; it must not exist
    file: PathBuf,
    /// Overwrite the file if it exists
    #[arg(long)]
    force: bool,
}

impl Backup {
    pub(super) fn run(self) -> anyhow::Result<()> {
        if self.database.is_postgres() {
            return use_instead(&self.database, |url| {
                format!("pg_dump --format=custom --file={} --dbname={url}", quoted_file(&self.file))
            });
        }
        let database = operate::sqlite_file(&self.database.database_url)?;
        let mut shown = Shown::new();
        let size = operate::backup(&database, &self.file, self.force, &mut |progress| shown.on(progress))?;
        drop(shown);
        say(&format!("{}: {size} bytes, checked", self.file.display()));
        Ok(())
    }
}

/// Where a backup comes from.
#[derive(Args, Debug)]
pub struct Restore {
    #[command(flatten)]
    database: Database,
    /// The backup; it stays as it is
    file: PathBuf,
}

impl Restore {
    pub(super) fn run(self) -> anyhow::Result<()> {
        if self.database.is_postgres() {
            return use_instead(&self.database, |url| {
                format!(
                    "pg_restore --clean --if-exists --no-owner --single-transaction --dbname={url} {}",
                    quoted_file(&self.file)
                )
            });
        }
        let database = operate::sqlite_file(&self.database.database_url)?;
        let mut shown = Shown::new();
        let done = operate::restore(&database, &self.file, Clock::System.now(), &mut |progress| shown.on(progress))?;
        drop(shown);
        if done.migrated > 0 {
            say(&format!("the backup was of an older version: {} migrations applied", done.migrated));
        }
        if let Some(replaced) = done.replaced {
            say(&format!("the database that was there is kept as {}", replaced.display()));
        }
        say(&format!("{}: restored from {}", database.display(), self.file.display()));
        Ok(())
    }
}

/// PostgreSQL has its own programs for this, which know it better.
fn use_instead(database: &Database, command: impl FnOnce(String) -> String) -> anyhow::Result<()> {
    check_password("DATABASE_URL", &database.database_url)?;
    let url = quoted(&without_password(&database.database_url));
    bail!(Wrong(format!(
        "the database is on PostgreSQL, which does this itself; the password is asked for, or comes from \
         PGPASSWORD or ~/.pgpass:\n\n    {}\n",
        command(url)
    )))
}

fn quoted_file(file: &Path) -> String {
    quoted(&file.display().to_string())
}

/// For a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
