//! One import: batches of rows, each checked and written.

use std::collections::VecDeque;
use std::time::{Duration, Instant as Tick};

use crm_core::{Caller, Error, Instant, Problems, Result};
use crm_db::Conn;
use crm_db::audit::Deed;
use diesel::Connection;
use serde::Serialize;

use super::header::Header;
use super::slips::Slips;
use super::{ImportOptions, LISTED, Mode, OnError, Report, RowError};
use crate::Exchange;
use crate::read::{Cell, Row, Table};
use crate::subject::{Field, ID, Names, Subject};

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
    exchange: &'a Exchange,
    caller: &'a Caller,
    options: &'a ImportOptions,
    header: Header<S>,
    table: Table,
    names: Names,
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
    bad: Vec<(usize, Problems)>,
}

enum Became {
    Added,
    Updated,
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
        let names = Names::new(missing, exchange.db.now());
        let slips = Slips::new(header.titles.clone());
        Self { exchange, caller, options, header, table, names, slips, seen: 0, report }
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
            let mut entered = 0;
            while let Some(row) = self.table.next()? {
                if self.is_late() {
                    return Err(Error::Unavailable);
                }
                let mut rows = VecDeque::from([row]);
                let done = self.batch(conn, &rows, self.exchange.db.now())?;
                entered += i64::try_from(done.added).unwrap_or_default();
                self.account(&mut rows, done)?;
            }
            if self.report.failed > 0 {
                undone = true;
                return Err(Error::Stale);
            }
            let organizations = self.names.take_entered();
            self.report.organizations_added = u64::try_from(organizations).unwrap_or_default();
            self.note(conn)?;
            self.count(conn, entered, organizations)
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

    /// Batch by batch, each a transaction of its own: wrong rows are left out.
    fn in_batches(&mut self) -> Result<()> {
        let mut waiting: VecDeque<Row> = VecDeque::new();
        loop {
            while waiting.len() < BATCH {
                match self.table.next()? {
                    Some(row) => waiting.push_back(row),
                    None => break,
                }
            }
            if waiting.is_empty() {
                break;
            }
            if self.is_late() {
                self.leave(waiting)?;
                break;
            }
            let done = self.try_batch(&waiting)?;
            self.account(&mut waiting, done)?;
            std::thread::sleep(PAUSE);
        }
        self.report.written = !self.options.dry_run && self.report.added + self.report.updated > 0;
        if self.options.dry_run { Ok(()) } else { self.exchange.db.clone().write(|conn| self.note(conn)) }
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
                self.count(conn, i64::try_from(done.added).unwrap_or_default(), done.organizations)?;
                Ok(done)
            });
            match (outcome, checked) {
                (Err(Error::Stale), Some(done)) => return Ok(done),
                (Err(Error::Unavailable), _) if attempt < TRIES && !self.is_late() => {
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
            if done.rows > 0 && started.elapsed() > BATCH_TIME {
                break;
            }
            let entered = self.names.entered();
            // A row that fails leaves nothing behind.
            match conn.transaction(|conn| self.row(conn, row, now)) {
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

    fn row(&mut self, conn: &mut Conn, row: &Row, now: Instant) -> Result<Became> {
        self.check_width(row)?;
        let target = self.target(conn, row)?;
        let mut input = S::Input::default();
        let mut problems = Problems::default();
        for (place, column) in &self.header.columns {
            let text = match row.cells.get(*place) {
                Some(Cell::Text(text)) => text.as_str(),
                Some(Cell::Bad(_, why)) => {
                    problems.push(&column.name, *why);
                    continue;
                }
                None => "",
            };
            let (false, Some(read)) = (text.is_empty() && !self.options.clear_empty, &column.read) else { continue };
            let mut field = Field {
                name: &column.name,
                text,
                zone: self.exchange.zone,
                problems: &mut problems,
                names: &mut self.names,
                conn,
                caller: self.caller,
            };
            read(&mut input, &mut field)?;
        }
        S::problems(&mut input).merge(problems);
        match target {
            Some(id) => {
                S::update(self.exchange, conn, self.caller, id, input, now)?;
                Ok(Became::Updated)
            }
            None => {
                S::create(self.exchange, conn, self.caller, input, now)?;
                Ok(Became::Added)
            }
        }
    }

    /// A row that has fewer cells than the header, or more, is not what was meant.
    fn check_width(&self, row: &Row) -> Result<()> {
        let width = self.header.titles.len();
        let more = row.cells.iter().skip(width).any(|cell| !cell.shown().is_empty());
        if more {
            return Err(Error::invalid("", "列数多于表头"));
        }
        let is_short = matches!(self.table, Table::Csv(_)) && row.cells.len() < width;
        if is_short { Err(Error::invalid("", "列数少于表头")) } else { Ok(()) }
    }

    /// The record this row is about; `None`: a new one.
    fn target(&mut self, conn: &mut Conn, row: &Row) -> Result<Option<S::Id>> {
        let Some((key, place)) = self.header.key else { return Ok(None) };
        let text = row.cells.get(place).map(Cell::shown).unwrap_or_default();
        if text.trim().is_empty() {
            return if self.options.mode == Mode::Update { Err(Error::invalid(key, "不能为空")) } else { Ok(None) };
        }
        if key == ID {
            let id = crate::subject::id(text.trim()).ok_or_else(|| Error::invalid(ID, "应为正整数"))?;
            // Somebody else's database has other ids: to a new record they say nothing.
            return Ok((self.options.mode != Mode::Add).then_some(id));
        }
        let found = S::matching(conn, self.caller, key, text)?;
        match (found.as_slice(), self.options.mode) {
            ([], Mode::Add | Mode::Both) => Ok(None),
            ([], Mode::Update) => Err(Error::invalid(key, format!("不存在:{text}"))),
            ([one], Mode::Add) => Err(Error::invalid(key, format!("已存在,编号{one}"))),
            ([one], Mode::Update | Mode::Both) => Ok(Some(*one)),
            _ => Err(Error::invalid(key, format!("有多条匹配的记录:{text}"))),
        }
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

    fn is_late(&self) -> bool {
        self.options.limits.until.is_some_and(|until| Tick::now() >= until)
    }

    /// The totals come last: others who enter records wait for these rows.
    fn count(&self, conn: &mut Conn, entered: i64, organizations: i64) -> Result<()> {
        S::count_created(self.exchange, conn, entered)?;
        if organizations > 0 {
            self.exchange.organizations.count_created(conn, organizations)?;
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
