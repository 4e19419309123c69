//! Satisfaction: what customers think of what was done.
//!
//! [`Satisfactions`] keeps the records. Every method takes the [`Caller`](crm_core::Caller) it works
//! for, checks what that person may do and see, and writes in one transaction together with its
//! audit row.
//!
//! ```
//! use crm_core::{Caller, Page, Patch};
//! use crm_customers::{OrganizationInput, Organizations};
//! use crm_db::Db;
//! use crm_feedback::{SatisfactionFilter, SatisfactionInput, Satisfactions};
//! use crm_staff::{Passwords, administrators};
//!
//! # let folder = tempfile::tempdir()?;
//! # let url = format!("sqlite://{}/crm.db", folder.path().display());
//! let db = Db::open(&url)?;
//! db.migrate()?;
//! let access = administrators::create(&db, &Passwords::new(4), "13800000000", None)?;
//! let caller = Caller::administrator(access.staff_id);
//! let organization = Organizations::new(&db)
//!     .create(&caller, OrganizationInput { name: Patch::Value("国务院".into()), ..Default::default() })?;
//!
//! let satisfactions = Satisfactions::new(&db);
//! satisfactions.create(
//!     &caller,
//!     SatisfactionInput {
//!         organization_id: Patch::Value(organization),
//!         value: Patch::Value(4),
//!         record_time: Patch::Value(db.now()),
//!         ..Default::default()
//!     },
//! )?;
//! let found = satisfactions.list(&caller, &SatisfactionFilter::default(), Page::first())?;
//! assert_eq!(found.rows[0].satisfaction.value, 4);
//! assert_eq!(found.rows[0].organization_name.as_deref(), Some("国务院"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod satisfaction;

pub use satisfaction::{Satisfaction, SatisfactionFilter, SatisfactionInput, SatisfactionListing, Satisfactions};
