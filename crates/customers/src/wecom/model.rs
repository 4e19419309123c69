//! What an outside contact is, what may be said of one, and how its state follows from what happened.

use crm_core::{CustomerId, DepartmentId, Instant, NORMAL, Patch, Problems, StaffId, TimeRange, WecomId};
use crm_db::schema::wecom_contacts;
use diesel::prelude::*;
use serde::Serialize;

/// An outside contact of a member of staff at WeCom (企微客户).
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = wecom_contacts, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct WecomContact {
    /// Its id; 0 before it is stored.
    #[diesel(skip_insertion)]
    pub id: WecomId,
    /// Who it is, as WeCom knows them. The same person may be a contact of several members of staff.
    pub external_userid: String,
    /// Whose contact it is.
    pub staff_id: StaffId,
    /// What they are called, once somebody has said it.
    pub name: Option<String>,
    /// The URL of a picture.
    pub avatar: Option<String>,
    /// When it was last added; of one that was only ever lost, when that was first.
    pub added_at: Instant,
    /// When it was lost; `None` while it is a contact.
    pub lost_at: Option<Instant>,
    /// The latest of its events. Of a deleted contact: nothing that happened up to then brings it back.
    pub event_at: Option<Instant>,
    /// The customer this is.
    pub customer_id: Option<CustomerId>,
    /// -1 deleted, 1 not.
    pub status: i16,
    /// Grows by one with every change.
    pub version: i64,
    /// When it was entered.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// A contact as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WecomListing {
    /// The contact.
    pub contact: WecomContact,
    /// The name of whose contact it is.
    pub staff_name: Option<String>,
    /// The name of the customer it is.
    pub customer_name: Option<String>,
}

/// What a person says of a contact. The first two name it; the rest is left, cleared or set.
#[derive(Clone, Debug, Default)]
pub struct WecomInput {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// 1–255 characters; required.
    pub external_userid: Patch<String>,
    /// Whose contact: somebody not deleted within the caller's scope; required.
    pub staff_id: Patch<StaffId>,
    /// 1–100 characters.
    pub name: Patch<String>,
    /// A URL.
    pub avatar: Patch<String>,
    /// When it was added; for a new contact by default when it was lost, else now.
    pub added_at: Patch<Instant>,
    /// When it was lost; null takes a loss back.
    pub lost_at: Patch<Instant>,
    /// A customer the caller sees.
    pub customer_id: Patch<CustomerId>,
}

/// Which contacts a list shows.
#[derive(Clone, Debug, Default)]
pub struct WecomFilter {
    /// This one alone.
    pub id: Option<WecomId>,
    /// Those of this person.
    pub staff_id: Option<StaffId>,
    /// Those of somebody in this department or below it.
    pub department_id: Option<DepartmentId>,
    /// Those that are this customer.
    pub customer_id: Option<CustomerId>,
    /// Those WeCom knows by this id.
    pub external_userid: Option<String>,
    /// Those in this state.
    pub state: WecomState,
    /// Those that were added or lost in a range, each once.
    pub event: Option<(Change, TimeRange)>,
}

/// Which states a list of contacts shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WecomState {
    /// Contacts that are neither lost nor deleted.
    #[default]
    Current,
    /// Lost ones that are not deleted.
    Lost,
    /// All, the deleted too.
    All,
}

/// What can happen to a contact, as people count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was added, or first heard of.
    Added,
    /// It was lost.
    Lost,
}

impl Change {
    /// The kinds of event that count as this change.
    pub const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Added => &[Kind::Added, Kind::Appeared],
            Self::Lost => &[Kind::Lost],
        }
    }
}

/// A kind of row in `wecom_events`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It was added.
    Added,
    /// Its first trace: it was edited before anything else is known to have happened to it. Counts as
    /// added, and gives way to anything that turns out to have happened no later.
    Appeared,
    /// It was lost.
    Lost,
}

impl Kind {
    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Appeared => "appeared",
            Self::Lost => "lost",
        }
    }
}

/// Something WeCom tells of a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WecomEvent {
    /// Whose contact, as WeCom knows the member of staff.
    pub wecom_userid: String,
    /// Which contact, as WeCom knows it.
    pub external_userid: String,
    /// What happened.
    pub kind: WecomEventKind,
    /// When (CreateTime).
    pub at: Instant,
}

/// What WeCom can tell of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WecomEventKind {
    /// It was added, by one side or both.
    Added,
    /// It was edited.
    Edited,
    /// One side dropped the other.
    Lost,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// Something was written.
    Applied,
    /// It was known already, or says nothing new.
    Nothing,
    /// Nobody here is known to WeCom by that id.
    UnknownPerson,
}

/// The rows of `wecom_events` of one contact, as far as its state follows from them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct History {
    /// The last time it was added, or appeared.
    pub(super) added: Option<Instant>,
    /// The first time it was lost.
    pub(super) first_lost: Option<Instant>,
    /// The last time it was lost.
    pub(super) lost: Option<Instant>,
}

impl History {
    /// When it was lost, if it is: of what happened in the same second a loss came last.
    pub(super) fn lost_at(&self) -> Option<Instant> {
        self.lost.filter(|lost| self.added.is_none_or(|added| *lost >= added))
    }
}

impl WecomContact {
    /// A contact of which nothing is known yet.
    pub(super) fn blank(external_userid: String, staff_id: StaffId, now: Instant) -> Self {
        Self {
            id: WecomId(0),
            external_userid,
            staff_id,
            name: None,
            avatar: None,
            added_at: now,
            lost_at: None,
            event_at: None,
            customer_id: None,
            status: NORMAL,
            version: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// The contact as its history has it. The state depends on what happened alone, not on the order
    /// in which it became known.
    pub(super) fn after(self, history: &History) -> Self {
        Self {
            added_at: history.added.or(history.first_lost).unwrap_or(self.added_at),
            lost_at: history.lost_at(),
            event_at: history.added.max(history.lost),
            status: NORMAL,
            ..self
        }
    }

    /// The contact one write later.
    pub(super) fn changed(self, now: Instant) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self }
    }
}
