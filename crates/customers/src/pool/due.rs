//! What is soon due: the customers the rule announces.

use chrono::Days;
use crm_core::{Caller, CustomerId, DepartmentId, Instant, Page, Paged, Problems, Result, StaffId};
use crm_db::schema::customers;
use crm_db::{Backend, Conn, Predicate, members, people};
use crm_staff::people::departments_below;
use diesel::prelude::*;

use super::rule::OPEN;
use super::{Outlook, Pool, PoolRule};
use crate::CustomerListing;
use crate::customer::{listings, shown, visible};

/// Which of the customers that are soon due a list shows.
#[derive(Clone, Debug, Default)]
pub struct DueFilter {
    /// Those with at most so many days left, instead of the notice days of the rule.
    pub days: Option<i64>,
    /// This one alone.
    pub id: Option<CustomerId>,
    /// Those of this person.
    pub owner_id: Option<StaffId>,
    /// Those of somebody in this department or below it.
    pub department_id: Option<DepartmentId>,
    /// Those whose owner is somebody whose rows the caller sees: what the dashboard counts.
    pub owned: bool,
}

/// A customer that is soon due.
#[derive(Clone, Debug, PartialEq)]
pub struct DueListing {
    /// The customer, as other lists show it.
    pub listing: CustomerListing,
    /// When it is due.
    pub outlook: Outlook,
}

impl Pool {
    /// The customers the caller sees that the rule announces, those longest with their owner first.
    ///
    /// # Errors
    /// [`Error::Invalid`](crm_core::Error::Invalid) for days below 0.
    pub fn due(&self, caller: &Caller, filter: &DueFilter, page: Page) -> Result<Paged<DueListing>> {
        let mut problems = Problems::default();
        if let Some(days) = filter.days {
            problems.range("days", days, 0, i64::MAX);
        }
        problems.finish()?;
        let now = self.db.now();
        self.db.read(|conn| {
            let rule = super::rule(conn)?;
            self.announced(conn, caller, &rule, filter, now, page)
        })
    }

    /// The same under any rule.
    pub(super) fn announced(
        &self,
        conn: &mut Conn,
        caller: &Caller,
        rule: &PoolRule,
        filter: &DueFilter,
        now: Instant,
        page: Page,
    ) -> Result<Paged<DueListing>> {
        let Some(due) = self.due_within(rule, filter.days, now) else { return Ok(Paged::empty()) };
        let departments = match filter.department_id {
            Some(department) => Some(departments_below(conn, &[department])?),
            None => None,
        };
        let filtered = || filtered(caller, filter, departments.as_deref(), due.clone());
        let total = filtered().count().get_result(conn)?;
        let found = Paged::load(total, page, || {
            filtered()
                .order((customers::assigned_at, customers::id))
                .limit(page.count())
                .offset(page.offset())
                .select(customers::id)
                .load::<CustomerId>(conn)
        })?;
        let rows = shown::of_all(conn, &found.rows)?;
        // Only those in an open stage are due at all.
        let outlooks: Vec<Outlook> = rows.iter().map(|row| rule.outlook(self.zone, now, &row.customer, OPEN)).collect();
        let rows = listings(conn, caller, rows)?
            .into_iter()
            .zip(outlooks)
            .map(|(listing, outlook)| DueListing { listing, outlook });
        Ok(Paged { rows: rows.collect(), total })
    }

    fn due_within(&self, rule: &PoolRule, days: Option<i64>, now: Instant) -> Option<Predicate> {
        let Some(days) = days else { return rule.coming_free(self.zone, now) };
        let days = Days::new(u64::try_from(days).unwrap_or_default());
        rule.due_by(self.zone, self.zone.date(now).checked_add_days(days)?)
    }
}

fn filtered<'a>(
    caller: &Caller,
    filter: &DueFilter,
    departments: Option<&[DepartmentId]>,
    due: Predicate,
) -> customers::BoxedQuery<'a, Backend> {
    let mut query = customers::table.filter(due).into_boxed::<Backend>();
    if let Some(visible) = visible(caller) {
        query = query.filter(visible);
    }
    if let Some(id) = filter.id {
        query = query.filter(customers::id.eq(id));
    }
    if let Some(owner) = filter.owner_id {
        query = query.filter(customers::owner_id.eq(owner));
    }
    if let Some(departments) = departments {
        query = query.filter(members("customers.owner_id", departments));
    }
    if filter.owned {
        query = query.filter(people(caller, "customers.owner_id"));
    }
    query
}
