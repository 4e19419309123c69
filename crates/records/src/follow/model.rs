//! What a follow-up is, and what may be said about one.

use crm_core::{
    CustomerId, FollowId, Instant, OrganizationId, Patch, PotentialId, Problems, StaffId, StatusFilter, TimeRange,
};
use crm_db::schema::follows;
use diesel::prelude::*;
use serde::Serialize;

use crate::LIVE;

/// A follow-up: one visit, call or other contact made for a potential.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = follows, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Follow {
    /// Its id; 0 before it is stored.
    #[diesel(skip_insertion)]
    pub id: FollowId,
    /// The potential it belongs to, for good.
    pub potential_id: PotentialId,
    /// What was done: 1 接入, 2 走访拜访, 3 电话拜访, 4 签约, 5 售后.
    pub event: Option<i16>,
    /// What came of it.
    pub gain: Option<String>,
    /// When it happened.
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

/// A follow-up and whom it names, as it is written and audited, under the names of the requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Linked {
    #[serde(flatten)]
    pub(super) follow: Follow,
    #[serde(rename = "follower_id")]
    pub(super) follower_ids: Vec<StaffId>,
    #[serde(rename = "customers_id")]
    pub(super) customer_ids: Vec<CustomerId>,
}

/// A follow-up as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowListing {
    /// The follow-up. Its status is -1 also when its potential is deleted.
    pub follow: Follow,
    /// The organization of its potential.
    pub organization_id: Option<OrganizationId>,
    /// The name of that.
    pub organization_name: Option<String>,
    /// The name of who entered it.
    pub operator_name: Option<String>,
    /// Who took part for us, in the order given.
    pub follower_ids: Vec<StaffId>,
    /// Their names.
    pub follower_names: Vec<String>,
    /// Which customers it was about, in the order given.
    pub customer_ids: Vec<CustomerId>,
    /// Their names.
    pub customer_names: Vec<String>,
}

/// What a create or an update says of a follow-up.
#[derive(Clone, Debug, Default)]
pub struct FollowInput {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// Required on create; cannot change afterwards.
    pub potential_id: Patch<PotentialId>,
    /// Required on create, and never empty.
    pub follower_ids: Patch<Vec<StaffId>>,
    /// The customers it was about.
    pub customer_ids: Patch<Vec<CustomerId>>,
    /// Required on create.
    pub record_time: Patch<Instant>,
    /// 1–5.
    pub event: Patch<i64>,
    /// Up to 10,000 characters.
    pub gain: Patch<String>,
    /// A URL.
    pub attach: Patch<String>,
    /// Up to 10,000 characters.
    pub note: Patch<String>,
}

/// Which follow-ups a list shows.
#[derive(Clone, Debug, Default)]
pub struct FollowFilter {
    /// This one alone.
    pub id: Option<FollowId>,
    /// Those of this potential.
    pub potential_id: Option<PotentialId>,
    /// Those of this organization's potentials.
    pub organization_id: Option<OrganizationId>,
    /// Those about this customer.
    pub customer_id: Option<CustomerId>,
    /// Those this person took part in.
    pub follower_id: Option<StaffId>,
    /// Those whose record time lies here.
    pub range: TimeRange,
    /// Those in this state; a follow-up of a deleted potential counts as deleted.
    pub status: StatusFilter,
}

impl Follow {
    /// A new follow-up that nothing is said about yet.
    pub(super) fn blank(potential_id: PotentialId, operator_id: StaffId, now: Instant) -> Self {
        Self {
            id: FollowId(0),
            potential_id,
            event: None,
            gain: None,
            record_time: now,
            attach: None,
            note: None,
            operator_id,
            status: LIVE,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The follow-up one write later.
    pub(super) fn changed(self, now: Instant) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self }
    }
}

impl Linked {
    /// The follow-up as the input wants it.
    pub(super) fn with(self, input: FollowInput) -> Self {
        let Self { follow, follower_ids, customer_ids } = self;
        Self {
            follow: Follow {
                // Checked to be 1–5 before.
                event: input.event.map(|event| i16::try_from(event).unwrap_or_default()).apply(follow.event),
                gain: input.gain.apply(follow.gain),
                record_time: input.record_time.apply_or(Some(follow.record_time), follow.record_time),
                attach: input.attach.apply(follow.attach),
                note: input.note.apply(follow.note),
                ..follow
            },
            follower_ids: input.follower_ids.apply_or(Some(follower_ids), Vec::new()),
            customer_ids: input.customer_ids.apply_or(Some(customer_ids), Vec::new()),
        }
    }
}
