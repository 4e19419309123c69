//! The commands of the program.

mod administrator;
mod exchange;
pub mod seed_demo;
mod serve;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use crm_db::{Db, Options};

use crate::Settings;

/// A CRM backend: one binary over SQLite or PostgreSQL.
#[derive(Parser, Debug)]
#[command(name = "crm-gateway", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Bring the database up to date, make the first administrator if there is none, and serve
    Serve(Box<Settings>),
    /// Bring the database up to date
    Migrate(Database),
    /// Make an administrator
    CreateAdmin(administrator::Who),
    /// Give somebody a new password, to be changed at the next sign-in
    ResetPassword(administrator::Who),
    /// Import organizations, customers or contracts from a CSV or XLSX file
    Import(exchange::Import),
    /// Export organizations, customers or contracts to a CSV or XLSX file
    Export(exchange::ExportArgs),
    /// Fill an empty database with two years of a sales team's work
    SeedDemo(seed_demo::SeedDemo),
}

/// Which database.
#[derive(Args, Debug, Clone)]
pub struct Database {
    /// The database: sqlite://path/to/file or postgres://user:password@host/name
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite://data/crm.db", hide_env_values = true)]
    pub database_url: String,
}

impl Database {
    /// Opens the database and brings it up to date.
    fn open(&self) -> anyhow::Result<Db> {
        open(&self.database_url, Options::default())
    }
}

fn open(url: &str, options: Options) -> anyhow::Result<Db> {
    let db = Db::open_with(url, options).map_err(|error| match error {
        crm_core::Error::Internal(cause) => anyhow::anyhow!("DATABASE_URL: cannot open the database: {cause}"),
        _ => anyhow::anyhow!("DATABASE_URL: must be sqlite://path/to/file or postgres://user:password@host/name"),
    })?;
    db.migrate().context("the database could not be brought up to date")?;
    Ok(db)
}

impl Cli {
    /// Does what the command line asks.
    ///
    /// # Errors
    /// One sentence about what is in the way.
    pub fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Serve(settings) => serve::run(*settings),
            Command::Migrate(database) => database.open().map(drop),
            Command::CreateAdmin(who) => who.create(),
            Command::ResetPassword(who) => who.reset(),
            Command::Import(import) => import.run(),
            Command::Export(export) => export.run(),
            Command::SeedDemo(seed) => seed.run(),
        }
    }
}

/// Writes one line for the person at the terminal.
fn say(line: &str) {
    use std::io::Write;
    // A closed terminal is no reason to stop.
    let _ = writeln!(std::io::stdout(), "{line}");
}
