//! `/api/feedback/satisfy` and `/api/feedback/delsatisfy`.

use crm_core::{Id, SatisfactionId, Span, Zone};
use crm_feedback::{SatisfactionFilter, SatisfactionInput, SatisfactionListing};
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Call, Outcome, Reader};
use crate::native::{list as answer_list, status, written};

#[derive(JsonSchema, Serialize)]
#[allow(non_snake_case, reason = "the names of the contract")]
pub(super) struct SatisfyRow {
    id: i64,
    value: i16,
    attach: Option<String>,
    recordTime: String,
    operator_id: i64,
    createTime: String,
    updateTime: String,
    note: Option<String>,
    status: i16,
    organization_id: Option<i64>,
    organization_name: Option<String>,
    customers_id: Vec<i64>,
    customers_name: Vec<String>,
    operator_name: Option<String>,
    follower_id: Vec<i64>,
    follower_name: Vec<String>,
    version: i64,
}

impl SatisfyRow {
    fn new(listing: SatisfactionListing, zone: Zone) -> Self {
        let satisfaction = listing.satisfaction;
        Self {
            id: satisfaction.id.0,
            value: satisfaction.value,
            attach: satisfaction.attach,
            recordTime: zone.format(satisfaction.record_time),
            operator_id: satisfaction.operator_id.0,
            createTime: zone.format(satisfaction.created_at),
            updateTime: zone.format(satisfaction.updated_at),
            note: satisfaction.note,
            status: satisfaction.status,
            organization_id: satisfaction.organization_id.map(Id::raw),
            organization_name: listing.organization_name,
            customers_id: listing.customer_ids.into_iter().map(Id::raw).collect(),
            customers_name: listing.customer_names,
            operator_name: listing.operator_name,
            follower_id: listing.follower_ids.into_iter().map(Id::raw).collect(),
            follower_name: listing.follower_names,
            version: satisfaction.version,
        }
    }
}

/// The satisfaction records the caller may see.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id("satisfy_id");
    let status = status::read(input, status::OF_RECORDS, id.is_some());
    let filter = SatisfactionFilter {
        id,
        customer_ids: input.ids("customers_id").into_value().unwrap_or_default(),
        organization_id: input.own_id("organization_id"),
        follower_id: input.own_id("follower_id"),
        status,
        recorded: input.range(Span::Week, id.is_some()),
    };
    let page = input.page();
    input.finish()?;
    let found = call.services()?.satisfactions.list(call.caller()?, &filter, page)?;
    answer_list(found.rows.into_iter().map(|row| SatisfyRow::new(row, call.zone)), found.total, page)
}

/// Enters a satisfaction record, or with `satisfy_id` changes one.
pub(super) fn save(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id::<SatisfactionId>("satisfy_id");
    let version = input.version();
    let satisfaction = SatisfactionInput {
        organization_id: input.id("organization_id"),
        customer_ids: input.ids("customers_id"),
        follower_ids: input.ids("follower_id"),
        value: input.int("value"),
        record_time: input.instant("record_time"),
        attach: input.text("attach"),
        note: input.text("note"),
        problems: input.take_problems(),
    };
    let satisfactions = &call.services()?.satisfactions;
    let id = match id {
        Some(id) => satisfactions.update(call.caller()?, id, version, satisfaction).map(|()| id)?,
        None => satisfactions.create(call.caller()?, satisfaction)?,
    };
    written("录入成功", id)
}

/// Deletes a satisfaction record.
pub(super) fn delete(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<SatisfactionId>("satisfy_id");
    let id = input.finish_with(id)?;
    call.services()?.satisfactions.delete(call.caller()?, id)?;
    written("删除成功", id)
}
