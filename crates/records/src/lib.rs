//! Potentials, follow-ups and demands: what the sales team does with its customers.
//!
//! [`Potentials`] keeps the large records (大的拜访记录): an organization somebody tries to win.
//! [`Follows`] keeps the visits and calls made for one, [`Demands`] what organizations ask for.
//! Every method takes the [`Caller`](crm_core::Caller) it works for, checks what that person may do
//! and see, and writes in one transaction together with its audit row. What a record leaves behind
//! elsewhere — the stage of the organization, the last follow-up of a customer — is written in that
//! transaction too.
//!
//! ```
//! use crm_core::{Caller, Page, Patch};
//! use crm_customers::{OrganizationInput, Organizations};
//! use crm_db::Db;
//! use crm_records::{FollowInput, Follows, PotentialFilter, PotentialInput, Potentials};
//! use crm_staff::{Passwords, administrators};
//!
//! # let folder = tempfile::tempdir()?;
//! # let url = format!("sqlite://{}/crm.db", folder.path().display());
//! let db = Db::open(&url)?;
//! db.migrate()?;
//! let admin = administrators::create(&db, &Passwords::new(4), "13800000000", Some("correct horse"))?;
//! let caller = Caller::administrator(admin.staff_id);
//!
//! let organization = Organizations::new(&db)
//!     .create(&caller, OrganizationInput { name: Patch::Value("国务院".into()), ..Default::default() })?;
//! let potential = Potentials::new(&db).create(
//!     &caller,
//!     PotentialInput {
//!         organization_id: organization.into(),
//!         director_id: caller.staff_id.into(),
//!         record_time: db.now().into(),
//!         ..Default::default()
//!     },
//! )?;
//! Follows::new(&db).create(
//!     &caller,
//!     FollowInput {
//!         potential_id: potential.into(),
//!         follower_ids: vec![caller.staff_id].into(),
//!         record_time: db.now().into(),
//!         gain: Patch::Value("约好下周见面".into()),
//!         ..Default::default()
//!     },
//! )?;
//!
//! let found = Potentials::new(&db).list(&caller, &PotentialFilter::default(), Page::first())?;
//! assert_eq!((found.rows[0].potential.status, found.rows[0].follow_count), (1, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod demand;
pub mod follow;
pub mod potential;

pub use demand::{Demand, DemandFilter, DemandInput, Demands};
pub use follow::{Follow, FollowFilter, FollowInput, Follows};
pub use potential::{POTENTIAL_ID_NAMES, Potential, PotentialFilter, PotentialInput, Potentials, Stage};

/// The status of a follow-up or demand that is live.
const LIVE: i16 = 0;
