//! When a customer goes back to the public pool: the one definition (vendor-surfaces §1 "Pool rule").
//!
//! A clause is a number of full days since some moment. [`PoolRule::due_on`] asks one customer for
//! the date on which it is due; [`PoolRule::due_by`] is the same clause turned around, for SQL: which
//! moments are so long ago that the date has come. Both stand here, side by side, and a property test
//! holds them to each other. Whoever needs to know what is due asks one of the two.

use chrono::{Days, NaiveDate};
use crm_core::{Instant, Result, Zone};
use crm_db::schema::pool_rule;
use crm_db::{Conn, Predicate};
use diesel::prelude::*;
use serde::Serialize;

use crate::Customer;

/// The outcome of a stage in which a customer may go back to the pool: none yet.
pub(super) const OPEN: i16 = 0;
/// A loss is near when so many days are left.
const SOON: u64 = 1;

/// When customers go back to the public pool, and how many one person may hold.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, AsChangeset, Serialize)]
#[diesel(table_name = pool_rule, treat_none_as_null = true)]
pub struct PoolRule {
    /// 1 when customers are recycled, else 0.
    pub enabled: i16,
    /// Full days without a follow-up after which a customer is due; 0 for any number.
    pub contact_days: i64,
    /// Full days without a deal after which a customer is due; 0 for any number.
    pub deal_days: i64,
    /// Days before it is due on which a customer is announced, and which a new rule waits.
    pub notice_days: i64,
    /// Customers one person may hold; 0 for any number.
    pub hold_limit: i64,
    /// Days for which a person who lost a customer may not claim that one again.
    pub cooldown_days: i64,
    /// Since when the notice days count before which nothing is due: when the rule was last switched
    /// on or tightened, or later where notice days were taken away while they ran.
    pub tightened_at: Option<Instant>,
    /// Grows by one with every change.
    pub version: i64,
    /// When the rule was last changed.
    pub updated_at: Instant,
}

/// What the rule says of one customer on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// The date on which it goes back to the pool; `None`: never, as things are.
    pub recycle_on: Option<NaiveDate>,
    /// Calendar days to that date; 0 when it is overdue or never.
    pub days_left: i64,
    /// Whether it is announced: no more than the notice days are left.
    pub is_coming_free: bool,
}

/// What sends a customer back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Clause {
    /// Too long without a follow-up.
    Contact,
    /// Too long without a deal.
    Deal,
}

/// The rule in force.
///
/// # Errors
/// What the database answers.
pub fn rule(conn: &mut Conn) -> Result<PoolRule> {
    Ok(pool_rule::table.select(PoolRule::as_select()).first(conn)?)
}

impl PoolRule {
    /// The date on which a customer in a stage of this outcome is due; `None`: never, as things are.
    pub fn due_on(&self, zone: Zone, customer: &Customer, outcome: i16) -> Option<NaiveDate> {
        self.due(zone, customer, outcome).map(|(date, _)| date)
    }

    /// The same with the clause that is fulfilled first.
    pub(super) fn due(&self, zone: Zone, customer: &Customer, outcome: i16) -> Option<(NaiveDate, Clause)> {
        let is_held = !customer.holding.is_pool() && !customer.holding.is_locked() && !customer.is_deleted();
        if !is_held || outcome != OPEN {
            return None;
        }
        let floor = self.floor(zone)?;
        let activity = &customer.activity;
        let assigned = customer.holding.assigned_at?;
        let contact =
            full_days(zone, activity.last_follow_at.map_or(assigned, |at| at.max(assigned)), self.contact_days);
        let has_deal = activity.last_deal_at.is_some_and(|at| at >= assigned);
        let deal = if has_deal { None } else { full_days(zone, assigned, self.deal_days) };
        let clauses = [contact.map(|date| (date, Clause::Contact)), deal.map(|date| (date, Clause::Deal))];
        let (date, clause) = clauses.into_iter().flatten().min()?;
        Some((date.max(floor), clause))
    }

    /// The rows of `customers` that are due on this date or before; `None` when none can be.
    pub fn due_by(&self, zone: Zone, date: NaiveDate) -> Option<Predicate> {
        if self.floor(zone)? > date {
            return None;
        }
        let (contact, deal) = (border(zone, date, self.contact_days), border(zone, date, self.deal_days));
        // Either clause asks for it anyway: said once for both, a page is read from a range of the index.
        // SQLite still counts by a scan of the table (some 50 ms for 60,000 customers, as without this).
        let assigned_before = contact.max(deal)?;
        let contact = contact.map(|border| {
            Predicate::new("(customers.assigned_at < ")
                .instant(border)
                .sql(" AND (customers.last_follow_at IS NULL OR customers.last_follow_at < ")
                .instant(border)
                .sql("))")
        });
        let deal = deal.map(|border| {
            Predicate::new("(customers.assigned_at < ")
                .instant(border)
                .sql(" AND (customers.last_deal_at IS NULL OR customers.last_deal_at < customers.assigned_at))")
        });
        let either = [contact, deal].into_iter().flatten().reduce(|one, other| one.sql(" OR ").then(other))?;
        let held = format!(
            "(customers.owner_id IS NOT NULL AND customers.is_locked = 0 AND customers.status <> -1 \
             AND customers.stage_id IN (SELECT id FROM customer_stages WHERE outcome = {OPEN}) \
             AND customers.assigned_at < "
        );
        Some(Predicate::new(held).instant(assigned_before).sql(" AND (").then(either).sql("))"))
    }

    /// The rows that are announced today: due within the notice days.
    pub fn coming_free(&self, zone: Zone, now: Instant) -> Option<Predicate> {
        let days = u64::try_from(self.notice_days).unwrap_or_default();
        self.due_by(zone, zone.date(now).checked_add_days(Days::new(days))?)
    }

    /// The rows that are due today or tomorrow (`soon_loss_total`).
    pub fn soon_lost(&self, zone: Zone, now: Instant) -> Option<Predicate> {
        self.due_by(zone, zone.date(now).checked_add_days(Days::new(SOON))?)
    }

    /// What the rule says of a customer today.
    pub fn outlook(&self, zone: Zone, now: Instant, customer: &Customer, outcome: i16) -> Outlook {
        let Some(due) = self.due_on(zone, customer, outcome) else { return Outlook::default() };
        let days_left = (due - zone.date(now)).num_days().max(0);
        Outlook { recycle_on: Some(due), days_left, is_coming_free: days_left <= self.notice_days }
    }

    /// The first date on which anything may be due: the notice days after the rule was switched on
    /// or tightened. `None` while the rule is off.
    pub(super) fn floor(&self, zone: Zone) -> Option<NaiveDate> {
        let since = self.tightened_at.filter(|_| self.enabled != 0)?;
        zone.date(since).checked_add_days(Days::new(u64::try_from(self.notice_days).ok()?))
    }
}

/// The date after so many full days since a moment; `None` for a clause that is off.
fn full_days(zone: Zone, since: Instant, days: i64) -> Option<NaiveDate> {
    zone.date(since).checked_add_days(clause(days)?)?.succ_opt()
}

/// The same turned around: the moments before this one are so long ago on this date.
fn border(zone: Zone, date: NaiveDate, days: i64) -> Option<Instant> {
    Some(zone.start_of_day(date.checked_sub_days(clause(days)?)?))
}

fn clause(days: i64) -> Option<Days> {
    u64::try_from(days).ok().filter(|days| *days > 0).map(Days::new)
}
