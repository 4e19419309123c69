//! Queries on demands.

use crm_core::{Caller, CustomerId, DemandId, Page, Paged, Result, StaffId, StatusFilter};
use crm_db::schema::demands;
use crm_db::{Backend, Conn, Links, Literal, OwnBy, Predicate, Visibility};
use diesel::prelude::*;

use super::model::Linked;
use super::{Demand, DemandFilter};

pub(super) const FOLLOWERS: Links<DemandId, StaffId> = Links::new("demand_followers", "demand_id", "staff_id");
pub(super) const CUSTOMERS: Links<DemandId, CustomerId> = Links::new("demand_customers", "demand_id", "customer_id");

/// Whose demands are.
pub const VISIBLE: Visibility = Visibility::new(
    "demands.id",
    &[
        OwnBy { table: "demands", id: "id", person: "operator_id" },
        OwnBy { table: "demand_followers", id: "demand_id", person: "staff_id" },
    ],
);

/// Stores a new demand and whom it names, and tells its id.
pub(super) fn insert(conn: &mut Conn, linked: &mut Linked) -> Result<()> {
    linked.demand.id =
        diesel::insert_into(demands::table).values(&linked.demand).returning(demands::id).get_result(conn)?;
    FOLLOWERS.insert(conn, linked.demand.id, &linked.follower_ids)?;
    CUSTOMERS.insert(conn, linked.demand.id, &linked.customer_ids)
}

pub(super) fn update(conn: &mut Conn, before: &Linked, after: &Linked) -> Result<()> {
    let id = after.demand.id;
    diesel::update(demands::table.filter(demands::id.eq(id))).set(&after.demand).execute(conn)?;
    if after.follower_ids != before.follower_ids {
        FOLLOWERS.replace(conn, id, &after.follower_ids)?;
    }
    if after.customer_ids != before.customer_ids {
        CUSTOMERS.replace(conn, id, &after.customer_ids)?;
    }
    Ok(())
}

/// A demand the caller sees, deleted or not, with whom it names.
pub(super) fn find(conn: &mut Conn, caller: &Caller, id: DemandId) -> Result<Option<Linked>> {
    let filter = DemandFilter { id: Some(id), status: StatusFilter::All, ..DemandFilter::default() };
    let found: Option<Demand> = filtered(caller, &filter).select(Demand::as_select()).first(conn).optional()?;
    let Some(demand) = found else { return Ok(None) };
    Ok(Some(Linked { demand, follower_ids: FOLLOWERS.of(conn, id)?, customer_ids: CUSTOMERS.of(conn, id)? }))
}

pub(super) fn list(conn: &mut Conn, caller: &Caller, filter: &DemandFilter, page: Page) -> Result<Paged<Demand>> {
    let total = filtered(caller, filter).count().get_result(conn)?;
    Paged::load(total, page, || {
        filtered(caller, filter)
            .order((demands::record_time.desc(), demands::id.desc()))
            .limit(page.count())
            .offset(page.offset())
            .select(Demand::as_select())
            .load(conn)
    })
}

fn filtered<'a>(caller: &Caller, filter: &DemandFilter) -> demands::BoxedQuery<'a, Backend> {
    let mut query = demands::table.into_boxed::<Backend>();
    let visible = if filter.id.is_some() { VISIBLE.row(caller) } else { VISIBLE.rows(caller) };
    if let Some(visible) = visible {
        query = query.filter(visible);
    }
    if let Some(id) = filter.id {
        query = query.filter(demands::id.eq(id));
    }
    if let Some(organization) = filter.organization_id {
        query = query.filter(demands::organization_id.eq(organization));
    }
    if let Some(id) = filter.customer_id {
        let asked = Predicate::new("demands.id IN (SELECT demand_id FROM demand_customers WHERE customer_id = ");
        query = query.filter(asked.int(id.0).sql(")"));
    }
    if let Some(start) = filter.range.start {
        query = query.filter(demands::record_time.ge(start));
    }
    if let Some(end) = filter.range.end {
        query = query.filter(demands::record_time.le(end));
    }
    match filter.status {
        StatusFilter::Live => query.filter(demands::status.eq(Literal::LIVE)),
        StatusFilter::All => query,
        StatusFilter::Exactly(status) => query.filter(demands::status.eq(status)),
    }
}
