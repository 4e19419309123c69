//! The customers of a list one after the other, for exports.

use crm_core::{Caller, CustomerId, Result};
use crm_db::Conn;

use super::{CustomerFilter, CustomerListing, Customers, listings, repository};

impl Customers {
    /// The next `count` rows of [`Customers::list`] after the customer `after`, as lists show them. A
    /// customer that is entered or deleted meanwhile moves no others, as it would move pages.
    /// A transaction sees what it has written itself.
    ///
    /// # Errors
    /// What the database answers.
    pub fn list_after(
        conn: &mut Conn,
        caller: &Caller,
        filter: &CustomerFilter,
        after: Option<CustomerId>,
        count: i64,
    ) -> Result<Vec<CustomerListing>> {
        let rows = repository::list_after(conn, caller, filter, after, count)?;
        listings(conn, caller, rows)
    }
}
