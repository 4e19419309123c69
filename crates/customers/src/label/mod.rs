//! Labels (标签) and their groups (vendor-surfaces §1).
//!
//! [`LabelGroups`] is what administrators set up; [`CustomerLabels`] gives customers labels.

mod given;
mod groups;
mod repository;

use crm_core::{LabelGroupId, LabelId, Patch, Problems};
use crm_db::schema::{label_groups, labels};
use diesel::prelude::*;
use serde::Serialize;

pub use given::CustomerLabels;
pub use groups::LabelGroups;
pub(crate) use repository::{LABELS, known};

/// A label.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Serialize)]
#[diesel(table_name = labels)]
pub struct Label {
    /// Its id.
    pub id: LabelId,
    /// Its group.
    pub group_id: LabelGroupId,
    /// What it says.
    pub name: String,
    /// Its colour, such as `#2da8aa`.
    pub color: String,
}

/// A group of labels.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Serialize)]
#[diesel(table_name = label_groups)]
pub struct LabelGroup {
    /// Its id.
    pub id: LabelGroupId,
    /// What it is called.
    pub name: String,
    /// Grows by one with every change.
    pub version: i64,
}

/// A group with the labels that are in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LabelGroupListing {
    /// The group.
    #[serde(flatten)]
    pub group: LabelGroup,
    /// Its labels, in order.
    pub labels: Vec<Label>,
}

/// What a create or an update says of a group.
#[derive(Clone, Debug, Default)]
pub struct LabelGroupInput {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// 1–100 characters; required on create; no two groups have the same.
    pub name: Patch<String>,
    /// All labels the group is to have, in order, at most 1,000. One that has left stays with the
    /// customers that have it.
    pub labels: Patch<Vec<LabelInput>>,
}

/// What is said of a label of a group.
#[derive(Clone, Debug, Default)]
pub struct LabelInput {
    /// A label of the group; without one, the label is new.
    pub id: Option<LabelId>,
    /// 1–100 characters; required of a new one; no two labels of a group have the same.
    pub name: Patch<String>,
    /// `#rrggbb`; `#606266` by default.
    pub color: Patch<String>,
}
