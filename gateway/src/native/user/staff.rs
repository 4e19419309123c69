//! `/api/user/user` and `/api/user/deluser`.

use crm_core::{DepartmentId, Patch, Role, StaffId, StatusFilter};
use crm_staff::{MemberFilter, MemberInput, MemberStatus};
use schemars::JsonSchema;
use serde::Serialize;

use super::staff_row::StaffRow;
use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{list as answer_list, message, written};

const EMPLOYEES: &[Role] = &[Role::Administrator, Role::Staff];
const CORRESPONDENTS: &[Role] = &[Role::Correspondent];

#[derive(JsonSchema, Serialize)]
pub(super) struct Made {
    id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    initial_password: Option<String>,
}

/// The people who work here.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id("user_id");
    let status = input.choice(
        "status",
        &[
            ("all", StatusFilter::All),
            ("normal", StatusFilter::Live),
            ("1", StatusFilter::Exactly(1)),
            ("0", StatusFilter::Exactly(0)),
            ("-1", StatusFilter::Exactly(-1)),
        ],
    );
    let roles = input.choice("type", &[("1", EMPLOYEES), ("2", CORRESPONDENTS)]);
    let (default_status, default_roles) =
        if id.is_some() { (StatusFilter::All, [].as_slice()) } else { (StatusFilter::Exactly(1), EMPLOYEES) };
    let filter = MemberFilter {
        id,
        status: status.unwrap_or(default_status),
        roles: roles.unwrap_or(default_roles).to_vec(),
        group_ids: input.ids("group_ids").into_value().unwrap_or_default(),
        name: input.search("name"),
        phone: input.search("phoneNumber"),
        department_id: input.own_id("department_id"),
    };
    let page = input.page();
    input.finish()?;
    let found = call.services()?.members.list(call.caller()?, &filter, page)?;
    answer_list(found.rows.into_iter().map(|row| StaffRow::new(row, call.zone)), found.total, page)
}

/// Enters a person, or with `user_id` changes one.
pub(super) fn save(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id::<StaffId>("user_id");
    let version = input.version();
    let member = MemberInput {
        phone: input.text("phoneNumber"),
        group_ids: input.ids("group_id"),
        role_id: input.int("role_id"),
        department_id: department(input),
        number: input.int("number"),
        nick_name: input.text("nickName"),
        real_name: input.text("realName"),
        head_image_url: input.text("headImageUrl"),
        sex: input.int("sex"),
        open_id: input.text_or_number("openId"),
        wecom_userid: input.text_or_number("wecom_userid"),
        birthday: input.date("birthday"),
        title: input.text_or_number("title"),
        address: input.text("address"),
        school: input.text("school"),
        political_affiliation: input.text("politicalAffiliation"),
        education: input.text("education"),
        rank_id: input.int("rankId"),
        rank_type: input.int("rankType"),
        job_id: input.int("jobId"),
        info: input.text("info"),
        note: input.text("note"),
        entry_time: input.instant("entryTime"),
        official_time: input.instant("officialTime"),
        resign_time: input.instant("resignTime"),
        password: input.text("password"),
        problems: input.take_problems(),
    };
    let members = &call.services()?.members;
    match id {
        Some(id) => {
            members.update(call.caller()?, id, version, member)?;
            written(DONE, id)
        }
        None => {
            let hired = members.create(call.caller()?, member)?;
            // The one-time password is told once and stored nowhere.
            let kept = written(DONE, hired.id)?;
            Ok(message(DONE, Made { id: hired.id.0, initial_password: hired.initial_password })?.keeping(kept))
        }
    }
}

/// Lists show an unset department as 0, and so 0 unsets it.
fn department(input: &mut Reader) -> Patch<DepartmentId> {
    match input.int_in("departmentId", 0, i64::MAX) {
        Patch::Value(0) => Patch::Null,
        id => id.map(DepartmentId),
    }
}

/// Deletes (`status` -1), disables (0) or enables (1).
pub(super) fn set_status(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<StaffId>("user_id");
    let status = input
        .choice("status", &[("-1", None), ("0", Some(MemberStatus::Disabled)), ("1", Some(MemberStatus::Enabled))]);
    let id = input.finish_with(id)?;
    match status.flatten() {
        None => call.services()?.departures.delete(call.caller()?, id)?,
        Some(status) => call.services()?.members.set_status(call.caller()?, id, status)?,
    }
    written(DONE, id)
}
