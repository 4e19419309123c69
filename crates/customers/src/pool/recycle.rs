//! The background task that puts what is due into the public pool.

use std::collections::HashMap;

use crm_core::{CustomerId, Instant, Result, StageId};
use crm_db::schema::{customer_stages, customers};
use crm_db::{Backend, Conn, Predicate, RowOf, among, lease};
use diesel::prelude::*;

use super::moves::Change;
use super::rule::Clause;
use super::{Pool, PoolRule};
use crate::Customer;
use crate::events::Kind;

/// The lease under which one process of many recycles.
const LEASE: &str = "pool";
/// How long a process that died keeps the others from it, in seconds.
const LEASE_SECONDS: i64 = 60;
/// Customers of one transaction. SQLite has one writer: it must not be kept long from the others.
const BATCH: i64 = 100;
/// How a customer came into the pool: by the system.
const RECYCLED: i16 = 1;

/// What one transaction did.
struct Batch {
    recycled: u64,
    /// The last one looked at; `None` when there are no more.
    last: Option<CustomerId>,
}

impl Pool {
    /// Puts every customer that is due into the public pool and tells how many, unless another
    /// `holder` is at it. Whoever dies in the middle leaves nothing half done: each batch is one
    /// transaction, and after a minute another may go on.
    ///
    /// # Errors
    /// What the database answers; what was done before stays done.
    pub fn recycle_due(&self, holder: &str) -> Result<u64> {
        // Most runs find nothing: they only read.
        if !self.db.read(|conn| self.has_work(conn, holder))? {
            return Ok(0);
        }
        let mut recycled = 0;
        let mut after = CustomerId(0);
        while self.db.write(|conn| lease::take(conn, LEASE, holder, LEASE_SECONDS))? {
            let batch = self.recycle_batch(after)?;
            recycled += batch.recycled;
            let Some(last) = batch.last else {
                self.db.write(|conn| lease::give_back(conn, LEASE, holder))?;
                break;
            };
            after = last;
        }
        Ok(recycled)
    }

    fn has_work(&self, conn: &mut Conn, holder: &str) -> Result<bool> {
        let rule = super::rule(conn)?;
        let Some(due) = self.due_now(&rule, self.db.now()) else { return Ok(false) };
        let first: Option<CustomerId> =
            customers::table.filter(due).into_boxed::<Backend>().select(customers::id).first(conn).optional()?;
        Ok(first.is_some() && !lease::is_held_by_another(conn, LEASE, holder)?)
    }

    fn due_now(&self, rule: &PoolRule, now: Instant) -> Option<Predicate> {
        rule.due_by(self.zone, self.zone.date(now))
    }

    /// Recycles the next ones behind this one.
    fn recycle_batch(&self, after: CustomerId) -> Result<Batch> {
        let now = self.db.now();
        self.db.write(|conn| {
            // Once a change of the rule is answered, nothing goes by the old one.
            conn.hold_row(RowOf::PoolRule, 1)?;
            let rule = super::rule(conn)?;
            let Some(due) = self.due_now(&rule, now) else { return Ok(Batch { recycled: 0, last: None }) };
            let ids = candidates(conn, due, after)?;
            let locked = lock(conn, &ids)?;
            let outcomes = outcomes(conn)?;
            let found: Vec<Customer> = customers::table
                .filter(among(customers::id, locked))
                .order(customers::id)
                .select(Customer::as_select())
                .load(conn)?;
            let mut recycled = 0;
            for customer in found {
                let outcome = outcomes.get(&customer.progress.stage_id).copied();
                let due = outcome.and_then(|outcome| rule.due(self.zone, &customer, outcome));
                if let Some((_, clause)) = due.filter(|(date, _)| *date <= self.zone.date(now)) {
                    recycle(conn, &rule, &customer, clause, now)?;
                    recycled += 1;
                }
            }
            Ok(Batch { recycled, last: ids.last().copied() })
        })
    }
}

/// The next candidates behind this one, in the order of their ids.
fn candidates(conn: &mut Conn, due: Predicate, after: CustomerId) -> Result<Vec<CustomerId>> {
    Ok(customers::table
        .filter(due)
        .filter(customers::id.gt(after))
        .into_boxed::<Backend>()
        .order(customers::id)
        .limit(BATCH)
        .select(customers::id)
        .load(conn)?)
}

/// Locks these in the order of their ids, and tells which. One that somebody is just writing about is
/// left to the next run: what they write may well be the follow-up that saves it.
fn lock(conn: &mut Conn, ids: &[CustomerId]) -> Result<Vec<CustomerId>> {
    match conn {
        // The transaction is the only one that writes.
        Conn::Sqlite(_) => Ok(ids.to_vec()),
        Conn::Pg(conn) => Ok(customers::table
            .filter(customers::id.eq_any(ids))
            .order(customers::id)
            .select(customers::id)
            .for_no_key_update()
            .skip_locked()
            .load(conn)?),
    }
}

fn outcomes(conn: &mut Conn) -> Result<HashMap<StageId, i16>> {
    let rows: Vec<(StageId, i16)> =
        customer_stages::table.select((customer_stages::id, customer_stages::outcome)).load(conn)?;
    Ok(rows.into_iter().collect())
}

fn recycle(conn: &mut Conn, rule: &PoolRule, customer: &Customer, clause: Clause, now: Instant) -> Result<()> {
    let reason = match clause {
        Clause::Contact => format!("超过{}天未跟进", rule.contact_days),
        Clause::Deal => format!("超过{}天未成交", rule.deal_days),
    };
    let change = Change { caller: None, action: "recycle", kind: Kind::Recycled, reason: Some(&reason), at: now };
    let holding = customer.holding.clone().pooled(RECYCLED, now);
    change.write(conn, customer, Customer { holding, ..customer.clone() })
}
