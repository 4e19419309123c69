//! What a staff group is, and what may be said about one.

use crm_core::{GroupId, Instant, Patch, Problems, StatusFilter};
use crm_db::schema::staff_groups;
use diesel::prelude::*;
use serde::Serialize;

use crate::status::ENABLED;

/// How far the members of a group see, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DataScope {
    /// What is their own.
    Own,
    /// What is somebody's own in their department.
    Department,
    /// The same in their department and all below it.
    DepartmentTree,
    /// Everything.
    All,
}

impl DataScope {
    /// Every scope.
    pub const ALL: [DataScope; 4] = [Self::All, Self::DepartmentTree, Self::Department, Self::Own];

    /// The word of the contract, which is also the one stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::DepartmentTree => "department_tree",
            Self::Department => "department",
            Self::Own => "own",
        }
    }

    /// The scope with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

/// A staff group.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = staff_groups, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Group {
    /// Its id; 0 before it is stored.
    #[diesel(skip_insertion)]
    pub id: GroupId,
    /// Its name, unique among groups not deleted.
    pub name: String,
    /// A description.
    pub detail: Option<String>,
    /// The word of its [`DataScope`].
    pub data_scope: String,
    /// 1 enabled, 0 disabled, -1 deleted.
    pub status: i16,
    /// Grows by one with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What a create or an update says of a group.
#[derive(Clone, Debug, Default)]
pub struct GroupInput {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// 1–100 characters; required on create.
    pub name: Patch<String>,
    /// Up to 10,000 characters.
    pub detail: Patch<String>,
    /// Default: everything. Absent: as it is.
    pub data_scope: Option<DataScope>,
    /// Whether its members have access through it; default yes. Absent: as it is.
    pub enabled: Option<bool>,
}

/// Which groups a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct GroupFilter {
    /// This one alone.
    pub id: Option<GroupId>,
    /// Those in this state.
    pub status: StatusFilter,
}

impl Group {
    /// A new group without a name.
    pub(super) fn blank(now: Instant) -> Self {
        Self {
            id: GroupId(0),
            name: String::new(),
            detail: None,
            data_scope: DataScope::All.as_str().to_owned(),
            status: ENABLED,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The group as the input wants it.
    pub(super) fn with(self, input: GroupInput) -> Self {
        Self {
            name: input.name.apply_or(Some(self.name), String::new()),
            detail: input.detail.apply(self.detail),
            data_scope: input.data_scope.map_or(self.data_scope, |scope| scope.as_str().to_owned()),
            status: input.enabled.map_or(self.status, i16::from),
            ..self
        }
    }

    /// The group one write later.
    pub(super) fn changed(self, now: Instant) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self }
    }
}
