//! What people write about a customer beside its names, as it is searched.

use crm_core::{Result, phone_key};
use crm_db::Conn;
use crm_db::text_search::{self, Index};

use super::Customer;
use crate::Address;
use crate::contact::Contact;
use crate::field::CustomValues;

/// How many characters of a customer are searched: its note and five more texts of full length.
/// PostgreSQL refuses a document whose tokens and places take more than 1 MiB, which is some 80,000
/// characters if they all differ: a customer must not become one that cannot be stored.
const SEARCHED_MAX: usize = 60_000;

/// Makes the customer findable by its note, its numbers, its address, what it has in the deployment's
/// own fields, and the names and numbers of its contacts. Belongs after every write of one of these. The
/// shortest texts come first: what is cut off of a customer
/// with very much of everything is the end of the longest, not a name or a number.
pub(crate) fn put(
    conn: &mut Conn,
    customer: &Customer,
    address: &Address,
    custom: &CustomValues,
    contacts: Vec<Contact>,
) -> Result<()> {
    let Customer { id, profile, project, clue, .. } = customer;
    let mut attached = custom.texts();
    attached.extend(contacts.into_iter().flat_map(texts_of));
    let own = [&profile.note, &profile.phone_key, &project.community_name, &project.room_number, &clue.clue_id_unique];
    let address = address.texts();
    let own = own.into_iter().chain(&address).map(Option::as_deref);
    let texts = own.flatten().chain(attached.iter().map(String::as_str)).collect();
    text_search::put(conn, Index::CustomerTexts, id.0, &first_of(texts))
}

/// As much of these texts as is searched, the shortest first.
fn first_of(mut texts: Vec<&str>) -> Vec<Option<&str>> {
    texts.sort_by_key(|text| text.len());
    let mut left = SEARCHED_MAX;
    let mut first = Vec::with_capacity(texts.len());
    for text in texts {
        if left == 0 {
            break;
        }
        let end = text.char_indices().nth(left).map_or(text.len(), |(end, _)| end);
        first.push(text.get(..end));
        // What parts it from the next text has a place too.
        left = left.saturating_sub(text.chars().count() + 1);
    }
    first
}

/// The texts by which a customer is found through a contact. A phone number is as it is compared.
fn texts_of(contact: Contact) -> impl Iterator<Item = String> {
    let Contact { name, phone, tel, job, email, wechat, .. } = contact;
    [Some(name), phone.map(|phone| phone_key(&phone)), tel, job, email, wechat].into_iter().flatten()
}
