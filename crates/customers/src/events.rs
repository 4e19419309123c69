//! The history of a customer that a person can read: every change of owner, pool and deletion.
//!
//! Whoever changes one of these records it here, in the same transaction. Events are only ever
//! added.

use crm_core::{CustomerId, Instant, Result, StaffId};
use crm_db::Conn;
use crm_db::schema::customer_events;
use diesel::prelude::*;

/// What happened to a customer, and what `from` and `to` of the event say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Entered; `to` is its owner, nothing in the public pool.
    Created,
    /// Went to the public pool; `from` is the owner it left.
    Pooled,
    /// Lost its owner while it was deleted; `from` is that owner.
    Disowned,
    /// Deleted; `from` is the owner it had, nothing in the public pool.
    Deleted,
    /// Its deletion was taken back; `to` is the owner it has again, nothing in the public pool.
    Restored,
}

impl Kind {
    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Pooled => "pooled",
            Self::Disowned => "disowned",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
        }
    }
}

/// One event of one customer.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// Whose.
    pub customer: CustomerId,
    /// What happened.
    pub kind: Kind,
    /// Who did it; `None`: the system.
    pub actor: Option<StaffId>,
    /// What was before, as [`Kind`] says; ids as decimal text.
    pub from: Option<String>,
    /// What is now, as [`Kind`] says.
    pub to: Option<String>,
    /// Why, in the words of whoever did it.
    pub reason: Option<&'a str>,
    /// When.
    pub at: Instant,
}

/// Adds an event, inside the transaction of the change it tells of.
///
/// # Errors
/// What the database answers.
pub fn record(conn: &mut Conn, event: &Event<'_>) -> Result<()> {
    diesel::insert_into(customer_events::table)
        .values((
            customer_events::customer_id.eq(event.customer),
            customer_events::kind.eq(event.kind.as_str()),
            customer_events::actor_id.eq(event.actor),
            customer_events::from_value.eq(event.from.as_deref()),
            customer_events::to_value.eq(event.to.as_deref()),
            customer_events::reason.eq(event.reason),
            customer_events::created_at.eq(event.at),
        ))
        .execute(conn)?;
    Ok(())
}
