//! Moving a deployment from SQLite to PostgreSQL: every row, and proof of it.
//!
//! The tables and columns are read from the two databases ([`schema`]), so that a migration changes
//! nothing here. Rows are sent in the order of their keys ([`rows`]); the target notes in the same
//! transactions how far it is and the checksum up to there ([`progress`]), so that a copy that was
//! interrupted goes on, or starts over when the source is no longer what was copied. The text-search
//! tables follow ([`search`]), and then everything is read again on both sides ([`compare`]).

mod compare;
mod progress;
mod row;
mod rows;
mod schema;
mod search;

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use self::compare::Compared;
use self::progress::Done;
use self::rows::Stop;
use self::schema::{Plan, quoted};
use super::{Failure, Progress, Result, file, shown};
use crate::{Conn, Db, Options, migrations};

/// How a database is copied.
#[derive(Clone, Copy, Debug)]
pub struct CopyOptions {
    /// How many rows are sent, and remembered as sent, at a time.
    pub batch_rows: usize,
    /// Whether to forget what an interrupted copy has done.
    pub start_over: bool,
}

impl Default for CopyOptions {
    /// 5,000 rows; going on where an interrupted copy stopped.
    fn default() -> Self {
        Self { batch_rows: 5_000, start_over: false }
    }
}

/// One table that was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedTable {
    /// Its name.
    pub name: String,
    /// How many rows it has on both sides.
    pub rows: u64,
    /// SHA-256 over the SHA-256 of each row, in the order of the keys, the same on both sides; `None`
    /// for a text-search table, whose documents the engines keep each in its own way.
    pub checksum: Option<String>,
}

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// In the order in which they were copied.
    pub tables: Vec<CopiedTable>,
}

