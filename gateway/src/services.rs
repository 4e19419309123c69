//! The domain services one application serves.

use std::time::Duration;

use crm_contracts::Contracts;
use crm_core::{CategoryId, SourceId, StageId};
use crm_customers::pool::Pool;
use crm_customers::{
    Choices, Contacts, CustomerLabels, CustomerSearch, Customers, Departures, Details, Fields, LabelGroups,
    Organizations, ProductLines, Teams, WecomContacts, options,
};
use crm_db::Db;
use crm_feedback::Satisfactions;
use crm_records::{Demands, Follows, Potentials};
use crm_staff::{
    AuditTrail, Departments, Groups, Members, Menus, PasswordChanges, Passwords, SessionLimits, Sessions, SignIns,
};
use crm_stats::{Dashboard, Stats};

use crate::Settings;

/// One of each service, over one database.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each field is the service of its type")]
pub struct Services {
    pub audit_trail: AuditTrail,
    pub categories: Choices<CategoryId>,
    pub contacts: Contacts,
    pub contracts: Contracts,
    pub customer_labels: CustomerLabels,
    pub customer_search: CustomerSearch,
    pub customers: Customers,
    pub dashboard: Dashboard,
    pub db: Db,
    pub demands: Demands,
    pub departments: Departments,
    pub departures: Departures,
    pub details: Details,
    pub fields: Fields,
    pub follows: Follows,
    pub groups: Groups,
    pub label_groups: LabelGroups,
    pub members: Members,
    pub menus: Menus,
    pub organizations: Organizations,
    pub passwords: PasswordChanges,
    pub pool: Pool,
    pub potentials: Potentials,
    pub product_lines: ProductLines,
    pub satisfactions: Satisfactions,
    pub sessions: Sessions,
    pub sign_ins: SignIns,
    pub sources: Choices<SourceId>,
    pub stages: Choices<StageId>,
    pub stats: Stats,
    pub teams: Teams,
    pub wecom_contacts: WecomContacts,
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
            categories: Choices::new(db, options::CATEGORIES),
            contacts: Contacts::new(db),
            contracts: Contracts::new(db),
            customer_labels: CustomerLabels::new(db),
            customer_search: CustomerSearch::new(db, settings.timezone),
            customers: Customers::new(db).with_approval(settings.customer_approval),
            dashboard: Dashboard::new(db, settings.timezone),
            db: db.clone(),
            demands: Demands::new(db),
            departments: Departments::new(db),
            departures: Departures::new(db),
            details: Details::new(db, settings.timezone),
            fields: Fields::new(db),
            follows: Follows::new(db),
            groups: Groups::new(db),
            label_groups: LabelGroups::new(db),
            members: Members::new(db, &passwords, limits),
            menus: Menus::new(db),
            organizations: Organizations::new(db),
            passwords: PasswordChanges::new(db, &passwords),
            pool: Pool::new(db, settings.timezone),
            potentials: Potentials::new(db),
            product_lines: ProductLines::new(db),
            satisfactions: Satisfactions::new(db),
            sessions: Sessions::new(db, limits),
            sign_ins: SignIns::new(db, &passwords, limits),
            sources: Choices::new(db, options::SOURCES),
            stages: Choices::new(db, options::STAGES),
            stats: Stats::new(db),
            teams: Teams::new(db),
            wecom_contacts: WecomContacts::new(db),
        }
    }
}
