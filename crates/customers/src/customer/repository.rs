//! Queries on customers.

use crm_core::{Caller, CustomerId, DELETED, Id, OrganizationId, Page, Paged, Result, Scope, StatusFilter, phone_key};
use crm_db::counters::{self, Counter, Totals};
use crm_db::schema::customers;
use crm_db::text_search::{self, Index};
use crm_db::{Backend, Conn, Engine, Links, Predicate, Statement, members, people};
use crm_staff::people::departments_below;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::shown::{self, Shown};
use super::visibility::{self, Linked, Parts};
use super::{Customer, CustomerFilter, visible, walked};

/// The organizations of customers.
pub(super) const ORGANIZATIONS: Links<CustomerId, OrganizationId> =
    Links::new("customer_organizations", "customer_id", "organization_id");

/// Writes a new one. What that changes in the totals is the transaction's to keep.
pub(super) fn insert(conn: &mut Conn, customer: &Customer, totals: &mut Totals) -> Result<CustomerId> {
    count_in(totals, customer, 1);
    Ok(diesel::insert_into(customers::table).values(customer).returning(customers::id).get_result(conn)?)
}

/// Writes everything but the stamps of other records.
pub(crate) fn update(conn: &mut Conn, before: &Customer, after: &Customer) -> Result<()> {
    let mut totals = Totals::default();
    update_many(conn, before, after, &mut totals)?;
    totals.keep(conn)
}

