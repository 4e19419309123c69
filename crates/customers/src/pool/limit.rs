//! How many customers one person may hold, and how soon they may have one back.

use chrono::Days;
use crm_core::{CustomerId, Error, Instant, Result, StaffId, Zone};
use crm_db::schema::{customer_events, customers};
use crm_db::{Conn, Literal, Predicate, RowOf};
use diesel::prelude::*;

use super::PoolRule;
use super::history::quoted;
use crate::events::Kind;

/// A person who is about to get a customer, and how many they may hold. They stay as they are until
/// the transaction ends, so that nobody who is being deleted is given one; and under a limit
/// everybody else who gives them one waits, so that each counts what the other gave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    person: StaffId,
    limit: i64,
}

impl Room {
    /// Holds this person. Comes before any lock on customers.
    pub(crate) fn hold(conn: &mut Conn, person: StaffId) -> Result<Self> {
        let limit = super::rule(conn)?.hold_limit;
        if limit > 0 {
            conn.lock_row(RowOf::Staff, person.0)?;
        } else {
            conn.hold_row(RowOf::Staff, person.0)?;
        }
        Ok(Self { person, limit })
    }

    /// The same for the owner a customer has, if it has one.
    pub(crate) fn of_owner(conn: &mut Conn, customer: CustomerId) -> Result<Option<Self>> {
        let owner: Option<Option<StaffId>> =
            customers::table.filter(customers::id.eq(customer)).select(customers::owner_id).first(conn).optional()?;
        owner.flatten().map(|owner| Self::hold(conn, owner)).transpose()
    }

    /// Who it is.
    pub(crate) fn person(self) -> StaffId {
        self.person
    }

    /// Refuses, on `field`, a person who holds as many as one may: all that are not deleted count,
    /// whatever their stage or lock.
    pub(crate) fn check(self, conn: &mut Conn, field: &'static str) -> Result<()> {
        if self.limit <= 0 {
            return Ok(());
        }
        let held: i64 = customers::table
            .filter(customers::owner_id.eq(self.person).and(customers::status.ne(Literal::DELETED)))
            .count()
            .get_result(conn)?;
        if held < self.limit {
            return Ok(());
        }
        Err(Error::conflict(field, format!("每人最多持有{}个客户,该员工已达上限", self.limit)))
    }
}

/// The kinds of events by which a person loses a customer that they may later claim again.
const LOST: [Kind; 3] = [Kind::Released, Kind::Recycled, Kind::Assigned];

/// Refuses a claim by somebody who lost this very customer too short a time ago.
pub(super) fn check_cooldown(
    conn: &mut Conn,
    rule: &PoolRule,
    zone: Zone,
    person: StaffId,
    customer: CustomerId,
    now: Instant,
) -> Result<()> {
    let days = u64::try_from(rule.cooldown_days).unwrap_or_default();
    if days == 0 {
        return Ok(());
    }
    let lost: Option<Instant> = customer_events::table
        .filter(customer_events::customer_id.eq(customer).and(customer_events::from_owner_id.eq(person)))
        .filter(Predicate::new(format!("customer_events.kind IN ({})", quoted(&LOST))))
        .order(customer_events::id.desc())
        .select(customer_events::created_at)
        .first(conn)
        .optional()?;
    let until = lost.and_then(|lost| zone.date(lost).checked_add_days(Days::new(days)));
    match until.map(|date| zone.start_of_day(date)).filter(|until| now < *until) {
        Some(until) => {
            Err(Error::conflict("customer_id", format!("刚失去该客户,{}起才能再次领取", zone.format(until))))
        }
        None => Ok(()),
    }
}
