//! Queries on customers.

use crm_core::{
    Caller, CustomerId, DELETED, DepartmentId, OrganizationId, Page, Paged, Result, StatusFilter, phone_key,
};
use crm_db::counters::{self, Counter};
use crm_db::schema::customers;
use crm_db::text_search::{self, Index};
use crm_db::{Backend, Conn, Engine, Links, Predicate, people};
use crm_staff::people::departments_below;
use diesel::prelude::*;

use super::{Customer, CustomerFilter, visibility, visible};

/// The organizations of customers.
pub(super) const ORGANIZATIONS: Links<CustomerId, OrganizationId> =
    Links::new("customer_organizations", "customer_id", "organization_id");

pub(super) fn insert(conn: &mut Conn, customer: &Customer) -> Result<CustomerId> {
    Ok(diesel::insert_into(customers::table).values(customer).returning(customers::id).get_result(conn)?)
}

/// Writes everything but the stamps of other records.
pub(crate) fn update(conn: &mut Conn, customer: &Customer) -> Result<()> {
    diesel::update(customers::table.filter(customers::id.eq(customer.id)))
        .set((
            &customer.profile,
            &customer.holding,
            &customer.progress,
            &customer.project,
            &customer.clue,
            &customer.deletion,
            customers::version.eq(customer.version),
            customers::updated_at.eq(customer.updated_at),
            customers::updated_by.eq(customer.updated_by),
        ))
        .execute(conn)?;
    Ok(())
}

/// A customer the caller sees, deleted or not.
pub(crate) fn find(conn: &mut Conn, caller: &Caller, id: CustomerId) -> Result<Option<Customer>> {
    let mut query = customers::table.filter(customers::id.eq(id)).into_boxed::<Backend>();
    if let Some(visible) = visible(caller) {
        query = query.filter(visible);
    }
    Ok(query.select(Customer::as_select()).first(conn).optional()?)
}

/// A customer that is not deleted, whoever sees it.
pub(crate) fn find_live(conn: &mut Conn, id: CustomerId) -> Result<Option<Customer>> {
    let live = customers::id.eq(id).and(customers::status.ne(DELETED));
    Ok(customers::table.filter(live).select(Customer::as_select()).first(conn).optional()?)
}

pub(super) fn list(conn: &mut Conn, caller: &Caller, filter: &CustomerFilter, page: Page) -> Result<Paged<Customer>> {
    let departments = match filter.department_id {
        Some(department) => Some(departments_below(conn, &[department])?),
        None => None,
    };
    let engine = conn.engine();
    let filtered = || filtered(engine, caller, filter, departments.as_deref());
    let total = match counted(caller, filter) {
        Some(counters) => counters::total(conn, counters)?,
        None => filtered().count().get_result(conn)?,
    };
    Paged::load(total, page, || {
        // The page's ids first: rows before the page are skipped in the index, not read.
        let ids: Vec<CustomerId> = filtered()
            .order(customers::id.desc())
            .limit(page.count())
            .offset(page.offset())
            .select(customers::id)
            .load(conn)?;
        customers::table
            .filter(customers::id.eq_any(ids))
            .order(customers::id.desc())
            .select(Customer::as_select())
            .load(conn)
    })
}

/// The next rows of the list after the one with this id.
pub(super) fn list_after(
    conn: &mut Conn,
    caller: &Caller,
    filter: &CustomerFilter,
    after: Option<CustomerId>,
    count: i64,
) -> Result<Vec<Customer>> {
    let departments = match filter.department_id {
        Some(department) => Some(departments_below(conn, &[department])?),
        None => None,
    };
    let mut query = filtered(conn.engine(), caller, filter, departments.as_deref());
    if let Some(after) = after {
        query = query.filter(customers::id.lt(after));
    }
    Ok(query.order(customers::id.desc()).limit(count).select(Customer::as_select()).load(conn)?)
}

/// The kept totals that answer an unfiltered list.
fn counted(caller: &Caller, filter: &CustomerFilter) -> Option<&'static [Counter]> {
    if !filter.is_open() || visible(caller).is_some() {
        return None;
    }
    match filter.status {
        StatusFilter::Live => Some(&[Counter::CustomersLive]),
        StatusFilter::All => Some(&[Counter::CustomersLive, Counter::CustomersDeleted]),
        StatusFilter::Exactly(DELETED) => Some(&[Counter::CustomersDeleted]),
        StatusFilter::Exactly(_) => None,
    }
}

/// `departments`: those of the filter's department and below it.
fn filtered<'a>(
    engine: Engine,
    caller: &Caller,
    filter: &CustomerFilter,
    departments: Option<&[DepartmentId]>,
) -> customers::BoxedQuery<'a, Backend> {
    let mut query = customers::table.into_boxed::<Backend>();
    if let Some(visible) = visible(caller) {
        query = query.filter(visible);
    }
    if let Some(id) = filter.id {
        query = query.filter(customers::id.eq(id));
    }
    if let Some(creator) = filter.creator_id {
        query = query.filter(customers::creator_id.eq(creator));
    }
    if let Some(owner) = filter.owner_id {
        query = query.filter(customers::owner_id.eq(owner));
    }
    if let Some(departments) = departments {
        query = query.filter(of_departments(departments));
    }
    if filter.owned {
        query = query.filter(customers::owner_id.is_not_null()).filter(people(caller, "customers.owner_id"));
    }
    if let Some(name) = &filter.name {
        query = query.filter(text_search::contains(engine, Index::Customers, "customers.id", name));
    }
    if let Some(name) = &filter.organization_name {
        query = query.filter(of_organizations(text_search::contains(
            engine,
            Index::Organizations,
            "organization_id",
            name,
        )));
    }
    if let Some(id) = filter.organization_id {
        query = query.filter(of_organizations(Predicate::new("organization_id = ").int(id.0)));
    }
    if let Some(phone) = &filter.phone {
        query = query.filter(customers::phone_key.eq(phone_key(phone)));
        if visibility::pool_is_closed(caller) {
            query = query.filter(customers::owner_id.is_not_null());
        }
    }
    match filter.status {
        StatusFilter::Live => query.filter(customers::status.ne(DELETED)),
        StatusFilter::All => query,
        StatusFilter::Exactly(status) => query.filter(customers::status.eq(status)),
    }
}

/// The customers that are somebody's in one of these departments.
pub(crate) fn of_departments(departments: &[DepartmentId]) -> Predicate {
    let list = departments.iter().enumerate().fold(Predicate::default(), |list, (index, department)| {
        if index == 0 { list.int(department.0) } else { list.sql(", ").int(department.0) }
    });
    Predicate::new("customers.owner_id IN (SELECT id FROM staff WHERE department_id IN (").then(list).sql("))")
}

/// The customers one of whose links meets this condition.
fn of_organizations(condition: Predicate) -> Predicate {
    Predicate::new("customers.id IN (SELECT customer_id FROM customer_organizations WHERE ").then(condition).sql(")")
}
