//! What people write about a customer beside its names, as it is searched.

use crm_core::{Result, phone_key};
use crm_db::Conn;
use crm_db::text_search::{self, Index};

use super::Customer;
use crate::Address;
use crate::contact::{self, Contact};
use crate::field::CustomValues;

/// Makes the customer findable by its note, its numbers, its address, what it has in the deployment's
/// own fields, and the names and numbers of its contacts: the last two as they are stored now. Belongs
/// after every write of one of these.
pub(crate) fn put(conn: &mut Conn, customer: &Customer, address: &Address) -> Result<()> {
    let Customer { id, profile, project, clue, .. } = customer;
    let mut attached = CustomValues::of(conn, *id)?.texts();
    for contact in contact::of_all(conn, &[*id])?.remove(id).unwrap_or_default() {
        attached.extend(texts_of(contact));
    }
    let own = [&profile.note, &profile.phone_key, &project.community_name, &project.room_number, &clue.clue_id_unique];
    let own = own.into_iter().chain(address.texts()).map(Option::as_deref);
    let texts: Vec<Option<&str>> = own.chain(attached.iter().map(|text| Some(text.as_str()))).collect();
    text_search::put(conn, Index::CustomerTexts, id.0, &texts)
}

/// The texts by which a customer is found through a contact. A phone number is as it is compared.
fn texts_of(contact: Contact) -> impl Iterator<Item = String> {
    let Contact { name, phone, tel, email, wechat, .. } = contact;
    [Some(name), phone.map(|phone| phone_key(&phone)), tel, email, wechat].into_iter().flatten()
}
