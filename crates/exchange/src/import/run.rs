//! One import: batches of rows, each checked and written.

use std::collections::VecDeque;
use std::time::{Duration, Instant as Tick};

use crm_core::{Caller, Error, Instant, Problems, Result};
use crm_db::Conn;
use crm_db::audit::Deed;
use crm_db::counters::Totals;
use diesel::Connection;
use serde::Serialize;

use super::header::Header;
use super::row::Became;
use super::slips::Slips;
use super::{ImportOptions, LISTED, OnError, Report, RowError};
use crate::Exchange;
use crate::read::{Row, Table};
use crate::subject::{Names, Subject};
use crate::until::Until;

/// The most rows of a batch.
const BATCH: usize = 200;
/// How long a batch may take before it is written as far as it is: others wait for it.
const BATCH_TIME: Duration = Duration::from_millis(300);
/// How long others are let in between two batches: they wait in line for the one writer of SQLite, and
/// whoever gives it back and takes it at once is never behind them.
const PAUSE: Duration = Duration::from_millis(5);
/// How often a batch is tried that came into conflict with other writers.
const TRIES: u32 = 4;

/// One import.
pub(super) struct Run<'a, S: Subject> {
    pub(super) exchange: &'a Exchange,
    pub(super) caller: &'a Caller,
    pub(super) options: &'a ImportOptions,
    pub(super) header: Header<S>,
    pub(super) table: Table,
    pub(super) names: Names,
    until: Until,
    slips: Slips,
    /// How many rows were dealt with.
    seen: u64,
    report: Report,
}

/// What a batch did so far.
#[derive(Default)]
struct Done {
    rows: usize,
    added: u64,
    updated: u64,
    organizations: i64,
    /// What it changes in the totals.
    totals: Totals,
    bad: Vec<(usize, Problems)>,
}

