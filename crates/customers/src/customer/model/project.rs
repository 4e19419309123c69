//! What a customer wants done.

use crm_core::Money;
use crm_db::schema::customers;
use diesel::prelude::*;
use serde::Serialize;

/// What a customer wants done, and how badly.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = customers, treat_none_as_null = true, treat_none_as_default_value = false)]
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
