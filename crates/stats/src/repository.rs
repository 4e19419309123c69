//! The aggregates, grouped by organization in the database.
//!
//! NULL sorts first on one engine and last on the other, so every order says where it goes. All
//! conditions of a statistic are one [`Predicate`].

use crm_core::{Caller, Instant, MoneySum, OrganizationId, Page, Paged, Result};
use crm_db::schema::{contracts, demands, follows, potentials, satisfactions};
use crm_db::{Conn, Engine, Literal, Predicate, Statement};
use diesel::dsl::{count, count_star};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, SmallInt, Timestamp};

use crate::{Average, Demanded, Followed, Satisfied, Signed, StatsFilter};

/// The columns a statistic is about.
struct Columns {
    time: &'static str,
    organization: &'static str,
}

/// `live`, seen by the caller, in the range, of the organizations asked for.
fn conditions(live: &'static str, visible: Option<Predicate>, columns: &Columns, filter: &StatsFilter) -> Predicate {
    let mut conditions = Predicate::new("(").sql(live);
    if let Some(visible) = visible {
        conditions = conditions.sql(" AND ").then(visible);
    }
    if let Some(start) = filter.range.start {
        conditions = conditions.sql(" AND ").sql(columns.time).sql(" >= ").instant(start);
    }
    if let Some(end) = filter.range.end {
        conditions = conditions.sql(" AND ").sql(columns.time).sql(" <= ").instant(end);
    }
    if let Some((first, others)) = filter.organizations.split_first() {
        conditions = conditions.sql(" AND ").sql(columns.organization).sql(" IN (").int(first.0);
        conditions = others.iter().fold(conditions, |list, id| list.sql(", ").int(id.0)).sql(")");
    }
    conditions.sql(")")
}

/// How many groups there are, on whatever page, beside each of them.
const GROUPS: Literal<BigInt> = Literal::new("COUNT(*) OVER ()");

/// The page that `load` finds, which is given how many rows and from where on, with [`GROUPS`]. They are
/// grouped once for both.
fn grouped<R>(page: Page, mut load: impl FnMut(i64, i64) -> QueryResult<Vec<(i64, R)>>) -> Result<Paged<R>> {
    let rows = load(page.count(), page.offset())?;
    let total = match rows.first() {
        Some((total, _)) => *total,
        None if page.offset() == 0 => 0,
        // A page after the last one.
        None => load(1, 0)?.first().map_or(0, |(total, _)| *total),
    };
    Ok(Paged { rows: rows.into_iter().map(|(_, row)| row).collect(), total })
}

/// Orders groups that are alike otherwise: organizations descending, the group without one last.
macro_rules! ties {
    ($column:literal, $organization:path) => {
        (Literal::<Bool>::new(concat!($column, " IS NULL")).asc(), $organization.desc())
    };
}

#[derive(QueryableByName)]
struct SignedRow {
    #[diesel(sql_type = BigInt)]
    organization_id: OrganizationId,
    #[diesel(sql_type = BigInt)]
    high: i64,
    #[diesel(sql_type = BigInt)]
    low: i64,
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = Timestamp)]
    earliest: Instant,
}

/// In the order of the organizations' earliest contracts. How many organizations there are is counted by itself, 2 ms.
pub(super) fn sign(conn: &mut Conn, caller: &Caller, filter: &StatsFilter, page: Page) -> Result<Paged<Signed>> {
    let columns = Columns { time: "contracts.sign_time", organization: "contracts.organization_id" };
    let visible = crm_contracts::contract::VISIBLE.rows(caller);
    let sees_all = visible.is_none();
    let counted = conditions("contracts.status = 0", visible, &columns, filter);
    let total = contracts::table
        .filter(counted.clone())
        .select(count(contracts::organization_id).aggregate_distinct())
        .get_result(conn)?;
    let Paged { rows, total } = Paged::load(total, page, || {
        let query = if sees_all { signed_walked(conn.engine(), counted, page) } else { signed_grouped(counted, page) };
        Statement::new(query).load::<SignedRow>(conn)
    })?;
    let rows = rows.into_iter().map(|row| Signed {
        organization_id: Some(row.organization_id),
        amount: MoneySum::from_parts(row.high, row.low),
        count: row.number,
        earliest: row.earliest,
    });
    Ok(Paged { rows: rows.collect(), total })
}

fn sums() -> String {
    let split = MoneySum::SPLIT;
    format!(
        "COUNT(*) AS number, COALESCE(CAST(SUM(contracts.amount / {split}) AS BIGINT), 0) AS high, \
         COALESCE(CAST(SUM(contracts.amount % {split}) AS BIGINT), 0) AS low"
    )
}

