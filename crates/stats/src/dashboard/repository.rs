//! The counts of the dashboard.
//!
//! What came and went is one statement per kind of thing, with a count of its own for each period, which
//! reads no more than the events of that period, all from one index: `customer_events_kind` and
//! `wecom_events_kind` for everybody, `customer_events_to`, `customer_events_from` and
//! `wecom_events_staff` for some people. To tell the periods apart row by row took SQLite twice as long.

use crm_core::{Instant, Result};
use crm_customers::events;
use crm_customers::wecom::Change;
use crm_db::counters::{self, Counter};
use crm_db::schema::customers;
use crm_db::{Conn, Predicate, Statement};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::selection::Selection;
use super::{Borders, Numbers};

/// Where the numbers of one kind of thing are.
pub(super) struct Source {
    /// How many there are now, as an expression.
    live: fn(&Selection<'_>) -> Predicate,
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
        live: |people| match people.of("staff.id") {
            Some(whose) => counters::owned_by(whose),
            None => {
                counters::sum(&[Counter::CustomersLive]).sql(" - ").then(counters::sum(&[Counter::CustomersPooled]))
            }
        },
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
        live: |people| {
            let current = Predicate::new("(SELECT COUNT(*) FROM wecom_contacts WHERE status <> -1 AND lost_at IS NULL");
            match people.of("staff_id") {
                Some(whose) => current.sql(" AND ").then(whose).sql(")"),
                None => current.sql(")"),
            }
        },
        came: events(Change::Added),
        went: events(Change::Lost),
    }
}

#[derive(QueryableByName)]
struct CountedIn {
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// How many there are now, and how many came and went.
pub(super) fn numbers(conn: &mut Conn, source: &Source, people: &Selection<'_>, borders: &Borders) -> Result<Numbers> {
    let live = Predicate::new("SELECT ").then((source.live)(people));
    let total = Statement::new(live).rows::<BigInt>().get_result(conn)?;
    let compared = borders.0.get(PERIODS - COMPARED..).unwrap_or_default();
    let counts = happened(&source.came, 0, &borders.0, people).sql(" UNION ALL ").then(happened(
        &source.went,
        PERIODS,
        compared,
        people,
    ));
    let counted: Vec<CountedIn> = Statement::new(counts).load(conn)?;
    let of = |place: usize| {
        let found = counted.iter().find(|counted| usize::try_from(counted.place) == Ok(place));
        found.map_or(0, |counted| counted.number)
    };
    Ok(Numbers { total, came: std::array::from_fn(of), went: std::array::from_fn(|place| of(PERIODS + place)) })
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

/// How many things this happened to in each period between these borders, each once per period. The
/// places of the periods count from `first`.
fn happened(events: &Events, first: usize, borders: &[Instant], people: &Selection<'_>) -> Predicate {
    let Events { table, thing, person, time, kinds } = events;
    let kinds = kinds.join("', '");
    // Of some people SQLite finds the events by whose they are, not by their kinds, which say less.
    let of_these_kinds = if people.of(person).is_some() {
        format!("(kind IN ('{kinds}')) = TRUE")
    } else {
        format!("kind IN ('{kinds}')")
    };
    let periods = borders.iter().zip(borders.iter().skip(1)).zip(first..);
    periods.fold(Predicate::default(), |counts, ((start, end), place)| {
        let counts = if place == first { counts } else { counts.sql(" UNION ALL ") };
        counts
            .sql(format!(
                "SELECT CAST({place} AS BIGINT) AS place, COUNT(DISTINCT {thing}) AS number FROM {table} \
                 WHERE {of_these_kinds} AND {time} >= "
            ))
            .instant(*start)
            .sql(format!(" AND {time} < "))
            .instant(*end)
            .then(whose(people, person))
    })
}

/// What `column` has to be: one of the people, or somebody.
fn whose(people: &Selection<'_>, column: &'static str) -> Predicate {
    match people.of(column) {
        Some(whose) => Predicate::new(" AND ").then(whose),
        None => Predicate::new(format!(" AND {column} IS NOT NULL")),
    }
}

/// Periods a graph shows.
const PERIODS: usize = 7;
/// Periods that are compared: the one shown and the one before.
const COMPARED: usize = 2;
