//! `/api/customers/labelgroups` and `/api/customers/labels`.

use crm_core::{CustomerId, LabelGroupId};
use crm_customers::label::{Label, LabelGroupInput, LabelGroupListing, LabelInput};
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{list_of, written};

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "LabelGroupRow")]
pub(super) struct GroupRow {
    id: i64,
    name: String,
    labels: Vec<LabelRow>,
    version: i64,
}

#[derive(JsonSchema, Serialize)]
struct LabelRow {
    id: i64,
    name: String,
    color: String,
}

impl From<LabelGroupListing> for GroupRow {
    fn from(listing: LabelGroupListing) -> Self {
        let LabelGroupListing { group, labels } = listing;
        let labels = labels.into_iter().map(LabelRow::from).collect();
        Self { id: group.id.0, name: group.name, labels, version: group.version }
    }
}

impl From<Label> for LabelRow {
    fn from(label: Label) -> Self {
        Self { id: label.id.0, name: label.name, color: label.color }
    }
}

/// The groups of labels, each with all that are in it.
pub(super) fn list_groups(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id("group_id");
    let page = input.page_if_asked();
    input.finish()?;
    let found = call.services()?.label_groups.list(id)?;
    list_of(found.into_iter().map(GroupRow::from).collect(), page)
}

/// Makes a group of labels, or with `group_id` changes one.
pub(super) fn save_group(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id::<LabelGroupId>("group_id");
    let version = input.version();
    let group = LabelGroupInput {
        name: input.text("name"),
        labels: input.objects("labels", |label| LabelInput {
            id: label.own_id("id"),
            name: label.text("name"),
            color: label.text("color"),
        }),
        problems: input.take_problems(),
    };
    let groups = &call.services()?.label_groups;
    let id = match id {
        Some(id) => groups.update(call.caller()?, id, version, &group).map(|()| id)?,
        None => groups.create(call.caller()?, &group)?,
    };
    written(DONE, id)
}

/// Replaces the labels of a customer.
pub(super) fn set(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<CustomerId>("customer_id");
    let version = input.version();
    let labels = input.id_set("label_ids");
    let (id, labels) = input.finish_with(id.zip(labels))?;
    call.services()?.customer_labels.set(call.caller()?, id, version, &labels)?;
    written(DONE, id)
}
