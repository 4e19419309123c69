//! Both sides of a table, row by row.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::super::{Progress, Result};
use super::row::{Cells, Checksum, SourceRow, TargetRow};
use super::schema::Table;

const BATCH: u16 = 2_000;

/// What two equal tables have in common, or where they differ first.
pub(super) enum Compared {
    Equal(u64, Checksum),
    Different(String),
}

/// Compares every column of every row.
pub(super) fn compare(
    source: &mut SqliteConnection,
    target: &mut PgConnection,
    table: &Table,
    on: &mut dyn FnMut(Progress<'_>),
) -> Result<Compared> {
    let (mut ours, mut theirs) = (Checksum::default(), Checksum::default());
    let mut done = 0;
    target.transaction(|target| {
        let mut there = Cursor::open(target, table)?;
        for row in diesel::sql_query(table.select_from_source()).load_iter::<SourceRow, _>(source)? {
            let row = row?.cells(table);
            let Some(other) = there.next()? else {
                return Ok(Compared::Different(format!("{}: {} is not in the copy", table.name, row.name(table))));
            };
            ours.add(&row);
            theirs.add(&other);
            if ours != theirs {
                return Ok(Compared::Different(difference(table, &row, &other)));
            }
            done += 1;
            if done % u64::from(BATCH) == 0 && done < table.rows {
                on(Progress::Rows { doing: "comparing", table: &table.name, done, of: table.rows });
            }
        }
        if let Some(other) = there.next()? {
            let name = other.name(table);
            return Ok(Compared::Different(format!("{}: {name} is in the copy alone", table.name)));
        }
        there.close()?;
        Ok(Compared::Equal(done, ours))
    })
}

/// Names the row and the columns, never what is in them.
fn difference(table: &Table, row: &Cells, other: &Cells) -> String {
    let (ours, theirs) = (row.name(table), other.name(table));
    if ours != theirs {
        return format!("{}: {ours} in the source stands where the copy has {theirs}", table.name);
    }
    let columns = table.columns.iter().zip(row.0.iter().zip(&other.0)).filter(|(_, (one, other))| one != other);
    let columns: Vec<&str> = columns.map(|(column, _)| column.name.as_str()).collect();
    format!("{}: {ours} differs in {}", table.name, columns.join(", "))
}

/// The rows of the target's table, a batch at a time.
struct Cursor<'a> {
    target: &'a mut PgConnection,
    table: &'a Table,
    batch: std::vec::IntoIter<TargetRow>,
}

impl<'a> Cursor<'a> {
    fn open(target: &'a mut PgConnection, table: &'a Table) -> Result<Self> {
        target.batch_execute(&format!("DECLARE copy_rows CURSOR FOR {}", table.select_from_target()))?;
        Ok(Self { target, table, batch: Vec::new().into_iter() })
    }

    fn next(&mut self) -> Result<Option<Cells>> {
        if self.batch.len() == 0 {
            let fetch = diesel::sql_query(format!("FETCH {BATCH} FROM copy_rows"));
            self.batch = fetch.load::<TargetRow>(self.target)?.into_iter();
        }
        Ok(self.batch.next().map(|row| row.cells(self.table)))
    }

    fn close(self) -> Result<()> {
        Ok(self.target.batch_execute("CLOSE copy_rows")?)
    }
}
