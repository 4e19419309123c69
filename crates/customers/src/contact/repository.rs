//! Queries on contacts.

use std::collections::HashMap;

use crm_core::{ContactId, CustomerId, Result};
use crm_db::schema::customer_contacts;
use crm_db::{Conn, Literal, among};
use diesel::prelude::*;

use super::Contact;

/// The contacts of each of these customers, the primary one first; one statement for a page of
/// customers.
pub(crate) fn of_all(conn: &mut Conn, customers: &[CustomerId]) -> Result<HashMap<CustomerId, Vec<Contact>>> {
    let mut found: HashMap<CustomerId, Vec<Contact>> = HashMap::new();
    if !customers.is_empty() {
        let rows: Vec<Contact> = customer_contacts::table
            .filter(
                among(customer_contacts::customer_id, customers.iter().copied())
                    .and(customer_contacts::status.ne(Literal::DELETED)),
            )
            .order((customer_contacts::customer_id, customer_contacts::is_primary.desc(), customer_contacts::id))
            .select(Contact::as_select())
            .load(conn)?;
        for contact in rows {
            found.entry(contact.customer_id).or_default().push(contact);
        }
    }
    Ok(found)
}

/// The contacts of one customer, the primary one first.
pub(crate) fn of(conn: &mut Conn, customer: CustomerId) -> Result<Vec<Contact>> {
    Ok(of_all(conn, &[customer])?.remove(&customer).unwrap_or_default())
}

/// A contact, deleted or not.
pub(super) fn find(conn: &mut Conn, id: ContactId) -> Result<Option<Contact>> {
    Ok(customer_contacts::table
        .filter(customer_contacts::id.eq(id))
        .select(Contact::as_select())
        .first(conn)
        .optional()?)
}

pub(super) fn insert(conn: &mut Conn, contact: &Contact) -> Result<ContactId> {
    Ok(diesel::insert_into(customer_contacts::table)
        .values(contact)
        .returning(customer_contacts::id)
        .get_result(conn)?)
}

pub(super) fn update(conn: &mut Conn, contact: &Contact) -> Result<()> {
    diesel::update(customer_contacts::table.filter(customer_contacts::id.eq(contact.id))).set(contact).execute(conn)?;
    Ok(())
}
