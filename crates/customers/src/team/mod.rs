//! Who works on a customer beside its owner: its team, by roles, and its assistants (协作人)
//! (vendor-surfaces §1).

mod repository;
mod service;

use crm_core::{Patch, Problems, StaffId};
use crm_db::schema::team_roles;
use diesel::prelude::*;
use serde::Serialize;

pub(crate) use repository::{ASSISTANTS, of_all, set_favourite};
pub use service::Teams;

/// A part people play in a team.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Serialize)]
#[diesel(table_name = team_roles)]
pub struct TeamRole {
    /// Its number: 0 业务员, 1 设计师, 2 财务人员, 3 工程部经理, 4 项目经理, 5 施工队长.
    pub role_type: i16,
    /// What it is called.
    pub role_name: String,
    /// What it is there for.
    pub role_description: String,
    /// Grows by one with every change.
    pub version: i64,
}

/// Somebody in a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TeamMember {
    /// The part they play.
    pub role_type: i16,
    /// Who.
    pub staff_id: StaffId,
}

/// What an update says of a part people play.
#[derive(Clone, Debug, Default)]
pub struct TeamRoleInput {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// Which part: one of those there are.
    pub role_type: Patch<i64>,
    /// 1–100 characters.
    pub role_name: Patch<String>,
    /// Up to 255 characters; cleared, it is empty.
    pub role_description: Patch<String>,
}