/// Copies the SQLite database in the file `database`, which nobody may have open, into the empty
/// PostgreSQL database at `url`, compares every row of both, and sets what gives out new ids. Both are
/// brought up to date first. Memory does not grow with the size of the database.
///
/// # Errors
/// [`Failure::Wrong`] when either is not a database to copy from or to, [`Failure::InUse`] when the
/// source is open elsewhere or the target cannot be reached, [`Failure::Failed`] when the target
/// holds rows, the copy fails, or a row of the copy differs. After an interruption the same call goes on.
pub fn copy_to_postgres(
    database: &Path,
    url: &str,
    options: CopyOptions,
    on: &mut dyn FnMut(Progress<'_>),
) -> Result<Copied> {
    if !is_postgres(url) {
        return Err(Failure::wrong("the target must be postgres://user@host/name"));
    }
    let mut source = file::open(database)?;
    let _alone = file::alone(database)?;
    hold_source(&mut source, database)?;
    let mut target = open_target(url)?;
    let plan = schema::read(&mut source, &mut target)?;
    let identity = std::fs::canonicalize(database).map_err(Failure::while_doing("the source"))?.display().to_string();
    let mut copying = Copying { source, target, plan, batch_rows: options.batch_rows.max(1), identity };
    let mut done = copying.done_before(options.start_over, on)?;
    loop {
        match copying.copy(&done, on) {
            Ok(()) => break,
            Err(Stop::SourceChanged) => {
                on(Progress::Said("the source is not what the interrupted copy has copied: starting over"));
                done = copying.start_over()?;
            }
            Err(Stop::Failed(failure)) => return Err(failure),
        }
    }
    let tables = copying.compare(on)?;
    copying.finish(on)?;
    Ok(Copied { tables })
}

/// Whether the database is the target of a copy that was interrupted: it must not be used.
///
/// # Errors
/// [`crm_core::Error::Unavailable`] when the database is away.
pub fn holds_unfinished_copy(db: &Db) -> crm_core::Result<bool> {
    db.read(|conn| match conn {
        Conn::Sqlite(_) => Ok(false),
        Conn::Pg(conn) => Ok(progress::is_there(conn)?),
    })
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// Brings the source up to date and lets nobody write to it, not even programs that are not this one.
fn hold_source(source: &mut SqliteConnection, database: &Path) -> Result<()> {
    if let Some(unknown) = file::standing(source, database)?.unknown.first() {
        return Err(Failure::wrong(format!(
            "{}: was written by a newer version of this program (it has the migration {unknown}); use that one",
            shown(database)
        )));
    }
    migrations::migrate_sqlite(source).map_err(Failure::while_doing(database.display().to_string()))?;
    source
        .batch_execute("PRAGMA cache_size = -65536; BEGIN IMMEDIATE")
        .map_err(|error| Failure::in_use(format!("{}: {error}", shown(database))))
}

fn open_target(url: &str) -> Result<PgConnection> {
    let join = if url.contains('?') { '&' } else { '?' };
    let mut target = PgConnection::establish(&format!("{url}{join}connect_timeout=10&client_encoding=UTF8"))
        .map_err(|error| Failure::in_use(format!("the target cannot be opened: {error}")))?;
    target.batch_execute(
        "SET TIME ZONE 'UTC'; SET DateStyle = 'ISO'; SET extra_float_digits = 1; SET statement_timeout = 0; \
         SET idle_in_transaction_session_timeout = 0; SET lock_timeout = 10000; SET client_min_messages = warning; \
         SET synchronous_commit = off",
    )?;
    if let Some(name) = target_is_foreign(&mut target)? {
        return Err(Failure::failed(format!("the target belongs to another program: it has a table {name}")));
    }
    let migrated = Db::open_with(url, Options { pool_size: 1, ..Options::default() }).and_then(|db| db.migrate());
    migrated.map_err(|error| match error {
        crm_core::Error::Internal(cause) => {
            Failure::failed(format!("the target cannot be brought up to date: {cause}"))
        }
        _ => Failure::in_use("the target does not answer"),
    })?;
    match migrations::postgres_standing(&mut target)?.unknown.first() {
        Some(unknown) => Err(Failure::wrong(format!("the target has the migration {unknown} of a newer version"))),
        None => Ok(target),
    }
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

/// A table of somebody else's, where this program has never been.
fn target_is_foreign(target: &mut PgConnection) -> Result<Option<String>> {
    let tables: Vec<Name> = diesel::sql_query(
        "SELECT table_name::text AS name FROM information_schema.tables \
         WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name",
    )
    .load(target)?;
    let is_ours = tables.iter().any(|table| table.name == "__diesel_schema_migrations");
    Ok(tables.into_iter().next().filter(|_| !is_ours).map(|table| table.name))
}

struct Copying {
    source: SqliteConnection,
    target: PgConnection,
    plan: Plan,
    batch_rows: usize,
    /// What the target remembers the source by.
    identity: String,
}

impl Copying {
    /// What an earlier run has done; else makes a beginning in a target that must be empty.
    fn done_before(&mut self, start_over: bool, on: &mut dyn FnMut(Progress<'_>)) -> Result<Vec<Done>> {
        let done = progress::find(&mut self.target)?;
        if let Some(other) = done.iter().find(|done| done.source != self.identity) {
            return Err(Failure::failed(format!(
                "the target holds an unfinished copy of another database, {}; copy into an empty one",
                other.source
            )));
        }
        let knows = |name: &String| done.iter().any(|done| done.table_name == *name);
        let tables = self.plan.tables.iter().map(|table| &table.name).chain(&self.plan.searches);
        if done.is_empty() {
            self.refuse_rows()?;
        } else if !start_over && tables.clone().all(knows) && tables.count() == done.len() {
            on(Progress::Said("going on with the copy that was interrupted"));
            return Ok(done);
        } else {
            on(Progress::Said("starting over"));
        }
        self.start_over()
    }

    fn start_over(&mut self) -> Result<Vec<Done>> {
        progress::start(&mut self.target, &self.identity, &self.plan)
    }

    /// A target that may be emptied has the rows that the migrations made, and no others.
    fn refuse_rows(&mut self) -> Result<()> {
        let mut fresh = SqliteConnection::establish(":memory:").map_err(Failure::while_doing("an empty database"))?;
        migrations::migrate_sqlite(&mut fresh).map_err(Failure::while_doing("an empty database"))?;
        for table in &self.plan.tables {
            if let Compared::Different(_) = compare::compare(&mut fresh, &mut self.target, table, &mut |_| ())? {
                return Err(Failure::failed(format!(
                    "the target holds rows already (in {}); copy into an empty database",
                    table.name
                )));
            }
        }
        Ok(())
    }

    fn copy(&mut self, done: &[Done], on: &mut dyn FnMut(Progress<'_>)) -> Result<(), Stop> {
        let of = |name: &str| {
            let done = done.iter().find(|done| done.table_name == name).cloned();
            done.ok_or_else(|| Failure::failed(format!("{name}: not begun")))
        };
        for table in &self.plan.tables {
            let done = of(&table.name)?;
            rows::copy(&mut self.source, &mut self.target, table, &done, self.batch_rows, on)
                .map_err(|stop| stop.in_table(&table.name))?;
        }
        for name in &self.plan.searches {
            let before = of(name)?;
            if before.is_complete {
                continue;
            }
            let source = &mut self.source;
            let copied = self.target.transaction::<_, Failure, _>(|target| {
                let documents = search::copy(source, target, name, on)?;
                let row_count = i64::try_from(documents).unwrap_or(i64::MAX);
                progress::advance(target, &before, &Done { row_count, is_complete: true, ..before.clone() })
            });
            copied.map_err(|failure| Stop::Failed(failure).in_table(name))?;
        }
        Ok(())
    }

    fn compare(&mut self, on: &mut dyn FnMut(Progress<'_>)) -> Result<Vec<CopiedTable>> {
        let differs = |what: String| {
            Failure::failed(format!("the copy differs from its source: {what}; copy again with --start-over"))
        };
        on(Progress::Doing("comparing every row"));
        let mut copied = Vec::new();
        for table in &self.plan.tables {
            let (rows, checksum) = match compare::compare(&mut self.source, &mut self.target, table, on)? {
                Compared::Equal(rows, checksum) => (rows, Some(checksum.to_string())),
                Compared::Different(what) => return Err(differs(what)),
            };
            copied.push(CopiedTable { name: table.name.clone(), rows, checksum });
        }
        for name in &self.plan.searches {
            let rows = search::compare(&mut self.source, &mut self.target, name, on)?.map_err(differs)?;
            copied.push(CopiedTable { name: name.clone(), rows, checksum: None });
        }
        Ok(copied)
    }

    /// New rows get the ids after the last; the planner knows the tables; nothing says any more that
    /// this was a copy.
    fn finish(&mut self, on: &mut dyn FnMut(Progress<'_>)) -> Result<()> {
        on(Progress::Doing("finishing"));
        let plan = &self.plan;
        self.target.transaction::<_, Failure, _>(|target| {
            target.batch_execute("SET LOCAL synchronous_commit = on; ANALYZE")?;
            for table in &plan.tables {
                for column in table.columns.iter().filter(|column| column.is_identity) {
                    let (table, column) = (quoted(&table.name), &column.name);
                    diesel::sql_query(format!(
                        "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), \
                         (SELECT coalesce(max({}), 0) + 1 FROM {table}), false)",
                        quoted(column)
                    ))
                    .execute(target)?;
                }
            }
            progress::end(target)
        })
    }
}
