//! What a department is, and what may be said about one.

use crm_core::{DepartmentId, Instant, Patch, Problems, StaffId};
use crm_db::schema::departments;
use diesel::prelude::*;
use serde::Serialize;

use crate::status::ENABLED;

/// A department.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = departments, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Department {
    /// Its id; 0 before it is stored.
    #[diesel(skip_insertion)]
    pub id: DepartmentId,
    /// Its name.
    pub name: String,
    /// The department above it; none at the top.
    pub parent_id: Option<DepartmentId>,
    /// Who leads it, and so sees what is somebody's own in it and below.
    pub leader_id: Option<StaffId>,
    /// 1 in use, -1 deleted.
    pub status: i16,
    /// Grows by one with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// A department as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepartmentListing {
    /// The department.
    pub department: Department,
    /// The name of who leads it.
    pub leader_name: Option<String>,
    /// How many people not deleted are directly in it.
    pub staff_count: i64,
}

/// What a create or an update says of a department.
#[derive(Clone, Debug, Default)]
pub struct DepartmentInput {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// 1–100 characters; required on create.
    pub name: Patch<String>,
    /// A department that is not deleted, neither this one nor one below it.
    pub parent_id: Patch<DepartmentId>,
    /// Somebody who is not deleted.
    pub leader_id: Patch<StaffId>,
}

impl Department {
    /// A new department without a name.
    pub(super) fn blank(now: Instant) -> Self {
        Self {
            id: DepartmentId(0),
            name: String::new(),
            parent_id: None,
            leader_id: None,
            status: ENABLED,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The department as the input wants it.
    pub(super) fn with(self, input: DepartmentInput) -> Self {
        Self {
            name: input.name.apply_or(Some(self.name), String::new()),
            parent_id: input.parent_id.apply(self.parent_id),
            leader_id: input.leader_id.apply(self.leader_id),
            ..self
        }
    }

    /// The department one write later.
    pub(super) fn changed(self, now: Instant) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self }
    }
}
