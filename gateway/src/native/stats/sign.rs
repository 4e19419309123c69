//! `/api/stats/sign`.

use crm_core::{Id, MoneySum};
use schemars::JsonSchema;
use serde::Serialize;

use super::question;
use crate::http::{Call, Outcome, Reader};
use crate::native::list;
use crate::openapi::shapes;

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "StatsSignRow")]
pub(super) struct SignRow {
    organization_id: Option<i64>,
    #[schemars(schema_with = "shapes::money")]
    sign_amount: MoneySum,
    sign_count: i64,
    min_sign_time: String,
}

/// How much each organization signed for.
pub(super) fn show(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let (filter, page) = question(input)?;
    let found = call.services()?.stats.sign(call.caller()?, &filter, page)?;
    let rows = found.rows.into_iter().map(|signed| SignRow {
        organization_id: signed.organization_id.map(Id::raw),
        sign_amount: signed.amount,
        sign_count: signed.count,
        min_sign_time: call.zone.format(signed.earliest),
    });
    list(rows, found.total, page)
}
