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

use super::closed::{Key, Memory};
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

/// One period that is to be counted.
struct Span {
    came: bool,
    start: Instant,
    end: Instant,
}

/// How many there are now, and how many came and went: what is not in memory.
pub(super) fn numbers(
    conn: &mut Conn,
    source: &Source,
    people: &Selection<'_>,
    borders: &Borders,
    memory: Option<&Memory<'_>>,
) -> Result<Numbers> {
    let live = Predicate::new("SELECT ").then((source.live)(people));
    let total = Statement::new(live).rows::<BigInt>().get_result(conn)?;
    let spans = spans(borders);
    let whose = match memory {
        Some(_) => people.ids(conn)?,
        None => None,
    };
    let key = |span: &Span| Key { came: span.came, start: span.start, end: span.end, people: whose.clone() };
    let known = |span: &Span| memory.and_then(|memory| memory.count(&key(span)));
    let mut counts: Vec<Option<i64>> = spans.iter().map(known).collect();
    let unknown = spans.iter().zip(0i64..).zip(&counts).filter(|(_, count)| count.is_none()).map(|(span, _)| span);
    let queries = unknown.map(|(span, place)| source.happened(span, place, people));
    if let Some(query) = queries.reduce(|all, one| all.sql(" UNION ALL ").then(one)) {
        let counted: Vec<(i64, i64)> = Statement::new(query).rows::<(BigInt, BigInt)>().load(conn)?;
        for (place, number) in counted {
            let place = usize::try_from(place).unwrap_or(usize::MAX);
            let (Some(count), Some(span)) = (counts.get_mut(place), spans.get(place)) else { continue };
            *count = Some(number);
            if let Some(memory) = memory {
                memory.keep(key(span), number);
            }
        }
    }
    let of = |place: usize| counts.get(place).copied().flatten().unwrap_or_default();
    Ok(Numbers { total, came: std::array::from_fn(of), went: std::array::from_fn(|place| of(PERIODS + place)) })
}

/// The periods of [`Numbers`], one behind the other: those in which things came, and those in which they went.
fn spans(borders: &Borders) -> Vec<Span> {
    let all = borders.0.iter().zip(borders.0.iter().skip(1));
    let compared =
        all.clone().skip(PERIODS - COMPARED).map(|(start, end)| Span { came: false, start: *start, end: *end });
    all.map(|(start, end)| Span { came: true, start: *start, end: *end }).chain(compared).collect()
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

impl Source {
    /// How many things this happened to in a period, each once, and the place of the period.
    fn happened(&self, span: &Span, place: i64, people: &Selection<'_>) -> Predicate {
        let Events { table, thing, person, time, kinds } = if span.came { &self.came } else { &self.went };
        let kinds = kinds.join("', '");
        // Of some people SQLite finds the events by whose they are, not by their kinds, which say less.
        let of_these_kinds = if people.of(person).is_some() {
            format!("(kind IN ('{kinds}')) = TRUE")
        } else {
            format!("kind IN ('{kinds}')")
        };
        Predicate::new(format!(
            "SELECT CAST({place} AS BIGINT), COUNT(DISTINCT {thing}) FROM {table} WHERE {of_these_kinds} AND {time} >= "
        ))
        .instant(span.start)
        .sql(format!(" AND {time} < "))
        .instant(span.end)
        .then(whose(people, person))
    }
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
