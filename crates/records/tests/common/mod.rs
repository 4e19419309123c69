//! A company with staff, organizations and customers to record things about.

#![allow(dead_code, reason = "each test file uses its own part of it")]
#![allow(clippy::print_stdout, reason = "shown only when a test fails: on which engine")]

use crm_core::{
    Caller, Clock, CustomerId, DepartmentId, FollowId, Instant, OrganizationId, PotentialId, Role, StaffId,
};
use crm_customers::{OrganizationInput, Organizations};
use crm_db::schema::{audit, customers, organizations};
use crm_db::testing::{TestDb, rows};
use crm_db::{Db, Engine, Options};
use crm_records::{Demands, FollowInput, Follows, PotentialInput, Potentials};
use diesel::prelude::*;

/// The moment this many days after every test's clock starts.
pub(crate) fn day(number: i64) -> Instant {
    Instant::from_unix(1_772_416_800).plus_seconds(number * 86_400)
}

/// An empty company on a database of its own.
pub(crate) struct World {
    pub(crate) database: TestDb,
    pub(crate) clock: Clock,
    pub(crate) admin: Caller,
    pub(crate) potentials: Potentials,
    pub(crate) follows: Follows,
    pub(crate) demands: Demands,
}

/// Runs `test` in a new world on each engine that is there.
pub(crate) fn on_each_engine(test: impl Fn(&World)) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let clock = Clock::manual(day(0));
        let options = Options { pool_size: 8, clock: clock.clone(), ..Options::default() };
        let Some(database) = TestDb::with_options(engine, options) else { continue };
        println!("on {engine:?}");
        let db = &database.db;
        let (potentials, follows, demands) = (Potentials::new(db), Follows::new(db), Demands::new(db));
        let admin = Caller::administrator(rows::person(db, "admin", "admin", Role::Administrator, None));
        test(&World { database, clock, admin, potentials, follows, demands });
    }
}

impl World {
    pub(crate) fn db(&self) -> &Db {
        &self.database.db
    }

    pub(crate) fn person(&self, name: &str, department: Option<DepartmentId>) -> StaffId {
        rows::person(self.db(), name, name, Role::Staff, department)
    }

    pub(crate) fn department(&self) -> DepartmentId {
        rows::department(self.db(), "销售部")
    }

    pub(crate) fn organization(&self, name: &str) -> OrganizationId {
        let input = OrganizationInput { name: name.to_owned().into(), ..OrganizationInput::default() };
        Organizations::new(self.db()).create(&self.admin, input).expect("an organization can be made")
    }

    pub(crate) fn customer(&self, name: &str) -> CustomerId {
        self.customer_of(name, self.admin.staff_id)
    }

    pub(crate) fn customer_of(&self, name: &str, owner: StaffId) -> CustomerId {
        rows::customer(self.db(), name, owner)
    }

    /// A potential of this organization, entered and directed by the administrator.
    pub(crate) fn potential(&self, organization: OrganizationId, at: Instant) -> PotentialId {
        let input = PotentialInput {
            organization_id: organization.into(),
            director_id: self.admin.staff_id.into(),
            record_time: at.into(),
            ..PotentialInput::default()
        };
        self.potentials.create(&self.admin, input).expect("a potential can be entered")
    }

    /// What a follow-up of the administrator says.
    pub(crate) fn follow_input(&self, potential: PotentialId, at: Instant, customers: &[CustomerId]) -> FollowInput {
        FollowInput {
            potential_id: potential.into(),
            follower_ids: vec![self.admin.staff_id].into(),
            customer_ids: customers.to_vec().into(),
            record_time: at.into(),
            ..FollowInput::default()
        }
    }

    pub(crate) fn follow(&self, potential: PotentialId, at: Instant, customers: &[CustomerId]) -> FollowId {
        self.follows
            .create(&self.admin, self.follow_input(potential, at, customers))
            .expect("a follow-up can be recorded")
    }

    /// The status of an organization.
    pub(crate) fn stage(&self, id: OrganizationId) -> i16 {
        let query = organizations::table.filter(organizations::id.eq(id)).select(organizations::status);
        self.db().read(|conn| Ok(query.first(conn)?)).expect("the organization is there")
    }

    /// What follow-ups left on a customer.
    pub(crate) fn stamp(&self, id: CustomerId) -> (Option<Instant>, Option<String>) {
        let stamp = (customers::last_follow_at, customers::last_follow_log);
        let query = customers::table.filter(customers::id.eq(id)).select(stamp);
        self.db().read(|conn| Ok(query.first(conn)?)).expect("the customer is there")
    }

    /// Marks a row of one of the three tables that records point at as deleted.
    pub(crate) fn mark_deleted(&self, table: &str, id: i64) {
        let text = format!("UPDATE {table} SET status = -1 WHERE id = {id}");
        self.db().write(|conn| Ok(diesel::sql_query(text).execute(conn)?)).expect("it can be marked");
    }

    /// The audit trail of one record: action, before, after.
    pub(crate) fn trail(&self, record: &str, id: i64) -> Vec<(String, Option<String>, Option<String>)> {
        let query = audit::table
            .filter(audit::record.eq(record).and(audit::record_id.eq(id)))
            .order(audit::id)
            .select((audit::action, audit::before, audit::after));
        self.db().read(|conn| Ok(query.load(conn)?)).expect("the trail can be read")
    }
}
