//! Importing: rows of a file become records.

mod header;
mod row;
mod run;
mod slips;

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::time::Instant as Tick;

use crm_core::{Caller, Error, Problems, Result};

use crate::read::Table;
use crate::until::Until;
use crate::{Encoding, Exchange, Subject, subject};
use header::Header;
use run::Run;

/// How many of the errors a report lists one by one; the file of errors has all of them.
const LISTED: usize = 100;

/// What may become of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// A new record. With a key, a row whose key somebody has already is an error.
    #[default]
    Add,
    /// A change of the record its key names; a row whose key nobody has is an error.
    Update,
    /// A change where the key names a record, else a new one.
    Both,
}

/// What becomes of the others when a row is wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// Nothing is written: all rows are one transaction.
    #[default]
    Stop,
    /// The wrong rows are left out; the others are written in batches.
    Skip,
}

/// How far an import may go. A command has no limits, a request does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// The most rows of a file.
    pub rows: Option<u64>,
    /// The most rows of a file that is written in one transaction: on SQLite everybody else waits for
    /// it to end.
    pub rows_at_once: Option<u64>,
    /// When to stop. What is written by then stays written, if bad rows are skipped.
    pub until: Option<Tick>,
}

/// How a file is to be imported.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// What may become of a row.
    pub mode: Mode,
    /// The column by which records are matched, by either of its names; to change records the id,
    /// unless this says otherwise.
    pub key: Option<String>,
    /// What becomes of the others when a row is wrong.
    pub on_error: OnError,
    /// Everything is checked as if it were written, and nothing is. Rows of a large file are checked
    /// in batches, each against the database as it is.
    pub dry_run: bool,
    /// Whether an empty cell clears the field it stands for; else it says nothing.
    pub clear_empty: bool,
    /// Whether an organization that is missing is entered.
    pub create_missing: bool,
    /// How the text of a CSV file is encoded.
    pub encoding: Encoding,
    /// Headers of the file, and the columns (by either name) they stand for; an empty one is left out.
    pub columns: Vec<(String, String)>,
    /// How far it may go.
    pub limits: Limits,
}

/// What is wrong with one field of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// The line of a CSV file, or the row of a sheet, from 1.
    pub line: u64,
    /// The API's name of the column; empty where it is the whole row.
    pub field: String,
    /// What is wrong, in Chinese.
    pub message: String,
}

/// What became of a file.
#[derive(Debug, Default)]
pub struct Report {
    /// How many rows it has; blank ones aside.
    pub rows: u64,
    /// How many became new records (or would have).
    pub added: u64,
    /// How many changed a record (or would have).
    pub updated: u64,
    /// How many were wrong.
    pub failed: u64,
    /// How many were not reached in time; they are in the file of errors too.
    pub left: u64,
    /// How many organizations were entered because rows named them.
    pub organizations_added: u64,
    /// Whether anything was written.
    pub written: bool,
    /// Headers that stand for no column.
    pub unknown_columns: Vec<String>,
    /// Headers of columns that cannot be imported, or not in this mode.
    pub ignored_columns: Vec<String>,
    /// The first hundred errors.
    pub errors: Vec<RowError>,
    /// The rows that were not written, as they stand in the file, with what is wrong in one more
    /// column 错误: CSV in UTF-8, to be put right and imported again.
    pub error_file: Option<File>,
}

impl Exchange {
    /// Imports a CSV or XLSX file; which it is, its content tells.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `file` where it cannot be read, on `key` and `columns` where it has no such
    /// columns; then nothing is written. Wrong rows are no error but in the report.
    /// [`Error::Unavailable`] where time is up before rows are written, or there is no room for the file
    /// of errors; with [`OnError::Skip`] it may come after some batches were written.
    pub fn import<S: Subject>(&self, caller: &Caller, file: File, options: &ImportOptions) -> Result<Report> {
        S::admit(caller)?;
        let (mut table, header) = self.open::<S>(&file, options)?;
        let until = Until(options.limits.until);
        let mut rows = 0;
        while table.next()?.is_some() {
            until.check()?;
            rows += 1;
        }
        check_limits(rows, options)?;
        let (table, _) = self.open::<S>(&file, options)?;
        let report = Report {
            rows,
            unknown_columns: header.unknown.clone(),
            ignored_columns: header.ignored.clone(),
            ..Report::default()
        };
        Run::new(self, caller, options, header, table, report).finish()
    }

    fn open<S: Subject>(&self, file: &File, options: &ImportOptions) -> Result<(Table, Header<S>)> {
        let mut file = file.try_clone().map_err(Error::internal)?;
        file.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
        let mut table = Table::open(file, options.encoding)?;
        let first = table.next()?.ok_or_else(|| Error::invalid("file", "文件为空"))?;
        let header = Header::of(&first, subject::columns(self)?, options)?;
        Ok((table, header))
    }
}

fn check_limits(rows: u64, options: &ImportOptions) -> Result<()> {
    let mut problems = Problems::default();
    if rows == 0 {
        problems.push("file", "没有数据行");
    }
    if let Some(most) = options.limits.rows.filter(|most| rows > *most) {
        problems.push("file", format!("有{rows}行,最多{most}行:请分成几个文件,或用命令行导入"));
    }
    let at_once = options.limits.rows_at_once.filter(|_| options.on_error == OnError::Stop && !options.dry_run);
    // The same limit is told once.
    let is_told = |most: u64| options.limits.rows.is_some_and(|rows_max| rows > rows_max && rows_max <= most);
    if let Some(most) = at_once.filter(|most| rows > *most && !is_told(*most)) {
        problems.push(
            "on_error",
            format!("有{rows}行,超过{most}行不能作为一个整体导入:请用skip跳过有误的行,或用命令行导入"),
        );
    }
    problems.finish()
}
