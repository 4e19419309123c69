//! The history of customers, read: who got which customer, from whom, when and why.

use crm_core::{Caller, CustomerId, DepartmentId, EventId, Instant, Page, Paged, Result, Scope, StaffId, TimeRange};
use crm_db::schema::customer_events;
use crm_db::{Backend, Conn, Engine, Predicate, members};
use crm_staff::people;
use diesel::prelude::*;

use super::Pool;
use crate::customer::{visible, walked};
use crate::events::Kind;

/// Which kinds of events a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kinds {
    /// This one.
    One(Kind),
    /// Those by which somebody got a customer: of each customer the first in the range.
    Gained,
    /// Those by which somebody lost a customer to nobody: of each customer the first in the range.
    Lost,
}

/// Which events a list shows.
#[derive(Clone, Debug, Default)]
pub struct HistoryFilter {
    /// Those of this customer.
    pub customer_id: Option<CustomerId>,
    /// Those of these kinds.
    pub kinds: Option<Kinds>,
    /// Those by which a customer was or became this person's, or for events that tell of no owner,
    /// that this person caused.
    pub staff_id: Option<StaffId>,
    /// The same for the people of this department and those below it.
    pub department_id: Option<DepartmentId>,
    /// Those of this time.
    pub range: TimeRange,
}

/// An event as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    /// Its id.
    pub id: EventId,
    /// Whose it is.
    pub customer_id: CustomerId,
    /// What happened: a word of [`Kind`].
    pub kind: String,
    /// Who did it; `None`: the system.
    pub actor_id: Option<StaffId>,
    /// The name of that person.
    pub actor_name: Option<String>,
    /// What was before, as [`Kind`] says.
    pub from: Option<String>,
    /// What was after.
    pub to: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: Instant,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = customer_events)]
struct Row {
    id: EventId,
    customer_id: CustomerId,
    kind: String,
    actor_id: Option<StaffId>,
    from_value: Option<String>,
    to_value: Option<String>,
    reason: Option<String>,
    created_at: Instant,
}

impl Pool {
    /// What happened to the customers the caller sees, and how the people the caller sees got and lost
    /// customers; newest first. [`Kinds::Gained`] and [`Kinds::Lost`] are the latter alone: what the
    /// dashboard counts.
    ///
    /// # Errors
    /// What the database answers.
    pub fn history(&self, caller: &Caller, filter: &HistoryFilter, page: Page) -> Result<Paged<HistoryRow>> {
        self.db.read(|conn| {
            let departments = match filter.department_id {
                Some(department) => Some(people::departments_below(conn, &[department])?),
                None => None,
            };
            let people = Selection { person: filter.staff_id, departments };
            let Paged { rows, total } = rows(conn, caller, filter, &people, page)?;
            let actors: Vec<StaffId> = rows.iter().filter_map(|row| row.actor_id).collect();
            let names = people::names(conn, &actors)?;
            let shown = |row: Row| HistoryRow {
                id: row.id,
                customer_id: row.customer_id,
                kind: row.kind,
                actor_id: row.actor_id,
                actor_name: row.actor_id.and_then(|actor| names.get(&actor).cloned()),
                from: row.from_value,
                to: row.to_value,
                reason: row.reason,
                at: row.created_at,
            };
            Ok(Paged { rows: rows.into_iter().map(shown).collect(), total })
        })
    }
}

fn rows(
    conn: &mut Conn,
    caller: &Caller,
    filter: &HistoryFilter,
    people: &Selection,
    page: Page,
) -> Result<Paged<Row>> {
    let engine = conn.engine();
    let total = filtered(engine, caller, filter, people).count().get_result(conn)?;
    Paged::load(total, page, || {
        filtered(engine, caller, filter, people)
            .order((customer_events::created_at.desc(), customer_events::id.desc()))
            .limit(page.count())
            .offset(page.offset())
            .select(Row::as_select())
            .load(conn)
    })
}

