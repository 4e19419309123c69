//! What follow-ups and contracts left on a customer.

use crm_core::{Instant, Money, MoneySum};
use crm_db::schema::customers;
use diesel::prelude::*;
use serde::{Serialize, Serializer};

/// What follow-ups and contracts left on a customer; written by [`stamps`](crate::stamps) alone.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = customers, treat_none_as_default_value = false)]
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

impl Activity {
    /// Nothing yet.
    pub(super) fn none() -> Self {
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
