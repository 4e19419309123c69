//! Whether a customer is deleted.

use crm_core::{DELETED, Instant, NORMAL, StaffId};
use crm_db::schema::customers;
use diesel::prelude::*;
use serde::Serialize;

/// Whether a customer is deleted, by whom and why.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = customers, treat_none_as_null = true, treat_none_as_default_value = false)]
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

impl Deletion {
    /// Not deleted.
    pub(in crate::customer) fn live() -> Self {
        Self { status: NORMAL, deleted_at: None, deleted_by: None, deleted_reason: None }
    }

    /// Deleted now.
    pub(in crate::customer) fn by(who: StaffId, reason: Option<String>, now: Instant) -> Self {
        Self { status: DELETED, deleted_at: Some(now), deleted_by: Some(who), deleted_reason: reason }
    }
}
