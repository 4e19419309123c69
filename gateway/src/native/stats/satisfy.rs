//! `/api/stats/satisfy`.

use crm_core::Id;
use schemars::JsonSchema;
use serde::Serialize;

use super::question;
use crate::http::{Call, Outcome, Reader};
use crate::native::list;

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "StatsSatisfyRow")]
pub(super) struct SatisfyRow {
    organization_id: Option<i64>,
    satisfy_count: i64,
    average: String,
    min: i16,
    max: i16,
}

/// How satisfied each organization is.
pub(super) fn show(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let (filter, page) = question(input)?;
    let found = call.services()?.stats.satisfy(call.caller()?, &filter, page)?;
    let rows = found.rows.into_iter().map(|satisfied| SatisfyRow {
        organization_id: satisfied.organization_id.map(Id::raw),
        satisfy_count: satisfied.count,
        average: satisfied.average.to_string(),
        min: satisfied.min,
        max: satisfied.max,
    });
    list(rows, found.total, page)
}