#[derive(Serialize)]
struct Imported<'a> {
    rows: u64,
    added: u64,
    updated: u64,
    failed: u64,
    left: u64,
    #[serde(skip_serializing_if = "is_zero")]
    organizations_added: u64,
    on_error: &'a str,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl<'a, S: Subject> Run<'a, S> {
    pub(super) fn new(
        exchange: &'a Exchange,
        caller: &'a Caller,
        options: &'a ImportOptions,
        header: Header<S>,
        table: Table,
        report: Report,
    ) -> Self {
        let missing = options.create_missing.then(|| exchange.organizations.clone());
        let until = Until(options.limits.until);
        let names = Names::new(missing, exchange.db.now(), until);
        let slips = Slips::new(header.titles.clone(), header.errors);
        Self { exchange, caller, options, header, table, names, until, slips, seen: 0, report }
    }

    pub(super) fn finish(mut self) -> Result<Report> {
        match (self.options.on_error, self.options.dry_run) {
            (OnError::Stop, false) => self.at_once()?,
            (OnError::Skip, _) | (OnError::Stop, true) => self.in_batches()?,
        }
        self.report.error_file = self.slips.finish()?;
        Ok(self.report)
    }

    /// All rows in one transaction, undone if any is wrong.
    fn at_once(&mut self) -> Result<()> {
        let db = self.exchange.db.clone();
        let mut undone = false;
        let outcome = db.write(|conn| {
            let mut totals = Totals::default();
            while let Some(row) = self.table.next()? {
                self.until.check()?;
                let mut rows = VecDeque::from([row]);
                let mut done = self.batch(conn, &rows, self.exchange.db.now())?;
                totals.merge(std::mem::take(&mut done.totals));
                self.account(&mut rows, done)?;
            }
            self.until.check()?;
            if self.report.failed > 0 {
                undone = true;
                return Err(Error::Stale);
            }
            let organizations = self.names.take_entered();
            self.report.organizations_added = u64::try_from(organizations).unwrap_or_default();
            self.note(conn)?;
            totals.keep(conn)
        });
        match outcome {
            Err(_) if undone => {
                (self.report.added, self.report.updated) = (0, 0);
                Ok(())
            }
            outcome => {
                self.report.written = outcome.is_ok();
                outcome
            }
        }
    }

    /// Batch by batch, each a transaction of its own: wrong rows are left out. What was written before
    /// a failure stays, and is noted.
    fn in_batches(&mut self) -> Result<()> {
        let outcome = self.each_batch();
        self.report.written = !self.options.dry_run && self.report.added + self.report.updated > 0;
        if self.options.dry_run || (outcome.is_err() && !self.report.written) {
            return outcome;
        }
        if outcome.is_err() {
            self.report.left = self.report.rows.saturating_sub(self.seen);
        }
        let noted = self.exchange.db.clone().write(|conn| self.note(conn));
        outcome.and(noted)
    }

    fn each_batch(&mut self) -> Result<()> {
        let mut waiting: VecDeque<Row> = VecDeque::new();
        loop {
            while waiting.len() < BATCH {
                match self.table.next()? {
                    Some(row) => waiting.push_back(row),
                    None => break,
                }
            }
            if waiting.is_empty() {
                return Ok(());
            }
            if self.until.is_past() {
                return self.leave(waiting);
            }
            let done = match self.try_batch(&waiting) {
                // It ran out within the first row.
                Err(Error::Unavailable) if self.until.is_past() => return self.leave(waiting),
                done => done?,
            };
            self.account(&mut waiting, done)?;
            std::thread::sleep(PAUSE);
        }
    }

    /// A batch, tried again when it came into conflict with others who write.
    fn try_batch(&mut self, rows: &VecDeque<Row>) -> Result<Done> {
        let db = self.exchange.db.clone();
        let mut attempt = 1;
        loop {
            let mut checked = None;
            let outcome = db.write(|conn| {
                let mut done = self.batch(conn, rows, db.now())?;
                if self.options.dry_run {
                    self.names.undone_to(0);
                    checked = Some(done);
                    // Nothing of it is to stay.
                    return Err(Error::Stale);
                }
                done.organizations = self.names.take_entered();
                done.totals.keep(conn)?;
                Ok(done)
            });
            match (outcome, checked) {
                (Err(Error::Stale), Some(done)) => return Ok(done),
                (Err(Error::Unavailable), _) if attempt < TRIES && !self.until.is_past() => {
                    self.names.undone_to(-1);
                    self.names.take_entered();
                    std::thread::sleep(Duration::from_millis(50) * attempt);
                    attempt += 1;
                }
                (outcome, _) => return outcome,
            }
        }
    }

    /// As many of these rows as there is time for, at least one.
    fn batch(&mut self, conn: &mut Conn, rows: &VecDeque<Row>, now: Instant) -> Result<Done> {
        let started = Tick::now();
        let mut done = Done::default();
        for row in rows {
            if done.rows > 0 && (started.elapsed() > BATCH_TIME || self.until.is_past()) {
                break;
            }
            let entered = self.names.entered();
            // A row that fails leaves nothing behind.
            let outcome = conn.transaction(|conn| self.row(conn, row, now));
            let totals = std::mem::take(&mut self.names.totals);
            if outcome.is_ok() {
                done.totals.merge(totals);
            }
            match outcome {
                Ok(Became::Added) => done.added += 1,
                Ok(Became::Updated) => done.updated += 1,
                Err(error) => {
                    self.names.undone_to(entered);
                    done.bad.push((done.rows, row_problems(error)?));
                }
            }
            done.rows += 1;
        }
        Ok(done)
    }

    /// Takes what became of the first rows into the report.
    fn account(&mut self, rows: &mut VecDeque<Row>, done: Done) -> Result<()> {
        self.seen += u64::try_from(done.rows).unwrap_or_default();
        self.exchange.watch.tell(self.seen, self.report.rows);
        self.report.added += done.added;
        self.report.updated += done.updated;
        self.report.organizations_added += u64::try_from(done.organizations).unwrap_or_default();
        let mut bad = done.bad.into_iter().peekable();
        for (place, row) in rows.drain(..done.rows).enumerate() {
            if let Some((_, problems)) = bad.next_if(|(at, _)| *at == place) {
                self.refuse(&row, &problems)?;
            }
        }
        Ok(())
    }

    fn refuse(&mut self, row: &Row, problems: &Problems) -> Result<()> {
        self.report.failed += 1;
        let columns = &self.header.all;
        let mut why = Vec::new();
        for error in problems.iter() {
            let header = columns.iter().find(|column| column.name == error.field).map(|column| &*column.header);
            let name = header.unwrap_or(&error.field);
            why.push(if name.is_empty() { error.message.clone() } else { format!("{name} {}", error.message) });
            if self.report.errors.len() < LISTED {
                self.report.errors.push(RowError {
                    line: row.line,
                    field: error.field.clone(),
                    message: error.message.clone(),
                });
            }
        }
        self.slips.add(row, &format!("第{}行:{}", row.line, why.join(";")))
    }

    /// Time is up: the rest is left for another import.
    fn leave(&mut self, waiting: VecDeque<Row>) -> Result<()> {
        for row in waiting {
            self.report.left += 1;
            self.slips.add(&row, "未处理:超时")?;
        }
        while let Some(row) = self.table.next()? {
            self.report.left += 1;
            self.slips.add(&row, "未处理:超时")?;
        }
        Ok(())
    }

    /// Besides each record's own row, the audit trail has one of the import.
    fn note(&self, conn: &mut Conn) -> Result<()> {
        let Report { rows, added, updated, failed, left, organizations_added, .. } = self.report;
        let on_error = match self.options.on_error {
            OnError::Stop => "stop",
            OnError::Skip => "skip",
        };
        let at = self.exchange.db.now();
        Deed { caller: Some(self.caller), action: "import", record: S::RECORD, id: None, at }
            .noted(conn, &Imported { rows, added, updated, failed, left, organizations_added, on_error })
    }
}

/// What is wrong with a row; what is wrong with more than the row ends the import.
fn row_problems(error: Error) -> Result<Problems> {
    let mut problems = Problems::default();
    match error {
        Error::Invalid(found) => return Ok(found),
        Error::Conflict { field, message } => problems.push(field, message),
        Error::Forbidden | Error::NotFound(_) | Error::Stale => problems.push("", error.to_string()),
        error => return Err(error),
    }
    Ok(problems)
}
