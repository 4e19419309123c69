//! Queries on customers.

use crm_core::{Caller, CustomerId, DELETED, Id, OrganizationId, Page, Paged, Result, Scope, StatusFilter, phone_key};
use crm_db::counters::{self, Counter};
use crm_db::schema::customers;
use crm_db::text_search::{self, Index};
use crm_db::{Backend, Conn, Engine, Links, Predicate, Statement, members, people};
use crm_staff::people::departments_below;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::shown::{self, Shown};
use super::visibility::{self, Parts};
use super::{Customer, CustomerFilter, visible, walked};

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

/// A customer the caller sees, as it is shown.
pub(super) fn find_shown(conn: &mut Conn, caller: &Caller, id: CustomerId) -> Result<Option<Shown>> {
    let one = Predicate::new("customers.id = ").int(id.0);
    Ok(shown::load(conn, all([Some(one), visible(caller)]))?.pop())
}

pub(super) fn list(conn: &mut Conn, caller: &Caller, filter: &CustomerFilter, page: Page) -> Result<Paged<Shown>> {
    let engine = conn.engine();
    let source = Source::of(engine, filter);
    let asked = asked(conn, caller, filter)?;
    let parts = Parts::of(caller);
    let rows = if filter.id.is_some() {
        let wanted = all([Some(asked.clone()), named(engine, filter), visible(caller)]);
        shown::load(conn, newest(wanted, "customers.id", page.count(), page.offset()))?
    } else {
        let ids = match &parts {
            None => newest(source.found(&asked, None), source.id, page.count(), page.offset()),
            Some(parts) => of_parts(engine, caller, parts, &source, &asked, page),
        };
        // The page's ids first: rows before the page are skipped in an index, not read. And by themselves:
        // PostgreSQL takes a page of unknown size for a tenth of the table, and would join whole tables to it.
        let ids: Vec<CustomerId> = Statement::new(ids).rows::<BigInt>().load(conn)?;
        shown::of_all(conn, &ids)?
    };
    Paged::counted(page, rows, || match (counted(caller, filter), &parts) {
        (Some(counters), _) => counters::total(conn, counters),
        (None, None) => count(conn, &source, &asked, [&Predicate::new("1 = 1")]),
        (None, Some(parts)) => count(conn, &source, &asked, parts.own_counted.iter().chain(&parts.pool)),
    })
}

/// Where the rows of a list come from, and in what order they come.
struct Source {
    from: &'static str,
    /// The same for counting.
    counted: &'static str,
    id: &'static str,
    named: Option<Predicate>,
}

impl Source {
    /// SQLite finds names newest first, and stops when it has a page: it is asked for them before the rows.
    /// PostgreSQL finds them all at once in any case.
    fn of(engine: Engine, filter: &CustomerFilter) -> Self {
        match (engine, &filter.name) {
            (Engine::Sqlite, Some(name)) => Self {
                from: "customers_search CROSS JOIN customers ON customers.id = customers_search.rowid",
                // Whether a row is live is told by an index of those that are, without the row.
                counted: match filter.status {
                    StatusFilter::Live => {
                        "customers_search CROSS JOIN customers INDEXED BY customers_live \
                         ON customers.id = customers_search.rowid"
                    }
                    _ => "customers_search CROSS JOIN customers ON customers.id = customers_search.rowid",
                },
                id: "customers_search.rowid",
                named: Some(text_search::matching(Index::Customers, name)),
            },
            _ => Self { from: "customers", counted: "customers", id: "customers.id", named: named(engine, filter) },
        }
    }

    /// The query for the ids of what is asked for and meets this condition too.
    fn found(&self, asked: &Predicate, condition: Option<Predicate>) -> Predicate {
        let query = Predicate::new(format!("SELECT {} AS id FROM {} WHERE ", self.id, self.from));
        query.then(all([self.named.clone(), Some(asked.clone()), condition]))
    }
}

fn newest(query: Predicate, id: &'static str, count: i64, offset: i64) -> Predicate {
    query.sql(" ORDER BY ").sql(id).sql(" DESC LIMIT ").int(count).sql(" OFFSET ").int(offset)
}

