//! What may be said about a customer, and which customers may be asked for.

use chrono::NaiveDate;
use crm_core::{CustomerId, Instant, OrganizationId, Patch, Problems, StaffId, StatusFilter, phone_key};

use super::{Profile, SEX_UNKNOWN};

/// What a create or an update says of a customer.
#[derive(Clone, Debug, Default)]
pub struct CustomerInput {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// Up to 255 characters.
    pub kind: Patch<String>,
    /// 1–100 characters.
    pub nick_name: Patch<String>,
    /// 1–100 characters; required on create.
    pub real_name: Patch<String>,
    /// A URL.
    pub avatar: Patch<String>,
    /// A phone number; need not be unique.
    pub phone: Patch<String>,
    /// Up to 255 characters.
    pub job: Patch<String>,
    /// 1 male, 2 female, 3 unknown (the default).
    pub sex: Patch<i64>,
    /// Up to 255 characters.
    pub cid: Patch<String>,
    /// Up to 255 characters.
    pub open_id: Patch<String>,
    /// Any whole number; 0 by default.
    pub level: Patch<i64>,
    /// 1 or 0, the default.
    pub is_vip: Patch<i64>,
    /// 1 or 0, the default.
    pub is_senior: Patch<i64>,
    /// A moment.
    pub vip_due_time: Patch<Instant>,
    /// A moment.
    pub navigation_due_time: Patch<Instant>,
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
    /// Its organizations, in order; replaces those it has.
    pub organization_ids: Patch<Vec<OrganizationId>>,
    /// Somebody other than the caller only for administrators.
    pub creator_id: Patch<StaffId>,
    /// On create alone: whose it is, if not its creator's; null is the public pool.
    pub owner_id: Patch<StaffId>,
}

/// Which customers a list shows.
#[derive(Clone, Debug, Default)]
pub struct CustomerFilter {
    /// This one alone.
    pub id: Option<CustomerId>,
    /// Those whose real name or nickname contains this text.
    pub name: Option<String>,
    /// Those with an organization whose name contains this text.
    pub organization_name: Option<String>,
    /// Those of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Those with this phone number, compared by its digits and `+`. In the public pool it finds
    /// nothing for those to whom numbers there are masked.
    pub phone: Option<String>,
    /// Those in this state.
    pub status: StatusFilter,
    /// Those this person entered.
    pub creator_id: Option<StaffId>,
    /// Those that are this person's.
    pub owner_id: Option<StaffId>,
}

impl CustomerFilter {
    /// Whether it asks for nothing beside a state.
    pub(super) fn is_open(&self) -> bool {
        let Self { id, name, organization_name, organization_id, phone, status: _, creator_id, owner_id } = self;
        id.is_none()
            && name.is_none()
            && organization_name.is_none()
            && organization_id.is_none()
            && phone.is_none()
            && creator_id.is_none()
            && owner_id.is_none()
    }
}

impl Profile {
    /// The profile as the input wants it.
    pub(super) fn with(self, input: CustomerInput) -> Self {
        let phone = input.phone.apply(self.phone);
        Self {
            kind: input.kind.apply(self.kind),
            nick_name: input.nick_name.apply(self.nick_name),
            real_name: input.real_name.apply_or(Some(self.real_name), String::new()),
            avatar: input.avatar.apply(self.avatar),
            phone_key: phone.as_deref().map(phone_key),
            phone,
            job: input.job.apply(self.job),
            sex: small(input.sex, self.sex, SEX_UNKNOWN),
            cid: input.cid.apply(self.cid),
            open_id: input.open_id.apply(self.open_id),
            level: input.level.apply_or(Some(self.level), 0),
            is_vip: small(input.is_vip, self.is_vip, 0),
            is_senior: small(input.is_senior, self.is_senior, 0),
            vip_due_time: input.vip_due_time.apply(self.vip_due_time),
            navigation_due_time: input.navigation_due_time.apply(self.navigation_due_time),
            legal_person: input.legal_person.apply(self.legal_person),
            register_capital: input.register_capital.apply(self.register_capital),
            register_date: input.register_date.apply(self.register_date),
            website: input.website.apply(self.website),
            note: input.note.apply(self.note),
            creator_id: input.creator_id.apply_or(Some(self.creator_id), self.creator_id),
        }
    }
}

/// A small number whose range has been checked.
fn small(patch: Patch<i64>, current: i16, default: i16) -> i16 {
    patch.map(|number| i16::try_from(number).unwrap_or(default)).apply_or(Some(current), default)
}
