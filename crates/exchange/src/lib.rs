//! Import and export of organizations, customers and contracts as CSV and XLSX.
//!
//! [`Exchange`] reads and writes the files; every row goes through the service that keeps its kind of
//! record, with that service's validation, authorization, audit row and events. It knows files and no
//! HTTP: the gateway's routes and commands are two callers of the same methods. Memory is bounded
//! whatever the size of a file: rows are read, checked and written in batches.
//!
//! ```
//! use std::io::{Seek, Write};
//!
//! use crm_core::{Caller, Zone};
//! use crm_customers::CustomerFilter;
//! use crm_db::Db;
//! use crm_exchange::{CustomerTable, Exchange, Export, ImportOptions};
//! use crm_staff::{Passwords, administrators};
//!
//! # let folder = tempfile::tempdir()?;
//! # let url = format!("sqlite://{}/crm.db", folder.path().display());
//! let db = Db::open(&url)?;
//! db.migrate()?;
//! let access = administrators::create(&db, &Passwords::new(4), "13800000000", Some("correct horse"))?;
//! let caller = Caller::administrator(access.staff_id);
//! let exchange = Exchange::new(&db, Zone::default());
//!
//! let mut file = tempfile::tempfile()?;
//! file.write_all("客户姓名,手机号,客户单位\n李曦宁,138 0013 8000,工信部\n".as_bytes())?;
//! let options = ImportOptions { create_missing: true, ..ImportOptions::default() };
//! let report = exchange.import::<CustomerTable>(&caller, file, &options)?;
//! assert_eq!((report.added, report.failed), (1, 0));
//!
//! let mut written = Vec::new();
//! let export = Export::<CustomerTable>::new(CustomerFilter::default());
//! exchange.export(&caller, export)?.run(&mut written)?;
//! assert!(String::from_utf8(written)?.contains("李曦宁"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod export;
mod guard;
mod import;
mod read;
mod subject;
mod until;
mod watch;
mod write;

use crm_contracts::Contracts;
use crm_core::{Caller, Result, Zone};
use crm_customers::field::Fields;
use crm_customers::{Customers, Organizations};
use crm_db::Db;

pub use export::{Export, Exported, Headers};
pub use import::{ImportOptions, Limits, Mode, OnError, Report, RowError};
pub use read::Encoding;
pub use subject::{Column, ContractTable, CustomerTable, OrganizationTable, Subject};
use watch::Watch;
pub use write::Format;

/// Imports and exports.
#[derive(Clone, Debug)]
pub struct Exchange {
    db: Db,
    zone: Zone,
    contracts: Contracts,
    customers: Customers,
    fields: Fields,
    organizations: Organizations,
    watch: Watch,
}

impl Exchange {
    /// For the records of this database; local times are of `zone`.
    pub fn new(db: &Db, zone: Zone) -> Self {
        Self {
            db: db.clone(),
            zone,
            contracts: Contracts::new(db),
            customers: Customers::new(db),
            fields: Fields::new(db),
            organizations: Organizations::new(db),
            watch: Watch::default(),
        }
    }

    /// Refuses those who may not deal with these records at all.
    ///
    /// # Errors
    /// [`Error::Forbidden`](crm_core::Error::Forbidden) for them.
    pub fn admit<S: Subject>(&self, caller: &Caller) -> Result<()> {
        S::admit(caller)
    }

    /// The same, but customers are kept by this service: with the deployment's rules for new ones.
    #[must_use]
    pub fn with_customers(self, customers: Customers) -> Self {
        Self { customers, ..self }
    }

    /// The same, but `told` hears now and then how many rows of how many are done. What is counted for it
    /// is not counted otherwise.
    #[must_use]
    pub fn watched_by(self, told: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        Self { watch: Watch::by(told), ..self }
    }
}
