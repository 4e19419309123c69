//! What a customer is. The row is told in parts, each with its own reason to change.

use chrono::NaiveDate;
use crm_core::{
    CategoryId, CustomerId, DELETED, Instant, LabelId, Money, MoneySum, OrganizationId, ProductLineId, SourceId,
    StaffId, StageId,
};
use crm_db::schema::customers;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize, Serializer};

use super::NORMAL;
use crate::Address;
use crate::field::CustomValues;
use crate::options::Choice;
use crate::team::TeamMember;

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = customers)]
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

/// What people say about a customer.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = customers, treat_none_as_null = true)]
pub struct Profile {
    /// A kind of the deployment's own choosing.
    #[diesel(column_name = type_)]
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// What they are called.
    pub nick_name: Option<String>,
    /// Their name.
    pub real_name: String,
    /// The URL of a picture.
    pub avatar: Option<String>,
    /// As it was entered; several customers may have the same.
    pub phone: Option<String>,
    /// The same as it is compared.
    #[serde(skip)]
    pub phone_key: Option<String>,
    /// What they work as.
    pub job: Option<String>,
    /// 1 male, 2 female, 3 unknown.
    pub sex: i16,
    /// An id in a system of the deployment.
    pub cid: Option<String>,
    /// Their id at WeChat.
    pub open_id: Option<String>,
    /// A level of the deployment's own choosing.
    pub level: i64,
    /// 1 for a VIP, else 0.
    pub is_vip: i16,
    /// 1 for a senior, else 0.
    pub is_senior: i16,
    /// Until when they are a VIP.
    pub vip_due_time: Option<Instant>,
    /// Until when they may use the navigation.
    pub navigation_due_time: Option<Instant>,
    /// 法人.
    pub legal_person: Option<String>,
    /// 注册资本, as text.
    pub register_capital: Option<String>,
    /// 成立日期.
    pub register_date: Option<NaiveDate>,
    /// A web site.
    pub website: Option<String>,
    /// A note.
    pub note: Option<String>,
    /// Where it comes from, a row of `customer_sources`.
    pub source_id: Option<SourceId>,
    /// Its category, a row of `customer_categories`.
    pub category_id: Option<CategoryId>,
    /// Its product line.
    pub product_line_id: ProductLineId,
    /// When it is to be followed up next.
    pub next_follow_at: Option<Instant>,
    /// Who entered it.
    pub creator_id: StaffId,
}

/// Whose a customer is, and how it came to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = customers, treat_none_as_null = true)]
pub struct Holding {
    /// Whose it is; `None` in the public pool (公海).
    pub owner_id: Option<StaffId>,
    /// Whose it was before.
    pub last_owner_id: Option<StaffId>,
    /// Since when it is its owner's.
    pub assigned_at: Option<Instant>,
    /// When it last came into the public pool.
    pub pool_entered_at: Option<Instant>,
    /// How often an owner lost it to the public pool.
    pub pool_times: i64,
    /// 1 the system put it into the pool last, 2 a person did; 0 neither ever.
    pub pool_type: i16,
    /// 1 when it is never recycled, released or assigned, else 0.
    pub is_locked: i16,
}

/// How far a customer has come (生命周期), and whether it is approved.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = customers, treat_none_as_null = true)]
pub struct Progress {
    /// Its stage.
    pub stage_id: StageId,
    /// The stage it was in before.
    pub last_stage_id: Option<StageId>,
    /// `approved`, `pending` or `rejected`.
    pub approve_status: Approval,
}

/// Whether an administrator has let a customer in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow, Serialize)]
#[diesel(sql_type = Text)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// Let in, or nobody had to ask.
    Approved,
    /// Waits for an administrator.
    Pending,
    /// Turned down.
    Rejected,
}

/// What a customer wants done, and how badly.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = customers, treat_none_as_null = true)]
pub struct Project {
    /// 小区名称.
    pub community_name: Option<String>,
    /// 门牌号.
    pub room_number: Option<String>,
    /// In 万 (ten thousand yuan), two decimals.
    pub budget: Option<Money>,
    /// 1 较强, 2 一般, 3 暂无.
    pub intent: Option<i16>,
}

