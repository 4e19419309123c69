//! The domain services one application serves.

use std::time::Duration;

use crm_customers::{Customers, Departures, Organizations};
use crm_db::Db;
use crm_staff::{PasswordChanges, Passwords, SessionLimits, Sessions, SignIns};

use crate::Settings;

/// One of each service, over one database.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each field is the service of its type")]
pub struct Services {
    pub customers: Customers,
    pub db: Db,
    pub departures: Departures,
    pub organizations: Organizations,
    pub passwords: PasswordChanges,
    pub sessions: Sessions,
    pub sign_ins: SignIns,
}

impl Services {
    /// The services of this database under these settings.
    pub fn new(db: &Db, settings: &Settings) -> Self {
        let passwords = Passwords::new(settings.password_cost);
        let limits = SessionLimits {
            idle: Duration::from_secs(settings.session_idle_minutes * 60),
            absolute: Duration::from_secs(settings.session_max_days * 86_400),
            single: settings.single_session,
        };
        Self {
            customers: Customers::new(db),
            db: db.clone(),
            departures: Departures::new(db),
            organizations: Organizations::new(db),
            passwords: PasswordChanges::new(db, &passwords),
            sessions: Sessions::new(db, limits),
            sign_ins: SignIns::new(db, &passwords, limits),
        }
    }
}
