//! How far a copy is, kept in the target in the transactions that write the rows, and gone when the
//! copy is complete.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use super::super::{Failure, Result};
use super::row::Checksum;
use super::schema::{PROGRESS, Plan, quoted};

/// What the target has of one table.
#[derive(Clone, Debug, QueryableByName)]
pub(super) struct Done {
    /// Which database is copied.
    #[diesel(sql_type = Text)]
    pub(super) source: String,
    #[diesel(sql_type = Text)]
    pub(super) table_name: String,
    /// The first so many rows are there,
    #[diesel(sql_type = BigInt)]
    pub(super) row_count: i64,
    /// and this was their checksum,
    #[diesel(sql_type = Text)]
    pub(super) checksum: String,
    /// and there are no others.
    #[diesel(sql_type = Bool)]
    pub(super) is_complete: bool,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// What an interrupted copy has done; nothing where there is none.
pub(super) fn find(target: &mut PgConnection) -> Result<Vec<Done>> {
    if !is_there(target)? {
        return Ok(Vec::new());
    }
    target.transaction(|target| {
        // The last transaction of a copy that was killed may still be on its way.
        target.batch_execute(&format!("LOCK TABLE {PROGRESS} IN ACCESS EXCLUSIVE MODE"))?;
        let rows = format!("SELECT source, table_name, row_count, checksum, is_complete FROM {PROGRESS}");
        Ok(diesel::sql_query(rows).load(target)?)
    })
}

pub(super) fn is_there(target: &mut PgConnection) -> QueryResult<bool> {
    let found: Count = diesel::sql_query(format!(
        "SELECT count(*) AS count FROM information_schema.tables \
         WHERE table_schema = current_schema() AND table_name = '{PROGRESS}'"
    ))
    .get_result(target)?;
    Ok(found.count > 0)
}

/// Empties every table, and marks the target as a copy of `source` that has just begun.
pub(super) fn start(target: &mut PgConnection, source: &str, plan: &Plan) -> Result<Vec<Done>> {
    let fresh = |name: &String| Done {
        source: source.to_owned(),
        table_name: name.clone(),
        row_count: 0,
        checksum: Checksum::default().to_string(),
        is_complete: false,
    };
    let names = || plan.tables.iter().map(|table| &table.name).chain(&plan.searches);
    let done: Vec<Done> = names().map(fresh).collect();
    let all: Vec<String> = names().map(|name| quoted(name)).collect();
    target.transaction::<_, Failure, _>(|target| {
        target.batch_execute(&format!(
            "DROP TABLE IF EXISTS {PROGRESS}; CREATE TABLE {PROGRESS} (source TEXT NOT NULL, \
             table_name TEXT PRIMARY KEY, row_count BIGINT NOT NULL, checksum TEXT NOT NULL, \
             is_complete BOOLEAN NOT NULL); TRUNCATE {} RESTART IDENTITY",
            all.join(", ")
        ))?;
        for table in &done {
            diesel::sql_query(format!("INSERT INTO {PROGRESS} VALUES ($1, $2, $3, $4, $5)"))
                .bind::<Text, _>(&table.source)
                .bind::<Text, _>(&table.table_name)
                .bind::<BigInt, _>(table.row_count)
                .bind::<Text, _>(&table.checksum)
                .bind::<Bool, _>(table.is_complete)
                .execute(target)?;
        }
        Ok(())
    })?;
    Ok(done)
}

/// Notes what a table has from now on, in the transaction that wrote it.
pub(super) fn advance(target: &mut PgConnection, before: &Done, after: &Done) -> Result<()> {
    let changed = diesel::sql_query(format!(
        "UPDATE {PROGRESS} SET row_count = $1, checksum = $2, is_complete = $3 \
         WHERE table_name = $4 AND row_count = $5 AND source = $6"
    ))
    .bind::<BigInt, _>(after.row_count)
    .bind::<Text, _>(&after.checksum)
    .bind::<Bool, _>(after.is_complete)
    .bind::<Text, _>(&after.table_name)
    .bind::<BigInt, _>(before.row_count)
    .bind::<Text, _>(&after.source)
    .execute(target)?;
    match changed {
        1 => Ok(()),
        _ => Err(Failure::in_use("somebody else copies into the target")),
    }
}

/// The copy is complete.
pub(super) fn end(target: &mut PgConnection) -> Result<()> {
    Ok(target.batch_execute(&format!("DROP TABLE {PROGRESS}"))?)
}
