//! What may be said about a customer, and which customers may be asked for.

use chrono::NaiveDate;
use crm_core::{
    CategoryId, CustomerId, DepartmentId, Instant, Money, OrganizationId, Patch, Problems, ProductLineId, SEX_UNKNOWN,
    SourceId, StaffId, StatusFilter, phone_key,
};

use super::{Clue, Ocpc, Profile, Project};
use crate::AddressInput;
use crate::field::CustomInput;

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
    /// Where it comes from.
    pub source_id: Patch<SourceId>,
    /// Its category.
    pub category_id: Patch<CategoryId>,
    /// Its product line; 1 by default.
    pub product_line_id: Patch<ProductLineId>,
    /// When it is to be followed up next.
    pub next_follow_at: Patch<Instant>,
    /// Where it is and by what else it is reached.
    pub address: AddressInput,
    /// What it wants done.
    pub project: ProjectInput,
    /// What is known of it as a lead.
    pub clue: ClueInput,
    /// What it has in the deployment's own fields, by their keys; merged into what it has. Null
    /// clears them all.
    pub custom: Patch<CustomInput>,
    /// Its organizations, in order; replaces those it has.
    pub organization_ids: Patch<Vec<OrganizationId>>,
    /// Somebody other than the caller only for administrators.
    pub creator_id: Patch<StaffId>,
    /// On create alone: whose it is, if not its creator's; null is the public pool.
    pub owner_id: Patch<StaffId>,
}

/// What is said of a customer's project.
#[derive(Clone, Debug, Default)]
pub struct ProjectInput {
    /// 小区名称, up to 255 characters.
    pub community_name: Patch<String>,
    /// 门牌号, up to 255 characters.
    pub room_number: Patch<String>,
    /// In 万 (ten thousand yuan), at most two decimals.
    pub budget: Patch<Money>,
    /// 1 较强, 2 一般, 3 暂无.
    pub intent: Patch<i64>,
}

/// What is said of a customer as a lead.
#[derive(Clone, Debug, Default)]
pub struct ClueInput {
    /// 1 or 0, the default.
    pub is_clue: Patch<i64>,
    /// Up to 255 characters.
    pub clue_id_unique: Patch<String>,
    /// Up to 255 characters.
    pub api_platform: Patch<String>,
    /// From 0, the default.
    pub api_setting_id: Patch<i64>,
    /// At most 10,000 characters as JSON.
    pub ocpc: Patch<Ocpc>,
    /// 1 or 0, the default: whether it is on the blacklist.
    pub is_blacklisted: Patch<i64>,
}

/// Which customers a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// Those that are somebody's in this department or below it.
    pub department_id: Option<DepartmentId>,
    /// Those whose owner is somebody whose rows the caller sees: not those in the public pool, and not
    /// those the caller only sees for another reason.
    pub owned: bool,
}

impl CustomerFilter {
    /// Whether it asks for nothing beside a state.
    pub(super) fn is_open(&self) -> bool {
        *self == self.bare()
    }

    /// The name, where it asks for nothing else beside a state.
    pub(super) fn only_name(&self) -> Option<&str> {
        let only = *self == Self { name: self.name.clone(), ..self.bare() };
        self.name.as_deref().filter(|_| only)
    }

    /// The owner, where it asks for nothing else beside a state.
    pub(super) fn only_owner(&self) -> Option<StaffId> {
        let only = *self == Self { owner_id: self.owner_id, ..self.bare() };
        self.owner_id.filter(|_| only)
    }

    /// The state alone.
    fn bare(&self) -> Self {
        Self { status: self.status, ..Self::default() }
    }
}

impl Profile {
    /// The profile as the input wants it.
    pub(super) fn with(self, input: &CustomerInput) -> Self {
        let input = input.clone();
        let phone = input.phone.apply(self.phone);
        Self {
            kind: input.kind.apply(self.kind),
            nick_name: input.nick_name.apply(self.nick_name),
            real_name: input.real_name.apply_or(Some(self.real_name), String::new()),
            avatar: input.avatar.apply(self.avatar),
            phone_key: phone.as_deref().map(phone_key),
            phone,
            job: input.job.apply(self.job),
            sex: input.sex.apply_small(self.sex, SEX_UNKNOWN),
            cid: input.cid.apply(self.cid),
            open_id: input.open_id.apply(self.open_id),
            level: input.level.apply_or(Some(self.level), 0),
            is_vip: input.is_vip.apply_small(self.is_vip, 0),
            is_senior: input.is_senior.apply_small(self.is_senior, 0),
            vip_due_time: input.vip_due_time.apply(self.vip_due_time),
            navigation_due_time: input.navigation_due_time.apply(self.navigation_due_time),
            legal_person: input.legal_person.apply(self.legal_person),
            register_capital: input.register_capital.apply(self.register_capital),
            register_date: input.register_date.apply(self.register_date),
            website: input.website.apply(self.website),
            note: input.note.apply(self.note),
            source_id: input.source_id.apply(self.source_id),
            category_id: input.category_id.apply(self.category_id),
            product_line_id: input.product_line_id.apply_or(Some(self.product_line_id), ProductLineId(1)),
            next_follow_at: input.next_follow_at.apply(self.next_follow_at),
            creator_id: input.creator_id.apply_or(Some(self.creator_id), self.creator_id),
        }
    }
}

impl Project {
    /// The project as the input wants it.
    pub(super) fn with(self, input: &ProjectInput) -> Self {
        let ProjectInput { community_name, room_number, budget, intent } = input.clone();
        Self {
            community_name: community_name.apply(self.community_name),
            room_number: room_number.apply(self.room_number),
            budget: budget.apply(self.budget),
            // Checked to be 1–3 before.
            intent: intent.map(|intent| i16::try_from(intent).unwrap_or_default()).apply(self.intent),
        }
    }
}

impl Clue {
    /// The lead as the input wants it.
    pub(super) fn with(self, input: &ClueInput) -> Self {
        let ClueInput { is_clue, clue_id_unique, api_platform, api_setting_id, ocpc, is_blacklisted } = input.clone();
        Self {
            is_clue: is_clue.apply_small(self.is_clue, 0),
            clue_id_unique: clue_id_unique.apply(self.clue_id_unique),
            api_platform: api_platform.apply(self.api_platform),
            api_setting_id: api_setting_id.apply_or(Some(self.api_setting_id), 0),
            ocpc_data: ocpc.map(|ocpc| ocpc.to_json()).apply(self.ocpc_data),
            is_blacklisted: is_blacklisted.apply_small(self.is_blacklisted, 0),
            ..self
        }
    }
}