/// A page is found by going back in time over the contracts that have none before them, as far as the page goes; only
/// what it shows is added up. To group half a year of 50,000 contracts took 4 ms on SQLite, this takes 0.1 ms; a page in
/// the middle takes as long as before. (PostgreSQL would join all contracts of that time with each other: 5 ms.)
fn signed_walked(engine: Engine, counted: Predicate, page: Page) -> Predicate {
    let page_of = format!(
        "SELECT page.organization_id, page.sign_time AS earliest, {} FROM (SELECT first.organization_id, first.sign_time \
         FROM (SELECT id, organization_id, sign_time FROM contracts WHERE ",
        sums()
    );
    Predicate::new(page_of)
        .then(counted.clone())
        .sql(") AS first WHERE NOT EXISTS (SELECT 1 FROM contracts WHERE ")
        .then(counted.clone())
        .sql(
            " AND contracts.organization_id = first.organization_id AND contracts.sign_time <= first.sign_time \
             AND (contracts.sign_time < first.sign_time OR contracts.id < first.id)",
        )
        .sql(engine.row_by_row())
        .sql(") ORDER BY first.sign_time DESC, first.organization_id DESC LIMIT ")
        .int(page.count())
        .sql(" OFFSET ")
        .int(page.offset())
        .sql(") AS page JOIN contracts ON contracts.organization_id = page.organization_id WHERE ")
        .then(counted)
        .sql(" GROUP BY page.organization_id, page.sign_time ORDER BY page.sign_time DESC, page.organization_id DESC")
}

/// The same for who does not see all: whether one sees a contract is not asked of single ones, PostgreSQL would build the
/// set of those that are seen for each (at 50,000 contracts for more than a minute). All are added up, 20 ms.
fn signed_grouped(counted: Predicate, page: Page) -> Predicate {
    let all = format!("SELECT organization_id, MIN(sign_time) AS earliest, {} FROM contracts WHERE ", sums());
    Predicate::new(all)
        .then(counted)
        .sql(" GROUP BY organization_id ORDER BY MIN(sign_time) DESC, organization_id DESC LIMIT ")
        .int(page.count())
        .sql(" OFFSET ")
        .int(page.offset())
}

pub(super) fn demand(conn: &mut Conn, caller: &Caller, filter: &StatsFilter, page: Page) -> Result<Paged<Demanded>> {
    let columns = Columns { time: "demands.record_time", organization: "demands.organization_id" };
    let counted = conditions("demands.status = 0", crm_records::demand::VISIBLE.rows(caller), &columns, filter);
    let earliest = Literal::<Timestamp>::new("MIN(demands.record_time)");
    grouped(page, |count, offset| {
        demands::table
            .filter(counted.clone())
            .group_by(demands::organization_id)
            .order((count_star().desc(), ties!("demands.organization_id", demands::organization_id)))
            .limit(count)
            .offset(offset)
            .select((GROUPS, (demands::organization_id.nullable(), count_star(), earliest)))
            .load(conn)
    })
}

pub(super) fn follow(conn: &mut Conn, caller: &Caller, filter: &StatsFilter, page: Page) -> Result<Paged<Followed>> {
    let columns = Columns { time: "follows.record_time", organization: "potentials.organization_id" };
    let live = "follows.status = 0 AND potentials.status <> -1";
    let counted = conditions(live, crm_records::follow::VISIBLE.rows(caller), &columns, filter);
    let on_potential = potentials::table.on(potentials::id.eq(follows::potential_id));
    let earliest = Literal::<Timestamp>::new("MIN(follows.record_time)");
    grouped(page, |count, offset| {
        follows::table
            .inner_join(on_potential)
            .filter(counted.clone())
            .group_by(potentials::organization_id)
            .order((count_star().desc(), ties!("potentials.organization_id", potentials::organization_id)))
            .limit(count)
            .offset(offset)
            .select((GROUPS, (potentials::organization_id.nullable(), count_star(), earliest)))
            .load(conn)
    })
}

pub(super) fn satisfy(conn: &mut Conn, caller: &Caller, filter: &StatsFilter, page: Page) -> Result<Paged<Satisfied>> {
    type Row = (Option<OrganizationId>, i64, i64, i16, i16);
    let columns = Columns { time: "satisfactions.record_time", organization: "satisfactions.organization_id" };
    let visible = crm_feedback::satisfaction::VISIBLE.rows(caller);
    let counted = conditions("satisfactions.status = 0", visible, &columns, filter);
    let values = (
        Literal::<BigInt>::new("CAST(SUM(satisfactions.value) AS BIGINT)"),
        Literal::<SmallInt>::new("MIN(satisfactions.value)"),
        Literal::<SmallInt>::new("MAX(satisfactions.value)"),
    );
    let Paged { rows, total } = grouped(page, |count, offset| {
        let (sum, min, max) = values;
        satisfactions::table
            .filter(counted.clone())
            .group_by(satisfactions::organization_id)
            .order((count_star().desc(), ties!("satisfactions.organization_id", satisfactions::organization_id)))
            .limit(count)
            .offset(offset)
            .select((GROUPS, (satisfactions::organization_id, count_star(), sum, min, max)))
            .load::<(i64, Row)>(conn)
    })?;
    let rows = rows.into_iter().map(|(organization_id, count, sum, min, max)| Satisfied {
        organization_id,
        count,
        average: Average::of(sum, count),
        min,
        max,
    });
    Ok(Paged { rows: rows.collect(), total })
}
