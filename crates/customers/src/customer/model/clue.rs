//! A customer as a lead (线索).

use crm_core::{Instant, StaffId};
use crm_db::schema::customers;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

/// What is known of a customer as a lead (线索).
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = customers, treat_none_as_null = true, treat_none_as_default_value = false)]
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
    pub(in crate::customer) fn to_json(&self) -> String {
        // Texts and JSON values: there is nothing in it that cannot be JSON.
        serde_json::to_string(self).unwrap_or_default()
    }
}
