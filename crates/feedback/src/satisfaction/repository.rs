//! Queries on satisfaction records.

use crm_core::{Caller, CustomerId, Page, Paged, Result, SatisfactionId, StaffId, StatusFilter};
use crm_db::schema::satisfactions;
use crm_db::{Backend, Conn, Links, Literal, OwnBy, Predicate, Visibility};
use diesel::prelude::*;

use super::model::Linked;
use super::{Satisfaction, SatisfactionFilter};

/// The customers who said it.
pub(super) const CUSTOMERS: Links<SatisfactionId, CustomerId> =
    Links::new("satisfaction_customers", "satisfaction_id", "customer_id");
/// The people who were praised or blamed.
pub(super) const FOLLOWERS: Links<SatisfactionId, StaffId> =
    Links::new("satisfaction_followers", "satisfaction_id", "staff_id");

/// Whose satisfaction records are.
pub const VISIBLE: Visibility = Visibility::new(
    "satisfactions.id",
    &[
        OwnBy { table: "satisfactions", id: "id", person: "operator_id" },
        OwnBy { table: "satisfaction_followers", id: "satisfaction_id", person: "staff_id" },
    ],
);

pub(super) fn insert(conn: &mut Conn, linked: &Linked) -> Result<SatisfactionId> {
    let id: SatisfactionId = diesel::insert_into(satisfactions::table)
        .values(&linked.satisfaction)
        .returning(satisfactions::id)
        .get_result(conn)?;
    CUSTOMERS.insert(conn, id, &linked.customer_ids)?;
    FOLLOWERS.insert(conn, id, &linked.follower_ids)?;
    Ok(id)
}

/// Writes what differs from `before`.
pub(super) fn update(conn: &mut Conn, before: &Linked, after: &Linked) -> Result<()> {
    let id = after.satisfaction.id;
    diesel::update(satisfactions::table.filter(satisfactions::id.eq(id))).set(&after.satisfaction).execute(conn)?;
    if after.customer_ids != before.customer_ids {
        CUSTOMERS.replace(conn, id, &after.customer_ids)?;
    }
    if after.follower_ids != before.follower_ids {
        FOLLOWERS.replace(conn, id, &after.follower_ids)?;
    }
    Ok(())
}

/// A record the caller sees, deleted or not.
pub(super) fn find(conn: &mut Conn, caller: &Caller, id: SatisfactionId) -> Result<Option<Linked>> {
    let filter = SatisfactionFilter { id: Some(id), status: StatusFilter::All, ..SatisfactionFilter::default() };
    let found = filtered(caller, &filter).select(Satisfaction::as_select()).first(conn).optional()?;
    let Some(satisfaction) = found else { return Ok(None) };
    Ok(Some(Linked { satisfaction, customer_ids: CUSTOMERS.of(conn, id)?, follower_ids: FOLLOWERS.of(conn, id)? }))
}

pub(super) fn list(
    conn: &mut Conn,
    caller: &Caller,
    filter: &SatisfactionFilter,
    page: Page,
) -> Result<Paged<Satisfaction>> {
    let total = filtered(caller, filter).count().get_result(conn)?;
    Paged::load(total, page, || {
        filtered(caller, filter)
            .order((satisfactions::record_time.desc(), satisfactions::id.desc()))
            .limit(page.count())
            .offset(page.offset())
            .select(Satisfaction::as_select())
            .load(conn)
    })
}

fn filtered<'a>(caller: &Caller, filter: &SatisfactionFilter) -> satisfactions::BoxedQuery<'a, Backend> {
    let mut query = satisfactions::table.into_boxed::<Backend>();
    let visible = if filter.id.is_some() { VISIBLE.row(caller) } else { VISIBLE.rows(caller) };
    if let Some(visible) = visible {
        query = query.filter(visible);
    }
    if let Some(id) = filter.id {
        query = query.filter(satisfactions::id.eq(id));
    }
    if !filter.customer_ids.is_empty() {
        let said = "satisfactions.id IN (SELECT satisfaction_id FROM satisfaction_customers WHERE customer_id";
        query = query.filter(Predicate::new(said).among(filter.customer_ids.iter().copied()).sql(")"));
    }
    if let Some(organization) = filter.organization_id {
        query = query.filter(satisfactions::organization_id.eq(organization));
    }
    if let Some(follower) = filter.follower_id {
        let about = "satisfactions.id IN (SELECT satisfaction_id FROM satisfaction_followers WHERE staff_id = ";
        query = query.filter(Predicate::new(about).int(follower.0).sql(")"));
    }
    if let Some(start) = filter.recorded.start {
        query = query.filter(satisfactions::record_time.ge(start));
    }
    if let Some(end) = filter.recorded.end {
        query = query.filter(satisfactions::record_time.le(end));
    }
    match filter.status {
        StatusFilter::Live => query.filter(satisfactions::status.eq(Literal::LIVE)),
        StatusFilter::All => query,
        StatusFilter::Exactly(status) => query.filter(satisfactions::status.eq(status)),
    }
}
