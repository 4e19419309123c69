//! `/api/customers/wecom` and `/api/customers/delwecom`.

use crm_core::{Span, WecomId, Zone};
use crm_customers::wecom::{Change, WecomListing, WecomState};
use crm_customers::{WecomFilter, WecomInput};
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{list as answer_list, written};

#[derive(JsonSchema, Serialize)]
#[allow(non_snake_case, reason = "the names of the contract")]
pub(super) struct WecomRow {
    id: i64,
    external_userid: String,
    user_id: i64,
    user_name: Option<String>,
    name: Option<String>,
    avatar: Option<String>,
    added_at: String,
    lost_at: Option<String>,
    customer_id: Option<i64>,
    customer_name: Option<String>,
    status: i16,
    createTime: String,
    updateTime: String,
    version: i64,
}

impl WecomRow {
    fn new(listing: WecomListing, zone: Zone) -> Self {
        let contact = listing.contact;
        Self {
            id: contact.id.0,
            external_userid: contact.external_userid,
            user_id: contact.staff_id.0,
            user_name: listing.staff_name,
            name: contact.name,
            avatar: contact.avatar,
            added_at: zone.format(contact.added_at),
            lost_at: contact.lost_at.map(|at| zone.format(at)),
            customer_id: contact.customer_id.map(|id| id.0),
            customer_name: listing.customer_name,
            status: contact.status,
            createTime: zone.format(contact.created_at),
            updateTime: zone.format(contact.updated_at),
            version: contact.version,
        }
    }
}

/// The contacts the caller may see. With `event`, those that were added or lost from `start_time` to
/// `end_time` (as elsewhere a week by default), whatever their state.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id::<WecomId>("wecom_id");
    let event = input.choice("event", &[("added", Change::Added), ("lost", Change::Lost)]);
    let range = input.range(Span::Week, id.is_some());
    let event = event.map(|change| (change, range));
    let words = [("current", WecomState::Current), ("lost", WecomState::Lost), ("all", WecomState::All)];
    let default = if id.is_some() || event.is_some() { WecomState::All } else { WecomState::Current };
    let filter = WecomFilter {
        id,
        staff_id: input.own_id("user_id"),
        department_id: input.own_id("department_id"),
        customer_id: input.own_id("customer_id"),
        external_userid: input.search("external_userid"),
        state: input.choice("state", &words).unwrap_or(default),
        event,
    };
    let page = input.page();
    input.finish()?;
    let found = call.services()?.wecom_contacts.list(call.caller()?, &filter, page)?;
    answer_list(found.rows.into_iter().map(|row| WecomRow::new(row, call.zone)), found.total, page)
}

/// Enters a contact, or changes the one with the same `external_userid` and `user_id`.
pub(super) fn save(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let version = input.version();
    let contact = WecomInput {
        external_userid: input.text("external_userid"),
        staff_id: input.id("user_id"),
        name: input.text("name"),
        avatar: input.text("avatar"),
        added_at: input.instant("added_at"),
        lost_at: input.instant("lost_at"),
        customer_id: input.id("customer_id"),
        problems: input.take_problems(),
    };
    let id = call.services()?.wecom_contacts.save(call.caller()?, version, contact)?;
    written(DONE, id)
}

/// Deletes a contact that should not have been entered.
pub(super) fn delete(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<WecomId>("wecom_id");
    let id = input.finish_with(id)?;
    call.services()?.wecom_contacts.delete(call.caller()?, id)?;
    written(DONE, id)
}
