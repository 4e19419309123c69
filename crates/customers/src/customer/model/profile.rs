//! What people say about a customer.

use chrono::NaiveDate;
use crm_core::{CategoryId, Instant, ProductLineId, SEX_UNKNOWN, SourceId, StaffId};
use crm_db::schema::customers;
use diesel::prelude::*;
use serde::Serialize;

/// What people say about a customer.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = customers, treat_none_as_null = true, treat_none_as_default_value = false)]
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

impl Profile {
    /// A profile that says nothing yet.
    pub(in crate::customer) fn blank(creator_id: StaffId) -> Self {
        Self {
            kind: None,
            nick_name: None,
            real_name: String::new(),
            avatar: None,
            phone: None,
            phone_key: None,
            job: None,
            sex: SEX_UNKNOWN,
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
    pub(in crate::customer) fn names(&self) -> [Option<&str>; 2] {
        [Some(&self.real_name), self.nick_name.as_deref()]
    }
}
