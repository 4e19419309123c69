//! `/api/stats/follow`.

use crm_core::Id;
use schemars::JsonSchema;
use serde::Serialize;

use super::question;
use crate::http::{Call, Outcome, Reader};
use crate::native::nested_list;

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "StatsFollowRow")]
pub(super) struct FollowRow {
    organization_id: Option<i64>,
    follow_count: i64,
    /// The contract's name for the earliest record time.
    min_sign_time: String,
}

/// How often each organization was followed up.
pub(super) fn show(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let (filter, page) = question(input)?;
    let found = call.services()?.stats.follow(call.caller()?, &filter, page)?;
    let rows = found.rows.into_iter().map(|followed| FollowRow {
        organization_id: followed.organization_id.map(Id::raw),
        follow_count: followed.count,
        min_sign_time: call.zone.format(followed.earliest),
    });
    nested_list(rows, found.total, page)
}
