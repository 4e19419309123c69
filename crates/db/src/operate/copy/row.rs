//! One row, as text that is the same on both engines: what is sent, hashed and compared.

use diesel::deserialize::{FromSql, Result as Read};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::row::{Field, NamedRow, Row};
use diesel::sql_types::{BigInt, Binary, Double, Text};
use diesel::sqlite::{Sqlite, SqliteType};
use sha2::{Digest, Sha256};

use super::schema::{Kind, Table};

/// The values of a row in the order of its table's columns; `None` is NULL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cells(pub(super) Vec<Option<String>>);

/// A row of SQLite, whatever its columns.
pub(super) struct SourceRow(Vec<Option<Value>>);

enum Value {
    Integer(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

impl QueryableByName<Sqlite> for SourceRow {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> Read<Self> {
        let mut values = Vec::with_capacity(row.field_count());
        for place in 0..row.field_count() {
            let field = Row::get(row, place).ok_or("a column is missing")?;
            let Some(value) = field.value() else {
                values.push(None);
                continue;
            };
            values.push(Some(match value.value_type() {
                Some(SqliteType::Text) => Value::Text(FromSql::<Text, Sqlite>::from_sql(value)?),
                Some(SqliteType::Double) => Value::Real(FromSql::<Double, Sqlite>::from_sql(value)?),
                Some(SqliteType::Binary) => Value::Bytes(FromSql::<Binary, Sqlite>::from_sql(value)?),
                _ => Value::Integer(FromSql::<BigInt, Sqlite>::from_sql(value)?),
            }));
        }
        Ok(Self(values))
    }
}

impl SourceRow {
    /// The values as text that PostgreSQL reads.
    pub(super) fn cells(self, table: &Table) -> Cells {
        let cells = self.0.into_iter().zip(&table.columns);
        Cells(cells.map(|(value, column)| value.map(|value| same(column.kind, value.text()))).collect())
    }
}

impl Value {
    fn text(self) -> String {
        match self {
            Self::Integer(number) => number.to_string(),
            Self::Real(number) => format!("{number:?}"),
            Self::Text(text) => text,
            Self::Bytes(bytes) => bytes.iter().fold("\\x".to_owned(), |text, byte| text + &format!("{byte:02x}")),
        }
    }
}

/// A row of PostgreSQL, every column of which was asked for as text.
pub(super) struct TargetRow(Vec<Option<String>>);

impl QueryableByName<Pg> for TargetRow {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> Read<Self> {
        let mut values = Vec::with_capacity(row.field_count());
        for place in 0..row.field_count() {
            let field = Row::get(row, place).ok_or("a column is missing")?;
            values.push(field.value().map(FromSql::<Text, Pg>::from_sql).transpose()?);
        }
        Ok(Self(values))
    }
}

impl TargetRow {
    pub(super) fn cells(self, table: &Table) -> Cells {
        let cells = self.0.into_iter().zip(&table.columns);
        Cells(cells.map(|(text, column)| text.map(|text| same(column.kind, text))).collect())
    }
}

/// One spelling for what the engines spell in several ways.
fn same(kind: Kind, text: String) -> String {
    match kind {
        // PostgreSQL writes 1 where SQLite has 1.0.
        Kind::Real => text.parse::<f64>().map_or(text, |number| format!("{number:?}")),
        // SQLite keeps the text it was given: fractions may end in zeros.
        Kind::Time => match text.split_once('.') {
            Some((seconds, fraction)) => match fraction.trim_end_matches('0') {
                "" => seconds.to_owned(),
                fraction => format!("{seconds}.{fraction}"),
            },
            None => text,
        },
        Kind::Boolean | Kind::Other => text,
    }
}

impl Cells {
    /// How many bytes the values take, about.
    pub(super) fn size(&self) -> usize {
        self.0.iter().map(|cell| cell.as_ref().map_or(1, |text| text.len() + 8)).sum()
    }

    /// What names the row, for a person: `id 7`.
    pub(super) fn name(&self, table: &Table) -> String {
        let of = |place: &usize| {
            let value = self.0.get(*place).cloned().flatten().unwrap_or_default();
            let column = table.columns.get(*place).map_or("", |column| &column.name);
            format!("{column} {value}")
        };
        table.key.iter().map(of).collect::<Vec<_>>().join(", ")
    }

    fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for cell in &self.0 {
            match cell {
                None => hash.update([0]),
                Some(text) => {
                    hash.update([1]);
                    hash.update(text.len().to_le_bytes());
                    hash.update(text);
                }
            }
        }
        hash.finalize().into()
    }
}

/// The checksum of rows in their order: the hash of each over the hash of those before it, so that
/// it can be gone on with after any row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Checksum([u8; 32]);

impl Checksum {
    pub(super) fn add(&mut self, row: &Cells) {
        self.0 = Sha256::new().chain_update(self.0).chain_update(row.hash()).finalize().into();
    }
}

impl std::fmt::Display for Checksum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
