//! The counts of the dashboard.
//!
//! What came and went is one statement per kind of thing: a count for each period and direction, put
//! together with UNION ALL, so that each is one short range of an index. A grouped count over the whole
//! time reads the same rows once, but the engines then sort them all to tell the distinct ones.

use crm_core::{Instant, Result};
use crm_customers::events;
use crm_customers::wecom::Change;
use crm_db::schema::customers;
use crm_db::{Conn, Predicate, Statement};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::selection::Selection;
use super::{Borders, Numbers};

/// Where the numbers of one kind of thing are.
pub(super) struct Source {
    /// The query that counts what is there now, up to whose it is.
    live: &'static str,
    /// The column of `live` that names whose it is.
    person: &'static str,
    came: Events,
    went: Events,
}

/// Events of one direction: where they are, of what, whose, and which kinds.
struct Events {
    table: &'static str,
    thing: &'static str,
    person: &'static str,
    time: &'static str,
    kinds: Vec<&'static str>,
}

/// Customers with an owner.
pub(super) fn customers() -> Source {
    let events = |person, kinds: [events::Kind; 3]| Events {
        table: "customer_events",
        thing: "customer_id",
        person,
        time: "created_at",
        kinds: kinds.map(events::Kind::as_str).to_vec(),
    };
    Source {
        live: "SELECT COUNT(*) AS number FROM customers WHERE status <> -1",
        person: "owner_id",
        came: events("to_owner_id", events::Kind::GAINS),
        went: events("from_owner_id", events::Kind::LOSSES),
    }
}

/// WeCom contacts.
pub(super) fn contacts() -> Source {
    let events = |change: Change| Events {
        table: "wecom_events",
        thing: "wecom_id",
        person: "staff_id",
        time: "happened_at",
        kinds: change.kinds().iter().map(|kind| kind.as_str()).collect(),
    };
    Source {
        live: "SELECT COUNT(*) AS number FROM wecom_contacts WHERE status <> -1 AND lost_at IS NULL",
        person: "staff_id",
        came: events(Change::Added),
        went: events(Change::Lost),
    }
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct CountedIn {
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// How many there are now, and how many came and went.
pub(super) fn numbers(
    conn: &mut Conn,
    source: &Source,
    people: &Selection<'_>,
    borders: &Borders,
) -> Result<Numbers> {
    let live = Predicate::new(source.live).then(whose(people, source.person));
    let total = Statement::new(live).get_result::<Counted>(conn)?.number;
    let came = borders.periods().map(|(start, end)| (&source.came, start, end));
    let went = borders.periods().skip(PERIODS - COMPARED).map(|(start, end)| (&source.went, start, end));
    let counts = came.chain(went).zip(0i64..).map(|((events, start, end), place)| {
        happened(events, place, start, end, people)
    });
    let counts = counts.reduce(|one, other| one.sql(" UNION ALL ").then(other)).unwrap_or_default();
    let mut counted: Vec<CountedIn> = Statement::new(counts).load(conn)?;
    counted.sort_unstable_by_key(|count| count.place);
    let mut numbers = counted.into_iter().map(|count| count.number);
    let mut next = || numbers.next().unwrap_or_default();
    Ok(Numbers { total, came: std::array::from_fn(|_| next()), went: std::array::from_fn(|_| next()) })
}

/// How many of the selection's customers are due today or tomorrow.
pub(super) fn soon_lost(conn: &mut Conn, due: Option<Predicate>, people: &Selection<'_>) -> Result<i64> {
    let Some(due) = due else { return Ok(0) };
    let due = match people.of("customers.owner_id") {
        Some(whose) => due.sql(" AND ").then(whose),
        None => due,
    };
    Ok(customers::table.filter(due).count().get_result(conn)?)
}

/// How many things this happened to in a period, each once.
fn happened(events: &Events, place: i64, start: Instant, end: Instant, people: &Selection<'_>) -> Predicate {
    let Events { table, thing, person, time, kinds } = events;
    let kinds = kinds.join("', '");
    Predicate::new(format!(
        "SELECT CAST({place} AS BIGINT) AS place, COUNT(DISTINCT {thing}) AS number FROM {table} WHERE kind IN ('{kinds}') AND {time} >= "
    ))
    .instant(start)
    .sql(format!(" AND {time} < "))
    .instant(end)
    .then(whose(people, person))
}

/// What `column` has to be: one of the people, or somebody.
fn whose(people: &Selection<'_>, column: &'static str) -> Predicate {
    match people.of(column) {
        Some(whose) => Predicate::new(" AND ").then(whose),
        None => Predicate::new(format!(" AND {column} IS NOT NULL")),
    }
}

/// Periods a graph shows.
pub(super) const PERIODS: usize = 7;
/// Periods that are compared: the one shown and the one before.
pub(super) const COMPARED: usize = 2;
