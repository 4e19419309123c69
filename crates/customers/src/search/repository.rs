//! The query of a search.

use crm_core::{Caller, CustomerId, Page, Result, Role, Scope, TimeRange};
use crm_db::schema::customers;
use crm_db::{Conn, Engine, Literal, Predicate, members};
use crm_staff::people::departments_below;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::columns::Wanted;
use super::filter::{Sort, SortKey, Tab};
use super::{Field, SearchFilter};
use crate::customer::{visible, walked};
use crate::leaders::Led;

/// The ids of a page, and whether there is another page after it.
pub(super) fn ids(
    conn: &mut Conn,
    caller: &Caller,
    filter: &SearchFilter,
    field: Option<&Field>,
    sort: Sort,
    page: Page,
) -> Result<(Vec<CustomerId>, bool)> {
    let Some(condition) = condition(conn, caller, filter, field, sort)? else { return Ok((Vec::new(), false)) };
    // One row more than the page has tells whether there is another page: no count is needed.
    let mut ids: Vec<CustomerId> = customers::table
        .filter(condition)
        .order(Literal::<Text>::new(sort.sql(conn.engine())))
        .limit(page.count() + 1)
        .offset(page.offset())
        .select(customers::id)
        .load(conn)?;
    let size = usize::try_from(page.count()).unwrap_or(usize::MAX);
    let has_next_page = ids.len() > size;
    ids.truncate(size);
    Ok((ids, has_next_page))
}

impl Sort {
    fn sql(self, engine: Engine) -> &'static str {
        // The two moments every customer has are ordered without a word on NULL: PostgreSQL does not
        // know that the word changes nothing, and would sort what the index has in order.
        match (self.key, self.ascending, engine) {
            (SortKey::CreatedAt, true, _) => "customers.created_at, customers.id",
            (SortKey::CreatedAt, false, _) => "customers.created_at DESC, customers.id DESC",
            (SortKey::UpdatedAt, true, _) => "customers.updated_at, customers.id",
            (SortKey::UpdatedAt, false, _) => "customers.updated_at DESC, customers.id DESC",
            (SortKey::LastFollowAt, true, _) => "customers.last_follow_at NULLS LAST, customers.id",
            (SortKey::LastFollowAt, false, _) => "customers.last_follow_at DESC NULLS LAST, customers.id DESC",
            (SortKey::NextFollowAt, true, _) => "customers.next_follow_at NULLS LAST, customers.id",
            (SortKey::NextFollowAt, false, _) => "customers.next_follow_at DESC NULLS LAST, customers.id DESC",
            (SortKey::Name, true, Engine::Sqlite) => "customers.real_name, customers.id",
            (SortKey::Name, false, Engine::Sqlite) => "customers.real_name DESC, customers.id DESC",
            (SortKey::Name, true, Engine::Postgres) => "customers.real_name COLLATE \"C\", customers.id",
            (SortKey::Name, false, Engine::Postgres) => "customers.real_name COLLATE \"C\" DESC, customers.id DESC",
        }
    }
}

/// The rows of `customers` the filter asks for; `None` when there can be none.
fn condition(
    conn: &mut Conn,
    caller: &Caller,
    filter: &SearchFilter,
    field: Option<&Field>,
    sort: Sort,
) -> Result<Option<Predicate>> {
    let engine = conn.engine();
    if filter.deleted && !caller.is_administrator() {
        return Ok(None);
    }
    let state = if filter.deleted { "customers.status = -1" } else { "customers.status <> -1" };
    let mut all = vec![Predicate::new(state)];
    let Some(tab) = tab(conn, caller, filter.tab)? else { return Ok(None) };
    all.extend(tab);
    for (column, id) in [
        ("customers.owner_id = ", filter.owner_id.map(|id| id.0)),
        ("customers.stage_id = ", filter.stage_id.map(|id| id.0)),
        ("customers.category_id = ", filter.category_id.map(|id| id.0)),
        ("customers.source_id = ", filter.source_id.map(|id| id.0)),
    ] {
        all.extend(id.map(|id| Predicate::new(column).int(id)));
    }
    if let Some(line) = filter.product_line_id {
        // Mostly one line has nearly every customer: its index serves its own order alone.
        let serves = sort.key == SortKey::CreatedAt;
        let line = Predicate::new("customers.product_line_id = ").int(line.0);
        all.push(if serves { line } else { walked(engine, line) });
    }
    if let Some(department) = filter.department_id {
        all.push(walked(engine, members("customers.owner_id", &departments_below(conn, &[department])?)));
    }
    for (column, range) in [
        ("customers.created_at", filter.created_at),
        ("customers.updated_at", filter.updated_at),
        ("customers.last_follow_at", filter.last_follow_at),
        ("customers.next_follow_at", filter.next_follow_at),
    ] {
        all.extend(within(column, range));
    }
    if let Some(text) = &filter.text {
        let wanted = Wanted::new(conn.engine(), caller, text);
        all.push(match &filter.column {
            Some(column) => wanted.within(column, field),
            None => wanted.anywhere(),
        });
    }
    Ok(all.into_iter().reduce(|all, one| all.sql(" AND ").then(one)))
}

/// The rows of a tab that the caller sees; `None` when there can be none.
///
/// Where a tab holds only what its caller sees anyway, visibility is not asked again: it is a chain
/// of alternatives that no index serves in order.
fn tab(conn: &mut Conn, caller: &Caller, tab: Tab) -> Result<Option<Vec<Predicate>>> {
    let me = caller.staff_id.0;
    let engine = conn.engine();
    // What is somebody's own in one place or another is soon said of few rows: then their indexes serve.
    let seen = || {
        let seen = visible(caller);
        if caller.scope == Scope::Own { seen } else { seen.map(|seen| walked(engine, seen)) }.into_iter()
    };
    Ok(match tab {
        Tab::All => Some(seen().collect()),
        Tab::Mine => Some(vec![Predicate::new("customers.owner_id = ").int(me)]),
        Tab::Pool | Tab::Subordinates if caller.role == Role::Correspondent => None,
        Tab::Pool => Some(vec![walked(engine, Predicate::new("customers.owner_id IS NULL"))]),
        Tab::Subordinates => {
            let led = Led::by(conn, caller)?;
            let departments = led.departments();
            if departments.is_empty() {
                return Ok(None);
            }
            let theirs =
                walked(engine, members("customers.owner_id", departments)).sql(" AND customers.owner_id <> ").int(me);
            let sees_all_of_them = match &caller.scope {
                Scope::All => true,
                Scope::Departments(seen) => departments.iter().all(|department| seen.contains(department)),
                Scope::Own => false,
            };
            let seen = seen().filter(|_| !sees_all_of_them);
            Some([theirs].into_iter().chain(seen).collect())
        }
        Tab::Assisting => {
            let links = "customers.id IN (SELECT customer_id FROM customer_assistants WHERE staff_id = ";
            Some([Predicate::new(links).int(me).sql(")")].into_iter().chain(seen()).collect())
        }
    })
}

fn within(column: &'static str, range: TimeRange) -> impl Iterator<Item = Predicate> {
    let start = range.start.map(|start| Predicate::new(column).sql(" >= ").instant(start));
    let end = range.end.map(|end| Predicate::new(column).sql(" <= ").instant(end));
    [start, end].into_iter().flatten()
}
