//! Stages, sources and categories: the option tables of customers (vendor-surfaces §1). They have
//! the same columns, so the SQL is written once, here, and so is the service ([`Choices`]).

mod repository;
mod service;

use std::collections::HashMap;
use std::marker::PhantomData;

use crm_core::{CategoryId, Error, Id, Patch, Problems, Result, SourceId, StageId};
use crm_db::{Conn, Predicate, Statement, distinct};
use crm_staff::people::note_missing;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};
use serde::Serialize;

pub use service::{ChoiceInput, Choices};

/// One of the option tables, whose rows have ids of this kind.
#[derive(Clone, Copy, Debug)]
pub struct OptionTable<I> {
    table: &'static str,
    /// What the audit trail calls a row.
    record: &'static str,
    /// The SQL of the outcome: only stages have one.
    outcome: &'static str,
    kind: PhantomData<I>,
}

const OUTCOME: &str = "outcome";
const NO_OUTCOME: &str = "CAST(0 AS SMALLINT)";

/// How far customers come.
pub const STAGES: OptionTable<StageId> = OptionTable::new("customer_stages", "stage", OUTCOME);
/// Where customers come from.
pub const SOURCES: OptionTable<SourceId> = OptionTable::new("customer_sources", "source", NO_OUTCOME);
/// What kinds of customers there are.
pub const CATEGORIES: OptionTable<CategoryId> = OptionTable::new("customer_categories", "category", NO_OUTCOME);

/// One of the options.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, QueryableByName, Serialize)]
pub struct Choice {
    /// Its id; 0 before it is stored.
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// What it is called.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Its colour, such as `#39b54a`.
    #[diesel(sql_type = Text)]
    pub color: String,
    /// Its place among the others.
    #[diesel(sql_type = BigInt)]
    pub sort_num: i64,
    /// 1 when it is what a new customer gets, else 0.
    #[diesel(sql_type = SmallInt)]
    pub is_default: i16,
    /// 0 when it is retired: customers keep it, but none is given it any more.
    #[diesel(sql_type = SmallInt)]
    pub is_active: i16,
    /// Of a stage: 0 open, 1 won, 2 lost, 3 completed; else 0.
    #[diesel(sql_type = SmallInt)]
    pub outcome: i16,
    /// Grows by one with every change.
    #[diesel(sql_type = BigInt)]
    pub version: i64,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

impl<I: Id> OptionTable<I> {
    const fn new(table: &'static str, record: &'static str, outcome: &'static str) -> Self {
        Self { table, record, outcome, kind: PhantomData }
    }

    /// Whether its rows have an outcome: whether it is that of the stages.
    fn has_outcome(&self) -> bool {
        self.outcome == OUTCOME
    }

    /// These options, retired ones too; one statement for a page of customers.
    ///
    /// # Errors
    /// What the database answers.
    pub fn of(&self, conn: &mut Conn, ids: impl IntoIterator<Item = I>) -> Result<HashMap<I, Choice>> {
        let ids = distinct(ids);
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let query = Predicate::new(self.select()).sql(" WHERE id").among(ids);
        let rows: Vec<Choice> = Statement::new(query).load(conn)?;
        Ok(rows.into_iter().map(|choice| (I::from_raw(choice.id), choice)).collect())
    }

    /// All of them, in order.
    ///
    /// # Errors
    /// What the database answers.
    pub fn all(&self, conn: &mut Conn) -> Result<Vec<Choice>> {
        Ok(Statement::of(format!("{} ORDER BY sort_num, id", self.select())).load(conn)?)
    }

    fn select(&self) -> String {
        format!(
            "SELECT id, name, color, sort_num, is_default, is_active, {} AS outcome, version FROM {}",
            self.outcome, self.table
        )
    }

    /// What a [`Choice`] is read from, in order, where the table is joined under this name.
    pub(crate) fn columns(&self, alias: &str) -> String {
        let outcome = if self.has_outcome() { format!("{alias}.{OUTCOME}") } else { self.outcome.to_owned() };
        format!(
            "{alias}.id, {alias}.name, {alias}.color, {alias}.sort_num, {alias}.is_default, {alias}.is_active, \
             {outcome}, {alias}.version"
        )
    }

    /// Whether customers may be given this option: it is there and not retired.
    pub(crate) fn is_active(&self, conn: &mut Conn, id: I) -> Result<bool> {
        let text = format!("SELECT id FROM {} WHERE id = ? AND is_active = 1", self.table);
        let found: Option<Found> = Statement::of(text).int(id.raw()).get_result(conn).optional()?;
        Ok(found.is_some())
    }
}

/// Notes on `field` an option that is missing or retired; the one the customer has already (`kept`)
/// is not asked about again.
pub(crate) fn check<I: Id>(
    conn: &mut Conn,
    problems: &mut Problems,
    options: &OptionTable<I>,
    field: &str,
    id: &Patch<I>,
    kept: Option<I>,
) -> Result<()> {
    let Some(id) = id.value().copied().filter(|id| Some(*id) != kept) else { return Ok(()) };
    if !options.is_active(conn, id)? {
        note_missing(problems, field, &[id], &[]);
    }
    Ok(())
}

/// What a new customer is given of which nothing is said.
pub(crate) struct Defaults {
    /// The default stage, else the first that is not retired.
    pub(crate) stage: StageId,
    /// The default source, where there is one.
    pub(crate) source: Option<SourceId>,
    /// The default category, where there is one.
    pub(crate) category: Option<CategoryId>,
}

impl Defaults {
    /// As they are now.
    pub(crate) fn read(conn: &mut Conn) -> Result<Self> {
        type Types = (Nullable<BigInt>, Nullable<BigInt>, Nullable<BigInt>);
        const QUERY: &str = "SELECT \
            (SELECT id FROM customer_stages WHERE is_active = 1 ORDER BY is_default DESC, sort_num, id LIMIT 1), \
            (SELECT id FROM customer_sources WHERE is_default = 1 AND is_active = 1 LIMIT 1), \
            (SELECT id FROM customer_categories WHERE is_default = 1 AND is_active = 1 LIMIT 1)";
        let (stage, source, category): (Option<StageId>, _, _) =
            Statement::of(QUERY).rows::<Types>().get_result(conn)?;
        let stage = stage.ok_or_else(|| Error::internal("no stage is active"))?;
        Ok(Self { stage, source, category })
    }
}
