//! What a satisfaction record is, and what may be said about one.

use crm_core::{
    CustomerId, Instant, OrganizationId, Patch, Problems, SatisfactionId, StaffId, StatusFilter, TimeRange,
};
use crm_db::schema::satisfactions;
use diesel::prelude::*;
use serde::Serialize;

/// What customers said of something that was done.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = satisfactions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Satisfaction {
    /// Its id; 0 before it is stored.
    #[diesel(skip_insertion)]
    pub id: SatisfactionId,
    /// Whose customers said it; `None` when they belong to none.
    pub organization_id: Option<OrganizationId>,
    /// -10 (worst) to 10 (best).
    pub value: i16,
    /// When they said it.
    pub record_time: Instant,
    /// The URL of an attachment.
    pub attach: Option<String>,
    /// A note.
    pub note: Option<String>,
    /// Who entered it.
    pub operator_id: StaffId,
    /// -1 deleted, 0 live.
    pub status: i16,
    /// Grows by one with every change.
    pub version: i64,
    /// When it was entered.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// A satisfaction record with whom it names, as it is written and audited, under the names of the requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Linked {
    #[serde(flatten)]
    pub(super) satisfaction: Satisfaction,
    #[serde(rename = "customers_id")]
    pub(super) customer_ids: Vec<CustomerId>,
    #[serde(rename = "follower_id")]
    pub(super) follower_ids: Vec<StaffId>,
}

/// A satisfaction record as lists show it. Names are in the order of the ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SatisfactionListing {
    /// The record.
    pub satisfaction: Satisfaction,
    /// The customers who said it.
    pub customer_ids: Vec<CustomerId>,
    /// Their names.
    pub customer_names: Vec<String>,
    /// The people who were praised or blamed.
    pub follower_ids: Vec<StaffId>,
    /// Their names.
    pub follower_names: Vec<String>,
    /// The name of the organization, where there is one.
    pub organization_name: Option<String>,
    /// The name of who entered it.
    pub operator_name: Option<String>,
}

/// What a create or an update says of a satisfaction record.
#[derive(Clone, Debug, Default)]
pub struct SatisfactionInput {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// Left out on create it is the first organization of the first customer, or none.
    pub organization_id: Patch<OrganizationId>,
    /// At most 1,000, without repetition.
    pub customer_ids: Patch<Vec<CustomerId>>,
    /// At most 1,000, without repetition.
    pub follower_ids: Patch<Vec<StaffId>>,
    /// -10 to 10; required on create.
    pub value: Patch<i64>,
    /// Required on create.
    pub record_time: Patch<Instant>,
    /// A URL.
    pub attach: Patch<String>,
    /// Up to 10,000 characters.
    pub note: Patch<String>,
}

/// Which satisfaction records a list shows.
#[derive(Clone, Debug, Default)]
pub struct SatisfactionFilter {
    /// This one alone.
    pub id: Option<SatisfactionId>,
    /// Those said by any of these customers; all when empty.
    pub customer_ids: Vec<CustomerId>,
    /// Those of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Those that praise or blame this person.
    pub follower_id: Option<StaffId>,
    /// Those in this state.
    pub status: StatusFilter,
    /// Those whose record time lies in this range.
    pub recorded: TimeRange,
}

impl Linked {
    /// A new record without value, customers and followers.
    pub(super) fn blank(operator_id: StaffId, now: Instant) -> Self {
        let satisfaction = Satisfaction {
            id: SatisfactionId(0),
            organization_id: None,
            value: 0,
            record_time: now,
            attach: None,
            note: None,
            operator_id,
            status: super::LIVE,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        Self { satisfaction, customer_ids: Vec::new(), follower_ids: Vec::new() }
    }

    /// The record as the input, which was checked, wants it.
    pub(super) fn with(self, input: SatisfactionInput) -> Self {
        let Self { satisfaction: before, customer_ids, follower_ids } = self;
        let value = input.value.into_value().and_then(|value| i16::try_from(value).ok());
        let satisfaction = Satisfaction {
            organization_id: input.organization_id.apply(before.organization_id),
            value: value.unwrap_or(before.value),
            record_time: input.record_time.apply_or(Some(before.record_time), before.record_time),
            attach: input.attach.apply(before.attach),
            note: input.note.apply(before.note),
            ..before
        };
        Self {
            satisfaction,
            customer_ids: input.customer_ids.apply_or(Some(customer_ids), Vec::new()),
            follower_ids: input.follower_ids.apply_or(Some(follower_ids), Vec::new()),
        }
    }
}

impl Satisfaction {
    /// The record one write later.
    pub(super) fn changed(self, now: Instant) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self }
    }
}
