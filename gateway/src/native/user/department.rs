//! `/api/user/department` and `/api/user/deldepartment`.

use crm_core::DepartmentId;
use crm_staff::{DepartmentInput, DepartmentListing};
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{list as answer_list, written};

#[derive(JsonSchema, Serialize)]
pub(super) struct DepartmentRow {
    id: i64,
    name: String,
    parent_id: Option<i64>,
    leader_id: Option<i64>,
    leader_name: Option<String>,
    staff_count: i64,
    version: i64,
}

impl From<DepartmentListing> for DepartmentRow {
    fn from(listing: DepartmentListing) -> Self {
        let DepartmentListing { department, leader_name, staff_count } = listing;
        Self {
            id: department.id.0,
            name: department.name,
            parent_id: department.parent_id.map(|id| id.0),
            leader_id: department.leader_id.map(|id| id.0),
            leader_name,
            staff_count,
            version: department.version,
        }
    }
}

/// The departments, flat.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id("department_id");
    let page = input.page();
    input.finish()?;
    let found = call.services()?.departments.list(call.caller()?, id, page)?;
    answer_list(found.rows.into_iter().map(DepartmentRow::from), found.total, page)
}

/// Makes a department, or with `department_id` changes one.
pub(super) fn save(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id::<DepartmentId>("department_id");
    let version = input.version();
    let department = DepartmentInput {
        name: input.text("name"),
        parent_id: input.id("parent_id"),
        leader_id: input.id("leader_id"),
        problems: input.take_problems(),
    };
    let departments = &call.services()?.departments;
    let id = match id {
        Some(id) => departments.update(call.caller()?, id, version, department).map(|()| id)?,
        None => departments.create(call.caller()?, department)?,
    };
    written(DONE, id)
}

/// Deletes a department without people and without departments below it.
pub(super) fn delete(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<DepartmentId>("department_id");
    let id = input.finish_with(id)?;
    call.services()?.departments.delete(call.caller()?, id)?;
    written(DONE, id)
}
