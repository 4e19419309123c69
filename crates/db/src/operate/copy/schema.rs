//! Which tables there are, read from the two databases, so that a migration changes nothing here.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use super::super::{Failure, Result};

/// How a column's values are spelled (see `row`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Real,
    Time,
    Other,
}

#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// PostgreSQL's name of its type.
    kind_name: String,
    is_text: bool,
    pub(super) is_identity: bool,
}

#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// The columns of the primary key, as places in `columns`.
    pub(super) key: Vec<usize>,
    /// The names of foreign keys from the table to itself.
    pub(super) loops: Vec<String>,
    /// How many rows the source has.
    pub(super) rows: u64,
}

/// What is copied.
#[derive(Debug)]
pub(super) struct Plan {
    /// Every table after those it refers to.
    pub(super) tables: Vec<Table>,
    /// The text-search tables.
    pub(super) searches: Vec<String>,
}

/// The table of how far a copy is.
pub(super) const PROGRESS: &str = "copy_progress";

#[derive(QueryableByName)]
struct SourceTable {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    is_search: bool,
}

#[derive(QueryableByName)]
struct SourceColumn {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    key_place: i64,
}

#[derive(QueryableByName)]
struct TargetColumn {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    kind_name: String,
    #[diesel(sql_type = Bool)]
    is_identity: bool,
}

#[derive(QueryableByName)]
struct Reference {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    from_table: String,
    #[diesel(sql_type = Text)]
    to_table: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Reads what both databases have, which must be the same.
pub(super) fn read(source: &mut SqliteConnection, target: &mut PgConnection) -> Result<Plan> {
    let mut theirs = target_columns(target)?;
    let references = references(target)?;
    let (mut tables, mut searches) = (Vec::new(), Vec::new());
    for there in source_tables(source)? {
        let columns =
            theirs.remove(&there.name).ok_or_else(|| Failure::failed(format!("{}: not in the target", there.name)))?;
        if there.is_search {
            searches.push(there.name);
        } else {
            tables.push(table(source, there.name, columns, &references)?);
        }
    }
    if let Some(name) = theirs.keys().next() {
        return Err(Failure::failed(format!("{name}: a table of the target that the source does not have")));
    }
    Ok(Plan { tables: in_order(tables, &references)?, searches })
}

fn source_tables(source: &mut SqliteConnection) -> Result<Vec<SourceTable>> {
    Ok(diesel::sql_query(
        "SELECT name, type = 'virtual' AS is_search FROM pragma_table_list WHERE schema = 'main' \
         AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
         AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY name",
    )
    .load(source)?)
}

fn target_columns(target: &mut PgConnection) -> Result<BTreeMap<String, Vec<TargetColumn>>> {
    let columns: Vec<TargetColumn> = diesel::sql_query(format!(
        "SELECT c.table_name::text AS table_name, c.column_name::text AS column_name, \
         c.udt_name::text AS kind_name, c.is_identity = 'YES' AS is_identity \
         FROM information_schema.columns c \
         JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name \
         WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' \
         AND c.table_name NOT IN ('__diesel_schema_migrations', '{PROGRESS}')"
    ))
    .load(target)?;
    let mut tables: BTreeMap<String, Vec<TargetColumn>> = BTreeMap::new();
    for column in columns {
        tables.entry(column.table_name.clone()).or_default().push(column);
    }
    Ok(tables)
}

fn references(target: &mut PgConnection) -> Result<Vec<Reference>> {
    Ok(diesel::sql_query(
        "SELECT k.conname::text AS name, f.relname::text AS from_table, t.relname::text AS to_table \
         FROM pg_constraint k JOIN pg_class f ON f.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid \
         JOIN pg_namespace n ON n.oid = f.relnamespace WHERE k.contype = 'f' AND n.nspname = current_schema() \
         ORDER BY k.conname",
    )
    .load(target)?)
}

fn table(
    source: &mut SqliteConnection,
    name: String,
    theirs: Vec<TargetColumn>,
    references: &[Reference],
) -> Result<Table> {
    let ours: Vec<SourceColumn> =
        diesel::sql_query("SELECT name, CAST(pk AS BIGINT) AS key_place FROM pragma_table_info($1) ORDER BY cid")
            .bind::<Text, _>(&name)
            .load(source)?;
    let mut theirs: BTreeMap<String, TargetColumn> =
        theirs.into_iter().map(|column| (column.column_name.clone(), column)).collect();
    let mut columns = Vec::with_capacity(ours.len());
    let mut key: Vec<(i64, usize)> = Vec::new();
    for (place, column) in ours.into_iter().enumerate() {
        let there = theirs
            .remove(&column.name)
            .ok_or_else(|| Failure::failed(format!("{name}: the target has no column {}", column.name)))?;
        if column.key_place > 0 {
            key.push((column.key_place, place));
        }
        columns.push(Column::new(there));
    }
    if let Some(column) = theirs.keys().next() {
        return Err(Failure::failed(format!("{name}: the source has no column {column}")));
    }
    if key.is_empty() {
        return Err(Failure::failed(format!("{name}: has no primary key to copy in the order of")));
    }
    key.sort_unstable();
    let loops = references.iter().filter(|to| to.from_table == name && to.to_table == name);
    let loops = loops.map(|reference| reference.name.clone()).collect();
    let count: Count =
        diesel::sql_query(format!("SELECT count(*) AS count FROM {}", quoted(&name))).get_result(source)?;
    let rows = u64::try_from(count.count).unwrap_or(0);
    Ok(Table { name, columns, key: key.into_iter().map(|(_, place)| place).collect(), loops, rows })
}

/// Sorts the tables so that each comes after those it refers to.
fn in_order(tables: Vec<Table>, references: &[Reference]) -> Result<Vec<Table>> {
    let mut left = tables;
    let mut placed: BTreeSet<String> = BTreeSet::new();
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |table: &Table| {
            let mut to = references.iter().filter(|reference| reference.from_table == table.name);
            to.any(|reference| reference.to_table != table.name && !placed.contains(&reference.to_table))
        };
        let (waiting, ready): (Vec<_>, Vec<_>) = left.into_iter().partition(waits);
        if ready.is_empty() {
            let names: Vec<String> = waiting.into_iter().map(|table| table.name).collect();
            return Err(Failure::failed(format!("these tables refer to each other in a circle: {}", names.join(", "))));
        }
        placed.extend(ready.iter().map(|table| table.name.clone()));
        ordered.extend(ready);
        left = waiting;
    }
    Ok(ordered)
}

