//! `/api/stats/demand`.

use crm_core::Id;
use schemars::JsonSchema;
use serde::Serialize;

use super::question;
use crate::http::{Call, Outcome, Reader};
use crate::native::nested_list;

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "StatsDemandRow")]
#[allow(non_snake_case, reason = "the names of the contract")]
pub(super) struct DemandRow {
    organization_id: Option<i64>,
    demand_count: i64,
    m_recordTime: String,
}

/// How often each organization changed its demands.
pub(super) fn show(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let (filter, page) = question(input)?;
    let found = call.services()?.stats.demand(call.caller()?, &filter, page)?;
    let rows = found.rows.into_iter().map(|demanded| DemandRow {
        organization_id: demanded.organization_id.map(Id::raw),
        demand_count: demanded.count,
        m_recordTime: call.zone.format(demanded.earliest),
    });
    nested_list(rows, found.total, page)
}
