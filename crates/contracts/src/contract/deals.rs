//! What contracts leave on their customers: when the last deal was, what it was worth, and what all
//! of them are worth together.
//!
//! The stamps are worked out anew from the live contracts after each write, not added up: so they
//! are true after any sequence of writes. The customers are locked first, so that two contracts of
//! one customer that are written at once do not each overlook the other.

use crm_core::{CustomerId, Instant, Money, MoneySum, Result};
use crm_customers::stamps::{self, Deals};
use crm_db::schema::contracts;
use crm_db::{Conn, Literal, Statement};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

/// A sum of amounts in two parts.
#[derive(QueryableByName)]
struct Sums {
    #[diesel(sql_type = BigInt)]
    high: i64,
    #[diesel(sql_type = BigInt)]
    low: i64,
}

/// Stamps these customers, which are locked, with their live contracts.
pub(super) fn stamp(conn: &mut Conn, customers: &[CustomerId]) -> Result<()> {
    for customer in customers {
        let deals = of(conn, *customer)?;
        stamps::deals(conn, *customer, &deals)?;
    }
    Ok(())
}

fn of(conn: &mut Conn, customer: CustomerId) -> Result<Deals> {
    let live = contracts::customer_id.eq(customer).and(contracts::status.eq(Literal::LIVE));
    let last: Option<(Instant, Option<Money>)> = contracts::table
        .filter(live)
        .order((contracts::sign_time.desc(), contracts::id.desc()))
        .select((contracts::sign_time, contracts::amount))
        .first(conn)
        .optional()?;
    let split = MoneySum::SPLIT;
    let sums = format!(
        "SELECT COALESCE(CAST(SUM(amount / {split}) AS BIGINT), 0) AS high, \
         COALESCE(CAST(SUM(amount % {split}) AS BIGINT), 0) AS low \
         FROM contracts WHERE customer_id = ? AND status = 0"
    );
    let Sums { high, low } = Statement::of(sums).int(customer.0).get_result(conn)?;
    Ok(Deals {
        last_at: last.map(|(at, _)| at),
        last_money: last.and_then(|(_, amount)| amount),
        total: MoneySum::from_parts(high, low),
    })
}
