//! The rows of one table, written in batches, each in a transaction with how far the table is.

use diesel::connection::SimpleConnection;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text};

use super::super::{Failure, Progress};
use super::progress::{self, Done};
use super::row::{Cells, Checksum, SourceRow};
use super::schema::{Table, quoted};

const BATCH_BYTES: usize = 8 << 20;

/// Why a table was not copied.
pub(super) enum Stop {
    /// The rows that an earlier run copied are not what the source has now.
    SourceChanged,
    Failed(Failure),
}

impl Stop {
    /// Says in which table.
    pub(super) fn in_table(self, name: &str) -> Self {
        match self {
            Self::Failed(Failure::Failed(text)) => Self::Failed(Failure::Failed(format!("{name}: {text}"))),
            other => other,
        }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<diesel::result::Error> for Stop {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Copies what the target lacks of a table.
pub(super) fn copy(
    source: &mut SqliteConnection,
    target: &mut PgConnection,
    table: &Table,
    done: &Done,
    batch_rows: usize,
    on: &mut dyn FnMut(Progress<'_>),
) -> Result<(), Stop> {
    let mut writer = Writer { table, done: done.clone(), batch: Batch::new(table), batch_rows };
    if table.loops.is_empty() {
        return writer.run(source, target, on);
    }
    // A row may refer to one that comes later, perhaps in another batch: the references are looked
    // at when all rows are there, and so all rows are one transaction.
    target.transaction(|target| {
        alter_loops(target, table, "DEFERRABLE INITIALLY DEFERRED")?;
        writer.run(source, target, on)?;
        target.batch_execute("SET CONSTRAINTS ALL IMMEDIATE")?;
        alter_loops(target, table, "NOT DEFERRABLE")?;
        Ok(())
    })
}

fn alter_loops(target: &mut PgConnection, table: &Table, how: &str) -> QueryResult<()> {
    for name in &table.loops {
        let (table, name) = (quoted(&table.name), quoted(name));
        target.batch_execute(&format!("ALTER TABLE {table} ALTER CONSTRAINT {name} {how}"))?;
    }
    Ok(())
}

struct Writer<'a> {
    table: &'a Table,
    done: Done,
    batch: Batch,
    batch_rows: usize,
}

impl Writer<'_> {
    fn run(
        &mut self,
        source: &mut SqliteConnection,
        target: &mut PgConnection,
        on: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), Stop> {
        let table = self.table;
        let (before, mut seen, mut checksum) = (self.done.row_count, 0, Checksum::default());
        self.still_equal(before == 0, &checksum)?;
        for row in diesel::sql_query(table.select_from_source()).load_iter::<SourceRow, _>(source)? {
            let row = row?.cells(table);
            checksum.add(&row);
            seen += 1;
            if seen <= before {
                self.still_equal(seen == before, &checksum)?;
                continue;
            }
            if self.done.is_complete {
                return Err(Stop::SourceChanged);
            }
            self.batch.add(row);
            if self.batch.rows >= self.batch_rows || self.batch.bytes >= BATCH_BYTES {
                self.write(target, seen, &checksum, false)?;
                on(self.progress());
            }
        }
        if seen < before {
            return Err(Stop::SourceChanged);
        }
        if !self.done.is_complete {
            self.write(target, seen, &checksum, true)?;
        }
        on(self.progress());
        Ok(())
    }

    fn progress(&self) -> Progress<'_> {
        let done = u64::try_from(self.done.row_count).unwrap_or(0);
        Progress::Rows { doing: "copying", table: &self.table.name, done, of: self.table.rows }
    }

    /// At the last row that an earlier run copied, everything up to it must be as it was.
    fn still_equal(&self, is_last: bool, checksum: &Checksum) -> Result<(), Stop> {
        match is_last && checksum.to_string() != self.done.checksum {
            true => Err(Stop::SourceChanged),
            false => Ok(()),
        }
    }

    fn write(
        &mut self,
        target: &mut PgConnection,
        row_count: i64,
        checksum: &Checksum,
        is_complete: bool,
    ) -> Result<(), Failure> {
        let after = Done { row_count, checksum: checksum.to_string(), is_complete, ..self.done.clone() };
        let batch = std::mem::replace(&mut self.batch, Batch::new(self.table));
        target.transaction::<_, Failure, _>(|target| {
            batch.insert(target, self.table)?;
            progress::advance(target, &self.done, &after)
        })?;
        self.done = after;
        Ok(())
    }
}

/// Rows, column by column.
struct Batch {
    columns: Vec<Vec<Option<String>>>,
    rows: usize,
    bytes: usize,
}

impl Batch {
    fn new(table: &Table) -> Self {
        Self { columns: table.columns.iter().map(|_| Vec::new()).collect(), rows: 0, bytes: 0 }
    }

    fn add(&mut self, row: Cells) {
        self.rows += 1;
        self.bytes += row.size();
        for (column, cell) in self.columns.iter_mut().zip(row.0) {
            column.push(cell);
        }
    }

    fn insert(self, target: &mut PgConnection, table: &Table) -> QueryResult<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut insert = diesel::sql_query(table.insert_into_target()).into_boxed::<Pg>();
        for column in self.columns {
            insert = insert.bind::<Array<Nullable<Text>>, _>(column);
        }
        insert.execute(target).map(drop)
    }
}
