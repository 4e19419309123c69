//! What a customer is. The row is told in parts, each with its own reason to change.

mod activity;
mod clue;
mod deletion;
mod holding;
mod listing;
mod profile;
mod progress;
mod project;

use crm_core::{CustomerId, DELETED, Instant, OrganizationId, StaffId};
use crm_db::schema::customers;
use diesel::prelude::*;
use serde::Serialize;

use crate::Address;
use crate::field::CustomValues;

pub use activity::Activity;
pub use clue::{Clue, Ocpc};
pub use deletion::Deletion;
pub use holding::Holding;
pub use listing::CustomerListing;
pub use profile::Profile;
pub use progress::{Approval, Progress};
pub use project::Project;

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = customers, treat_none_as_default_value = false)]
pub struct Customer {
    /// Its id; 0 before it is stored.
    #[diesel(skip_insertion)]
    pub id: CustomerId,
    /// What people say about it.
    #[diesel(embed)]
    #[serde(flatten)]
    pub profile: Profile,
    /// Whose it is.
    #[diesel(embed)]
    #[serde(flatten)]
    pub holding: Holding,
    /// How far it has come.
    #[diesel(embed)]
    #[serde(flatten)]
    pub progress: Progress,
    /// What it wants done.
    #[diesel(embed)]
    #[serde(flatten)]
    pub project: Project,
    /// What is known of it as a lead.
    #[diesel(embed)]
    #[serde(flatten)]
    pub clue: Clue,
    /// What follow-ups and contracts left on it.
    #[diesel(embed)]
    #[serde(flatten)]
    pub activity: Activity,
    /// Whether it is deleted.
    #[diesel(embed)]
    #[serde(flatten)]
    pub deletion: Deletion,
    /// Grows by one with every change, stamps excepted.
    pub version: i64,
    /// When it was entered.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Who changed it last; `None` while nobody has.
    pub updated_by: Option<StaffId>,
}

/// A customer and what belongs to it, as it is audited.
#[derive(Serialize)]
pub(in crate::customer) struct Linked<'a> {
    #[serde(flatten)]
    pub(in crate::customer) customer: &'a Customer,
    pub(in crate::customer) organization_ids: &'a [OrganizationId],
    pub(in crate::customer) address: &'a Address,
    pub(in crate::customer) custom: &'a CustomValues,
}

impl Customer {
    /// A new customer.
    pub(in crate::customer) fn new(profile: Profile, holding: Holding, progress: Progress, now: Instant) -> Self {
        Self {
            id: CustomerId(0),
            profile,
            holding,
            progress,
            project: Project::default(),
            clue: Clue::default(),
            activity: Activity::none(),
            deletion: Deletion::live(),
            version: 1,
            created_at: now,
            updated_at: now,
            updated_by: None,
        }
    }

    /// The customer one write later; `by` is nobody when the system writes.
    pub(crate) fn changed(self, by: Option<StaffId>, now: Instant) -> Self {
        Self { version: self.version + 1, updated_at: now, updated_by: by.or(self.updated_by), ..self }
    }

    /// Whether it is deleted.
    pub fn is_deleted(&self) -> bool {
        self.deletion.status == DELETED
    }

    /// The id of its owner as events tell it.
    pub(crate) fn owner_text(&self) -> Option<String> {
        self.holding.owner_id.map(|owner| owner.to_string())
    }
}