/// The ids of a page whose rows the caller sees in one way or another: the newest of each part.
fn of_parts(
    engine: Engine,
    caller: &Caller,
    parts: &Parts,
    source: &Source,
    asked: &Predicate,
    page: Page,
) -> Predicate {
    // A person's own are soon said; a department's are many, and found at once along the ids.
    let own = if caller.scope == Scope::Own { parts.own.clone() } else { walked(engine, parts.own.clone()) };
    let before = page.offset().saturating_add(page.count());
    let newest_of = |part: Predicate| {
        let newest = newest(source.found(asked, Some(part)), source.id, before, 0);
        Predicate::new("SELECT id FROM (").then(newest).sql(") AS part")
    };
    let both = match &parts.pool {
        Some(pool) => newest_of(own).sql(" UNION ALL ").then(newest_of(pool.clone())),
        None => newest_of(own),
    };
    newest(both, "id", page.count(), page.offset())
}

/// How many rows are asked for in these parts, of which no two have a row in common.
fn count<'a>(
    conn: &mut Conn,
    source: &Source,
    asked: &Predicate,
    parts: impl IntoIterator<Item = &'a Predicate>,
) -> Result<i64> {
    let counts = parts.into_iter().map(|part| {
        let wanted = all([source.named.clone(), Some(asked.clone()), Some(part.clone())]);
        Predicate::new("(SELECT COUNT(*) FROM ").sql(source.counted).sql(" WHERE ").then(wanted).sql(")")
    });
    let sum = counts.reduce(|sum, one| sum.sql(" + ").then(one)).unwrap_or_else(|| Predicate::new("0"));
    Ok(Statement::new(Predicate::new("SELECT ").then(sum)).rows::<BigInt>().get_result(conn)?)
}

/// The next rows of the list after the one with this id.
pub(super) fn list_after(
    conn: &mut Conn,
    caller: &Caller,
    filter: &CustomerFilter,
    after: Option<CustomerId>,
    count: i64,
) -> Result<Vec<Shown>> {
    let after = after.map(|after| Predicate::new("customers.id < ").int(after.0));
    let name = named(conn.engine(), filter);
    let wanted = all([Some(asked(conn, caller, filter)?), name, visible(caller), after]);
    shown::load(conn, wanted.sql(" ORDER BY customers.id DESC LIMIT ").int(count))
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

/// The rows with the name that the filter asks for.
fn named(engine: Engine, filter: &CustomerFilter) -> Option<Predicate> {
    filter.name.as_deref().map(|name| text_search::contains(engine, Index::Customers, "customers.id", name))
}

/// The rows that the filter asks for but for their names, whoever sees them.
fn asked(conn: &mut Conn, caller: &Caller, filter: &CustomerFilter) -> Result<Predicate> {
    let engine = conn.engine();
    let departments = match filter.department_id {
        Some(department) => Some(departments_below(conn, &[department])?),
        None => None,
    };
    let is = |column: &'static str, id: Option<i64>| id.map(|id| Predicate::new(column).int(id));
    let phone = filter.phone.as_deref().map(|phone| {
        let has = Predicate::new("customers.phone_key = ").text(phone_key(phone));
        if visibility::pool_is_closed(caller) { has.sql(" AND customers.owner_id IS NOT NULL") } else { has }
    });
    let organization = filter
        .organization_name
        .as_deref()
        .map(|name| of_organizations(text_search::contains(engine, Index::Organizations, "organization_id", name)));
    let owned = || Predicate::new("customers.owner_id IS NOT NULL AND ").then(people(caller, "customers.owner_id"));
    Ok(all([
        is("customers.id = ", filter.id.map(Id::raw)),
        is("customers.creator_id = ", filter.creator_id.map(Id::raw)),
        is("customers.owner_id = ", filter.owner_id.map(Id::raw)),
        departments.as_deref().map(|departments| members("customers.owner_id", departments)),
        filter.owned.then(owned),
        organization,
        filter.organization_id.map(|id| of_organizations(Predicate::new("organization_id = ").int(id.0))),
        phone,
        match filter.status {
            StatusFilter::Live => Some(Predicate::new("customers.status <> -1")),
            StatusFilter::All => None,
            StatusFilter::Exactly(status) => Some(Predicate::new("customers.status = ").int(status.into())),
        },
    ]))
}

/// All of these conditions; nothing: every row.
fn all(conditions: impl IntoIterator<Item = Option<Predicate>>) -> Predicate {
    let all = conditions.into_iter().flatten().reduce(|all, one| all.sql(" AND ").then(one));
    all.unwrap_or_else(|| Predicate::new("1 = 1"))
}

/// The customers one of whose links meets this condition.
fn of_organizations(condition: Predicate) -> Predicate {
    Predicate::new("customers.id IN (SELECT customer_id FROM customer_organizations WHERE ").then(condition).sql(")")
}
