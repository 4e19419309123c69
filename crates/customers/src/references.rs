//! For the crates whose records point at organizations and customers: whether a caller may name
//! them, and what they are called. All take the connection of the caller's own transaction.

use std::collections::HashMap;

use crm_core::{Caller, CustomerId, OrganizationId, Patch, Problems, Result};
use crm_db::schema::{customer_organizations, customers, organizations};
use crm_db::{Backend, Conn, Literal, among, distinct};
use crm_staff::people::note_missing;
use diesel::prelude::*;

use crate::{customer, organization};

/// Notes on `field` an organization that does not exist, is deleted, or that the caller may not
/// see; the one the record has already (`kept`) is not asked about again.
///
/// # Errors
/// What the database answers.
pub fn check_organization(
    conn: &mut Conn,
    caller: &Caller,
    problems: &mut Problems,
    field: &str,
    id: &Patch<OrganizationId>,
    kept: Option<OrganizationId>,
) -> Result<()> {
    match id.value() {
        Some(id) => check_organizations(conn, caller, problems, field, &[*id], kept.as_slice()),
        None => Ok(()),
    }
}

/// The same for a field with several: at most 1,000, none of them twice.
///
/// # Errors
/// What the database answers.
pub fn check_organizations(
    conn: &mut Conn,
    caller: &Caller,
    problems: &mut Problems,
    field: &str,
    ids: &[OrganizationId],
    kept: &[OrganizationId],
) -> Result<()> {
    problems.ids(field, ids);
    let new: Vec<OrganizationId> = ids.iter().copied().filter(|id| !kept.contains(id)).collect();
    let mut known = Vec::with_capacity(new.len());
    if !new.is_empty() {
        let mut query = organizations::table
            .filter(among(organizations::id, new.iter().copied()).and(organizations::status.ne(Literal::DELETED)))
            .into_boxed::<Backend>();
        if let Some(visible) = organization::visible(caller) {
            query = query.filter(visible);
        }
        let found: Vec<OrganizationId> = query.select(organizations::id).load(conn)?;
        known.extend(found);
    }
    note_missing(problems, field, &new, &known);
    Ok(())
}

/// Notes on `field` more than 1,000 customers, one named twice, and those that do not exist, are
/// deleted, or that the caller may not see; `kept` (those the record names already) are not asked
/// about again.
///
/// # Errors
/// What the database answers.
pub fn check_customers(
    conn: &mut Conn,
    caller: &Caller,
    problems: &mut Problems,
    field: &str,
    ids: &[CustomerId],
    kept: &[CustomerId],
) -> Result<()> {
    problems.ids(field, ids);
    let new: Vec<CustomerId> = ids.iter().copied().filter(|id| !kept.contains(id)).collect();
    let mut known = Vec::with_capacity(new.len());
    if !new.is_empty() {
        let mut query = customers::table
            .filter(among(customers::id, new.iter().copied()).and(customers::status.ne(Literal::DELETED)))
            .into_boxed::<Backend>();
        if let Some(visible) = customer::visible(caller) {
            query = query.filter(visible);
        }
        let found: Vec<CustomerId> = query.select(customers::id).load(conn)?;
        known.extend(found);
    }
    note_missing(problems, field, &new, &known);
    Ok(())
}

/// The same for a field with one customer.
///
/// # Errors
/// What the database answers.
pub fn check_customer(
    conn: &mut Conn,
    caller: &Caller,
    problems: &mut Problems,
    field: &str,
    id: &Patch<CustomerId>,
    kept: Option<CustomerId>,
) -> Result<()> {
    match id.value() {
        Some(id) => check_customers(conn, caller, problems, field, &[*id], kept.as_slice()),
        None => Ok(()),
    }
}

/// The customer's first organization, if it has one.
///
/// # Errors
/// What the database answers.
pub fn first_organization(conn: &mut Conn, customer: CustomerId) -> Result<Option<OrganizationId>> {
    Ok(customer_organizations::table
        .filter(customer_organizations::customer_id.eq(customer))
        .order(customer_organizations::position)
        .select(customer_organizations::organization_id)
        .first(conn)
        .optional()?)
}

/// The names of these organizations, deleted ones too.
///
/// # Errors
/// What the database answers.
pub fn organization_names(conn: &mut Conn, ids: &[OrganizationId]) -> Result<HashMap<OrganizationId, String>> {
    let mut names = HashMap::with_capacity(ids.len());
    let ids = distinct(ids.iter().copied());
    if !ids.is_empty() {
        let rows: Vec<(OrganizationId, String)> = organizations::table
            .filter(among(organizations::id, ids.iter().copied()))
            .select((organizations::id, organizations::name))
            .load(conn)?;
        names.extend(rows);
    }
    Ok(names)
}

/// The names of these customers, deleted ones too.
///
/// # Errors
/// What the database answers.
pub fn customer_names(conn: &mut Conn, ids: &[CustomerId]) -> Result<HashMap<CustomerId, String>> {
    let mut names = HashMap::with_capacity(ids.len());
    let ids = distinct(ids.iter().copied());
    if !ids.is_empty() {
        let rows: Vec<(CustomerId, String)> = customers::table
            .filter(among(customers::id, ids.iter().copied()))
            .select((customers::id, customers::real_name))
            .load(conn)?;
        names.extend(rows);
    }
    Ok(names)
}

/// The names of those of these customers that the caller sees.
pub(crate) fn visible_customer_names(
    conn: &mut Conn,
    caller: &Caller,
    ids: &[CustomerId],
) -> Result<HashMap<CustomerId, String>> {
    let mut names = HashMap::with_capacity(ids.len());
    let ids = distinct(ids.iter().copied());
    if !ids.is_empty() {
        let mut query = customers::table.filter(among(customers::id, ids.iter().copied())).into_boxed::<Backend>();
        if let Some(visible) = customer::visible(caller) {
            query = query.filter(visible);
        }
        let rows: Vec<(CustomerId, String)> = query.select((customers::id, customers::real_name)).load(conn)?;
        names.extend(rows);
    }
    Ok(names)
}
