//! What a contract is, and what may be said about one.

use crm_core::{
    ContractId, CustomerId, Instant, Money, OrganizationId, Patch, Problems, StaffId, StatusFilter, TimeRange,
};
use crm_db::schema::contracts;
use diesel::prelude::*;
use serde::Serialize;

/// A contract.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = contracts, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Contract {
    /// Its id; 0 before it is stored.
    #[diesel(skip_insertion)]
    pub id: ContractId,
    /// With whom.
    pub organization_id: OrganizationId,
    /// The customer it is credited to.
    pub customer_id: Option<CustomerId>,
    /// Its name.
    pub name: String,
    /// Its number, unique among live contracts; never empty.
    pub code: Option<String>,
    /// What it is worth.
    pub amount: Option<Money>,
    /// When it was signed.
    pub sign_time: Instant,
    /// When it comes into force.
    pub aging_start_time: Option<Instant>,
    /// When it ends; not before it comes into force.
    pub aging_end_time: Option<Instant>,
    /// What was paid.
    pub remit_amount: Option<Money>,
    /// When it was paid.
    pub remit_time: Option<Instant>,
    /// A note.
    pub note: Option<String>,
    /// Who entered it.
    pub creator_id: StaffId,
    /// Who changed it last.
    pub editor_id: Option<StaffId>,
    /// -1 deleted, 0 live.
    pub status: i16,
    /// Grows by one with every change.
    pub version: i64,
    /// When it was entered.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// A contract with whom it names, as it is written and audited, under the names of the requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Linked {
    #[serde(flatten)]
    pub(super) contract: Contract,
    #[serde(rename = "follower_id")]
    pub(super) follower_ids: Vec<StaffId>,
}

/// A contract as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractListing {
    /// The contract.
    pub contract: Contract,
    /// Who looks after it.
    pub follower_ids: Vec<StaffId>,
    /// Their names, in the same order.
    pub follower_names: Vec<String>,
    /// The name of the organization.
    pub organization_name: Option<String>,
}

/// What a create or an update says of a contract.
#[derive(Clone, Debug, Default)]
pub struct ContractInput {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// 1–100 characters; required on create.
    pub name: Patch<String>,
    /// Required on create.
    pub organization_id: Patch<OrganizationId>,
    /// The customer it is credited to.
    pub customer_id: Patch<CustomerId>,
    /// Up to 255 characters, unique among live contracts; an empty one is none.
    pub code: Patch<String>,
    /// What it is worth.
    pub amount: Patch<Money>,
    /// Required on create.
    pub sign_time: Patch<Instant>,
    /// When it comes into force.
    pub aging_start_time: Patch<Instant>,
    /// Not before `aging_start_time`.
    pub aging_end_time: Patch<Instant>,
    /// What was paid.
    pub remit_amount: Patch<Money>,
    /// When it was paid.
    pub remit_time: Patch<Instant>,
    /// Up to 10,000 characters.
    pub note: Patch<String>,
    /// Somebody other than the caller only for administrators.
    pub creator_id: Patch<StaffId>,
    /// Somebody other than the caller only for administrators; on update the caller unless said.
    pub editor_id: Patch<StaffId>,
    /// At most 1,000, without repetition.
    pub follower_ids: Patch<Vec<StaffId>>,
}

/// Which contracts a list shows.
#[derive(Clone, Debug, Default)]
pub struct ContractFilter {
    /// This one alone.
    pub id: Option<ContractId>,
    /// Those with this organization.
    pub organization_id: Option<OrganizationId>,
    /// Those credited to this customer.
    pub customer_id: Option<CustomerId>,
    /// The one with exactly this number.
    pub code: Option<String>,
    /// Those whose name contains this text.
    pub name: Option<String>,
    /// Those in this state.
    pub status: StatusFilter,
    /// Those signed in this range.
    pub signed: TimeRange,
}

impl Linked {
    /// A new contract with this organization, without name, followers and money.
    pub(super) fn blank(organization_id: OrganizationId, creator_id: StaffId, now: Instant) -> Self {
        let contract = Contract {
            id: ContractId(0),
            organization_id,
            customer_id: None,
            name: String::new(),
            code: None,
            amount: None,
            sign_time: now,
            aging_start_time: None,
            aging_end_time: None,
            remit_amount: None,
            remit_time: None,
            note: None,
            creator_id,
            editor_id: None,
            status: super::LIVE,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        Self { contract, follower_ids: Vec::new() }
    }

    /// The contract as the input, which was checked, wants it.
    pub(super) fn with(self, input: ContractInput) -> Self {
        let Self { contract: before, follower_ids } = self;
        let contract = Contract {
            organization_id: input.organization_id.apply_or(Some(before.organization_id), before.organization_id),
            customer_id: input.customer_id.apply(before.customer_id),
            name: input.name.apply_or(Some(before.name), String::new()),
            code: input.code.apply(before.code).filter(|code| !code.is_empty()),
            amount: input.amount.apply(before.amount),
            sign_time: input.sign_time.apply_or(Some(before.sign_time), before.sign_time),
            aging_start_time: input.aging_start_time.apply(before.aging_start_time),
            aging_end_time: input.aging_end_time.apply(before.aging_end_time),
            remit_amount: input.remit_amount.apply(before.remit_amount),
            remit_time: input.remit_time.apply(before.remit_time),
            note: input.note.apply(before.note),
            creator_id: input.creator_id.apply_or(Some(before.creator_id), before.creator_id),
            editor_id: input.editor_id.apply(before.editor_id),
            ..before
        };
        Self { contract, follower_ids: input.follower_ids.apply_or(Some(follower_ids), Vec::new()) }
    }

    /// The contract one write later.
    pub(super) fn changed(mut self, now: Instant) -> Self {
        self.contract.version += 1;
        self.contract.updated_at = now;
        self
    }
}
