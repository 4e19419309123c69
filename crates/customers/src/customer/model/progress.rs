//! How far a customer has come, and whether it is approved.

use crm_core::StageId;
use crm_db::schema::customers;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::Serialize;

/// How far a customer has come (生命周期), and whether it is approved.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = customers, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Progress {
    /// Its stage.
    pub stage_id: StageId,
    /// The stage it was in before.
    pub last_stage_id: Option<StageId>,
    /// `approved`, `pending` or `rejected`.
    pub approve_status: Approval,
}

impl Progress {
    /// How far a new customer has come.
    pub(in crate::customer) fn first(stage_id: StageId, approve_status: Approval) -> Self {
        Self { stage_id, last_stage_id: None, approve_status }
    }
}

/// Whether an administrator has let a customer in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow, Serialize)]
#[diesel(sql_type = Text)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// Let in, or nobody had to ask.
    Approved,
    /// Waits for an administrator.
    Pending,
    /// Turned down.
    Rejected,
}

impl Approval {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Approved, Self::Pending, Self::Rejected];

    /// The word for people, in Chinese.
    pub fn label(self) -> &'static str {
        match self {
            Self::Approved => "已通过",
            Self::Pending => "待审批",
            Self::Rejected => "已拒绝",
        }
    }

    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Pending => "pending",
            Self::Rejected => "rejected",
        }
    }
}

impl<DB: diesel::backend::Backend> ToSql<Text, DB> for Approval
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.as_str().to_sql(out)
    }
}

impl<DB: diesel::backend::Backend> FromSql<Text, DB> for Approval
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let word = String::from_sql(bytes)?;
        Self::ALL
            .into_iter()
            .find(|approval| approval.as_str() == word)
            .ok_or_else(|| format!("no such approval: {word}").into())
    }
}
