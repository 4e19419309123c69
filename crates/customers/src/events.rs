//! The history of a customer that a person can read: every change of owner, pool, stage, lock,
//! approval and deletion.
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
    /// Claimed from the public pool; `to` is its owner now.
    Claimed,
    /// Given to somebody; `from` is the owner it left, nothing in the public pool, `to` the new one.
    Assigned,
    /// Put into the public pool by a person; `from` is the owner it left.
    Released,
    /// Put into the public pool by the system; `from` is the owner it left.
    Recycled,
    /// Lost its owner while it was deleted; `from` is that owner.
    Disowned,
    /// Deleted; `from` is the owner it had, nothing in the public pool.
    Deleted,
    /// Its deletion was taken back; `to` is the owner it has again, nothing in the public pool.
    Restored,
    /// Locked.
    Locked,
    /// Unlocked.
    Unlocked,
    /// Moved to another stage; `from` and `to` are the ids of the stages.
    Stage,
    /// Approved; `from` is the approval before.
    Approved,
    /// Turned down; `from` is the approval before.
    Rejected,
}

impl Kind {
    /// The word that is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Claimed => "claimed",
            Self::Assigned => "assigned",
            Self::Released => "released",
            Self::Recycled => "recycled",
            Self::Disowned => "disowned",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
            Self::Locked => "locked",
            Self::Unlocked => "unlocked",
            Self::Stage => "stage",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }

    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Created,
        Self::Claimed,
        Self::Assigned,
        Self::Released,
        Self::Recycled,
        Self::Disowned,
        Self::Deleted,
        Self::Restored,
        Self::Locked,
        Self::Unlocked,
        Self::Stage,
        Self::Approved,
        Self::Rejected,
    ];

    /// The kinds by which somebody gets a customer: what the dashboard counts as new. A customer is created once, in its
    /// first event.
    pub const GAINS: [Self; 3] = [Self::Created, Self::Claimed, Self::Assigned];

    /// The kinds by which somebody loses a customer to nobody: what the dashboard counts as lost.
    pub const LOSSES: [Self; 3] = [Self::Released, Self::Recycled, Self::Deleted];

    /// The kind with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether `from` and `to` are the ids of owners.
    fn tells_owners(self) -> bool {
        !matches!(self, Self::Locked | Self::Unlocked | Self::Stage | Self::Approved | Self::Rejected)
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
    let owner = |text: &Option<String>| -> Option<i64> {
        text.as_deref().filter(|_| event.kind.tells_owners()).and_then(|id| id.parse().ok())
    };
    diesel::insert_into(customer_events::table)
        .values((
            customer_events::customer_id.eq(event.customer),
            customer_events::kind.eq(event.kind.as_str()),
            customer_events::actor_id.eq(event.actor),
            customer_events::from_value.eq(event.from.as_deref()),
            customer_events::to_value.eq(event.to.as_deref()),
            customer_events::reason.eq(event.reason),
            customer_events::created_at.eq(event.at),
            customer_events::from_owner_id.eq(owner(&event.from)),
            customer_events::to_owner_id.eq(owner(&event.to)),
        ))
        .execute(conn)?;
    Ok(())
}
