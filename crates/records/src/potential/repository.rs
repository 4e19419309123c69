//! Queries on potentials.

use std::collections::HashMap;

use crm_core::{Caller, Instant, OrganizationId, Page, Paged, PotentialId, Result, StatusFilter};
use crm_db::schema::{follows, potentials};
use crm_db::{Backend, Conn, Literal, OwnBy, Visibility, among};
use diesel::dsl::{count_star, max};
use diesel::prelude::*;

use super::{Potential, PotentialFilter};

/// Whose potentials are.
const VISIBLE: Visibility = Visibility::new(
    "potentials.id",
    &[
        OwnBy { table: "potentials", id: "id", person: "creator_id" },
        OwnBy { table: "potentials", id: "id", person: "director_id" },
    ],
);

/// How many live follow-ups a potential has, and the record time of the latest.
pub(super) type FollowTotals = (i64, Option<Instant>);

pub(super) fn insert(conn: &mut Conn, potential: &Potential) -> Result<PotentialId> {
    Ok(diesel::insert_into(potentials::table).values(potential).returning(potentials::id).get_result(conn)?)
}

pub(super) fn update(conn: &mut Conn, potential: &Potential) -> Result<()> {
    diesel::update(potentials::table.filter(potentials::id.eq(potential.id))).set(potential).execute(conn)?;
    Ok(())
}

/// A potential the caller sees, deleted or not.
pub(crate) fn find(conn: &mut Conn, caller: &Caller, id: PotentialId) -> Result<Option<Potential>> {
    let filter = PotentialFilter { id: Some(id), status: StatusFilter::All, ..PotentialFilter::default() };
    Ok(filtered(caller, &filter).select(Potential::as_select()).first(conn).optional()?)
}

/// Those of these potentials that exist, whoever sees them, with their organization and status.
pub(crate) fn outlines(conn: &mut Conn, ids: &[PotentialId]) -> Result<HashMap<PotentialId, (OrganizationId, i16)>> {
    let mut found = HashMap::with_capacity(ids.len());
    if !ids.is_empty() {
        let rows: Vec<(PotentialId, OrganizationId, i16)> = potentials::table
            .filter(among(potentials::id, ids.iter().copied()))
            .select((potentials::id, potentials::organization_id, potentials::status))
            .load(conn)?;
        found.extend(rows.into_iter().map(|(id, organization, status)| (id, (organization, status))));
    }
    Ok(found)
}

/// The newest live potential of an organization, with its status.
pub(super) fn newest(conn: &mut Conn, organization: OrganizationId) -> Result<Option<(PotentialId, i16)>> {
    Ok(potentials::table
        .filter(potentials::organization_id.eq(organization).and(potentials::status.ne(Literal::DELETED)))
        .order((potentials::record_time.desc(), potentials::id.desc()))
        .select((potentials::id, potentials::status))
        .first(conn)
        .optional()?)
}

/// The live follow-ups of each of these potentials.
pub(super) fn follow_totals(conn: &mut Conn, ids: &[PotentialId]) -> Result<HashMap<PotentialId, FollowTotals>> {
    let mut totals = HashMap::with_capacity(ids.len());
    if !ids.is_empty() {
        let rows: Vec<(PotentialId, i64, Option<Instant>)> = follows::table
            .filter(among(follows::potential_id, ids.iter().copied()).and(follows::status.eq(Literal::LIVE)))
            .group_by(follows::potential_id)
            .select((follows::potential_id, count_star(), max(follows::record_time)))
            .load(conn)?;
        totals.extend(rows.into_iter().map(|(id, count, last)| (id, (count, last))));
    }
    Ok(totals)
}

pub(super) fn list(conn: &mut Conn, caller: &Caller, filter: &PotentialFilter, page: Page) -> Result<Paged<Potential>> {
    let total = filtered(caller, filter).count().get_result(conn)?;
    Paged::load(total, page, || {
        filtered(caller, filter)
            .order((potentials::record_time.desc(), potentials::id.desc()))
            .limit(page.count())
            .offset(page.offset())
            .select(Potential::as_select())
            .load(conn)
    })
}

fn filtered<'a>(caller: &Caller, filter: &PotentialFilter) -> potentials::BoxedQuery<'a, Backend> {
    let mut query = potentials::table.into_boxed::<Backend>();
    let visible = if filter.id.is_some() { VISIBLE.row(caller) } else { VISIBLE.rows(caller) };
    if let Some(visible) = visible {
        query = query.filter(visible);
    }
    if let Some(id) = filter.id {
        query = query.filter(potentials::id.eq(id));
    }
    if let Some(organization) = filter.organization_id {
        query = query.filter(potentials::organization_id.eq(organization));
    }
    if let Some(director) = filter.director_id {
        query = query.filter(potentials::director_id.eq(director));
    }
    if let Some(start) = filter.range.start {
        query = query.filter(potentials::record_time.ge(start));
    }
    if let Some(end) = filter.range.end {
        query = query.filter(potentials::record_time.le(end));
    }
    match filter.status {
        StatusFilter::Live => query.filter(potentials::status.ne(Literal::DELETED)),
        StatusFilter::All => query,
        StatusFilter::Exactly(status) => query.filter(potentials::status.eq(status)),
    }
}
