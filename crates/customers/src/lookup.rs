//! For programs that know customers and organizations by what people call them: an import matches
//! rows by phone number or name. All take the connection of the caller's own transaction, find only
//! what the caller sees and what is not deleted, and give at most two: enough to tell that a name
//! stands for several.

use std::collections::HashMap;

use crm_core::{Caller, CustomerId, OrganizationId, ProductLineId, Result, phone_key};
use crm_db::schema::{customers, organizations, product_lines};
use crm_db::text_search::{self, Index};
use crm_db::{Backend, Conn, Literal};
use diesel::prelude::*;

use crate::{customer, organization};

/// Enough to tell one from several.
const FEW: i64 = 2;

/// The organizations of exactly this name.
///
/// # Errors
/// What the database answers.
pub fn organizations_named(conn: &mut Conn, caller: &Caller, name: &str) -> Result<Vec<OrganizationId>> {
    // The text index finds the few that contain the name; no index knows whole names.
    let mut query = organizations::table
        .filter(text_search::contains(conn.engine(), Index::Organizations, "organizations.id", name))
        .filter(organizations::name.eq(name.to_owned()).and(organizations::status.ne(Literal::DELETED)))
        .into_boxed::<Backend>();
    if let Some(visible) = organization::visible(caller) {
        query = query.filter(visible);
    }
    Ok(query.order(organizations::id).limit(FEW).select(organizations::id).load(conn)?)
}

/// The customers of exactly this real name.
///
/// # Errors
/// What the database answers.
pub fn customers_named(conn: &mut Conn, caller: &Caller, name: &str) -> Result<Vec<CustomerId>> {
    let mut query = customers::table
        .filter(text_search::contains(conn.engine(), Index::Customers, "customers.id", name))
        .filter(customers::real_name.eq(name.to_owned()).and(customers::status.ne(Literal::DELETED)))
        .into_boxed::<Backend>();
    if let Some(visible) = customer::visible(caller) {
        query = query.filter(visible);
    }
    Ok(query.order(customers::id).limit(FEW).select(customers::id).load(conn)?)
}

/// The customers with this phone number, compared by its digits and `+`; not those in the public pool
/// whose numbers are masked for the caller.
///
/// # Errors
/// What the database answers.
pub fn customers_with_phone(conn: &mut Conn, caller: &Caller, phone: &str) -> Result<Vec<CustomerId>> {
    let mut query = customers::table
        .filter(customers::phone_key.eq(phone_key(phone)).and(customers::status.ne(Literal::DELETED)))
        .into_boxed::<Backend>();
    if let Some(visible) = customer::visible(caller) {
        query = query.filter(visible);
    }
    if customer::pool_is_closed(caller) {
        query = query.filter(customers::owner_id.is_not_null());
    }
    Ok(query.order(customers::id).limit(FEW).select(customers::id).load(conn)?)
}

/// The names of the product lines.
///
/// # Errors
/// What the database answers.
pub fn product_lines(conn: &mut Conn) -> Result<HashMap<ProductLineId, String>> {
    let rows: Vec<(ProductLineId, String)> =
        product_lines::table.select((product_lines::id, product_lines::name)).load(conn)?;
    Ok(rows.into_iter().collect())
}
