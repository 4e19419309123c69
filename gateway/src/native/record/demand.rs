//! `/api/record/demand` and `/api/record/deldemand`.

use crm_core::{DemandId, Id, Span, Zone};
use crm_records::demand::DemandListing;
use crm_records::{DemandFilter, DemandInput};
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{list as answer_list, status, written};

#[derive(JsonSchema, Serialize)]
#[allow(non_snake_case, reason = "the names of the contract")]
pub(super) struct DemandRow {
    id: i64,
    content: String,
    attach: Option<String>,
    recordTime: String,
    createTime: String,
    updateTime: String,
    status: i16,
    note: Option<String>,
    operator_id: i64,
    operator_name: Option<String>,
    organization_id: i64,
    organization_name: Option<String>,
    follower_id: Vec<i64>,
    follower_name: Vec<String>,
    customer_id: Vec<i64>,
    customer_name: Vec<String>,
    version: i64,
}

impl DemandRow {
    fn new(listing: DemandListing, zone: Zone) -> Self {
        let demand = listing.demand;
        Self {
            id: demand.id.0,
            content: demand.content,
            attach: demand.attach,
            recordTime: zone.format(demand.record_time),
            createTime: zone.format(demand.created_at),
            updateTime: zone.format(demand.updated_at),
            status: demand.status,
            note: demand.note,
            operator_id: demand.operator_id.0,
            operator_name: listing.operator_name,
            organization_id: demand.organization_id.0,
            organization_name: listing.organization_name,
            follower_id: listing.follower_ids.into_iter().map(Id::raw).collect(),
            follower_name: listing.follower_names,
            customer_id: listing.customer_ids.into_iter().map(Id::raw).collect(),
            customer_name: listing.customer_names,
            version: demand.version,
        }
    }
}

/// The demands the caller may see.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id::<DemandId>("demand_id");
    let status = status::read(input, status::OF_RECORDS, id.is_some());
    let filter = DemandFilter {
        id,
        organization_id: input.own_id("organization_id"),
        customer_id: input.own_id("customer_id"),
        range: input.range(Span::Week, id.is_some()),
        status,
    };
    let page = input.page();
    input.finish()?;
    let found = call.services()?.demands.list(call.caller()?, &filter, page)?;
    answer_list(found.rows.into_iter().map(|row| DemandRow::new(row, call.zone)), found.total, page)
}

/// Records a demand, or with `demand_id` changes one.
pub(super) fn save(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id::<DemandId>("demand_id");
    let version = input.version();
    let demand = DemandInput {
        organization_id: input.id("organization_id"),
        follower_ids: input.ids("follower_id"),
        customer_ids: input.ids("customer_id"),
        record_time: input.instant("record_time"),
        content: input.text("content"),
        attach: input.text("demand_attach"),
        note: input.text("demand_note"),
        problems: input.take_problems(),
    };
    let demands = &call.services()?.demands;
    let id = match id {
        Some(id) => demands.update(call.caller()?, id, version, demand).map(|()| id)?,
        None => demands.create(call.caller()?, demand)?,
    };
    written(DONE, id)
}

/// Deletes a demand.
pub(super) fn delete(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<DemandId>("demand_id");
    let id = input.finish_with(id)?;
    call.services()?.demands.delete(call.caller()?, id)?;
    written(DONE, id)
}
