//! A customer as the list answers it.

use crm_core::{Caller, Instant, Zone};
use crm_customers::contact::Contact;
use crm_customers::customer::CustomerDetail;
use crm_customers::label::Label;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::address_row::AddressRow;
use super::phone_row::{PhoneRow, phones};
use crate::vendors::custom;

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "CustomerV2")]
pub(super) struct CustomerRow {
    id: i64,
    user_id: Option<i64>,
    user_name: String,
    user_third_userid: Option<String>,
    name: String,
    status: String,
    status_mapped: String,
    category: String,
    category_mapped: String,
    need_hidden_dispose: bool,
    updated_at: String,
    created_at: String,
    last_revist_log_content: Option<String>,
    last_called_at: String,
    revisit_remind_at: String,
    will_flow_time: String,
    approve_status: &'static str,
    approve_status_i18n: &'static str,
    custom_field_template_id: Option<()>,
    custom_field_template_i18n: &'static str,
    phones_data: Vec<PhoneRow>,
    is_user_self: bool,
    is_creator_self: bool,
    labels: Vec<LabelRow>,
    address: AddressRow,
    contacts: Vec<ContactRow>,
    contacts_associate_with_traffic: bool,
    /// What the customer has in the deployment's own fields, under their keys.
    #[serde(flatten)]
    custom: Map<String, Value>,
}

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "LabelV2")]
struct LabelRow {
    id: i64,
    group_id: i64,
    content: String,
    color: String,
}

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ContactV2")]
struct ContactRow {
    id: i64,
    name: String,
    job: Option<String>,
    tel: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    wechat: Option<String>,
    is_primary: bool,
    tel_hidden_result: String,
    phone_hidden_result: String,
}

/// What the caller is to a customer.
#[derive(Clone, Copy)]
pub(super) struct Selves {
    pub(super) is_owner: bool,
    pub(super) is_creator: bool,
}

impl CustomerRow {
    pub(super) fn new(detail: CustomerDetail, caller: &Caller, zone: Zone) -> Self {
        let owner_id = detail.listing.customer.holding.owner_id;
        let selves = Selves {
            is_owner: owner_id == Some(caller.staff_id),
            is_creator: detail.listing.customer.profile.creator_id == caller.staff_id,
        };
        let phones_data = phones(&detail, selves, zone);
        let owner = owner_id.and_then(|owner| detail.people.get(&owner));
        let user_third_userid = owner.and_then(|owner| owner.wecom_userid.clone());
        let time = |at: Option<Instant>| at.map(|at| minute(zone, at)).unwrap_or_default();
        let custom = custom::by_key(&detail.listing.custom);
        let customer = detail.listing.customer;
        let profile = customer.profile;
        Self {
            id: customer.id.0,
            user_id: owner_id.map(|owner| owner.0),
            user_name: detail.listing.owner_name.unwrap_or_default(),
            user_third_userid,
            name: profile.real_name,
            status: customer.progress.stage_id.to_string(),
            status_mapped: detail.listing.stage.map(|stage| stage.name).unwrap_or_default(),
            category: profile.category_id.map(|id| id.to_string()).unwrap_or_default(),
            category_mapped: detail.listing.category.map(|category| category.name).unwrap_or_default(),
            need_hidden_dispose: detail.is_masked,
            updated_at: minute(zone, customer.updated_at),
            created_at: minute(zone, customer.created_at),
            last_revist_log_content: customer.activity.last_follow_log,
            last_called_at: time(customer.activity.last_called_at),
            revisit_remind_at: time(profile.next_follow_at),
            will_flow_time: detail.outlook.recycle_on.map(|date| format!("{date} 00:00")).unwrap_or_default(),
            approve_status: customer.progress.approve_status.as_str(),
            approve_status_i18n: customer.progress.approve_status.label(),
            custom_field_template_id: None,
            custom_field_template_i18n: "",
            phones_data,
            is_user_self: selves.is_owner,
            is_creator_self: selves.is_creator,
            labels: detail.labels.into_iter().map(LabelRow::from).collect(),
            address: AddressRow::new(detail.listing.address, profile.phone, zone),
            contacts: detail.contacts.into_iter().map(ContactRow::from).collect(),
            contacts_associate_with_traffic: false,
            custom,
        }
    }
}

impl From<Label> for LabelRow {
    fn from(label: Label) -> Self {
        Self { id: label.id.0, group_id: label.group_id.0, content: label.name, color: label.color }
    }
}

impl From<Contact> for ContactRow {
    fn from(contact: Contact) -> Self {
        Self {
            id: contact.id.0,
            name: contact.name,
            job: contact.job,
            tel_hidden_result: contact.tel.clone().unwrap_or_default(),
            phone_hidden_result: contact.phone.clone().unwrap_or_default(),
            tel: contact.tel,
            phone: contact.phone,
            email: contact.email,
            wechat: contact.wechat,
            is_primary: contact.is_primary != 0,
        }
    }
}

/// `YYYY-MM-DD HH:MM`.
pub(super) fn minute(zone: Zone, at: Instant) -> String {
    zone.local(at).format("%Y-%m-%d %H:%M").to_string()
}
