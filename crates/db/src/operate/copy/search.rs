//! The text-search tables. SQLite's have no content, but they know each token of each document and
//! its place, from which the documents are put together again: the very ones that were indexed. How PostgreSQL
//! keeps them [`postgres`] knows.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text};

use super::super::{Failure, Progress, Result};
use super::schema::quoted;
use crate::text_search::{Index, postgres};

#[derive(QueryableByName)]
struct Token {
    #[diesel(sql_type = BigInt)]
    document: i64,
    #[diesel(sql_type = Text)]
    token: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Nullable<BigInt>)]
    id: Option<i64>,
}

/// Documents with their ids.
#[derive(Default)]
struct Documents {
    ids: Vec<i64>,
    texts: Vec<String>,
    size: usize,
}

/// Documents and their ids, as bound.
const GIVEN: &str = "SELECT id, document FROM unnest($1, $2) AS given (id, document)";
const BATCH: usize = 5_000;
const BATCH_BYTES: usize = 8 << 20;

/// Gives every document of the source's table to `each`, in batches; returns how many.
fn documents(
    source: &mut SqliteConnection,
    table: &str,
    doing: &'static str,
    on: &mut dyn FnMut(Progress<'_>),
    mut each: impl FnMut(&Documents) -> Result<()>,
) -> Result<u64> {
    let of = diesel::sql_query(format!("SELECT count(*) AS count FROM {}", quoted(table)));
    let of = u64::try_from(of.get_result::<Count>(source)?.count).unwrap_or(0);
    on(Progress::Rows { doing, table, done: 0, of });
    let vocabulary = quoted(&format!("{table}_tokens"));
    diesel::sql_query(format!(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.{vocabulary} USING fts5vocab('main', {}, 'instance')",
        quoted(table)
    ))
    .execute(source)?;
    let tokens = diesel::sql_query(format!(
        "SELECT doc AS document, term AS token FROM temp.{vocabulary} ORDER BY doc, \"offset\""
    ));
    let (mut batch, mut done) = (Documents::default(), 0);
    for token in tokens.load_iter::<Token, _>(source)? {
        let Token { document, token } = token?;
        let is_next = batch.ids.last() != Some(&document);
        if is_next && (batch.ids.len() >= BATCH || batch.size >= BATCH_BYTES) {
            each(&batch)?;
            done += u64::try_from(batch.ids.len()).unwrap_or(0);
            on(Progress::Rows { doing, table, done, of });
            batch = Documents::default();
        }
        batch.add(document, &token);
    }
    each(&batch)?;
    // Documents without a token cannot be found, and are not copied.
    on(Progress::Rows { doing, table, done: of, of });
    Ok(done + u64::try_from(batch.ids.len()).unwrap_or(0))
}

impl Documents {
    fn add(&mut self, document: i64, token: &str) {
        match self.texts.last_mut() {
            Some(text) if self.ids.last() == Some(&document) => {
                text.push(' ');
                text.push_str(token);
            }
            _ => {
                self.ids.push(document);
                self.texts.push(token.to_owned());
            }
        }
        self.size += token.len() + 1;
    }
}

fn index(table: &str) -> Result<Index> {
    Index::of_table(table).ok_or_else(|| Failure::failed(format!("{table}: no text-search table this program knows")))
}

/// Writes the target's table anew, inside a transaction; returns how many documents it has.
pub(super) fn copy(
    source: &mut SqliteConnection,
    target: &mut PgConnection,
    table: &str,
    on: &mut dyn FnMut(Progress<'_>),
) -> Result<u64> {
    diesel::sql_query(format!("TRUNCATE {}", quoted(table))).execute(target)?;
    let insert = postgres::add(index(table)?, GIVEN);
    documents(source, table, "indexing", on, |batch| {
        diesel::sql_query(&insert)
            .bind::<Array<BigInt>, _>(&batch.ids)
            .bind::<Array<Text>, _>(&batch.texts)
            .execute(target)?;
        Ok(())
    })
}

/// Compares every document; returns how many there are, or what differs.
pub(super) fn compare(
    source: &mut SqliteConnection,
    target: &mut PgConnection,
    table: &str,
    on: &mut dyn FnMut(Progress<'_>),
) -> Result<Result<u64, String>> {
    let index = index(table)?;
    let differing = postgres::differing(index, GIVEN);
    let there = diesel::sql_query(postgres::count(index)).get_result::<Count>(target)?.count;
    let mut differing_id = None;
    let documents = documents(source, table, "comparing", on, |batch| {
        let found = diesel::sql_query(&differing)
            .bind::<Array<BigInt>, _>(&batch.ids)
            .bind::<Array<Text>, _>(&batch.texts)
            .get_result::<Found>(target)?;
        differing_id = differing_id.or(found.id);
        Ok(())
    })?;
    Ok(match (differing_id, u64::try_from(there)) {
        (Some(id), _) => Err(format!("{table}: id {id} differs")),
        (None, Ok(there)) if there == documents => Ok(documents),
        _ => Err(format!("{table}: the source has {documents} documents, the copy {there}")),
    })
}
