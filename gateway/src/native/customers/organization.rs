//! `/api/customers/organization` and `/api/customers/delorganization`.

use crm_core::{OrganizationId, Zone};
use crm_customers::organization::OrganizationListing;
use crm_customers::{OrganizationFilter, OrganizationInput};
use crm_exchange::OrganizationTable;
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{exchange, list as answer_list, status, written};

#[derive(JsonSchema, Serialize)]
#[allow(non_snake_case, reason = "the names of the contract")]
pub(super) struct OrganizationRow {
    id: i64,
    groupName: String,
    groupDetail: Option<String>,
    r#type: Option<String>,
    provience: Option<String>,
    city: Option<String>,
    county: Option<String>,
    address: Option<String>,
    legal_person: Option<String>,
    register_capital: Option<String>,
    registerDate: Option<String>,
    website: Option<String>,
    creator_id: i64,
    creator_name: Option<String>,
    createTime: String,
    updateTime: String,
    status: i16,
    note: Option<String>,
    version: i64,
}

impl OrganizationRow {
    fn new(listing: OrganizationListing, zone: Zone) -> Self {
        let OrganizationListing { organization, creator_name } = listing;
        Self {
            id: organization.id.0,
            groupName: organization.name,
            groupDetail: organization.detail,
            r#type: organization.kind,
            provience: organization.provience,
            city: organization.city,
            county: organization.county,
            address: organization.address,
            legal_person: organization.legal_person,
            register_capital: organization.register_capital,
            registerDate: organization.register_date.map(|date| date.to_string()),
            website: organization.website,
            creator_id: organization.creator_id.0,
            creator_name,
            createTime: zone.format(organization.created_at),
            updateTime: zone.format(organization.updated_at),
            status: organization.status,
            note: organization.note,
            version: organization.version,
        }
    }
}

/// Which organizations a list or an export shows.
fn filter(input: &mut Reader) -> OrganizationFilter {
    let id = input.own_id("organization_id");
    let status = status::read(input, status::OF_STAGES, id.is_some());
    OrganizationFilter { id, name: input.search("organization_name"), status, creator_id: input.own_id("creator_id") }
}

/// The organizations the caller may see.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let filter = filter(input);
    let page = input.page();
    input.finish()?;
    let found = call.services()?.organizations.list(call.caller()?, &filter, page)?;
    answer_list(found.rows.into_iter().map(|row| OrganizationRow::new(row, call.zone)), found.total, page)
}

/// Creates an organization, or with `organization_id` changes one.
pub(super) fn save(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id::<OrganizationId>("organization_id");
    let version = input.version();
    let organization = OrganizationInput {
        name: input.text("groupName"),
        detail: input.text("groupDetail"),
        kind: input.text("type"),
        provience: input.text("provience"),
        city: input.text("city"),
        county: input.text("county"),
        address: input.text("address"),
        legal_person: input.text("legal_person"),
        register_capital: input.text("register_capital"),
        register_date: input.date("registerDate"),
        website: input.text("website"),
        note: input.text("note"),
        creator_id: input.id("creator_id"),
        problems: input.take_problems(),
    };
    let organizations = &call.services()?.organizations;
    let id = match id {
        Some(id) => organizations.update(call.caller()?, id, version, organization).map(|()| id)?,
        None => organizations.create(call.caller()?, organization)?,
    };
    written(DONE, id)
}

/// Deletes (`status` -1) or restores (1); without saying which, it does neither.
pub(super) fn set_status(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<OrganizationId>("organization_id");
    let delete = input.choice("status", &[("-1", true), ("1", false)]);
    input.require("status", &delete);
    let (id, delete) = input.finish_with(id.zip(delete))?;
    match delete {
        true => call.services()?.organizations.delete(call.caller()?, id)?,
        false => call.services()?.organizations.restore(call.caller()?, id)?,
    }
    written(DONE, id)
}

/// Enters or changes organizations as a file says.
pub(super) fn import(call: &Call<'_>, input: &mut Reader) -> Outcome {
    exchange::import::<OrganizationTable>(call, input)
}

/// The organizations of a list as a file.
pub(super) fn export(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let filter = filter(input);
    exchange::export::<OrganizationTable>(call, input, "organizations", filter)
}
