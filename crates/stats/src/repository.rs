//! The aggregates, grouped by organization in the database.
//!
//! NULL sorts first on one engine and last on the other, so every order says where it goes. All
//! conditions of a statistic are one [`Predicate`], used for the page and for the number of groups.

use crm_core::{Caller, Instant, MoneySum, OrganizationId, Page, Paged, Result};
use crm_db::schema::{contracts, demands, follows, potentials, satisfactions};
use crm_db::{Conn, Predicate};
use diesel::dsl::{count_star, sql};
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

/// How many groups there are, the one without organization among them.
macro_rules! groups {
    ($column:literal) => {
        sql::<BigInt>(concat!(
            "COUNT(DISTINCT ",
            $column,
            ") + COUNT(DISTINCT CASE WHEN ",
            $column,
            " IS NULL THEN 1 END)"
        ))
    };
}

/// Orders groups that are alike otherwise: organizations descending, the group without one last.
macro_rules! ties {
    ($column:literal, $organization:path) => {
        (sql::<Bool>(concat!($column, " IS NULL")).asc(), $organization.desc())
    };
}

pub(super) fn sign(conn: &mut Conn, caller: &Caller, filter: &StatsFilter, page: Page) -> Result<Paged<Signed>> {
    type Row = (Option<OrganizationId>, i64, i64, i64, Instant);
    let columns = Columns { time: "contracts.sign_time", organization: "contracts.organization_id" };
    let visible = crm_contracts::contract::VISIBLE.rows(caller);
    let counted = conditions("contracts.status = 0", visible, &columns, filter);
    let total =
        contracts::table.filter(counted.clone()).select(groups!("contracts.organization_id")).get_result(conn)?;
    let split = MoneySum::SPLIT;
    let Paged { rows, total } = Paged::load(total, page, || {
        contracts::table
            .filter(counted)
            .group_by(contracts::organization_id)
            .order((
                sql::<Timestamp>("MIN(contracts.sign_time)").desc(),
                ties!("contracts.organization_id", contracts::organization_id),
            ))
            .limit(page.count())
            .offset(page.offset())
            .select((
                contracts::organization_id.nullable(),
                sql::<BigInt>(&format!("COALESCE(CAST(SUM(contracts.amount / {split}) AS BIGINT), 0)")),
                sql::<BigInt>(&format!("COALESCE(CAST(SUM(contracts.amount % {split}) AS BIGINT), 0)")),
                count_star(),
                sql::<Timestamp>("MIN(contracts.sign_time)"),
            ))
            .load::<Row>(conn)
    })?;
    let rows = rows.into_iter().map(|(organization_id, high, low, count, earliest)| Signed {
        organization_id,
        amount: MoneySum::from_parts(high, low),
        count,
        earliest,
    });
    Ok(Paged { rows: rows.collect(), total })
}

pub(super) fn demand(conn: &mut Conn, caller: &Caller, filter: &StatsFilter, page: Page) -> Result<Paged<Demanded>> {
    let columns = Columns { time: "demands.record_time", organization: "demands.organization_id" };
    let counted = conditions("demands.status = 0", crm_records::demand::VISIBLE.rows(caller), &columns, filter);
    let total = demands::table.filter(counted.clone()).select(groups!("demands.organization_id")).get_result(conn)?;
    Paged::load(total, page, || {
        demands::table
            .filter(counted)
            .group_by(demands::organization_id)
            .order((count_star().desc(), ties!("demands.organization_id", demands::organization_id)))
            .limit(page.count())
            .offset(page.offset())
            .select((demands::organization_id.nullable(), count_star(), sql::<Timestamp>("MIN(demands.record_time)")))
            .load(conn)
    })
}

pub(super) fn follow(conn: &mut Conn, caller: &Caller, filter: &StatsFilter, page: Page) -> Result<Paged<Followed>> {
    let columns = Columns { time: "follows.record_time", organization: "potentials.organization_id" };
    let live = "follows.status = 0 AND potentials.status <> -1";
    let counted = conditions(live, crm_records::follow::VISIBLE.rows(caller), &columns, filter);
    let on_potential = potentials::table.on(potentials::id.eq(follows::potential_id));
    let total = follows::table
        .inner_join(on_potential)
        .filter(counted.clone())
        .select(groups!("potentials.organization_id"))
        .get_result(conn)?;
    Paged::load(total, page, || {
        follows::table
            .inner_join(on_potential)
            .filter(counted)
            .group_by(potentials::organization_id)
            .order((count_star().desc(), ties!("potentials.organization_id", potentials::organization_id)))
            .limit(page.count())
            .offset(page.offset())
            .select((
                potentials::organization_id.nullable(),
                count_star(),
                sql::<Timestamp>("MIN(follows.record_time)"),
            ))
            .load(conn)
    })
}

pub(super) fn satisfy(conn: &mut Conn, caller: &Caller, filter: &StatsFilter, page: Page) -> Result<Paged<Satisfied>> {
    type Row = (Option<OrganizationId>, i64, i64, i16, i16);
    let columns = Columns { time: "satisfactions.record_time", organization: "satisfactions.organization_id" };
    let visible = crm_feedback::satisfaction::VISIBLE.rows(caller);
    let counted = conditions("satisfactions.status = 0", visible, &columns, filter);
    let total = satisfactions::table
        .filter(counted.clone())
        .select(groups!("satisfactions.organization_id"))
        .get_result(conn)?;
    let Paged { rows, total } = Paged::load(total, page, || {
        satisfactions::table
            .filter(counted)
            .group_by(satisfactions::organization_id)
            .order((count_star().desc(), ties!("satisfactions.organization_id", satisfactions::organization_id)))
            .limit(page.count())
            .offset(page.offset())
            .select((
                satisfactions::organization_id,
                count_star(),
                sql::<BigInt>("CAST(SUM(satisfactions.value) AS BIGINT)"),
                sql::<SmallInt>("MIN(satisfactions.value)"),
                sql::<SmallInt>("MAX(satisfactions.value)"),
            ))
            .load::<Row>(conn)
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
