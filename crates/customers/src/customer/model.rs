//! What a customer is. The row is told in parts, each with its own reason to change.

use chrono::NaiveDate;
use crm_core::{CustomerId, DELETED, Instant, Money, MoneySum, OrganizationId, StaffId};
use crm_db::schema::customers;
use diesel::prelude::*;
use serde::{Serialize, Serializer};

use super::NORMAL;

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
}

/// What follow-ups and contracts left on a customer; written by [`stamps`](crate::stamps) alone.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = customers)]
pub struct Activity {
    /// When it was last followed up.
    pub last_follow_at: Option<Instant>,
    /// What came of it.
    pub last_follow_log: Option<String>,
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

/// A customer and its organizations, as it is audited.
#[derive(Serialize)]
pub(super) struct Linked<'a> {
    #[serde(flatten)]
    pub(super) customer: &'a Customer,
    pub(super) organization_ids: &'a [OrganizationId],
}

impl Customer {
    /// A new customer.
    pub(super) fn new(profile: Profile, holding: Holding, now: Instant) -> Self {
        Self {
            id: CustomerId(0),
            profile,
            holding,
            activity: Activity::none(),
            deletion: Deletion::live(),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The customer one write later.
    pub(super) fn changed(self, now: Instant) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self }
    }

    /// Whether it is deleted.
    pub fn is_deleted(&self) -> bool {
        self.deletion.status == DELETED
    }

    /// The id of its owner as events tell it.
    pub(super) fn owner_text(&self) -> Option<String> {
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

    /// Whether the customer is in the public pool.
    pub fn is_pool(&self) -> bool {
        self.owner_id.is_none()
    }
}

impl Activity {
    fn none() -> Self {
        Self {
            last_follow_at: None,
            last_follow_log: None,
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