/// The same in a transaction that keeps the totals of all it changed at once.
pub(super) fn update_many(conn: &mut Conn, before: &Customer, customer: &Customer, totals: &mut Totals) -> Result<()> {
    count_in(totals, before, -1);
    count_in(totals, customer, 1);
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

/// Counts a customer in all totals it belongs to.
fn count_in(totals: &mut Totals, customer: &Customer, by: i64) {
    if customer.is_deleted() {
        return totals.add(&Counter::CustomersDeleted, by);
    }
    totals.add(&Counter::CustomersLive, by);
    totals.add(&customer.holding.owner_id.map_or(Counter::CustomersPooled, Counter::CustomersOwned), by);
    for part in text_search::parts(&customer.profile.names()) {
        totals.add(&Counter::CustomersNamed(part), by);
    }
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
    shown::one(conn, caller, id, visible(caller))
}

/// The customer with this id, if the caller sees it and it is what is asked for.
pub(super) fn one(conn: &mut Conn, caller: &Caller, id: CustomerId, filter: &CustomerFilter) -> Result<Option<Shown>> {
    let wanted = all([Some(asked(conn, caller, filter)?), named(conn.engine(), filter), visible(caller)]);
    shown::one(conn, caller, id, Some(wanted))
}

pub(super) fn list(conn: &mut Conn, caller: &Caller, filter: &CustomerFilter, page: Page) -> Result<Paged<Shown>> {
    let engine = conn.engine();
    let source = Source::of(engine, filter);
    let asked = asked(conn, caller, filter)?;
    let parts = Parts::of(caller);
    let ids = match &parts {
        None => newest(source.found(&asked, None), source.id, page.count(), page.offset()),
        Some(parts) => of_parts(engine, caller, parts, &source, &asked, page),
    };
    let rows = shown_by(conn, ids)?;
    Paged::counted(page, rows, || {
        let total = total(engine, caller, filter, &source, &asked, parts.as_ref());
        Ok(Statement::new(Predicate::new("SELECT ").then(total)).rows::<BigInt>().get_result(conn)?)
    })
}

/// How many rows the whole list has, as an expression: kept totals where there are such.
fn total(
    engine: Engine,
    caller: &Caller,
    filter: &CustomerFilter,
    source: &Source,
    asked: &Predicate,
    parts: Option<&Parts>,
) -> Predicate {
    let counted = |part: &Predicate| count(source, asked, part);
    let Some(parts) = parts else {
        return kept(filter).map_or_else(|| counted(&Predicate::new("1 = 1")), |kept| counters::sum(&kept));
    };
    let mut sum = vec![counted(&parts.entered), count_linked(engine, source, asked, &parts.linked)];
    if filter.is_open() && filter.status == StatusFilter::Live {
        sum.push(counters::owned_by(people(caller, "staff.id")));
        sum.extend(parts.pool.as_ref().map(|_| counters::sum(&[Counter::CustomersPooled])));
    } else {
        sum.push(counted(&parts.owned));
        sum.extend(parts.pool.as_ref().map(counted));
    }
    sum.into_iter().reduce(|sum, one| sum.sql(" + ").then(one)).unwrap_or_else(|| Predicate::new("0"))
}

/// The kept totals that together are the total of this list, seen by somebody who sees all.
fn kept(filter: &CustomerFilter) -> Option<Vec<Counter>> {
    match filter.status {
        StatusFilter::Live if filter.is_open() => Some(vec![Counter::CustomersLive]),
        StatusFilter::All if filter.is_open() => Some(vec![Counter::CustomersLive, Counter::CustomersDeleted]),
        StatusFilter::Exactly(DELETED) if filter.is_open() => Some(vec![Counter::CustomersDeleted]),
        StatusFilter::Live => match (filter.only_name(), filter.only_owner()) {
            (Some(name), _) => text_search::part(name).map(|part| vec![Counter::CustomersNamed(part)]),
            (_, Some(owner)) => Some(vec![Counter::CustomersOwned(owner)]),
            _ => None,
        },
        _ => None,
    }
}

/// The customers whose ids this query finds, in its order. The ids come first: rows before a page are skipped
/// in an index, not read. And by themselves: PostgreSQL takes a page of unknown size for a tenth of the
/// table, and would join whole tables to it.
fn shown_by(conn: &mut Conn, ids: Predicate) -> Result<Vec<Shown>> {
    let ids: Vec<CustomerId> = Statement::new(ids).rows::<BigInt>().load(conn)?;
    shown::of_all(conn, &ids)
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
    /// Names are found newest first, and sought until there is a page: SQLite is to be told so. PostgreSQL sees it.
    fn of(engine: Engine, filter: &CustomerFilter) -> Self {
        const BY_NAME: &str = "customers_search CROSS JOIN customers ON customers.id = customers_search.rowid";
        match (engine, &filter.name) {
            (Engine::Sqlite, Some(name)) => Self {
                from: BY_NAME,
                // Whether a row is live is told by an index of those that are, without the row.
                counted: match filter.status {
                    StatusFilter::Live => {
                        "customers_search CROSS JOIN customers INDEXED BY customers_live \
                         ON customers.id = customers_search.rowid"
                    }
                    _ => BY_NAME,
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

/// How many rows are asked for in this part, as an expression.
fn count(source: &Source, asked: &Predicate, part: &Predicate) -> Predicate {
    let wanted = all([source.named.clone(), Some(asked.clone()), Some(part.clone())]);
    Predicate::new("(SELECT COUNT(*) FROM ").sql(source.counted).sql(" WHERE ").then(wanted).sql(")")
}

/// The same of those that people are linked to. PostgreSQL takes looking up a few thousand rows for dearer than reading
/// all there are, which at a million customers took it six times as long: so it looks at them one by one.
fn count_linked(engine: Engine, source: &Source, asked: &Predicate, linked: &Linked) -> Predicate {
    let Linked { ids, rest } = linked;
    match engine {
        Engine::Sqlite => {
            let ids = Predicate::new("customers.id IN (").then(ids.clone()).sql(") AND ");
            count(source, asked, &ids.then(rest.clone()))
        }
        Engine::Postgres => {
            let wanted = all([source.named.clone(), Some(asked.clone()), Some(rest.clone())]);
            Predicate::new("(SELECT COUNT(*) FROM (")
                .then(ids.clone())
                .sql(") AS linked (id) CROSS JOIN LATERAL (SELECT 1 FROM ")
                .sql(source.counted)
                .sql(" WHERE customers.id = linked.id AND ")
                .then(wanted)
                .sql(engine.row_by_row())
                .sql(") AS one)")
        }
    }
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
    let ids = Predicate::new("SELECT customers.id FROM customers WHERE ").then(wanted);
    shown_by(conn, newest(ids, "customers.id", count, 0))
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
