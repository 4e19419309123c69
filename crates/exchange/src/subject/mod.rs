//! What can be imported and exported: for each kind of record its columns, by what it is matched, and
//! the service that keeps it.

mod contract;
mod custom;
mod customer;
mod field;
mod names;
mod organization;

use std::borrow::Cow;

use crm_core::{Caller, Id, Instant, Problems, Result, Zone};
use crm_db::Conn;
use crm_db::counters::Totals;

use crate::Exchange;
use crate::write::Out;

pub use contract::ContractTable;
pub use customer::CustomerTable;
pub(crate) use field::{Field, id};
pub(crate) use names::Names;
pub use organization::OrganizationTable;

/// The name of the column with the record's own id, in every table.
pub(crate) const ID: &str = "id";

/// The header of the column that a file of errors has more than the file that was imported; no other
/// column is called that.
pub(crate) const ERROR: &str = "错误";

/// One column. It is known by both its names.
pub struct Column<S: Subject + ?Sized> {
    /// What people call it.
    pub header: Cow<'static, str>,
    /// What the API calls it.
    pub name: Cow<'static, str>,
    /// What an export shows in it; `None` where it is for imports alone.
    pub(crate) show: Option<Show<S>>,
    /// How an import reads it; `None` where it is for exports alone.
    pub(crate) read: Option<Read<S>>,
}

type Show<S> = Box<dyn Fn(&<S as Subject>::Record, &Shown) -> Out>;
type Read<S> = Box<dyn Fn(&mut <S as Subject>::Input, &mut Field<'_>) -> Result<()>>;
/// Of a column that every deployment has.
type ShowOne<S> = fn(&<S as Subject>::Record, &Shown) -> Out;
type ReadOne<S> = fn(&mut <S as Subject>::Input, &mut Field<'_>) -> Result<()>;
type SetOne<S> = fn(&mut <S as Subject>::Input, &mut Field<'_>);

/// How values are shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown {
    /// Local times are of this zone.
    pub(crate) zone: Zone,
    /// Whether numbers that stand for words are shown as those.
    pub(crate) words: bool,
}

/// A kind of record that can be imported and exported.
#[allow(private_interfaces, reason = "only this crate says what its subjects do")]
pub trait Subject: Send + 'static {
    /// As lists show it.
    type Record: Send;
    /// What may be said of it.
    type Input: Default;
    /// Its id.
    type Id: Id;
    /// Which of them a list shows.
    type Filter: Clone + Send;
    /// Where in a list one stands.
    type Place: Copy + Send;

    /// Its name in the audit trail.
    const RECORD: &'static str;
    /// What a new one cannot be without: the names of these columns.
    const REQUIRED: &'static [&'static str];
    /// By what it may be matched beside its id: the names of these columns.
    const KEYS: &'static [&'static str];

    /// The columns that every deployment has, in the order in which they are exported.
    fn columns() -> Vec<Column<Self>>;
    /// The columns of this deployment alone, which come after them.
    #[doc(hidden)]
    fn own_columns(_: &Exchange) -> Result<Vec<Column<Self>>> {
        Ok(Vec::new())
    }
    /// Refuses those who may not deal with it at all.
    #[doc(hidden)]
    fn admit(caller: &Caller) -> Result<()>;
    /// Those the caller sees that have this key, two at most.
    #[doc(hidden)]
    fn matching(conn: &mut Conn, caller: &Caller, key: &str, text: &str) -> Result<Vec<Self::Id>>;
    /// Where the findings of the edge go.
    #[doc(hidden)]
    fn problems(input: &mut Self::Input) -> &mut Problems;
    #[doc(hidden)]
    fn create(
        to: &Exchange,
        conn: &mut Conn,
        caller: &Caller,
        input: Self::Input,
        now: Instant,
        totals: &mut Totals,
    ) -> Result<Self::Id>;
    #[doc(hidden)]
    fn update(
        to: &Exchange,
        conn: &mut Conn,
        caller: &Caller,
        id: Self::Id,
        input: Self::Input,
        now: Instant,
        totals: &mut Totals,
    ) -> Result<()>;
    /// How many a list shows.
    #[doc(hidden)]
    fn total(from: &Exchange, caller: &Caller, filter: &Self::Filter) -> Result<i64>;
    /// The next rows of a list.
    #[doc(hidden)]
    fn rows(
        conn: &mut Conn,
        caller: &Caller,
        filter: &Self::Filter,
        after: Option<Self::Place>,
        count: i64,
    ) -> Result<Vec<Self::Record>>;
    /// The filter of this one alone.
    #[doc(hidden)]
    fn only(id: Self::Id) -> Self::Filter;
    #[doc(hidden)]
    fn place(record: &Self::Record) -> Self::Place;
}

