//! `/api/user/group` and `/api/user/delgroup`.

use crm_core::{GroupId, StatusFilter, Zone};
use crm_staff::{DataScope, Group, GroupFilter, GroupInput};
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{list as answer_list, list_all, written};

#[derive(JsonSchema, Serialize)]
#[allow(non_snake_case, reason = "the names of the contract")]
pub(super) struct GroupRow {
    id: i64,
    groupName: String,
    groupDetail: Option<String>,
    data_scope: String,
    createTime: String,
    updateTime: String,
    status: i16,
    version: i64,
}

impl GroupRow {
    fn new(group: Group, zone: Zone) -> Self {
        Self {
            id: group.id.0,
            groupName: group.name,
            groupDetail: group.detail,
            data_scope: group.data_scope,
            createTime: zone.format(group.created_at),
            updateTime: zone.format(group.updated_at),
            status: group.status,
            version: group.version,
        }
    }
}

/// The groups: all of them, unless the request asks for a page.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id("group_id");
    let status = input.choice(
        "status",
        &[
            ("all", StatusFilter::All),
            ("1", StatusFilter::Exactly(1)),
            ("0", StatusFilter::Exactly(0)),
            ("-1", StatusFilter::Exactly(-1)),
        ],
    );
    let by_default = if id.is_some() { StatusFilter::All } else { StatusFilter::Exactly(1) };
    let filter = GroupFilter { id, status: status.unwrap_or(by_default) };
    let asked = input.has("page") || input.has("count");
    let page = input.page();
    input.finish()?;
    let found = call.services()?.groups.list(call.caller()?, filter, asked.then_some(page))?;
    let rows = found.rows.into_iter().map(|group| GroupRow::new(group, call.zone));
    if asked { answer_list(rows, found.total, page) } else { list_all(rows) }
}

/// Makes a group, or with `group_id` changes one.
pub(super) fn save(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id::<GroupId>("group_id");
    let version = input.version();
    let group = GroupInput {
        name: input.text("name"),
        detail: input.text("content"),
        data_scope: input.choice("data_scope", &DataScope::ALL.map(|scope| (scope.as_str(), scope))),
        enabled: input.choice("status", &[("1", true), ("0", false)]),
        problems: input.take_problems(),
    };
    let groups = &call.services()?.groups;
    let id = match id {
        Some(id) => groups.update(call.caller()?, id, version, group).map(|()| id)?,
        None => groups.create(call.caller()?, group)?,
    };
    written(DONE, id)
}

/// Deletes a group that nobody is in.
pub(super) fn delete(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<GroupId>("group_id");
    let id = input.finish_with(id)?;
    call.services()?.groups.delete(call.caller()?, id)?;
    written(DONE, id)
}
