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
use crm_db::{Conn, Engine, Predicate, Statement};
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
    /// What happens to a thing once, and is counted without asking for more of it.
    once: Option<&'static str>,
    /// What may happen again.
    kinds: Vec<&'static str>,
}

/// Customers with an owner.
pub(super) fn customers() -> Source {
    let events = |person, kinds: [events::Kind; 3]| {
        let (once, kinds): (Vec<_>, _) = kinds.into_iter().partition(|kind| *kind == events::Kind::Created);
        Events {
            table: "customer_events",
            thing: "customer_id",
            person,
            time: "created_at",
            once: once.first().map(|kind| kind.as_str()),
            kinds: kinds.into_iter().map(events::Kind::as_str).collect(),
        }
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
        once: None,
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

/// What is counted by itself: a period, or a part of one.
struct Span {
    /// The place of the period in [`Numbers`]: those in which things came, and behind them those in which they went.
    place: usize,
    start: Instant,
    end: Instant,
    /// What this happened to in the part of the period since then, before `start`, is not counted again.
    after: Option<Instant>,
}

impl Span {
    fn came(&self) -> bool {
        self.place < PERIODS
    }
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
    let whose = match memory {
        Some(_) => people.ids(conn)?,
        None => None,
    };
    let key = |span: &Span| Key { came: span.came(), start: span.start, end: span.end, people: whose.clone() };
    let known = |span: &Span| memory.filter(|_| span.after.is_none()).and_then(|memory| memory.count(&key(span)));
    let spans: Vec<(Option<i64>, Span)> = spans(borders, memory).map(|span| (known(&span), span)).collect();
    let mut counts = [0; PERIODS + COMPARED];
    let mut add = |span: &Span, number: i64| counts.get_mut(span.place).into_iter().for_each(|count| *count += number);
    spans.iter().for_each(|(known, span)| add(span, known.unwrap_or_default()));
    let unknown: Vec<&Span> = spans.iter().filter(|(known, _)| known.is_none()).map(|(_, span)| span).collect();
    let engine = conn.engine();
    let queries = unknown.iter().zip(0..).map(|(span, nth)| source.happened(engine, span, nth, people));
    if let Some(query) = queries.reduce(|all, one| all.sql(" UNION ALL ").then(one)) {
        let counted: Vec<(i64, i64)> = Statement::new(query).rows::<(BigInt, BigInt)>().load(conn)?;
        for (nth, number) in counted {
            let Some(span) = usize::try_from(nth).ok().and_then(|nth| unknown.get(nth)) else { continue };
            add(span, number);
            if let (Some(memory), None) = (memory, span.after) {
                memory.keep(key(span), number);
            }
        }
    }
    let of = |place: usize| counts.get(place).copied().unwrap_or_default();
    Ok(Numbers { total, came: std::array::from_fn(of), went: std::array::from_fn(|place| of(PERIODS + place)) })
}

/// The periods of [`Numbers`]; of one that is over in part that part, and the rest.
fn spans(borders: &Borders, memory: Option<&Memory<'_>>) -> impl Iterator<Item = Span> {
    let all = borders.0.iter().zip(borders.0.iter().skip(1));
    let compared = all.clone().skip(PERIODS - COMPARED);
    all.chain(compared)
        .enumerate()
        .flat_map(move |(place, (&start, &end))| {
            let whole = Span { place, start, end, after: None };
            let Some(border) = memory.and_then(|memory| memory.border(start, end)) else { return [Some(whole), None] };
            [Some(Span { end: border, ..whole }), Some(Span { place, start: border, end, after: Some(start) })]
        })
        .flatten()
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
    /// How many things this happened to in a span, each once, and what number the span has.
    fn happened(&self, engine: Engine, span: &Span, nth: i64, people: &Selection<'_>) -> Predicate {
        let events = if span.came() { &self.came } else { &self.went };
        let counted =
            Predicate::new(format!("SELECT CAST({nth} AS BIGINT), ")).then(events.again(engine, span, people));
        events
            .once
            .into_iter()
            .fold(counted, |counted, once| counted.sql(" + ").then(events.count_of(once, span, people)))
    }
}

impl Events {
    /// How many events of the kind of which a thing has one there are in a span.
    fn count_of(&self, once: &'static str, span: &Span, people: &Selection<'_>) -> Predicate {
        let found = self.between(self.found(&[once], people), span.start, span.end, people);
        Predicate::new(format!("(SELECT COUNT(*) FROM {} WHERE ", self.table)).then(found).sql(")")
    }

    /// How many things have events of the other kinds in a span, and are not counted otherwise.
    fn again(&self, engine: Engine, span: &Span, people: &Selection<'_>) -> Predicate {
        let Self { table, thing, .. } = self;
        let since = span.after.unwrap_or(span.start);
        let elsewhere = [
            self.once.map(|once| self.between(is_of(&[once]), since, span.end, people)),
            span.after.map(|after| self.between(is_of(&self.kinds), after, span.start, people)),
        ];
        let elsewhere = elsewhere.into_iter().flatten().reduce(|one, other| one.sql(") OR (").then(other));
        let found = self.between(self.found(&self.kinds, people), span.start, span.end, people);
        let counted = Predicate::new(format!("(SELECT COUNT(DISTINCT {thing}) FROM {table} WHERE ")).then(found);
        let Some(elsewhere) = elsewhere else { return counted.sql(")") };
        // The events of one thing are few: SQLite would look for them among those of the whole period.
        let other =
            format!(" AND NOT EXISTS (SELECT 1 FROM {table} AS other WHERE other.{thing} = {table}.{thing} AND ((");
        counted.sql(other).then(elsewhere).sql(")) = TRUE").sql(engine.row_by_row()).sql("))")
    }

    /// Events that meet this condition, in this time and of these people.
    fn between(&self, kinds: String, start: Instant, end: Instant, people: &Selection<'_>) -> Predicate {
        let Self { time, person, .. } = self;
        let since = Predicate::new(format!("{kinds} AND {time} >= ")).instant(start);
        since.sql(format!(" AND {time} < ")).instant(end).then(whose(people, person))
    }

    /// Events of these kinds, to be found by them; of some people SQLite finds the events by whose they are, not by
    /// their kinds, which say less.
    fn found(&self, kinds: &[&str], people: &Selection<'_>) -> String {
        if people.of(self.person).is_some() { format!("({}) = TRUE", is_of(kinds)) } else { is_of(kinds) }
    }
}

fn is_of(kinds: &[&str]) -> String {
    format!("kind IN ('{}')", kinds.join("', '"))
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