impl Column {
    fn new(there: TargetColumn) -> Self {
        let TargetColumn { column_name: name, kind_name, is_identity, .. } = there;
        let kind = match kind_name.as_str() {
            "bool" => Kind::Boolean,
            "float4" | "float8" => Kind::Real,
            "timestamp" => Kind::Time,
            _ => Kind::Other,
        };
        let is_text = matches!(kind_name.as_str(), "text" | "varchar" | "bpchar");
        Self { name, kind, kind_name, is_text, is_identity }
    }

    /// The column as PostgreSQL spells it for [`super::row`].
    fn as_text(&self) -> String {
        let name = quoted(&self.name);
        match self.kind {
            // SQLite has 0 and 1.
            Kind::Boolean => format!("{name}::int::text"),
            _ => format!("{name}::text"),
        }
    }
}

impl Table {
    /// Every row of the source, in the order of the key.
    pub(super) fn select_from_source(&self) -> String {
        let columns: Vec<String> = self.columns.iter().map(|column| quoted(&column.name)).collect();
        let order: Vec<String> = self.keys().map(|column| quoted(&column.name)).collect();
        format!("SELECT {} FROM {} ORDER BY {}", columns.join(", "), quoted(&self.name), order.join(", "))
    }

    /// Every row of the target, as text, in the same order.
    pub(super) fn select_from_target(&self) -> String {
        let columns: Vec<String> = self.columns.iter().map(Column::as_text).collect();
        // By the columns themselves, not by the texts of the same names; SQLite compares texts by bytes.
        let order = self.keys().map(|column| match column.is_text {
            true => format!("there.{} COLLATE \"C\"", quoted(&column.name)),
            false => format!("there.{}", quoted(&column.name)),
        });
        let order: Vec<String> = order.collect();
        format!("SELECT {} FROM {} AS there ORDER BY {}", columns.join(", "), quoted(&self.name), order.join(", "))
    }

    /// Writes many rows, given as one array of texts per column.
    pub(super) fn insert_into_target(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|column| quoted(&column.name)).collect();
        let names = names.join(", ");
        let values = self.columns.iter().map(|column| format!("{}::{}", quoted(&column.name), column.kind_name));
        let arrays = (1..=self.columns.len()).map(|bind| format!("${bind}::text[]"));
        format!(
            "INSERT INTO {} ({names}) SELECT {} FROM unnest({}) AS given ({names})",
            quoted(&self.name),
            values.collect::<Vec<_>>().join(", "),
            arrays.collect::<Vec<_>>().join(", ")
        )
    }

    fn keys(&self) -> impl Iterator<Item = &Column> {
        self.key.iter().filter_map(|place| self.columns.get(*place))
    }
}
