//! Reading, changing and trying out the rule.

use chrono::Days;
use crm_core::{Caller, Error, Instant, Page, Patch, Problems, Result, Zone};
use crm_db::audit::Deed;
use crm_db::schema::pool_rule;
use crm_db::{Conn, RowOf};
use diesel::prelude::*;

use super::{DueFilter, DueListing, Pool, PoolRule};

/// The id of the one row there is.
const ROW: i16 = 1;
/// The longest clause, and the longest cooldown, in days.
const DAYS_MAX: i64 = 3_650;
const NOTICE_MAX: i64 = 365;
const HOLD_MAX: i64 = 1_000_000;

/// What a change says of the rule; what it does not mention stays.
#[derive(Clone, Debug, Default)]
pub struct PoolRuleInput {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// 1 or 0.
    pub enabled: Patch<i64>,
    /// 0–3,650; 0 switches the clause off.
    pub contact_days: Patch<i64>,
    /// 0–3,650; 0 switches the clause off.
    pub deal_days: Patch<i64>,
    /// 0–365.
    pub notice_days: Patch<i64>,
    /// 0–1,000,000; 0 is any number.
    pub hold_limit: Patch<i64>,
    /// 0–3,650.
    pub cooldown_days: Patch<i64>,
}

/// What a changed rule would announce.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// How many customers.
    pub count: i64,
    /// The first twenty of them.
    pub customers: Vec<DueListing>,
}

impl Pool {
    /// The rule in force, for everybody to read.
    ///
    /// # Errors
    /// What the database answers.
    pub fn rule(&self) -> Result<PoolRule> {
        self.db.read(super::rule)
    }

    /// Changes the rule. With `version` it is only changed if it still is what was read.
    /// Administrators only.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Invalid`] with every bad field, [`Error::Stale`].
    pub fn set_rule(&self, caller: &Caller, version: Option<i64>, input: PoolRuleInput) -> Result<()> {
        check(caller, &input)?;
        let now = self.db.now();
        self.db.write(|conn| {
            conn.lock_row(RowOf::PoolRule, ROW.into())?;
            let before = current(conn, version)?;
            let after = before.clone().with(input, self.zone, now);
            diesel::update(pool_rule::table.filter(pool_rule::id.eq(ROW))).set(&after).execute(conn)?;
            let deed =
                Deed { caller: Some(caller), action: "update", record: "pool_rule", id: Some(ROW.into()), at: now };
            deed.changed(conn, &before, &after)
        })
    }

    /// What would be announced if the rule were changed like this now; nothing is saved.
    /// Administrators only.
    ///
    /// # Errors
    /// As [`Pool::set_rule`].
    pub fn preview(&self, caller: &Caller, version: Option<i64>, input: PoolRuleInput) -> Result<Preview> {
        check(caller, &input)?;
        let now = self.db.now();
        self.db.read(|conn| {
            let changed = current(conn, version)?.with(input, self.zone, now);
            let found = self.announced(conn, caller, &changed, &DueFilter::default(), now, Page::first())?;
            Ok(Preview { count: found.total, customers: found.rows })
        })
    }
}

fn current(conn: &mut Conn, version: Option<i64>) -> Result<PoolRule> {
    let rule = super::rule(conn)?;
    match version {
        Some(version) if version != rule.version => Err(Error::Stale),
        _ => Ok(rule),
    }
}

fn check(caller: &Caller, input: &PoolRuleInput) -> Result<()> {
    caller.require_administrator()?;
    let mut problems = input.problems.clone();
    for (field, sent, max) in [
        ("enabled", &input.enabled, 1),
        ("contact_days", &input.contact_days, DAYS_MAX),
        ("deal_days", &input.deal_days, DAYS_MAX),
        ("notice_days", &input.notice_days, NOTICE_MAX),
        ("hold_limit", &input.hold_limit, HOLD_MAX),
        ("cooldown_days", &input.cooldown_days, DAYS_MAX),
    ] {
        problems.required(field, sent, false);
        problems.range_of(field, sent, 0, max);
    }
    problems.finish()
}

impl PoolRule {
    /// The rule as a checked input wants it, in force from now on.
    pub(super) fn with(self, input: PoolRuleInput, zone: Zone, now: Instant) -> Self {
        let after = Self {
            enabled: input.enabled.apply_small(self.enabled, 0),
            contact_days: input.contact_days.apply_or(Some(self.contact_days), 0),
            deal_days: input.deal_days.apply_or(Some(self.deal_days), 0),
            notice_days: input.notice_days.apply_or(Some(self.notice_days), 0),
            hold_limit: input.hold_limit.apply_or(Some(self.hold_limit), 0),
            cooldown_days: input.cooldown_days.apply_or(Some(self.cooldown_days), 0),
            tightened_at: self.tightened_at,
            version: self.version + 1,
            updated_at: now,
        };
        let tightened_at = if after.is_tighter_than(&self) { Some(now) } else { after.tightened_at };
        Self { tightened_at, ..after }.keeping_the_promise_of(&self, zone, now)
    }

    /// Whether customers may be due earlier than they were: the rule was switched on, or a clause
    /// was, or became shorter.
    fn is_tighter_than(&self, before: &Self) -> bool {
        let tighter = |days: i64, before: i64| days > 0 && (before == 0 || days < before);
        let clauses = tighter(self.contact_days, before.contact_days) || tighter(self.deal_days, before.deal_days);
        self.enabled != 0 && (before.enabled == 0 || clauses)
    }

    /// Nothing is due before the notice days since the last tightening are over. While they run, fewer
    /// notice days must not shorten them: people have been told a date. So the days now count from
    /// that much later.
    fn keeping_the_promise_of(self, before: &Self, zone: Zone, now: Instant) -> Self {
        let (Some(promised), Some(floor)) = (before.floor(zone), self.floor(zone)) else { return self };
        if promised <= floor || promised <= zone.date(now) {
            return self;
        }
        let notice = Days::new(u64::try_from(self.notice_days).unwrap_or_default());
        let since = promised.checked_sub_days(notice).map(|date| zone.start_of_day(date));
        Self { tightened_at: since.or(self.tightened_at), ..self }
    }
}
