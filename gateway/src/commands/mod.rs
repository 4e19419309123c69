//! The commands of the program.

mod administrator;
mod backup;
mod copy_to;
mod database;
mod exchange;
mod exit;
mod progress;
pub mod seed_demo;
mod serve;

use clap::{Parser, Subcommand};

use self::database::open;
use self::exit::CODES;
use crate::Settings;
pub use database::Database;
pub use exit::exit_code;

/// A CRM backend: one binary over SQLite or PostgreSQL.
///
/// Settings are environment variables, and flags of the same name; `crm-gateway serve --help` lists
/// them. Nothing need be set: the database is then the file data/crm.db.
#[derive(Parser, Debug)]
#[command(name = "crm-gateway", version, after_help = CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Serve: brings the database up to date and makes the first administrator if there is none
    ///
    /// Prints the address it listens on and, once, the password of the first administrator. Stops on
    /// SIGTERM or Ctrl-C after the requests in flight.
    #[command(after_help = CODES)]
    Serve(Box<Settings>),
    /// Bring the database up to date
    ///
    /// `serve` does the same when it starts. A database that is up to date stays as it is.
    #[command(after_help = CODES)]
    Migrate(Database),
    /// Make an administrator, and print a password for the first sign-in
    #[command(after_help = CODES)]
    CreateAdmin(administrator::Who),
    /// Give somebody a new password, to be changed at the next sign-in
    #[command(after_help = CODES)]
    ResetPassword(administrator::Who),
    /// Import organizations, customers or contracts from a CSV or XLSX file
    ///
    /// The first row names the columns, each by its Chinese or its API name; `export` shows them. Without
    /// --skip one wrong row stops everything, nothing is written, and the command ends with 1, also when it
    /// only checks (--dry-run); nobody else can write to an SQLite database meanwhile. With --skip it ends with
    /// 0 however many rows were left out.
    ///
    /// crm-gateway import customers customers.csv --dry-run --errors wrong.csv
    #[command(after_help = CODES, verbatim_doc_comment)]
    Import(exchange::Import),
    /// Export organizations, customers or contracts to a CSV or XLSX file
    ///
    /// The rows are those that the person of --as sees in the lists of the API. The file is readable by you
    /// alone and has its name only when it is whole; nothing is overwritten without --force.
    ///
    /// crm-gateway export customers customers.xlsx
    #[command(after_help = CODES, verbatim_doc_comment)]
    Export(exchange::ExportArgs),
    /// Fill an empty database with two years of a sales team's work
    ///
    /// The data is invented, obeys every rule and is the same for the same --seed, --customers and
    /// --until. A thousand customers take some seconds.
    #[command(after_help = CODES)]
    SeedDemo(seed_demo::SeedDemo),
    /// Print the document of the API (OpenAPI 3.1), which the server has at /openapi.json
    ///
    /// It needs no database and no settings.
    #[command(after_help = CODES)]
    Openapi,
    /// Copy the database to a file, also while the server runs (SQLite)
    ///
    /// The file has what was committed at one moment. It is checked, readable by you alone, and has its
    /// name only when it is whole; nothing is overwritten without --force. For PostgreSQL the command
    /// says which pg_dump to run.
    ///
    /// crm-gateway backup /backups/crm-$(date +%F).db
    #[command(after_help = CODES, verbatim_doc_comment)]
    Backup(backup::Backup),
    /// Put a backup in the place of the database (SQLite); stop the server first
    ///
    /// A backup of an older version is brought up to date, one of a newer version is refused. The
    /// database that was there is kept beside it under a name with the date. For PostgreSQL the command
    /// says which pg_restore to run.
    ///
    /// crm-gateway restore /backups/crm-2026-03-02.db
    #[command(after_help = CODES, verbatim_doc_comment)]
    Restore(backup::Restore),
    /// Move from SQLite to PostgreSQL: copy every row into an empty database and compare it
    ///
    /// Stop the server first. The database of --database-url is only read (and brought up to date);
    /// nobody can write to it meanwhile. When the copy is interrupted, the same command goes on, or
    /// starts over when the source has changed. At the end every row of both databases is compared, and
    /// the rows and checksums of each table are printed. Then start the server on the new database.
    ///
    /// crm-gateway copy-to postgres://crm@localhost/crm
    /// DATABASE_URL=postgres://crm@localhost/crm crm-gateway serve
    #[command(after_help = CODES, verbatim_doc_comment)]
    CopyTo(copy_to::CopyTo),
}

impl Cli {
    /// Does what the command line asks.
    ///
    /// # Errors
    /// One sentence about what is in the way; [`exit_code`] says what the program ends with.
    pub fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Serve(settings) => serve::run(*settings),
            Command::Migrate(database) => {
                match database.migrate()? {
                    0 => say("the database is up to date"),
                    done => say(&format!("{done} migrations applied")),
                }
                Ok(())
            }
            Command::CreateAdmin(who) => who.create(),
            Command::ResetPassword(who) => who.reset(),
            Command::Import(import) => import.run(),
            Command::Export(export) => export.run(),
            Command::SeedDemo(seed) => seed.run(),
            Command::Openapi => {
                say(crate::openapi::text());
                Ok(())
            }
            Command::Backup(backup) => backup.run(),
            Command::Restore(restore) => restore.run(),
            Command::CopyTo(copy) => copy.run(),
        }
    }
}

/// Writes one line for the person at the terminal.
fn say(line: &str) {
    use std::io::Write;
    // A closed terminal is no reason to stop.
    let _ = writeln!(std::io::stdout(), "{line}");
}
