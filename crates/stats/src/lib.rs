//! Read-only aggregates over the other crates' records, per organization.
//!
//! [`Stats`] counts and adds up what the [`Caller`] may see, in the database. [`Dashboard`] counts customers and WeCom
//! contacts by period. Nothing here writes.
//!
//! ```
//! use crm_contracts::{ContractInput, Contracts};
//! use crm_core::{Caller, Page, Patch};
//! use crm_customers::{OrganizationInput, Organizations};
//! use crm_db::Db;
//! use crm_staff::{Passwords, administrators};
//! use crm_stats::{Stats, StatsFilter};
//!
//! # let folder = tempfile::tempdir()?;
//! # let url = format!("sqlite://{}/crm.db", folder.path().display());
//! let db = Db::open(&url)?;
//! db.migrate()?;
//! let access = administrators::create(&db, &Passwords::new(4), "13800000000", None)?;
//! let caller = Caller::administrator(access.staff_id);
//! let organization = Organizations::new(&db)
//!     .create(&caller, OrganizationInput { name: Patch::Value("国务院".into()), ..Default::default() })?;
//! for amount in ["112.00", "0.50"] {
//!     let contract = ContractInput {
//!         name: Patch::Value("合同".into()),
//!         organization_id: Patch::Value(organization),
//!         sign_time: Patch::Value(db.now()),
//!         amount: Patch::Value(amount.parse()?),
//!         ..Default::default()
//!     };
//!     Contracts::new(&db).create(&caller, contract)?;
//! }
//!
//! let signed = Stats::new(&db).sign(&caller, &StatsFilter::default(), Page::first())?;
//! assert_eq!(signed.rows[0].organization_id, Some(organization));
//! assert_eq!(signed.rows[0].amount.to_string(), "112.50");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod dashboard;
mod model;
mod repository;

use crm_core::{Caller, Page, Paged, Result};
use crm_db::Db;

pub use dashboard::{Dashboard, DashboardQuery};
pub use model::{Average, Demanded, Followed, Satisfied, Signed, StatsFilter};

/// Works out statistics. They are for staff and administrators: correspondents are refused.
#[derive(Clone, Debug)]
pub struct Stats {
    db: Db,
}

impl Stats {
    /// The statistics of this database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// Live contracts by sign time: the groups whose earliest is the newest come first.
    ///
    /// # Errors
    /// [`crm_core::Error::Forbidden`] for correspondents.
    pub fn sign(&self, caller: &Caller, filter: &StatsFilter, page: Page) -> Result<Paged<Signed>> {
        caller.require_staff()?;
        self.db.read(|conn| repository::sign(conn, caller, filter, page))
    }

    /// Live demands by record time, the largest groups first.
    ///
    /// # Errors
    /// As [`Stats::sign`].
    pub fn demand(&self, caller: &Caller, filter: &StatsFilter, page: Page) -> Result<Paged<Demanded>> {
        caller.require_staff()?;
        self.db.read(|conn| repository::demand(conn, caller, filter, page))
    }

    /// Live follow-ups of live potentials by record time, the largest groups first.
    ///
    /// # Errors
    /// As [`Stats::sign`].
    pub fn follow(&self, caller: &Caller, filter: &StatsFilter, page: Page) -> Result<Paged<Followed>> {
        caller.require_staff()?;
        self.db.read(|conn| repository::follow(conn, caller, filter, page))
    }

    /// Live satisfaction records by record time, the largest groups first.
    ///
    /// # Errors
    /// As [`Stats::sign`].
    pub fn satisfy(&self, caller: &Caller, filter: &StatsFilter, page: Page) -> Result<Paged<Satisfied>> {
        caller.require_staff()?;
        self.db.read(|conn| repository::satisfy(conn, caller, filter, page))
    }
}
