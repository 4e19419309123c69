//! A company with staff, organizations and customers to record things about.

#![allow(dead_code, reason = "each test file uses its own part of it")]
#![allow(clippy::print_stdout, reason = "shown only when a test fails: on which engine")]

use crm_core::{
    Caller, Clock, CustomerId, DepartmentId, FollowId, Instant, OrganizationId, PotentialId, Role, StaffId,
};
use crm_customers::{OrganizationInput, Organizations};
use crm_db::schema::{audit, customers, departments, organizations, staff};
use crm_db::testing::TestDb;
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
        let admin = Caller::administrator(person(db, "admin", Role::Administrator, None));
        test(&World { database, clock, admin, potentials, follows, demands });
    }
}

fn person(db: &Db, name: &str, role: Role, department: Option<DepartmentId>) -> StaffId {
    db.write(|conn| {
        Ok(diesel::insert_into(staff::table)
            .values((
                staff::phone.eq(name),
                staff::phone_key.eq(name),
                staff::real_name.eq(name),
                staff::password_hash.eq(""),
                staff::must_change_password.eq(false),
                staff::role_id.eq(role.id()),
                staff::department_id.eq(department),
                staff::sex.eq(3i16),
                staff::status.eq(1i16),
                staff::version.eq(1i64),
                staff::created_at.eq(day(0)),
                staff::updated_at.eq(day(0)),
            ))
            .returning(staff::id)
            .get_result(conn)?)
    })
    .expect("a person can be made")
}

impl World {
    pub(crate) fn db(&self) -> &Db {
        &self.database.db
    }

    pub(crate) fn person(&self, name: &str, department: Option<DepartmentId>) -> StaffId {
        person(self.db(), name, Role::Staff, department)
    }

    pub(crate) fn department(&self) -> DepartmentId {
        self.db()
            .write(|conn| {
                Ok(diesel::insert_into(departments::table)
                    .values((
                        departments::name.eq("销售部"),
                        departments::status.eq(1i16),
                        departments::version.eq(1i64),
                        departments::created_at.eq(day(0)),
                        departments::updated_at.eq(day(0)),
                    ))
                    .returning(departments::id)
                    .get_result(conn)?)
            })
            .expect("a department can be made")
    }

    pub(crate) fn organization(&self, name: &str) -> OrganizationId {
        let input = OrganizationInput { name: name.to_owned().into(), ..OrganizationInput::default() };
        Organizations::new(self.db()).create(&self.admin, input).expect("an organization can be made")
    }

    pub(crate) fn customer(&self, name: &str) -> CustomerId {
        self.customer_of(name, self.admin.staff_id)
    }

    pub(crate) fn customer_of(&self, name: &str, owner: StaffId) -> CustomerId {
        self.db()
            .write(|conn| {
                Ok(diesel::insert_into(customers::table)
                    .values((
                        customers::real_name.eq(name),
                        customers::sex.eq(3i16),
                        customers::level.eq(0i64),
                        customers::is_vip.eq(0i16),
                        customers::is_senior.eq(0i16),
                        customers::creator_id.eq(owner),
                        customers::owner_id.eq(owner),
                        customers::pool_times.eq(0i64),
                        customers::pool_type.eq(0i16),
                        customers::order_money.eq("0"),
                        customers::status.eq(1i16),
                        customers::version.eq(1i64),
                        customers::created_at.eq(day(0)),
                        customers::updated_at.eq(day(0)),
                    ))
                    .returning(customers::id)
                    .get_result(conn)?)
            })
            .expect("a customer can be made")
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
            follower_id: vec![self.admin.staff_id].into(),
            customers_id: customers.to_vec().into(),
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
