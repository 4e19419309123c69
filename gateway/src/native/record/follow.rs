//! `/api/record/follow` and `/api/record/delfollow`.

use crm_core::{FollowId, Id, Patch, Span, Zone};
use crm_records::follow::FollowListing;
use crm_records::{FollowFilter, FollowInput};
use schemars::JsonSchema;
use serde::Serialize;

use super::potential_id;
use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{list as answer_list, status, written};

/// The document's own `msg` of this route's POST.
const SAVED: &str = "创建成功";

#[derive(JsonSchema, Serialize)]
#[allow(non_snake_case, reason = "the names of the contract")]
pub(super) struct FollowRow {
    id: i64,
    potential_id: i64,
    organization_id: Option<i64>,
    organization_name: Option<String>,
    event: Option<i16>,
    attach: Option<String>,
    gain: Option<String>,
    recordTime: String,
    createTime: String,
    updateTime: String,
    status: i16,
    note: Option<String>,
    operator_id: i64,
    operator_name: Option<String>,
    follower_id: Vec<i64>,
    follower_name: Vec<String>,
    customers_id: Vec<i64>,
    customer_name: Vec<String>,
    version: i64,
}

impl FollowRow {
    fn new(listing: FollowListing, zone: Zone) -> Self {
        let follow = listing.follow;
        Self {
            id: follow.id.0,
            potential_id: follow.potential_id.0,
            organization_id: listing.organization_id.map(Id::raw),
            organization_name: listing.organization_name,
            event: follow.event,
            attach: follow.attach,
            gain: follow.gain,
            recordTime: zone.format(follow.record_time),
            createTime: zone.format(follow.created_at),
            updateTime: zone.format(follow.updated_at),
            status: follow.status,
            note: follow.note,
            operator_id: follow.operator_id.0,
            operator_name: listing.operator_name,
            follower_id: listing.follower_ids.into_iter().map(Id::raw).collect(),
            follower_name: listing.follower_names,
            customers_id: listing.customer_ids.into_iter().map(Id::raw).collect(),
            customer_name: listing.customer_names,
            version: follow.version,
        }
    }
}

/// The follow-ups the caller may see.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id::<FollowId>("follow_id");
    let potential_id = potential_id::read(input);
    let status = status::read(input, status::OF_RECORDS, id.is_some());
    let filter = FollowFilter {
        id,
        potential_id,
        organization_id: input.own_id("organization_id"),
        customer_id: input.own_id("customer_id"),
        follower_id: input.own_id("follower_id"),
        range: input.range(Span::Week, id.is_some() || potential_id.is_some()),
        status,
    };
    let page = input.page();
    input.finish()?;
    let found = call.services()?.follows.list(call.caller()?, &filter, page)?;
    answer_list(found.rows.into_iter().map(|row| FollowRow::new(row, call.zone)), found.total, page)
}

/// Records a follow-up, or with `follow_id` changes one.
pub(super) fn save(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id::<FollowId>("follow_id");
    let version = input.version();
    let follow = FollowInput {
        potential_id: potential_id::read(input).map_or(Patch::Absent, Patch::Value),
        follower_ids: input.ids("follower_id"),
        customer_ids: input.ids("customers_id"),
        record_time: input.instant("record_time"),
        event: input.int("event"),
        gain: input.text("gain"),
        attach: input.text("event_attach"),
        note: input.text("event_note"),
        problems: input.take_problems(),
    };
    let follows = &call.services()?.follows;
    let id = match id {
        Some(id) => follows.update(call.caller()?, id, version, follow).map(|()| id)?,
        None => follows.create(call.caller()?, follow)?,
    };
    written(SAVED, id)
}

/// Deletes a follow-up.
pub(super) fn delete(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<FollowId>("follow_id");
    let id = input.finish_with(id)?;
    call.services()?.follows.delete(call.caller()?, id)?;
    written(DONE, id)
}
