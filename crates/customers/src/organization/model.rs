//! What an organization is, and what may be said about one.

use chrono::NaiveDate;
use crm_core::{Instant, OrganizationId, Patch, Problems, StaffId, StatusFilter};
use crm_db::schema::organizations;
use diesel::prelude::*;
use serde::Serialize;

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = organizations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Organization {
    /// Its id; 0 before it is stored.
    #[diesel(skip_insertion)]
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// A description.
    pub detail: Option<String>,
    /// A kind of the deployment's own choosing.
    #[diesel(column_name = type_)]
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Province, spelled as the contract spells it.
    pub provience: Option<String>,
    /// City.
    pub city: Option<String>,
    /// County or district.
    pub county: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// 法人.
    pub legal_person: Option<String>,
    /// 注册资本, as text.
    pub register_capital: Option<String>,
    /// 成立日期.
    pub register_date: Option<NaiveDate>,
    /// Its web site.
    pub website: Option<String>,
    /// A note.
    pub note: Option<String>,
    /// Who entered it.
    pub creator_id: StaffId,
    /// -1 deleted, 1 normal; 0–3 the stage last set on its newest live potential.
    pub status: i16,
    /// Grows by one with every change.
    pub version: i64,
    /// When it was entered.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// An organization as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationListing {
    /// The organization.
    pub organization: Organization,
    /// The name of who entered it.
    pub creator_name: Option<String>,
}

/// What a create or an update says of an organization.
#[derive(Clone, Debug, Default)]
pub struct OrganizationInput {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// 1–100 characters; required on create.
    pub name: Patch<String>,
    /// Up to 10,000 characters.
    pub detail: Patch<String>,
    /// Up to 255 characters, as the next four.
    pub kind: Patch<String>,
    /// Province.
    pub provience: Patch<String>,
    /// City.
    pub city: Patch<String>,
    /// County or district.
    pub county: Patch<String>,
    /// Street and number.
    pub address: Patch<String>,
    /// 1–100 characters.
    pub legal_person: Patch<String>,
    /// Up to 255 characters.
    pub register_capital: Patch<String>,
    /// A calendar date.
    pub register_date: Patch<NaiveDate>,
    /// A URL.
    pub website: Patch<String>,
    /// Up to 10,000 characters.
    pub note: Patch<String>,
    /// Somebody other than the caller only for administrators.
    pub creator_id: Patch<StaffId>,
}

/// Which organizations a list shows.
#[derive(Clone, Debug, Default)]
pub struct OrganizationFilter {
    /// This one alone.
    pub id: Option<OrganizationId>,
    /// Those whose name contains this text.
    pub name: Option<String>,
    /// Those in this state.
    pub status: StatusFilter,
    /// Those this person entered.
    pub creator_id: Option<StaffId>,
}

impl Organization {
    /// A new organization without a name.
    pub(super) fn blank(creator_id: StaffId, now: Instant) -> Self {
        Self {
            id: OrganizationId(0),
            name: String::new(),
            detail: None,
            kind: None,
            provience: None,
            city: None,
            county: None,
            address: None,
            legal_person: None,
            register_capital: None,
            register_date: None,
            website: None,
            note: None,
            creator_id,
            status: super::NORMAL,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The organization as the input wants it.
    pub(super) fn with(self, input: OrganizationInput) -> Self {
        Self {
            name: input.name.apply_or(Some(self.name), String::new()),
            detail: input.detail.apply(self.detail),
            kind: input.kind.apply(self.kind),
            provience: input.provience.apply(self.provience),
            city: input.city.apply(self.city),
            county: input.county.apply(self.county),
            address: input.address.apply(self.address),
            legal_person: input.legal_person.apply(self.legal_person),
            register_capital: input.register_capital.apply(self.register_capital),
            register_date: input.register_date.apply(self.register_date),
            website: input.website.apply(self.website),
            note: input.note.apply(self.note),
            creator_id: input.creator_id.apply_or(Some(self.creator_id), self.creator_id),
            ..self
        }
    }

    /// The organization one write later.
    pub(super) fn changed(self, now: Instant) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self }
    }
}
