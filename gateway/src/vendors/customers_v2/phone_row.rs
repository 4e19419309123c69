//! The numbers of a customer as the list answers them: one entry for each.

use crm_core::Zone;
use crm_customers::customer::CustomerDetail;
use schemars::JsonSchema;
use serde::Serialize;

use super::customer_row::{Selves, minute};

const TEL: (&str, &str) = ("电话", "address.tel");
const PHONE: (&str, &str) = ("手机", "address.phone");

#[derive(Clone, JsonSchema, Serialize)]
#[schemars(rename = "PhoneV2")]
pub(super) struct PhoneRow {
    label: &'static str,
    call_field_name: &'static str,
    /// The column of the list in which the number is found.
    custom_field_name: &'static str,
    phone: String,
    phone_hidden_result: String,
    is_invisible: bool,
    is_enable: bool,
    entity_class: &'static str,
    entity_id: i64,
    recordable_type: &'static str,
    recordable_id: i64,
    entity_name: String,
    company_name: Option<String>,
    job: Option<String>,
    status: String,
    user: String,
    revisit_remind_at: Option<String>,
    name: String,
    is_user_self: bool,
    is_creator_self: bool,
}

/// The customer's own numbers, then those of its contacts. Calls to a contact are the customer's too.
pub(super) fn phones(detail: &CustomerDetail, selves: Selves, zone: Zone) -> Vec<PhoneRow> {
    let listing = &detail.listing;
    let (customer, profile) = (&listing.customer, &listing.customer.profile);
    let row = |(label, field): (&'static str, &'static str), phone: &String| PhoneRow {
        label,
        call_field_name: field,
        custom_field_name: field,
        phone: phone.clone(),
        phone_hidden_result: phone.clone(),
        is_invisible: detail.is_masked,
        is_enable: !detail.is_masked,
        entity_class: "Customer",
        entity_id: customer.id.0,
        recordable_type: "Customer",
        recordable_id: customer.id.0,
        entity_name: profile.real_name.clone(),
        company_name: listing.organization_names.first().cloned(),
        job: profile.job.clone(),
        status: listing.stage.as_ref().map(|stage| stage.name.clone()).unwrap_or_default(),
        user: listing.owner_name.clone().unwrap_or_default(),
        revisit_remind_at: profile.next_follow_at.map(|at| minute(zone, at)),
        name: profile.real_name.clone(),
        is_user_self: selves.is_owner,
        is_creator_self: selves.is_creator,
    };
    let own = [(TEL, &listing.address.tel), (PHONE, &profile.phone)];
    let own = own.into_iter().filter_map(|(field, phone)| phone.as_ref().map(|phone| row(field, phone)));
    let of_contacts = detail.contacts.iter().flat_map(|contact| {
        let numbers = [(TEL, &contact.tel), (PHONE, &contact.phone)];
        numbers.into_iter().filter_map(move |(field, phone)| phone.as_ref().map(|phone| (contact, row(field, phone))))
    });
    let of_contacts = of_contacts.map(|(contact, row)| PhoneRow {
        custom_field_name: "contacts",
        entity_class: "Contact",
        entity_id: contact.id.0,
        entity_name: contact.name.clone(),
        job: contact.job.clone(),
        ..row
    });
    own.chain(of_contacts).collect()
}
