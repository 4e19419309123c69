//! `/api/customers/roletypes`, `/api/customers/team` and `/api/customers/assistants`.

use crm_core::CustomerId;
use crm_customers::team::{TeamRole, TeamRoleInput};
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{list_of, message, written};

#[derive(JsonSchema, Serialize)]
pub(super) struct RoleRow {
    /// The same as `role_type`.
    id: i16,
    role_type: i16,
    role_name: String,
    role_description: String,
    version: i64,
}

impl From<TeamRole> for RoleRow {
    fn from(role: TeamRole) -> Self {
        Self {
            id: role.role_type,
            role_type: role.role_type,
            role_name: role.role_name,
            role_description: role.role_description,
            version: role.version,
        }
    }
}

#[derive(JsonSchema, Serialize)]
struct WrittenRole {
    id: i16,
}

/// The parts people play in teams.
pub(super) fn list_roles(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let role_type = input.int("role_type").into_value();
    let page = input.page_if_asked();
    input.finish()?;
    let found = call.services()?.teams.roles()?.into_iter().map(RoleRow::from);
    let wanted = found.filter(|role| role_type.is_none_or(|role_type| role_type == i64::from(role.role_type)));
    list_of(wanted.collect(), page)
}

/// Changes what a part is called or there for.
pub(super) fn save_role(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let version = input.version();
    let role = TeamRoleInput {
        role_type: input.int("role_type"),
        role_name: input.text("role_name"),
        role_description: input.text("role_description"),
        problems: input.take_problems(),
    };
    let id = call.services()?.teams.update_role(call.caller()?, version, &role)?;
    message(DONE, WrittenRole { id })
}

/// Replaces the people who play one part in a customer's team.
pub(super) fn set_role(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<CustomerId>("customer_id");
    let version = input.version();
    let role_type = input.int("role_type").into_value();
    input.require("role_type", &role_type);
    let people = input.id_set("user_ids");
    let ((id, role_type), people) = input.finish_with(id.zip(role_type).zip(people))?;
    call.services()?.teams.set_role(call.caller()?, id, version, role_type, &people)?;
    written(DONE, id)
}

/// Replaces a customer's assistants.
pub(super) fn set_assistants(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<CustomerId>("customer_id");
    let version = input.version();
    let people = input.id_set("user_ids");
    let (id, people) = input.finish_with(id.zip(people))?;
    call.services()?.teams.set_assistants(call.caller()?, id, version, &people)?;
    written(DONE, id)
}
