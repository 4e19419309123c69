//! Organizations and customers: who the sales team deals with, and whose they are.
//!
//! [`Organizations`] keeps the companies, [`Customers`] the people; [`Departures`] deletes members
//! of staff and puts their customers into the public pool. What people attach to customers is kept by
//! [`Contacts`], [`CustomerLabels`] and [`Teams`]; what they choose from, by [`Choices`] (stages,
//! sources, categories), [`ProductLines`], [`LabelGroups`] and [`Fields`]. [`WecomContacts`] keeps the
//! contacts staff have at WeCom. Every method takes the
//! [`Caller`](crm_core::Caller) it works for, checks what that person may do and see, and writes in
//! one transaction together with its audit row, and what changes of owner or pool also with its row
//! of [`events`]. The functions in [`references`] and [`stamps`] are for the crates whose records
//! point at organizations and customers.
//!
//! ```
//! use crm_core::{Caller, Page};
//! use crm_customers::{CustomerFilter, CustomerInput, Customers, OrganizationInput, Organizations};
//! use crm_db::Db;
//! use crm_staff::{Passwords, administrators};
//!
//! # let folder = tempfile::tempdir()?;
//! # let url = format!("sqlite://{}/crm.db", folder.path().display());
//! let db = Db::open(&url)?;
//! db.migrate()?;
//! // Who the program works for: here the administrator, elsewhere whoever asks it.
//! let administrator = administrators::create(&db, &Passwords::new(4), "13800000000", Some("correct horse"))?;
//! let caller = Caller::administrator(administrator.staff_id);
//!
//! let ministry = Organizations::new(&db)
//!     .create(&caller, OrganizationInput { name: "工信部".to_owned().into(), ..OrganizationInput::default() })?;
//! let customers = Customers::new(&db);
//! customers.create(
//!     &caller,
//!     CustomerInput {
//!         real_name: "王小伟".to_owned().into(),
//!         organization_ids: vec![ministry].into(),
//!         ..CustomerInput::default()
//!     },
//! )?;
//!
//! let filter = CustomerFilter { name: Some("伟".into()), ..CustomerFilter::default() };
//! let found = customers.list(&caller, &filter, Page::first())?;
//! assert_eq!(found.total, 1);
//! let found = found.rows.first().ok_or("the customer is found")?;
//! assert_eq!(found.organization_names, ["工信部"]);
//! assert_eq!(found.customer.holding.owner_id, Some(caller.staff_id));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod address;
pub mod contact;
pub mod customer;
mod departure;
pub mod events;
pub mod field;
pub mod label;
mod leaders;
pub mod lookup;
pub mod options;
pub mod organization;
pub mod pool;
pub mod product_line;
pub mod references;
pub mod search;
mod setup;
pub mod stamps;
pub mod team;
pub mod wecom;

pub use address::{Address, AddressInput};
pub use contact::Contacts;
pub use customer::{
    Customer, CustomerDetail, CustomerFilter, CustomerInput, CustomerListing, Customers, Details, mask_phone,
};
pub use departure::{Departures, release_all_of};
pub use field::Fields;
pub use label::{CustomerLabels, LabelGroups};
pub use options::Choices;
pub use organization::{Organization, OrganizationFilter, OrganizationInput, Organizations};
pub use product_line::ProductLines;
pub use search::{CustomerSearch, SearchFilter};
pub use team::Teams;
pub use wecom::{WecomContacts, WecomFilter, WecomInput};
