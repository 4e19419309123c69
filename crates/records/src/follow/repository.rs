//! Queries on follow-ups.

use crm_core::{Caller, CustomerId, DELETED, FollowId, Page, Paged, PotentialId, Result, StaffId, StatusFilter};
use crm_db::schema::follows;
use crm_db::{Backend, Conn, Links, Literal, OwnBy, Predicate, Visibility};
use diesel::prelude::*;

use super::model::Linked;
use super::{Follow, FollowFilter};

pub(super) const FOLLOWERS: Links<FollowId, StaffId> = Links::new("follow_followers", "follow_id", "staff_id");
pub(super) const CUSTOMERS: Links<FollowId, CustomerId> = Links::new("follow_customers", "follow_id", "customer_id");

/// Whose follow-ups are.
pub const VISIBLE: Visibility = Visibility::new(
    "follows.id",
    &[
        OwnBy { table: "follows", id: "id", person: "operator_id" },
        OwnBy { table: "follow_followers", id: "follow_id", person: "staff_id" },
    ],
);

/// The potential of the follow-up is not deleted. The few that are have an index of their own and are
/// looked up once: to look every follow-up's potential up took ten times as long as to count the follow-ups.
const POTENTIAL_LIVES: &str =
    "follows.potential_id NOT IN (SELECT potentials.id FROM potentials WHERE potentials.status = -1)";

/// Stores a new follow-up and whom it names, and tells its id.
pub(super) fn insert(conn: &mut Conn, linked: &mut Linked) -> Result<()> {
    linked.follow.id =
        diesel::insert_into(follows::table).values(&linked.follow).returning(follows::id).get_result(conn)?;
    FOLLOWERS.insert(conn, linked.follow.id, &linked.follower_ids)?;
    CUSTOMERS.insert(conn, linked.follow.id, &linked.customer_ids)
}

pub(super) fn update(conn: &mut Conn, before: &Linked, after: &Linked) -> Result<()> {
    let id = after.follow.id;
    diesel::update(follows::table.filter(follows::id.eq(id))).set(&after.follow).execute(conn)?;
    if after.follower_ids != before.follower_ids {
        FOLLOWERS.replace(conn, id, &after.follower_ids)?;
    }
    if after.customer_ids != before.customer_ids {
        CUSTOMERS.replace(conn, id, &after.customer_ids)?;
    }
    Ok(())
}

/// The potential of a follow-up, whoever sees it. It never changes.
pub(super) fn potential_of(conn: &mut Conn, id: FollowId) -> Result<Option<PotentialId>> {
    Ok(follows::table.filter(follows::id.eq(id)).select(follows::potential_id).first(conn).optional()?)
}

/// A follow-up the caller sees, deleted or not, with whom it names.
pub(super) fn find(conn: &mut Conn, caller: &Caller, id: FollowId) -> Result<Option<Linked>> {
    let filter = FollowFilter { id: Some(id), status: StatusFilter::All, ..FollowFilter::default() };
    let found: Option<Follow> = filtered(caller, &filter).select(Follow::as_select()).first(conn).optional()?;
    let Some(follow) = found else { return Ok(None) };
    Ok(Some(Linked { follow, follower_ids: FOLLOWERS.of(conn, id)?, customer_ids: CUSTOMERS.of(conn, id)? }))
}

pub(super) fn list(conn: &mut Conn, caller: &Caller, filter: &FollowFilter, page: Page) -> Result<Paged<Follow>> {
    let total = filtered(caller, filter).count().get_result(conn)?;
    Paged::load(total, page, || {
        filtered(caller, filter)
            .order((follows::record_time.desc(), follows::id.desc()))
            .limit(page.count())
            .offset(page.offset())
            .select(Follow::as_select())
            .load(conn)
    })
}

fn filtered<'a>(caller: &Caller, filter: &FollowFilter) -> follows::BoxedQuery<'a, Backend> {
    let mut query = follows::table.into_boxed::<Backend>();
    let visible = if filter.id.is_some() { VISIBLE.row(caller) } else { VISIBLE.rows(caller) };
    if let Some(visible) = visible {
        query = query.filter(visible);
    }
    if let Some(id) = filter.id {
        query = query.filter(follows::id.eq(id));
    }
    if let Some(potential) = filter.potential_id {
        query = query.filter(follows::potential_id.eq(potential));
    }
    let through = |sql: &'static str, id: i64| Predicate::new(sql).int(id).sql(")");
    if let Some(id) = filter.organization_id {
        query =
            query.filter(through("follows.potential_id IN (SELECT id FROM potentials WHERE organization_id = ", id.0));
    }
    if let Some(id) = filter.customer_id {
        query =
            query.filter(through("follows.id IN (SELECT follow_id FROM follow_customers WHERE customer_id = ", id.0));
    }
    if let Some(id) = filter.follower_id {
        query = query.filter(through("follows.id IN (SELECT follow_id FROM follow_followers WHERE staff_id = ", id.0));
    }
    if let Some(start) = filter.range.start {
        query = query.filter(follows::record_time.ge(start));
    }
    if let Some(end) = filter.range.end {
        query = query.filter(follows::record_time.le(end));
    }
    match filter.status {
        StatusFilter::All => query,
        StatusFilter::Exactly(DELETED) => {
            query.filter(Predicate::new("(follows.status = -1 OR NOT ").sql(POTENTIAL_LIVES).sql(")"))
        }
        StatusFilter::Live => query.filter(follows::status.eq(Literal::LIVE)).filter(Predicate::new(POTENTIAL_LIVES)),
        StatusFilter::Exactly(status) => {
            query.filter(follows::status.eq(status)).filter(Predicate::new(POTENTIAL_LIVES))
        }
    }
}
