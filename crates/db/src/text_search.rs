//! Substring search in names, one token per character.
//!
//! `LIKE '%伟%'` reads every row, and word indexes know no Chinese words. So each character of a
//! name becomes one token and a search is a phrase of tokens: one character, two or twenty are
//! found by the index alike. A token is the character's code in hexadecimal, because the engines'
//! tokenizers drop punctuation, and `%`, `_` and quotes are to be found like any other character.
//! Case is folded for ASCII alone.
//!
//! SQLite: an FTS5 table without content. PostgreSQL: a `tsvector` under a GIN index.

use std::collections::BTreeSet;

use crm_core::Result;
use diesel::RunQueryDsl;

use crate::put_off::put_off;
use crate::{Conn, Engine, Predicate, Statement};

/// The names that can be searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Index {
    /// Names of contracts.
    Contracts,
    /// Real names and nicknames of customers.
    Customers,
    /// Notes, numbers, addresses and custom fields of customers.
    CustomerTexts,
    /// Names of organizations.
    Organizations,
}

struct Statements {
    put_sqlite: &'static str,
    put_postgres: &'static str,
    find_sqlite: &'static str,
    matching_sqlite: &'static str,
    find_postgres: &'static str,
    find_all_postgres: &'static str,
    table: &'static str,
}

macro_rules! statements {
    ($table:literal) => {
        Statements {
            put_sqlite: concat!("INSERT OR REPLACE INTO ", $table, " (rowid, document) VALUES (?, ?)"),
            put_postgres: concat!(
                "INSERT INTO ",
                $table,
                " (id, document) VALUES (?, to_tsvector('simple', ?)) ",
                "ON CONFLICT (id) DO UPDATE SET document = excluded.document"
            ),
            find_sqlite: concat!("SELECT rowid FROM ", $table, " WHERE ", $table, " MATCH "),
            matching_sqlite: concat!($table, " MATCH "),
            find_postgres: concat!("SELECT id FROM ", $table, " WHERE document @@ phraseto_tsquery('simple', "),
            find_all_postgres: concat!("SELECT id FROM ", $table, " WHERE document @@ plainto_tsquery('simple', "),
            table: $table,
        }
    };
}

impl Index {
    fn statements(self) -> Statements {
        match self {
            Self::Contracts => statements!("contracts_search"),
            Self::Customers => statements!("customers_search"),
            Self::CustomerTexts => statements!("customer_texts_search"),
            Self::Organizations => statements!("organizations_search"),
        }
    }
}

/// Makes the row findable by these texts and no others. Belongs in the transaction that writes them; on SQLite
/// it may be found only when that has ended.
///
/// # Errors
/// What the database answers.
pub fn put(conn: &mut Conn, index: Index, id: i64, texts: &[Option<&str>]) -> Result<()> {
    // A token that no character has keeps a phrase from running out of one text into the next.
    let document = texts.iter().flatten().map(|text| tokens(text)).collect::<Vec<_>>().join(" xsep ");
    match put_off(conn, Document { index, id, document })? {
        Some(document) => document.write(conn),
        None => Ok(()),
    }
}

/// What a row is found by.
pub(crate) struct Document {
    index: Index,
    id: i64,
    document: String,
}

impl Document {
    /// Which row of which index it is of; documents are written in this order.
    pub(crate) fn place(&self) -> (Index, i64) {
        (self.index, self.id)
    }

    pub(crate) fn write(&self, conn: &mut Conn) -> Result<()> {
        let statements = self.index.statements();
        let statement = match conn.engine() {
            Engine::Sqlite => statements.put_sqlite,
            Engine::Postgres => statements.put_postgres,
        };
        Statement::of(statement).int(self.id).text(self.document.as_str()).execute(conn)?;
        Ok(())
    }
}

/// `column` is the id of a row one of whose texts contains `text`. For texts of up to 255 characters: see
/// [`may_contain`].
pub fn contains(engine: Engine, index: Index, column: &'static str, text: &str) -> Predicate {
    Predicate::new(column).sql(" IN (").then(ids(engine, index, text)).sql(")")
}

/// `column` is the id of a row one of whose texts may contain `text`: no other has it, and the text itself
/// is to be asked next. PostgreSQL keeps up to 256 places of a token in a document and knows none beyond
/// 16,383, so that a phrase far down in a long text may not be found: it is asked for all the characters.
pub fn may_contain(engine: Engine, index: Index, column: &'static str, text: &str) -> Predicate {
    let ids = match engine {
        Engine::Sqlite => ids(engine, index, text),
        Engine::Postgres => Predicate::new(index.statements().find_all_postgres).text(tokens(text)).sql(")"),
    };
    Predicate::new(column).sql(" IN (").then(ids).sql(")")
}

/// One of the texts of the row of the index at hand contains `text`: on SQLite alone, where the index is a
/// table to be joined, whose `rowid` is the id.
pub fn matching(index: Index, text: &str) -> Predicate {
    Predicate::new(index.statements().matching_sqlite).text(format!("\"{}\"", tokens(text)))
}

/// The query for the newest rows one of whose texts contains `text`, on PostgreSQL alone: the documents are
/// looked at one by one from the newest on, up to so many ids back. Its index knows no order and would find
/// all there are.
pub fn newest(index: Index, text: &str, back: i64) -> Predicate {
    let table = index.statements().table;
    // The last words keep the planner from the index.
    Predicate::new(format!("SELECT id FROM {table} WHERE id > (SELECT COALESCE(MAX(id), 0) FROM {table}) - "))
        .int(back)
        .sql(" AND (document @@ phraseto_tsquery('simple', ")
        .text(tokens(text))
        .sql(")) IS NOT FALSE")
}

/// The query for the ids of the rows one of whose texts contains `text`.
pub fn ids(engine: Engine, index: Index, text: &str) -> Predicate {
    let statements = index.statements();
    match engine {
        Engine::Sqlite => Predicate::new(statements.find_sqlite).text(format!("\"{}\"", tokens(text))),
        Engine::Postgres => Predicate::new(statements.find_postgres).text(tokens(text)).sql(")"),
    }
}

/// How many characters a part has at most of which the number of rows is kept.
const PART_MAX: usize = 3;

/// All that these texts contain of one, two or three characters: for what is sought that is so short, the
/// number of rows that contain it can be kept ([`Counter::CustomersNamed`](crate::counters::Counter::CustomersNamed)).
pub fn parts(texts: &[Option<&str>]) -> BTreeSet<String> {
    let mut parts = BTreeSet::new();
    for text in texts.iter().flatten() {
        let letters: Vec<char> = folded(text).collect();
        for length in 1..=PART_MAX {
            parts.extend(letters.windows(length).map(|part| part.iter().collect::<String>()));
        }
    }
    parts
}

/// This text as one of [`parts`]; `None` for a longer one.
pub fn part(text: &str) -> Option<String> {
    (text.chars().count() <= PART_MAX).then(|| folded(text).collect())
}

fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().map(|c| c.to_ascii_lowercase())
}

fn tokens(text: &str) -> String {
    folded(text).map(|c| format!("x{:x}", u32::from(c))).collect::<Vec<_>>().join(" ")
}
