//! Queries on organizations.

use crm_core::{Caller, DELETED, OrganizationId, Page, Paged, Result, StatusFilter};
use crm_db::counters::{self, Counter};
use crm_db::schema::{organizations, potentials};
use crm_db::text_search::{self, Index};
use crm_db::{Backend, Conn, Engine, Literal};
use diesel::prelude::*;

use super::{Organization, OrganizationFilter, visible};

pub(super) fn insert(conn: &mut Conn, organization: &Organization) -> Result<OrganizationId> {
    Ok(diesel::insert_into(organizations::table).values(organization).returning(organizations::id).get_result(conn)?)
}

pub(super) fn update(conn: &mut Conn, organization: &Organization) -> Result<()> {
    diesel::update(organizations::table.filter(organizations::id.eq(organization.id)))
        .set(organization)
        .execute(conn)?;
    Ok(())
}

/// An organization the caller sees, deleted or not.
pub(super) fn find(conn: &mut Conn, caller: &Caller, id: OrganizationId) -> Result<Option<Organization>> {
    let mut query = organizations::table.filter(organizations::id.eq(id)).into_boxed::<Backend>();
    if let Some(visible) = visible(caller) {
        query = query.filter(visible);
    }
    Ok(query.select(Organization::as_select()).first(conn).optional()?)
}

pub(super) fn find_any(conn: &mut Conn, id: OrganizationId) -> Result<Option<Organization>> {
    Ok(organizations::table
        .filter(organizations::id.eq(id))
        .select(Organization::as_select())
        .first(conn)
        .optional()?)
}

/// The stage of the organization's newest live potential.
pub(super) fn stage(conn: &mut Conn, id: OrganizationId) -> Result<Option<i16>> {
    Ok(potentials::table
        .filter(potentials::organization_id.eq(id).and(potentials::status.ne(Literal::DELETED)))
        .order((potentials::record_time.desc(), potentials::id.desc()))
        .select(potentials::status)
        .first(conn)
        .optional()?)
}

pub(super) fn list(
    conn: &mut Conn,
    caller: &Caller,
    filter: &OrganizationFilter,
    page: Page,
) -> Result<Paged<Organization>> {
    let total = match counted(caller, filter) {
        Some(counters) => counters::total(conn, counters)?,
        None => filtered(conn.engine(), caller, filter).count().get_result(conn)?,
    };
    Paged::load(total, page, || {
        filtered(conn.engine(), caller, filter)
            .order(organizations::id.desc())
            .limit(page.count())
            .offset(page.offset())
            .select(Organization::as_select())
            .load(conn)
    })
}

/// The next rows of the list after the one with this id.
pub(super) fn list_after(
    conn: &mut Conn,
    caller: &Caller,
    filter: &OrganizationFilter,
    after: Option<OrganizationId>,
    count: i64,
) -> Result<Vec<Organization>> {
    let mut query = filtered(conn.engine(), caller, filter);
    if let Some(after) = after {
        query = query.filter(organizations::id.lt(after));
    }
    Ok(query.order(organizations::id.desc()).limit(count).select(Organization::as_select()).load(conn)?)
}

/// The kept totals that answer an unfiltered list.
fn counted(caller: &Caller, filter: &OrganizationFilter) -> Option<&'static [Counter]> {
    let unfiltered = filter.id.is_none() && filter.name.is_none() && filter.creator_id.is_none();
    if !unfiltered || visible(caller).is_some() {
        return None;
    }
    match filter.status {
        StatusFilter::Live => Some(&[Counter::OrganizationsLive]),
        StatusFilter::All => Some(&[Counter::OrganizationsLive, Counter::OrganizationsDeleted]),
        StatusFilter::Exactly(DELETED) => Some(&[Counter::OrganizationsDeleted]),
        StatusFilter::Exactly(_) => None,
    }
}

fn filtered<'a>(
    engine: Engine,
    caller: &Caller,
    filter: &OrganizationFilter,
) -> organizations::BoxedQuery<'a, Backend> {
    let mut query = organizations::table.into_boxed::<Backend>();
    if let Some(visible) = visible(caller) {
        query = query.filter(visible);
    }
    if let Some(id) = filter.id {
        query = query.filter(organizations::id.eq(id));
    }
    if let Some(creator) = filter.creator_id {
        query = query.filter(organizations::creator_id.eq(creator));
    }
    if let Some(name) = &filter.name {
        query = query.filter(text_search::contains(engine, Index::Organizations, "organizations.id", name));
    }
    match filter.status {
        StatusFilter::Live => query.filter(organizations::status.ne(Literal::DELETED)),
        StatusFilter::All => query,
        StatusFilter::Exactly(status) => query.filter(organizations::status.eq(status)),
    }
}