/// What is known of a customer as a lead (线索).
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = customers, treat_none_as_null = true)]
pub struct Clue {
    /// 1 when it came as a lead, else 0.
    pub is_clue: i16,
    /// Who claimed it, or was assigned it, first.
    #[diesel(column_name = clue_user_id)]
    #[serde(rename = "clue_user_id")]
    pub first_claimer_id: Option<StaffId>,
    /// When that was.
    pub first_claimed_at: Option<Instant>,
    /// Its id on the platform it came from.
    pub clue_id_unique: Option<String>,
    /// The platform it came from.
    pub api_platform: Option<String>,
    /// The setting of the interface it came by; 0 without one.
    pub api_setting_id: i64,
    /// What is reported back to the platform: a JSON object. See [`Clue::ocpc`].
    #[diesel(column_name = clue_ocpc_data)]
    #[serde(rename = "clue_ocpc_data")]
    pub ocpc_data: Option<String>,
    /// 1 when it is on the blacklist, else 0.
    pub is_blacklisted: i16,
}

/// What follow-ups and contracts left on a customer; written by [`stamps`](crate::stamps) alone.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = customers)]
pub struct Activity {
    /// When it was last followed up.
    pub last_follow_at: Option<Instant>,
    /// What came of it.
    pub last_follow_log: Option<String>,
    /// When it was last called: the latest follow-up by telephone.
    pub last_called_at: Option<Instant>,
    /// When its latest contract was signed.
    pub last_deal_at: Option<Instant>,
    /// The amount of that contract.
    pub last_deal_money: Option<Money>,
    /// The sum of its contracts: cents as decimal text. See [`Activity::order_money`].
    #[serde(serialize_with = "as_money")]
    pub order_money: String,
}

/// Whether a customer is deleted, by whom and why.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = customers, treat_none_as_null = true)]
pub struct Deletion {
    /// -1 deleted, 1 not.
    pub status: i16,
    /// When it was deleted.
    pub deleted_at: Option<Instant>,
    /// Who deleted it.
    pub deleted_by: Option<StaffId>,
    /// Why.
    pub deleted_reason: Option<String>,
}

/// A customer as lists show it to one caller.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerListing {
    /// The customer; its phone number is masked where the caller may not read it.
    pub customer: Customer,
    /// Its organizations, in order.
    pub organization_ids: Vec<OrganizationId>,
    /// Their names, in the same order.
    pub organization_names: Vec<String>,
    /// The name of who entered it.
    pub creator_name: Option<String>,
    /// The name of its owner.
    pub owner_name: Option<String>,
    /// Where it is and by what else it is reached; masked like the phone number.
    pub address: Address,
    /// Its stage.
    pub stage: Option<Choice>,
    /// Its source.
    pub source: Option<Choice>,
    /// Its category.
    pub category: Option<Choice>,
    /// Its labels, in the order given; those that have left their group too.
    pub label_ids: Vec<LabelId>,
    /// Its assistants (协作人), in the order given.
    pub assistant_ids: Vec<StaffId>,
    /// Its team, by role and in the order given.
    pub team: Vec<TeamMember>,
    /// Whether it is among the caller's favourites.
    pub is_favourite: bool,
    /// What it has in the deployment's own fields.
    pub custom: CustomValues,
}

/// A customer and what belongs to it, as it is audited.
#[derive(Serialize)]
pub(super) struct Linked<'a> {
    #[serde(flatten)]
    pub(super) customer: &'a Customer,
    pub(super) organization_ids: &'a [OrganizationId],
    pub(super) address: &'a Address,
    pub(super) custom: &'a CustomValues,
}

