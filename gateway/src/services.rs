//! The domain services one application serves.

use std::time::Duration;

use crm_contracts::Contracts;
use crm_customers::{CustomerSearch, Customers, Departures, Organizations};
use crm_db::Db;
use crm_feedback::Satisfactions;
use crm_records::{Demands, Follows, Potentials};
use crm_staff::{
    AuditTrail, Departments, Groups, Members, Menus, PasswordChanges, Passwords, SessionLimits, Sessions, SignIns,
};
use crm_stats::Stats;

use crate::Settings;

/// One of each service, over one database.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each field is the service of its type")]
pub struct Services {
    pub audit_trail: AuditTrail,
    pub contracts: Contracts,
    pub customer_search: CustomerSearch,
    pub customers: Customers,
    pub db: Db,
    pub demands: Demands,
    pub departments: Departments,
    pub departures: Departures,
    pub follows: Follows,
    pub groups: Groups,
    pub members: Members,
    pub menus: Menus,
    pub organizations: Organizations,
    pub passwords: PasswordChanges,
    pub potentials: Potentials,
    pub satisfactions: Satisfactions,
    pub sessions: Sessions,
    pub sign_ins: SignIns,
    pub stats: Stats,
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
            audit_trail: AuditTrail::new(db),
            contracts: Contracts::new(db),
            customer_search: CustomerSearch::new(db, settings.timezone),
            customers: Customers::new(db).with_approval(settings.customer_approval),
            db: db.clone(),
            demands: Demands::new(db),
            departments: Departments::new(db),
            departures: Departures::new(db),
            follows: Follows::new(db),
            groups: Groups::new(db),
            members: Members::new(db, &passwords, limits),
            menus: Menus::new(db),
            organizations: Organizations::new(db),
            passwords: PasswordChanges::new(db, &passwords),
            potentials: Potentials::new(db),
            satisfactions: Satisfactions::new(db),
            sessions: Sessions::new(db, limits),
            sign_ins: SignIns::new(db, &passwords, limits),
            stats: Stats::new(db),
        }
    }
}
