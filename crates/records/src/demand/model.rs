//! What a demand is, and what may be said about one.

use crm_core::{CustomerId, DemandId, Instant, OrganizationId, Patch, Problems, StaffId, StatusFilter, TimeRange};
use crm_db::schema::demands;
use diesel::prelude::*;
use serde::Serialize;

use crate::LIVE;

/// A demand: something an organization asked for.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = demands, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Demand {
    /// Its id; 0 before it is stored.
    #[diesel(skip_insertion)]
    pub id: DemandId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// What is asked for.
    pub content: String,
    /// When it was asked for.
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

/// A demand and whom it names, as it is written and audited, under the names of the requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Linked {
    #[serde(flatten)]
    pub(super) demand: Demand,
    #[serde(rename = "follower_id")]
    pub(super) follower_ids: Vec<StaffId>,
    #[serde(rename = "customer_id")]
    pub(super) customer_ids: Vec<CustomerId>,
}

/// A demand as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemandListing {
    /// The demand.
    pub demand: Demand,
    /// The name of the organization.
    pub organization_name: Option<String>,
    /// The name of who entered it.
    pub operator_name: Option<String>,
    /// Who looks after it, in the order given.
    pub follower_ids: Vec<StaffId>,
    /// Their names.
    pub follower_names: Vec<String>,
    /// Which customers asked, in the order given.
    pub customer_ids: Vec<CustomerId>,
    /// Their names.
    pub customer_names: Vec<String>,
}

/// What a create or an update says of a demand.
#[derive(Clone, Debug, Default)]
pub struct DemandInput {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// Required on create.
    pub organization_id: Patch<OrganizationId>,
    /// Required on create, and never empty.
    pub follower_ids: Patch<Vec<StaffId>>,
    /// The customers who asked.
    pub customer_ids: Patch<Vec<CustomerId>>,
    /// Required on create.
    pub record_time: Patch<Instant>,
    /// Up to 10,000 characters, not only white space; required on create.
    pub content: Patch<String>,
    /// A URL.
    pub attach: Patch<String>,
    /// Up to 10,000 characters.
    pub note: Patch<String>,
}

/// Which demands a list shows.
#[derive(Clone, Debug, Default)]
pub struct DemandFilter {
    /// This one alone.
    pub id: Option<DemandId>,
    /// Those of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Those this customer asked for.
    pub customer_id: Option<CustomerId>,
    /// Those whose record time lies here.
    pub range: TimeRange,
    /// Those in this state.
    pub status: StatusFilter,
}

impl Linked {
    /// A new demand that nothing is said about yet.
    pub(super) fn blank(operator_id: StaffId, now: Instant) -> Self {
        let demand = Demand {
            id: DemandId(0),
            organization_id: OrganizationId(0),
            content: String::new(),
            record_time: now,
            attach: None,
            note: None,
            operator_id,
            status: LIVE,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        Self { demand, follower_ids: Vec::new(), customer_ids: Vec::new() }
    }

    /// The demand as the input wants it.
    pub(super) fn with(self, input: DemandInput) -> Self {
        let Self { demand, follower_ids, customer_ids } = self;
        Self {
            demand: Demand {
                organization_id: input.organization_id.apply_or(Some(demand.organization_id), demand.organization_id),
                content: input.content.apply_or(Some(demand.content), String::new()),
                record_time: input.record_time.apply_or(Some(demand.record_time), demand.record_time),
                attach: input.attach.apply(demand.attach),
                note: input.note.apply(demand.note),
                ..demand
            },
            follower_ids: input.follower_ids.apply_or(Some(follower_ids), Vec::new()),
            customer_ids: input.customer_ids.apply_or(Some(customer_ids), Vec::new()),
        }
    }

    /// The demand one write later.
    pub(super) fn changed(self, now: Instant) -> Self {
        let demand = Demand { version: self.demand.version + 1, updated_at: now, ..self.demand };
        Self { demand, ..self }
    }
}
