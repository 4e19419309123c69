//! `/api/customers/contact` and `/api/customers/delcontact`.

use crm_core::{ContactId, Zone};
use crm_customers::contact::{Contact, ContactFilter, ContactInput};
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{list_of, written};

#[derive(JsonSchema, Serialize)]
#[allow(non_snake_case, reason = "the names of the contract")]
pub(super) struct ContactRow {
    id: i64,
    customer_id: i64,
    name: String,
    phone: Option<String>,
    tel: Option<String>,
    job: Option<String>,
    email: Option<String>,
    wechat: Option<String>,
    is_primary: i16,
    createTime: String,
    updateTime: String,
    version: i64,
}

impl ContactRow {
    fn new(contact: Contact, zone: Zone) -> Self {
        Self {
            id: contact.id.0,
            customer_id: contact.customer_id.0,
            name: contact.name,
            phone: contact.phone,
            tel: contact.tel,
            job: contact.job,
            email: contact.email,
            wechat: contact.wechat,
            is_primary: contact.is_primary,
            createTime: zone.format(contact.created_at),
            updateTime: zone.format(contact.updated_at),
            version: contact.version,
        }
    }
}

/// The contacts of a customer, the primary one first.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let filter = ContactFilter { customer_id: input.own_id("customer_id"), id: input.own_id("contact_id") };
    if filter.customer_id.is_none() && filter.id.is_none() {
        input.note("customer_id", "不能为空");
    }
    let page = input.page_if_asked();
    input.finish()?;
    let found = call.services()?.contacts.list(call.caller()?, filter)?;
    list_of(found.into_iter().map(|contact| ContactRow::new(contact, call.zone)).collect(), page)
}

/// Enters a contact of a customer, or with `contact_id` changes one.
pub(super) fn save(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id::<ContactId>("contact_id");
    let version = input.version();
    let contact = ContactInput {
        customer_id: input.id("customer_id"),
        name: input.text("name"),
        phone: input.text("phone"),
        tel: input.text("tel"),
        job: input.text_or_number("job"),
        email: input.text("email"),
        wechat: input.text("wechat"),
        is_primary: input.int("is_primary"),
        problems: input.take_problems(),
    };
    let contacts = &call.services()?.contacts;
    let id = match id {
        Some(id) => contacts.update(call.caller()?, id, version, &contact).map(|()| id)?,
        None => contacts.create(call.caller()?, &contact)?,
    };
    written(DONE, id)
}

/// Deletes a contact.
pub(super) fn delete(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<ContactId>("contact_id");
    let id = input.finish_with(id)?;
    call.services()?.contacts.delete(call.caller()?, id)?;
    written(DONE, id)
}
