//! Queries on outside contacts and on what happened to them.

use crm_core::{Caller, DepartmentId, Instant, Page, Paged, Result, Scope, StaffId, WecomId};
use crm_db::schema::{staff, wecom_contacts, wecom_events};
use crm_db::{Backend, Conn, Literal, Predicate, members, people};
use crm_staff::people::departments_below;
use diesel::dsl::{max, min};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp};

use super::model::History;
use super::{Change, Kind, WecomContact, WecomFilter, WecomState};

pub(super) fn insert(conn: &mut Conn, contact: &WecomContact) -> Result<WecomId> {
    Ok(diesel::insert_into(wecom_contacts::table).values(contact).returning(wecom_contacts::id).get_result(conn)?)
}

pub(super) fn update(conn: &mut Conn, contact: &WecomContact) -> Result<()> {
    diesel::update(wecom_contacts::table.filter(wecom_contacts::id.eq(contact.id))).set(contact).execute(conn)?;
    Ok(())
}

/// The contact of this person, deleted or not.
pub(super) fn of_person(conn: &mut Conn, external_userid: &str, person: StaffId) -> Result<Option<WecomContact>> {
    Ok(wecom_contacts::table
        .filter(wecom_contacts::external_userid.eq(external_userid).and(wecom_contacts::staff_id.eq(person)))
        .select(WecomContact::as_select())
        .first(conn)
        .optional()?)
}

/// A contact the caller sees, deleted or not.
pub(super) fn find(conn: &mut Conn, caller: &Caller, id: WecomId) -> Result<Option<WecomContact>> {
    Ok(visible(caller).filter(wecom_contacts::id.eq(id)).select(WecomContact::as_select()).first(conn).optional()?)
}

/// Whether the caller sees the contacts of this person; `live`: and the person is not deleted.
pub(super) fn is_within_scope(conn: &mut Conn, caller: &Caller, person: StaffId, live: bool) -> Result<bool> {
    let mut query = staff::table.filter(staff::id.eq(person)).into_boxed::<Backend>();
    if live {
        query = query.filter(staff::status.ne(Literal::DELETED));
    }
    if caller.scope != Scope::All {
        query = query.filter(people(caller, "staff.id"));
    }
    let found: i64 = query.count().get_result(conn)?;
    Ok(found > 0)
}

/// Adds an event, unless it is there already. Whether it was added.
pub(super) fn add_event(conn: &mut Conn, contact: &WecomContact, kind: Kind, at: Instant) -> Result<bool> {
    let added = diesel::sql_query(
        "INSERT INTO wecom_events (wecom_id, staff_id, kind, happened_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind::<BigInt, _>(contact.id)
    .bind::<BigInt, _>(contact.staff_id)
    .bind::<Text, _>(kind.as_str())
    .bind::<Timestamp, _>(at)
    .execute(conn)?;
    Ok(added > 0)
}

/// Whether anything is known to have happened to the contact up to this moment.
pub(super) fn has_event_until(conn: &mut Conn, contact: WecomId, at: Instant) -> Result<bool> {
    let found: i64 = wecom_events::table
        .filter(wecom_events::wecom_id.eq(contact).and(wecom_events::happened_at.le(at)))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

/// Forgets first traces from this moment on: something happened no later. Whether there was one.
pub(super) fn forget_traces_from(conn: &mut Conn, contact: WecomId, at: Instant) -> Result<bool> {
    let traces = wecom_events::wecom_id
        .eq(contact)
        .and(wecom_events::kind.eq(Kind::Appeared.as_str()))
        .and(wecom_events::happened_at.ge(at));
    Ok(diesel::delete(wecom_events::table.filter(traces)).execute(conn)? > 0)
}

/// Forgets all that happened to the contact.
pub(super) fn forget_events(conn: &mut Conn, contact: WecomId) -> Result<()> {
    diesel::delete(wecom_events::table.filter(wecom_events::wecom_id.eq(contact))).execute(conn)?;
    Ok(())
}

/// What happened to the contact.
pub(super) fn history(conn: &mut Conn, contact: WecomId) -> Result<History> {
    type Span = (String, Option<Instant>, Option<Instant>);
    let spans: Vec<Span> = wecom_events::table
        .filter(wecom_events::wecom_id.eq(contact))
        .group_by(wecom_events::kind)
        .select((wecom_events::kind, min(wecom_events::happened_at), max(wecom_events::happened_at)))
        .load(conn)?;
    let mut history = History::default();
    for (kind, first, last) in spans {
        if kind == Kind::Lost.as_str() {
            (history.first_lost, history.lost) = (first, last);
        } else {
            history.added = history.added.max(last);
        }
    }
    Ok(history)
}

pub(super) fn list(conn: &mut Conn, caller: &Caller, filter: &WecomFilter, page: Page) -> Result<Paged<WecomContact>> {
    let departments = match filter.department_id {
        Some(department) => Some(departments_below(conn, &[department])?),
        None => None,
    };
    let filtered = || filtered(caller, filter, departments.as_deref());
    let total = filtered().count().get_result(conn)?;
    Paged::load(total, page, || {
        filtered()
            .order(wecom_contacts::id.desc())
            .limit(page.count())
            .offset(page.offset())
            .select(WecomContact::as_select())
            .load(conn)
    })
}

fn visible<'a>(caller: &Caller) -> wecom_contacts::BoxedQuery<'a, Backend> {
    let query = wecom_contacts::table.into_boxed::<Backend>();
    match caller.scope {
        Scope::All => query,
        Scope::Departments(_) | Scope::Own => query.filter(people(caller, "wecom_contacts.staff_id")),
    }
}

/// `departments`: those of the filter's department and below it.
fn filtered<'a>(
    caller: &Caller,
    filter: &WecomFilter,
    departments: Option<&[DepartmentId]>,
) -> wecom_contacts::BoxedQuery<'a, Backend> {
    let mut query = visible(caller);
    if let Some(id) = filter.id {
        query = query.filter(wecom_contacts::id.eq(id));
    }
    if let Some(person) = filter.staff_id {
        query = query.filter(wecom_contacts::staff_id.eq(person));
    }
    if let Some(departments) = departments {
        query = query.filter(members("wecom_contacts.staff_id", departments));
    }
    if let Some(customer) = filter.customer_id {
        query = query.filter(wecom_contacts::customer_id.eq(customer));
    }
    if let Some(external) = &filter.external_userid {
        query = query.filter(wecom_contacts::external_userid.eq(external.clone()));
    }
    if let Some((change, range)) = filter.event {
        query = query.filter(with_event(change, range.start, range.end));
    }
    match filter.state {
        WecomState::All => query,
        WecomState::Current => {
            query.filter(wecom_contacts::status.ne(Literal::DELETED).and(wecom_contacts::lost_at.is_null()))
        }
        WecomState::Lost => {
            query.filter(wecom_contacts::status.ne(Literal::DELETED).and(wecom_contacts::lost_at.is_not_null()))
        }
    }
}

/// The contacts to which this happened in the range.
fn with_event(change: Change, start: Option<Instant>, end: Option<Instant>) -> Predicate {
    let kinds = change.kinds().iter().map(|kind| format!("'{}'", kind.as_str())).collect::<Vec<_>>().join(", ");
    let mut events =
        Predicate::new(format!("wecom_contacts.id IN (SELECT wecom_id FROM wecom_events WHERE kind IN ({kinds})"));
    if let Some(start) = start {
        events = events.sql(" AND happened_at >= ").instant(start);
    }
    if let Some(end) = end {
        events = events.sql(" AND happened_at <= ").instant(end);
    }
    events.sql(")")
}