fn filtered<'a>(
    engine: Engine,
    caller: &Caller,
    filter: &HistoryFilter,
    people: &Selection,
) -> customer_events::BoxedQuery<'a, Backend> {
    let query = customer_events::table.into_boxed::<Backend>();
    let mut query = match filter.kinds {
        Some(Kinds::Gained) => return query.filter(first_of_each(caller, filter, people, &Kind::GAINS, TO)),
        Some(Kinds::Lost) => return query.filter(first_of_each(caller, filter, people, &Kind::LOSSES, FROM)),
        Some(Kinds::One(kind)) => {
            let kind = Predicate::new("customer_events.kind = ").text(kind.as_str());
            // One customer has a few events: they are found by the customer, not among all of a kind.
            query.filter(if filter.customer_id.is_some() { walked(engine, kind) } else { kind })
        }
        None => query,
    };
    if let Some(seen) = seen(caller, filter.customer_id.is_some()) {
        query = query.filter(seen);
    }
    if let Some(id) = filter.customer_id {
        query = query.filter(customer_events::customer_id.eq(id));
    }
    if people.is_narrow() {
        query = query.filter(people.concerned());
    }
    if let Some(start) = filter.range.start {
        query = query.filter(customer_events::created_at.ge(start));
    }
    if let Some(end) = filter.range.end {
        query = query.filter(customer_events::created_at.le(end));
    }
    query
}

const FROM: &str = "customer_events.from_owner_id";
const TO: &str = "customer_events.to_owner_id";
const ACTOR: &str = "customer_events.actor_id";

/// The event is one of a customer the caller sees, or one by which somebody in the caller's scope got
/// or lost one. Asked of the customers of one history one by one; else the set of customers is looked up
/// once.
fn seen(caller: &Caller, of_one: bool) -> Option<Predicate> {
    let visible = visible(caller)?;
    let customers = if of_one {
        "(EXISTS (SELECT 1 FROM customers WHERE customers.id = customer_events.customer_id AND "
    } else {
        "(customer_events.customer_id IN (SELECT customers.id FROM customers WHERE "
    };
    Some(
        Predicate::new(customers)
            .then(visible)
            .sql(") OR ")
            .then(crm_db::people(caller, FROM))
            .sql(" OR ")
            .then(crm_db::people(caller, TO))
            .sql(")"),
    )
}

/// The event is the first of its customer in the range by which, of these kinds, one of the selected
/// people (within the caller's scope) became or stopped being the owner, as the column says. A
/// customer's events are written one after the other, so their ids are in order.
fn first_of_each(
    caller: &Caller,
    filter: &HistoryFilter,
    people: &Selection,
    kinds: &[Kind],
    owner: &'static str,
) -> Predicate {
    let kinds = quoted(kinds);
    let mut first = Predicate::new(format!(
        "customer_events.id IN (SELECT MIN(customer_events.id) FROM customer_events WHERE customer_events.kind IN ({kinds}) \
         AND {owner} IS NOT NULL"
    ));
    if caller.scope != Scope::All {
        first = first.sql(" AND ").then(crm_db::people(caller, owner));
    }
    if people.is_narrow() {
        first = first.sql(" AND ").then(people.named_by(owner));
    }
    if let Some(id) = filter.customer_id {
        first = first.sql(" AND customer_events.customer_id = ").int(id.0);
    }
    if let Some(start) = filter.range.start {
        first = first.sql(" AND customer_events.created_at >= ").instant(start);
    }
    if let Some(end) = filter.range.end {
        first = first.sql(" AND customer_events.created_at <= ").instant(end);
    }
    first.sql(" GROUP BY customer_events.customer_id)")
}

/// These kinds as SQL: a list of texts.
pub(super) fn quoted(kinds: &[Kind]) -> String {
    kinds.iter().map(|kind| format!("'{}'", kind.as_str())).collect::<Vec<_>>().join(", ")
}

/// The people a list is about.
struct Selection {
    person: Option<StaffId>,
    departments: Option<Vec<DepartmentId>>,
}

impl Selection {
    /// Whether it is not everybody.
    fn is_narrow(&self) -> bool {
        self.person.is_some() || self.departments.is_some()
    }

    /// The column names one of them.
    fn named_by(&self, column: &'static str) -> Predicate {
        let person = self.person.map(|person| Predicate::new(column).sql(" = ").int(person.0));
        let departments = self.departments.as_deref().map(|departments| members(column, departments));
        match (departments, person) {
            (Some(departments), Some(person)) => {
                Predicate::new("(").then(departments).sql(" AND ").then(person).sql(")")
            }
            (one, other) => one.or(other).unwrap_or_else(|| Predicate::new("1 = 1")),
        }
    }

    /// The event is about one of them: the customer was or became theirs, or, where it is no gain and no
    /// loss, they did it.
    fn concerned(&self) -> Predicate {
        let owned = quoted(&[Kind::GAINS, Kind::LOSSES].concat());
        Predicate::new("(")
            .then(self.named_by(FROM))
            .sql(" OR ")
            .then(self.named_by(TO))
            .sql(format!(" OR (customer_events.kind NOT IN ({owned}) AND "))
            .then(self.named_by(ACTOR))
            .sql("))")
    }
}
