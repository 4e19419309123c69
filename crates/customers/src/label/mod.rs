//! Labels (标签) and their groups (vendor-surfaces §1).

mod repository;

use crm_core::{LabelGroupId, LabelId};
use crm_db::schema::labels;
use diesel::prelude::*;
use serde::Serialize;

pub(crate) use repository::{LABELS, of_all};

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
