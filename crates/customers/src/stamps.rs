//! What follow-ups and contracts leave on their customers, inside their own transactions.
//!
//! The crates that keep those records work out the values from what is live; here they are only
//! written. A stamp does not raise the customer's version (native-api §5) and leaves no audit row
//! of its own: the record that caused it has one.

use crm_core::{CustomerId, Instant, Money, MoneySum, Result};
use crm_db::schema::customers;
use crm_db::{Conn, RowOf, distinct};
use diesel::prelude::*;

/// The latest live follow-up of a customer, as far as it is shown on the customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastFollow {
    /// Its record time, never later than now.
    pub at: Option<Instant>,
    /// Its gain, else its note.
    pub log: Option<String>,
    /// The record time of the latest one by telephone, never later than now.
    pub called_at: Option<Instant>,
}

/// The live contracts of a customer, as far as they are shown on the customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deals {
    /// When the latest was signed.
    pub last_at: Option<Instant>,
    /// Its amount.
    pub last_money: Option<Money>,
    /// The sum of all amounts.
    pub total: MoneySum,
}

/// Makes other writers of these customers' stamps wait until this transaction ends, so that the last
/// one to stamp a customer knows all its records. Gives the customers, each once, in the order in which
/// they were locked: two transactions must not wait for each other's rows.
///
/// # Errors
/// What the database answers.
pub fn lock(conn: &mut Conn, customers: impl IntoIterator<Item = CustomerId>) -> Result<Vec<CustomerId>> {
    let customers = distinct(customers);
    for customer in &customers {
        conn.lock_row(RowOf::Customers, customer.0)?;
    }
    Ok(customers)
}

/// Stamps a customer with its latest follow-up.
///
/// # Errors
/// What the database answers.
pub fn last_follow(conn: &mut Conn, customer: CustomerId, follow: &LastFollow) -> Result<()> {
    diesel::update(customers::table.filter(customers::id.eq(customer)))
        .set((
            customers::last_follow_at.eq(follow.at),
            customers::last_follow_log.eq(follow.log.as_deref()),
            customers::last_called_at.eq(follow.called_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Stamps a customer with its deals.
///
/// # Errors
/// What the database answers.
pub fn deals(conn: &mut Conn, customer: CustomerId, deals: &Deals) -> Result<()> {
    diesel::update(customers::table.filter(customers::id.eq(customer)))
        .set((
            customers::last_deal_at.eq(deals.last_at),
            customers::last_deal_money.eq(deals.last_money),
            customers::order_money.eq(deals.total.cents().to_string()),
        ))
        .execute(conn)?;
    Ok(())
}