impl Customer {
    /// A new customer.
    pub(super) fn new(profile: Profile, holding: Holding, progress: Progress, now: Instant) -> Self {
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

impl Profile {
    /// A profile that says nothing yet.
    pub(super) fn blank(creator_id: StaffId) -> Self {
        Self {
            kind: None,
            nick_name: None,
            real_name: String::new(),
            avatar: None,
            phone: None,
            phone_key: None,
            job: None,
            sex: super::SEX_UNKNOWN,
            cid: None,
            open_id: None,
            level: 0,
            is_vip: 0,
            is_senior: 0,
            vip_due_time: None,
            navigation_due_time: None,
            legal_person: None,
            register_capital: None,
            register_date: None,
            website: None,
            note: None,
            source_id: None,
            category_id: None,
            product_line_id: ProductLineId(1),
            next_follow_at: None,
            creator_id,
        }
    }

    /// The texts by which it is found.
    pub(super) fn names(&self) -> [Option<&str>; 2] {
        [Some(&self.real_name), self.nick_name.as_deref()]
    }
}

impl Holding {
    /// How a customer that starts with this owner, or in the public pool, is held.
    pub(super) fn first(owner_id: Option<StaffId>, now: Instant) -> Self {
        match owner_id {
            Some(_) => Self { owner_id, assigned_at: Some(now), ..Self::default() },
            None => Self { pool_entered_at: Some(now), ..Self::default() },
        }
    }

    /// How it is held when this person gets it now.
    pub(crate) fn given(self, owner: StaffId, now: Instant) -> Self {
        Self {
            owner_id: Some(owner),
            last_owner_id: self.owner_id.or(self.last_owner_id),
            assigned_at: Some(now),
            ..self
        }
    }

    /// How it is held when its owner loses it to the public pool now.
    pub(crate) fn pooled(self, pool_type: i16, now: Instant) -> Self {
        Self {
            owner_id: None,
            last_owner_id: self.owner_id.or(self.last_owner_id),
            pool_entered_at: Some(now),
            pool_times: self.pool_times + 1,
            pool_type,
            ..self
        }
    }

    /// Whether it is locked: never recycled, released or assigned.
    pub fn is_locked(&self) -> bool {
        self.is_locked != 0
    }

    /// Whether the customer is in the public pool.
    pub fn is_pool(&self) -> bool {
        self.owner_id.is_none()
    }
}

impl Approval {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Approved, Self::Pending, Self::Rejected];

    /// The word for people, in Chinese.
    pub fn label(self) -> &'static str {
        match self {
            Self::Approved => "已通过",
            Self::Pending => "待审批",
            Self::Rejected => "已拒绝",
        }
    }

    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Pending => "pending",
            Self::Rejected => "rejected",
        }
    }
}

impl<DB: diesel::backend::Backend> ToSql<Text, DB> for Approval
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.as_str().to_sql(out)
    }
}

impl<DB: diesel::backend::Backend> FromSql<Text, DB> for Approval
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let word = String::from_sql(bytes)?;
        Self::ALL
            .into_iter()
            .find(|approval| approval.as_str() == word)
            .ok_or_else(|| format!("no such approval: {word}").into())
    }
}

impl Progress {
    /// How far a new customer has come.
    pub(super) fn first(stage_id: StageId, approve_status: Approval) -> Self {
        Self { stage_id, last_stage_id: None, approve_status }
    }
}

impl Clue {
    /// The lead after this person got the customer by a claim or an assignment: the first is kept for good.
    pub(crate) fn claimed(self, by: StaffId, now: Instant) -> Self {
        if self.is_clue == 0 || self.first_claimer_id.is_some() {
            return self;
        }
        Self { first_claimer_id: Some(by), first_claimed_at: Some(now), ..self }
    }

    /// What is reported back to the platform.
    pub fn ocpc(&self) -> Ocpc {
        self.ocpc_data.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }
}

/// What is reported back to the platform a lead came from (线索回传数据).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ocpc {
    /// What was reported, in the platform's own form.
    #[serde(default)]
    pub value: Vec<serde_json::Value>,
    /// The same for people.
    #[serde(default)]
    pub display: String,
}

impl Ocpc {
    /// As it is stored.
    pub(super) fn to_json(&self) -> String {
        // Texts and JSON values: there is nothing in it that cannot be JSON.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Activity {
    fn none() -> Self {
        Self {
            last_follow_at: None,
            last_follow_log: None,
            last_called_at: None,
            last_deal_at: None,
            last_deal_money: None,
            order_money: "0".to_owned(),
        }
    }

    /// The sum of its live contracts.
    pub fn order_money(&self) -> MoneySum {
        sum_of(&self.order_money)
    }
}

fn sum_of(cents: &str) -> MoneySum {
    MoneySum::from_cents(cents.parse().unwrap_or_default())
}

/// The audit trail shows money as every answer does.
fn as_money<S: Serializer>(cents: &str, serializer: S) -> Result<S::Ok, S::Error> {
    sum_of(cents).serialize(serializer)
}

impl Deletion {
    /// Not deleted.
    pub(super) fn live() -> Self {
        Self { status: NORMAL, deleted_at: None, deleted_by: None, deleted_reason: None }
    }

    /// Deleted now.
    pub(super) fn by(who: StaffId, reason: Option<String>, now: Instant) -> Self {
        Self { status: DELETED, deleted_at: Some(now), deleted_by: Some(who), deleted_reason: reason }
    }
}