impl<S: Subject> Column<S> {
    /// A column that is exported and imported.
    fn both(header: &'static str, name: &'static str, show: ShowOne<S>, read: ReadOne<S>) -> Self {
        Self { header: header.into(), name: name.into(), show: Some(Box::new(show)), read: Some(Box::new(read)) }
    }

    /// A column that is exported and imported, and read without a look at the database.
    fn plain(header: &'static str, name: &'static str, show: ShowOne<S>, set: SetOne<S>) -> Self {
        let read: Read<S> = Box::new(move |input, field| {
            set(input, field);
            Ok(())
        });
        Self { header: header.into(), name: name.into(), show: Some(Box::new(show)), read: Some(read) }
    }

    /// A column that is exported alone.
    fn shown(header: &'static str, name: &'static str, show: ShowOne<S>) -> Self {
        Self { header: header.into(), name: name.into(), show: Some(Box::new(show)), read: None }
    }

    /// A column that is imported alone.
    fn read(header: &'static str, name: &'static str, read: ReadOne<S>) -> Self {
        Self { header: header.into(), name: name.into(), show: None, read: Some(Box::new(read)) }
    }
}

/// All columns of a kind of record in this deployment.
pub(crate) fn columns<S: Subject>(exchange: &Exchange) -> Result<Vec<Column<S>>> {
    let mut columns = S::columns();
    columns.extend(S::own_columns(exchange)?);
    Ok(columns)
}

/// Text, where there is any.
fn text(text: &Option<String>) -> Out {
    text.clone().map_or(Out::Empty, Out::Text)
}

fn number(number: impl std::fmt::Display) -> Out {
    Out::Number(number.to_string())
}

fn numbers(value: Option<impl std::fmt::Display>) -> Out {
    value.map_or(Out::Empty, number)
}

fn time(at: Option<Instant>, shown: &Shown) -> Out {
    at.map_or(Out::Empty, |at| Out::Text(shown.zone.format(at)))
}

fn date(date: Option<chrono::NaiveDate>) -> Out {
    date.map_or(Out::Empty, |date| Out::Text(date.to_string()))
}

/// The word a number stands for, or the number.
fn word(value: Option<i16>, words: &[(&str, i64)], shown: &Shown) -> Out {
    let Some(value) = value.map(i64::from) else { return Out::Empty };
    match words.iter().find(|(_, number)| *number == value) {
        Some((word, _)) if shown.words => Out::Text((*word).to_owned()),
        _ => number(value),
    }
}

/// Names in one cell: `;` between them, `\` before a `;`, `\` or line feed that belongs to a name.
fn names(names: &[String]) -> Out {
    if names.is_empty() {
        return Out::Empty;
    }
    let escaped = names
        .iter()
        .map(|name| name.replace('\\', "\\\\").replace(';', "\\;").replace('；', "\\；").replace('\n', "\\\n"));
    Out::Text(escaped.collect::<Vec<_>>().join(";"))
}

const YES_NO: &[(&str, i64)] = &[("是", 1), ("否", 0)];
