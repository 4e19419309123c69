//! Writes of what is attached to a customer by routes of its own: labels, team, assistants.

use crm_core::{Caller, CustomerId, Error, Instant, Result};
use crm_db::Conn;
use serde::Serialize;

use super::{Customer, NOT_FOUND, deed, repository, writable};

/// A customer with what is attached to it, as it is audited.
#[derive(Serialize)]
struct Attached<'a, T> {
    #[serde(flatten)]
    customer: &'a Customer,
    #[serde(flatten)]
    set: T,
}

/// The live customer, locked, if the caller may change it and, with `version`, has read it as it
/// still is.
pub(crate) fn changeable(conn: &mut Conn, caller: &Caller, id: CustomerId, version: Option<i64>) -> Result<Customer> {
    let found = writable(conn, caller, id)?;
    if found.is_deleted() {
        return Err(NOT_FOUND);
    }
    if version.is_some_and(|version| version != found.version) {
        return Err(Error::Stale);
    }
    Ok(found)
}

/// Writes the customer one write later, with the audit row that tells what was attached before and
/// is now.
pub(crate) fn attached<T: Serialize>(
    conn: &mut Conn,
    caller: &Caller,
    action: &'static str,
    before: &Customer,
    (set_before, set_after): (T, T),
    now: Instant,
) -> Result<()> {
    let after = before.clone().changed(Some(caller.staff_id), now);
    repository::update(conn, before, &after)?;
    deed(caller, action, before.id, now).changed(
        conn,
        &Attached { customer: before, set: set_before },
        &Attached { customer: &after, set: set_after },
    )
}
