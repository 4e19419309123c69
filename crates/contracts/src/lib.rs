//! Contracts: what customers have signed, and for how much.
//!
//! [`Contracts`] keeps them. Every method takes the [`Caller`](crm_core::Caller) it works for, checks
//! what that person may do and see, and writes in one transaction together with its audit row and
//! the deal stamps of the customers concerned.
//!
//! ```
//! use crm_contracts::{ContractFilter, ContractInput, Contracts};
//! use crm_core::{Caller, Page, Patch};
//! use crm_customers::{OrganizationInput, Organizations};
//! use crm_db::Db;
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
//! let contracts = Contracts::new(&db);
//! contracts.create(
//!     &caller,
//!     ContractInput {
//!         name: Patch::Value("天下第一合同".into()),
//!         organization_id: Patch::Value(organization),
//!         sign_time: Patch::Value(db.now()),
//!         amount: Patch::Value("112.00".parse()?),
//!         ..Default::default()
//!     },
//! )?;
//! let found = contracts.list(&caller, &ContractFilter::default(), Page::first())?;
//! assert_eq!(found.rows[0].contract.amount.map(|amount| amount.to_string()).as_deref(), Some("112.00"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod contract;

pub use contract::{Contract, ContractFilter, ContractInput, ContractListing, Contracts};
