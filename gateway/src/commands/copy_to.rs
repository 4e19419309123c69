//! `copy-to`: from SQLite to PostgreSQL.

use anyhow::bail;
use clap::Args;
use crm_db::operate::{self, Copied, CopyOptions};

use super::database::{check_password, is_postgres};
use super::exit::Wrong;
use super::progress::Shown;
use super::{Database, say};

/// From where to where.
#[derive(Args, Debug)]
pub struct CopyTo {
    #[command(flatten)]
    database: Database,
    /// The empty database to copy into: postgres://user:password@host/name. Without the password
    /// when PGPASSWORD or ~/.pgpass has it: other users of the machine can read a command line
    target: String,
    /// Forget what an interrupted copy has done
    #[arg(long)]
    start_over: bool,
    /// How many rows are sent at a time, and at most done again after an interruption
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u16).range(1..))]
    batch_rows: u16,
}

impl CopyTo {
    pub(super) fn run(self) -> anyhow::Result<()> {
        if self.database.is_postgres() {
            bail!(Wrong("DATABASE_URL: copy-to copies from SQLite; use pg_dump and pg_restore".to_owned()));
        }
        if !is_postgres(&self.target) {
            bail!(Wrong("the target must be postgres://user:password@host/name".to_owned()));
        }
        check_password("the target", &self.target)?;
        let database = operate::sqlite_file(&self.database.database_url)?;
        let options = CopyOptions { batch_rows: usize::from(self.batch_rows), start_over: self.start_over };
        let mut shown = Shown::new();
        let copied = operate::copy_to_postgres(&database, &self.target, options, &mut |progress| shown.on(progress))?;
        drop(shown);
        report(&copied);
        Ok(())
    }
}

fn report(copied: &Copied) {
    let width = copied.tables.iter().map(|table| table.name.len()).max().unwrap_or(0);
    for table in &copied.tables {
        let checksum = table.checksum.as_deref().unwrap_or("every document compared");
        say(&format!("{:width$} {:>12} {checksum}", table.name, table.rows));
    }
    let rows: u64 = copied.tables.iter().filter(|table| table.checksum.is_some()).map(|table| table.rows).sum();
    say(&format!("copied: {rows} rows in {} tables, the same on both sides", copied.tables.len()));
}
