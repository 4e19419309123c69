//! Customers read with what their own columns point at, in one statement: address, options and the
//! names of two people.

use std::sync::LazyLock;

use crm_core::{Caller, CustomerId, Result};
use crm_db::{Backend, Conn, Predicate, Statement, columns};
use crm_staff::people;
use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};

use super::Customer;
use super::beside::Beside;
use crate::Address;
use crate::options::{CATEGORIES, Choice, SOURCES, STAGES};

/// A customer with what its own columns point at.
#[derive(Queryable)]
pub(crate) struct Shown {
    pub(crate) customer: Customer,
    pub(super) address: Option<Address>,
    pub(super) creator_name: Option<String>,
    pub(super) owner_name: Option<String>,
    pub(super) stage: Option<Choice>,
    pub(super) source: Option<Choice>,
    pub(super) category: Option<Choice>,
    /// What other tables keep of it, as JSON, where it was read alone.
    pub(super) beside: Option<String>,
}

type ChoiceRow = Nullable<(BigInt, Text, Text, BigInt, SmallInt, SmallInt, SmallInt, BigInt)>;
type Types = (
    SqlTypeOf<AsSelect<Customer, Backend>>,
    SqlTypeOf<AsSelect<Option<Address>, Backend>>,
    Nullable<Text>,
    Nullable<Text>,
    ChoiceRow,
    ChoiceRow,
    ChoiceRow,
    Nullable<Text>,
);

/// The columns of all of it but the last.
static COLUMNS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {}, {}, {}, {}, {}, {}, {}, ",
        columns::<Customer>(),
        columns::<Address>(),
        people::name_of("creator"),
        people::name_of("owner"),
        STAGES.columns("stage"),
        SOURCES.columns("source"),
        CATEGORIES.columns("category"),
    )
});

/// Where they are, up to the conditions.
const FROM: &str = " FROM customers \
         LEFT JOIN customer_addresses ON customer_addresses.customer_id = customers.id \
         LEFT JOIN staff creator ON creator.id = customers.creator_id \
         LEFT JOIN staff owner ON owner.id = customers.owner_id \
         LEFT JOIN customer_stages stage ON stage.id = customers.stage_id \
         LEFT JOIN customer_sources source ON source.id = customers.source_id \
         LEFT JOIN customer_categories category ON category.id = customers.category_id WHERE ";

/// This one, if it meets the condition, with what other tables keep of it: all in one statement.
pub(super) fn one(
    conn: &mut Conn,
    caller: &Caller,
    id: CustomerId,
    condition: Option<Predicate>,
) -> Result<Option<Shown>> {
    let query = Predicate::new(COLUMNS.as_str()).then(Beside::json(conn.engine(), caller, id)).sql(FROM);
    let query = query.sql("customers.id = ").int(id.0);
    let query = condition.into_iter().fold(query, |query, condition| query.sql(" AND ").then(condition));
    Ok(Statement::new(query).rows::<Types>().get_result(conn).optional()?)
}

/// These customers, in this order.
pub(crate) fn of_all(conn: &mut Conn, ids: &[CustomerId]) -> Result<Vec<Shown>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = Predicate::new(COLUMNS.as_str()).sql("CAST(NULL AS TEXT)").sql(FROM);
    let query = query.sql("customers.id").among(ids.iter().copied());
    let mut rows: Vec<Shown> = Statement::new(query).rows::<Types>().load(conn)?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.customer.id));
    Ok(rows)
}
