//! How PostgreSQL keeps documents, and finds rows by them.
//!
//! A `tsvector` under a GIN index. That cannot tell the newest without finding all; so where up to three characters
//! are a token, each token is a row, and the rows with it are found in order. One row more keeps the whole document:
//! what a phrase of several tokens is looked for in, and what tells which tokens a row has had.

use super::{GAP, Index};
use crate::Predicate;

/// What the row that keeps the whole document has for a token.
const WHOLE: &str = "whole";

impl Index {
    fn has_a_row_for_each_token(self) -> bool {
        self.longest() > 1
    }
}

/// What writes the documents of rows that have none; `given` is a query for the ids of the rows and the texts.
pub(crate) fn add(index: Index, given: &str) -> String {
    format!("WITH given AS ({given}) {}", insertion(index))
}

/// The same for rows that may have a document already.
pub(super) fn put(index: Index, given: &str) -> String {
    let (table, insertion) = (index.table(), insertion(index));
    if !index.has_a_row_for_each_token() {
        return format!(
            "WITH given AS ({given}) {insertion} ON CONFLICT (id) DO UPDATE SET document = excluded.document"
        );
    }
    format!(
        "WITH given AS ({given}), before AS (SELECT whole.id, tokens.token \
         FROM given JOIN {table} AS whole ON whole.token = '{WHOLE}' AND whole.id = given.id \
         CROSS JOIN LATERAL unnest(string_to_array(whole.document, ' ')) AS tokens (token) \
         WHERE tokens.token <> ALL (string_to_array(given.document, ' '))), \
         gone AS (DELETE FROM {table} AS gone USING before WHERE gone.token = before.token AND gone.id = before.id) \
         {insertion} ON CONFLICT (token, id) DO UPDATE SET document = excluded.document \
         WHERE {table}.document <> excluded.document"
    )
}

fn insertion(index: Index) -> String {
    let table = index.table();
    if !index.has_a_row_for_each_token() {
        return format!("INSERT INTO {table} (id, document) SELECT id, to_tsvector('simple', document) FROM given");
    }
    format!(
        "INSERT INTO {table} (token, id, document) SELECT DISTINCT tokens.token, given.id, NULL \
         FROM given CROSS JOIN LATERAL unnest(string_to_array(given.document, ' ')) AS tokens (token) \
         WHERE tokens.token <> '{GAP}' UNION ALL SELECT '{WHOLE}', id, document FROM given"
    )
}

/// The query for an id whose document is not the given one.
pub(crate) fn differing(index: Index, given: &str) -> String {
    let table = index.table();
    if !index.has_a_row_for_each_token() {
        return format!(
            "SELECT min(given.id) AS id FROM ({given}) AS given LEFT JOIN {table} AS there ON there.id = given.id \
             WHERE there.document IS DISTINCT FROM to_tsvector('simple', given.document)"
        );
    }
    format!(
        "SELECT min(given.id) AS id FROM ({given}) AS given \
         LEFT JOIN {table} AS whole ON whole.token = '{WHOLE}' AND whole.id = given.id \
         WHERE whole.document IS DISTINCT FROM given.document OR EXISTS (SELECT 1 FROM \
         unnest(string_to_array(given.document, ' ')) AS tokens (token) WHERE tokens.token <> '{GAP}' AND NOT EXISTS \
         (SELECT 1 FROM {table} AS there WHERE there.token = tokens.token AND there.id = given.id))"
    )
}

/// The query for the number of documents.
pub(crate) fn count(index: Index) -> String {
    let of = if index.has_a_row_for_each_token() { format!(" WHERE token = '{WHOLE}'") } else { String::new() };
    format!("SELECT count(*) AS count FROM {}{of}", index.table())
}

/// The query for the ids of the rows whose document has all tokens of this phrase, and maybe not in a row.
pub(super) fn with_all(index: Index, phrase: &str) -> Predicate {
    if index.has_a_row_for_each_token() {
        return with_phrase(index, phrase);
    }
    let all = format!("SELECT id FROM {} WHERE document @@ plainto_tsquery('simple', ", index.table());
    Predicate::new(all).text(phrase).sql(")")
}

/// The query for the ids of the rows whose document has this phrase.
pub(super) fn with_phrase(index: Index, phrase: &str) -> Predicate {
    let table = index.table();
    if !index.has_a_row_for_each_token() {
        let in_a_row = format!("SELECT id FROM {table} WHERE document @@ phraseto_tsquery('simple', ");
        return Predicate::new(in_a_row).text(phrase).sql(")");
    }
    let Some((first, others)) = phrase.split_once(' ') else {
        return Predicate::new(format!("SELECT id FROM {table} WHERE token = ")).text(phrase);
    };
    // Of the others one says enough: what has both is looked at.
    let last = others.rsplit(' ').next().unwrap_or(others);
    let both = format!("SELECT one.id FROM {table} AS one JOIN {table} AS last ON last.id = one.id AND last.token = ");
    Predicate::new(both)
        .text(last)
        .sql(format!(" JOIN {table} AS whole ON whole.id = one.id AND whole.token = '{WHOLE}' WHERE one.token = "))
        .text(first)
        .sql(" AND strpos(' ' || whole.document || ' ', ")
        .text(format!(" {phrase} "))
        .sql(") > 0")
}
