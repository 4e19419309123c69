//! Substring search in names, by tokens.
//!
//! `LIKE '%伟%'` reads every row, and word indexes know no Chinese words. So each character of a
//! name becomes one token and a search is a phrase of tokens: one character, two or twenty are
//! found by the index alike. A token is the character's code in hexadecimal, because the engines'
//! tokenizers drop punctuation, and `%`, `_` and quotes are to be found like any other character.
//! Case is folded for ASCII alone.
//!
//! The names of customers are sought all the time and are many: of them two and three characters in a
//! row are a token too, so that what is sought is one token and no phrase; if it is longer, it is a phrase of
//! threes. A page of what one token finds is read in order, however much it finds.
//!
//! SQLite: FTS5 tables without content. PostgreSQL: see `text_search/postgres.rs`.

pub(crate) mod postgres;

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

impl Index {
    const ALL: [Self; 4] = [Self::Contracts, Self::Customers, Self::CustomerTexts, Self::Organizations];

    /// The index that this table is, if it is one.
    pub(crate) fn of_table(table: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|index| index.table() == table)
    }

    fn table(self) -> &'static str {
        match self {
            Self::Contracts => "contracts_search",
            Self::Customers => "customers_search",
            Self::CustomerTexts => "customer_texts_search",
            Self::Organizations => "organizations_search",
        }
    }

    /// How many characters a token has at most.
    fn longest(self) -> usize {
        match self {
            Self::Customers => PART_MAX,
            Self::Contracts | Self::CustomerTexts | Self::Organizations => 1,
        }
    }
}

/// A token that no character has. It keeps a phrase from running out of one text into the next.
const GAP: &str = "xsep";

/// Makes a new row findable by these texts. Belongs in the transaction that writes them; on SQLite it may be found only
/// when that has ended.
///
/// # Errors
/// What the database answers.
pub fn add(conn: &mut Conn, index: Index, id: i64, texts: &[Option<&str>]) -> Result<()> {
    Document::of(index, id, texts, true).write_in_time(conn)
}

/// The same for a row that may have been findable before: by these texts and no others.
///
/// # Errors
/// What the database answers.
pub fn put(conn: &mut Conn, index: Index, id: i64, texts: &[Option<&str>]) -> Result<()> {
    Document::of(index, id, texts, false).write_in_time(conn)
}

/// What a row is found by.
pub(crate) struct Document {
    index: Index,
    id: i64,
    document: String,
    /// Whether the row has had none.
    is_new: bool,
}

impl Document {
    fn of(index: Index, id: i64, texts: &[Option<&str>], is_new: bool) -> Self {
        Self { index, id, document: document(index, texts), is_new }
    }

    /// Which row of which index it is of; documents are written in this order.
    pub(crate) fn place(&self) -> (Index, i64) {
        (self.index, self.id)
    }

    fn write_in_time(self, conn: &mut Conn) -> Result<()> {
        match put_off(conn, self)? {
            Some(document) => document.write(conn),
            None => Ok(()),
        }
    }

    pub(crate) fn write(&self, conn: &mut Conn) -> Result<()> {
        const GIVEN: &str = "SELECT CAST(? AS BIGINT) AS id, CAST(? AS TEXT) AS document";
        let (index, table) = (self.index, self.index.table());
        let put = match (conn.engine(), self.is_new) {
            (Engine::Sqlite, true) => format!("INSERT INTO {table} (rowid, document) VALUES (?, ?)"),
            (Engine::Sqlite, false) => format!("INSERT OR REPLACE INTO {table} (rowid, document) VALUES (?, ?)"),
            (Engine::Postgres, true) => postgres::add(index, GIVEN),
            (Engine::Postgres, false) => postgres::put(index, GIVEN),
        };
        Statement::of(put).int(self.id).text(self.document.as_str()).execute(conn)?;
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
        Engine::Postgres => postgres::with_all(index, &phrase(index, text)),
    };
    Predicate::new(column).sql(" IN (").then(ids).sql(")")
}

/// One of the texts of the row of the index at hand contains `text`: on SQLite alone, where the index is a
/// table to be joined, whose `rowid` is the id.
pub fn matching(index: Index, text: &str) -> Predicate {
    Predicate::new(format!("{} MATCH ", index.table())).text(format!("\"{}\"", phrase(index, text)))
}

/// The query for the ids of the rows one of whose texts contains `text`.
pub fn ids(engine: Engine, index: Index, text: &str) -> Predicate {
    match engine {
        Engine::Sqlite => {
            Predicate::new(format!("SELECT rowid FROM {} WHERE ", index.table())).then(matching(index, text))
        }
        Engine::Postgres => postgres::with_phrase(index, &phrase(index, text)),
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

/// What a row with these texts is found by: the tokens of one character each, of all texts, then those of two, and so on.
fn document(index: Index, texts: &[Option<&str>]) -> String {
    let gap = format!(" {GAP} ");
    let of_length = |length| {
        let texts = texts.iter().flatten().map(|text| tokens(text, length)).filter(|tokens| !tokens.is_empty());
        texts.collect::<Vec<_>>().join(&gap)
    };
    let sections = (1..=index.longest()).map(of_length).filter(|section| !section.is_empty());
    sections.collect::<Vec<_>>().join(&gap)
}

/// What is sought in the documents for `text`.
fn phrase(index: Index, text: &str) -> String {
    tokens(text, text.chars().count().clamp(1, index.longest()))
}

/// The tokens of so many characters.
fn tokens(text: &str, length: usize) -> String {
    let letters: Vec<String> = folded(text).map(|c| format!("x{:x}", u32::from(c))).collect();
    letters.windows(length).map(|part| part.concat()).collect::<Vec<_>>().join(" ")
}
