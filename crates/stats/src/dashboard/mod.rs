//! The dashboard: how many customers and WeCom contacts there are, came and went (vendor-surfaces §2).
//!
//! What came and went is counted by whose it became or was when it happened, from the events: each
//! customer or contact once per period, however often it came or went. A customer that passes from one
//! person to another is new for the other and a loss for nobody.

mod closed;
mod period;
mod repository;
mod selection;

use std::sync::Arc;

use crm_core::{Caller, DepartmentId, Instant, Result, StaffId, Zone};
use crm_customers::pool;
use crm_db::Db;

use closed::Closed;
pub use period::{Period, PeriodKind};

/// What is asked of the dashboard.
#[derive(Clone, Debug, Default)]
pub struct DashboardQuery {
    /// How long a period is.
    pub kind: PeriodKind,
    /// A moment of the period that is shown; now by default.
    pub at: Option<Instant>,
    /// Only what is of people of this department or below it.
    pub department_id: Option<DepartmentId>,
    /// Only what is this person's.
    pub subordinate_id: Option<StaffId>,
}

/// The numbers of one kind of thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// How many there are now.
    pub total: i64,
    /// How many came in each of the periods.
    pub came: [i64; 7],
    /// How many went in the period before the one that is shown, and in that one.
    pub went: [i64; 2],
}

/// The dashboard, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DashboardNumbers {
    /// The seven periods that end with the one that is shown, oldest first.
    pub periods: [Period; 7],
    /// Whether the one that is shown is going on now.
    pub is_current: bool,
    /// Customers.
    pub crm: Numbers,
    /// WeCom contacts.
    pub wechat: Numbers,
    /// How many customers go back to the public pool today or tomorrow, as things are.
    pub soon_lost: i64,
}

/// Works out the dashboard, and keeps in memory what is over; cloning shares that. It is for staff and administrators: correspondents are refused.
#[derive(Clone, Debug)]
pub struct Dashboard {
    db: Db,
    zone: Zone,
    closed: Arc<Closed>,
}

impl Dashboard {
    /// The dashboard of this database, with the days of this zone.
    pub fn new(db: &Db, zone: Zone) -> Self {
        Self { db: db.clone(), zone, closed: Arc::default() }
    }

    /// The numbers of the people in the caller's scope, of the department and the person asked for. A
    /// fixed number of statements.
    ///
    /// # Errors
    /// [`crm_core::Error::Forbidden`] for correspondents, [`crm_core::Error::Invalid`] for a department
    /// that is not there or in which the caller sees nobody's rows, and for a person whose rows the
    /// caller does not see.
    pub fn read(&self, caller: &Caller, query: &DashboardQuery) -> Result<DashboardNumbers> {
        caller.require_staff()?;
        let now = self.db.now();
        let current = Period::containing(query.kind, self.zone.date(now));
        let shown = Period::containing(query.kind, self.zone.date(query.at.unwrap_or(now)));
        let periods = shown.seven();
        let borders = Borders::of(&periods, self.zone);
        self.db.read(|conn| {
            let people = selection::check(conn, caller, query)?;
            let memory = self.closed.look(conn, now)?;
            let crm = repository::numbers(conn, &repository::customers(), &people, &borders, Some(&memory))?;
            // WeCom tells of what happened as late as it likes.
            let wechat = repository::numbers(conn, &repository::contacts(), &people, &borders, None)?;
            let due = pool::rule(conn)?.soon_lost(self.zone, now);
            let soon_lost = repository::soon_lost(conn, due, &people)?;
            Ok(DashboardNumbers { periods, is_current: shown == current, crm, wechat, soon_lost })
        })
    }
}

/// The first seconds of the periods, and of the one after.
struct Borders([Instant; 8]);

impl Borders {
    fn of(periods: &[Period; 7], zone: Zone) -> Self {
        let [one, two, three, four, five, six, seven] = periods.map(|period| period.start(zone));
        let [.., last] = periods;
        Self([one, two, three, four, five, six, seven, last.next().start(zone)])
    }
}
