//! What people write about a customer beside its names, as it is searched.

use crm_core::Result;
use crm_db::Conn;
use crm_db::text_search::{self, Index};

use super::Customer;
use crate::Address;

/// Makes the customer findable by its note, its numbers and its address.
pub(crate) fn put(conn: &mut Conn, customer: &Customer, address: &Address) -> Result<()> {
    let Customer { profile, project, clue, .. } = customer;
    let own = [&profile.note, &profile.phone_key, &project.community_name, &project.room_number, &clue.clue_id_unique];
    let address = address.texts();
    let texts: Vec<Option<&str>> = own.into_iter().chain(&address).map(Option::as_deref).collect();
    text_search::put(conn, Index::CustomerTexts, customer.id.0, &texts)
}
