//! Exporting: the rows of a list become a file.

use std::io::Write;

use crm_core::{Caller, Error, Result};
use crm_db::audit::Deed;
use serde::Serialize;

use crate::Exchange;
use crate::subject::{self, Column, Shown, Subject};
use crate::write::{Format, Out, SHEET_ROWS_MAX, Writer};

/// Rows per page: no connection is held while they are written.
const PAGE: i64 = 500;

/// By which of its names a column is headed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Headers {
    /// What people call it; numbers that stand for words are written as those.
    #[default]
    Chinese,
    /// What the API calls it; values as the API has them.
    Api,
}

/// What is to be exported, and how.
#[derive(Clone, Debug)]
pub struct Export<S: Subject> {
    /// The list.
    pub filter: S::Filter,
    /// What kind of file.
    pub format: Format,
    /// By what the columns are headed.
    pub headers: Headers,
}

impl<S: Subject> Export<S> {
    /// This list, as a CSV file with Chinese headers.
    pub fn new(filter: S::Filter) -> Self {
        Self { filter, format: Format::default(), headers: Headers::default() }
    }
}

/// An export that has begun: its first rows are read.
pub struct Exported<S: Subject> {
    exchange: Exchange,
    caller: Caller,
    export: Export<S>,
    first: Vec<S::Record>,
    /// How many rows there are, where somebody wants to know.
    total: Option<i64>,
}

#[derive(Serialize)]
struct Noted {
    rows: i64,
    format: &'static str,
    complete: bool,
}

impl Exchange {
    /// Begins an export: exactly the rows that the caller's list would show under this filter, masked
    /// as there. What the caller may not do, and a database that is away, is told here and not in the
    /// middle of a file.
    ///
    /// # Errors
    /// As the list; [`Error::Invalid`] on `format` for more rows than a sheet has.
    pub fn export<S: Subject>(&self, caller: &Caller, export: Export<S>) -> Result<Exported<S>> {
        S::admit(caller)?;
        let counts = export.format == Format::Xlsx || self.watch.is_on();
        let total = if counts { Some(S::total(self, caller, &export.filter)?) } else { None };
        if export.format == Format::Xlsx && total.is_some_and(|total| total >= SHEET_ROWS_MAX) {
            return Err(Error::invalid("format", "超过xlsx的最大行数1048575,请导出csv"));
        }
        let first = self.db.read(|conn| S::rows(conn, caller, &export.filter, None, PAGE))?;
        Ok(Exported { exchange: self.clone(), caller: caller.clone(), export, first, total })
    }
}

impl<S: Subject> Exported<S> {
    /// Writes the file and, with the number of rows, the audit row; an export that fails on the way
    /// leaves one too. The last bytes are given only when the audit row is there.
    ///
    /// # Errors
    /// What the database answers; [`Error::Internal`] when `out` fails.
    pub fn run(mut self, out: impl Write) -> Result<i64> {
        let mut rows = 0;
        let mut last = Withheld { out, kept: Vec::new() };
        let written = self.write(&mut last, &mut rows);
        let noted = self.note(rows, written.is_ok());
        written?;
        noted?;
        last.release().map_err(Error::internal)?;
        Ok(rows)
    }

    fn write(&mut self, out: impl Write, rows: &mut i64) -> Result<()> {
        let mut columns: Vec<Column<S>> = subject::columns(&self.exchange)?;
        columns.retain(|column| column.show.is_some());
        let shown = Shown { zone: self.exchange.zone, words: self.export.headers == Headers::Chinese };
        let mut writer = Writer::new(out, self.export.format)?;
        let title = |column: &Column<S>| match self.export.headers {
            Headers::Chinese => column.header.to_string(),
            Headers::Api => column.name.to_string(),
        };
        writer.row(&columns.iter().map(|column| Out::Text(title(column))).collect::<Vec<_>>())?;
        let mut page = std::mem::take(&mut self.first);
        loop {
            for record in &page {
                let cells =
                    columns.iter().map(|column| column.show.as_ref().map_or(Out::Empty, |show| show(record, &shown)));
                writer.row(&cells.collect::<Vec<_>>())?;
                *rows += 1;
            }
            let (done, of) = (u64::try_from(*rows), self.total.and_then(|total| u64::try_from(total).ok()));
            if let (Ok(done), Some(of)) = (done, of) {
                self.exchange.watch.tell(done, of.max(done));
            }
            let is_last = i64::try_from(page.len()).is_ok_and(|length| length < PAGE);
            let Some(last) = page.last().filter(|_| !is_last) else { return writer.finish() };
            let after = Some(S::place(last));
            page = self.exchange.db.read(|conn| S::rows(conn, &self.caller, &self.export.filter, after, PAGE))?;
        }
    }

    fn note(&self, rows: i64, complete: bool) -> Result<()> {
        let db = &self.exchange.db;
        let deed = Deed { caller: Some(&self.caller), action: "export", record: S::RECORD, id: None, at: db.now() };
        db.write(|conn| deed.noted(conn, &Noted { rows, format: self.export.format.word(), complete }))
    }
}

/// Keeps the last bytes back: whoever has the whole file has left an audit row.
struct Withheld<W> {
    out: W,
    kept: Vec<u8>,
}

impl<W: Write> Withheld<W> {
    fn release(&mut self) -> std::io::Result<()> {
        self.out.write_all(&self.kept)?;
        self.kept.clear();
        self.out.flush()
    }
}

impl<W: Write> Write for Withheld<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // What is written now is what is kept now; the rest goes out.
        self.out.write_all(&self.kept)?;
        self.kept.clear();
        self.kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
