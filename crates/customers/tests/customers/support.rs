//! People to call as, and short ways to say what a test needs.

use crm_core::{
    Caller, CustomerId, DepartmentId, Error, OrganizationId, Page, Patch, Role, Scope, StaffId, StatusFilter,
};
use crm_customers::{CustomerFilter, CustomerInput, CustomerListing, Customers, OrganizationInput, Organizations};
use crm_db::Db;
use crm_db::schema::{audit, customer_events, customers};
use crm_db::testing::TestDb;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

pub(crate) const ADMIN: StaffId = StaffId(1);
/// A member of staff in department 2, below department 1.
pub(crate) const ANNA: StaffId = StaffId(2);
/// A colleague of Anna's in the same department.
pub(crate) const BERT: StaffId = StaffId(3);
/// A member of staff in department 3, beside the others.
pub(crate) const CARL: StaffId = StaffId(4);
/// The leader of department 1, in none.
pub(crate) const LEA: StaffId = StaffId(5);
/// A correspondent.
pub(crate) const CORA: StaffId = StaffId(6);

/// The services over one database with the people above.
pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) customers: Customers,
    pub(crate) organizations: Organizations,
}

/// An event of a customer: kind, actor, from, to, reason.
pub(crate) type Event = (String, Option<StaffId>, Option<String>, Option<String>, Option<String>);

/// An audit row: action, who, before, after.
pub(crate) type Deed = (String, Option<i64>, String, String);
type StoredDeed = (String, Option<i64>, Option<String>, Option<String>);

pub(crate) fn on_each_engine(test: impl Fn(&World)) {
    crm_db::testing::on_each_engine(|database: &TestDb| test(&World::over(&database.db)));
}

fn people() -> String {
    let at = "1, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'";
    let mut sql = String::new();
    for (id, parent) in [(1, "NULL"), (2, "1"), (3, "NULL")] {
        sql += &format!(
            "INSERT INTO departments (id, name, parent_id, status, version, created_at, updated_at) \
             VALUES ({id}, 'd{id}', {parent}, {at});"
        );
    }
    for (id, name, role, department) in [
        (1, "admin", 1, "NULL"),
        (2, "anna", 2, "2"),
        (3, "bert", 2, "2"),
        (4, "carl", 2, "3"),
        (5, "lea", 2, "NULL"),
        (6, "cora", 3, "NULL"),
    ] {
        sql += &format!(
            "INSERT INTO staff (id, phone, phone_key, password_hash, must_change_password, role_id, real_name, \
             department_id, sex, status, version, created_at, updated_at) \
             VALUES ({id}, '1380000000{id}', '1380000000{id}', '', FALSE, {role}, '{name}', {department}, 3, {at});"
        );
    }
    sql + "UPDATE departments SET leader_id = 5 WHERE id = 1;"
}

pub(crate) fn admin() -> Caller {
    Caller::administrator(ADMIN)
}

/// Somebody who sees only what is their own.
pub(crate) fn own(person: StaffId) -> Caller {
    Caller::new(person, Role::Staff, Scope::Own)
}

/// Somebody who sees these departments.
pub(crate) fn of_departments(person: StaffId, departments: &[i64]) -> Caller {
    let departments = departments.iter().map(|id| DepartmentId(*id)).collect();
    Caller::new(person, Role::Staff, Scope::Departments(departments))
}

pub(crate) fn sees_all(person: StaffId) -> Caller {
    Caller::new(person, Role::Staff, Scope::All)
}

pub(crate) fn correspondent() -> Caller {
    Caller::new(CORA, Role::Correspondent, Scope::All)
}

/// A customer of this name and nothing else.
pub(crate) fn named(name: &str) -> CustomerInput {
    CustomerInput { real_name: name.to_owned().into(), ..CustomerInput::default() }
}

/// A customer of this name for the public pool.
pub(crate) fn pooled(name: &str) -> CustomerInput {
    CustomerInput { owner_id: Patch::Null, phone: "13812341234".to_owned().into(), ..named(name) }
}

pub(crate) fn by_id(id: CustomerId) -> CustomerFilter {
    CustomerFilter { id: Some(id), status: StatusFilter::All, ..CustomerFilter::default() }
}

pub(crate) fn by_name(name: &str) -> CustomerFilter {
    CustomerFilter { name: Some(name.to_owned()), ..CustomerFilter::default() }
}

/// The bad fields of a refusal.
pub(crate) fn bad_fields<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<String> {
    match result {
        Err(Error::Invalid(problems)) => problems.iter().map(|error| error.field.clone()).collect(),
        other => panic!("not a validation error: {other:?}"),
    }
}

impl World {
    /// The services over this empty database, in which the people above are entered.
    pub(crate) fn over(db: &Db) -> Self {
        db.write(|conn| Ok(conn.batch_execute(&people())?)).expect("the people are entered");
        Self { customers: Customers::new(db), organizations: Organizations::new(db), db: db.clone() }
    }

    pub(crate) fn enter(&self, caller: &Caller, input: CustomerInput) -> CustomerId {
        self.customers.create(caller, input).expect("the customer is entered")
    }

    pub(crate) fn organization(&self, caller: &Caller, name: &str) -> OrganizationId {
        let input = OrganizationInput { name: name.to_owned().into(), ..OrganizationInput::default() };
        self.organizations.create(caller, input).expect("the organization is entered")
    }

    /// The ids of all pages of a list, which must agree with its total.
    pub(crate) fn ids(&self, caller: &Caller, filter: &CustomerFilter) -> Vec<CustomerId> {
        let page = Page::new(1, 1000).expect("a page");
        let found = self.customers.list(caller, filter, page).expect("the list is read");
        assert_eq!(usize::try_from(found.total), Ok(found.rows.len()));
        // A page that is full does not tell the total: it is counted.
        let one = Page::new(1, 1).expect("a page");
        let counted = self.customers.list(caller, filter, one).expect("the list is read");
        assert_eq!(counted.total, found.total, "{filter:?}");
        found.rows.iter().map(|row| row.customer.id).collect()
    }

    /// One customer as an administrator sees it.
    pub(crate) fn read(&self, id: CustomerId) -> CustomerListing {
        self.read_as(&admin(), id).expect("the customer is there")
    }

    pub(crate) fn read_as(&self, caller: &Caller, id: CustomerId) -> Option<CustomerListing> {
        self.customers.list(caller, &by_id(id), Page::first()).expect("the list is read").rows.pop()
    }

    /// What happened to a customer, in order.
    pub(crate) fn events(&self, id: CustomerId) -> Vec<Event> {
        let query =
            customer_events::table.filter(customer_events::customer_id.eq(id)).order(customer_events::id).select((
                customer_events::kind,
                customer_events::actor_id,
                customer_events::from_value,
                customer_events::to_value,
                customer_events::reason,
            ));
        self.db.read(|conn| Ok(query.load(conn)?)).expect("the events are read")
    }

    /// The audit rows of a record, in order.
    pub(crate) fn deeds(&self, record: &str, id: i64) -> Vec<Deed> {
        let rows: Vec<StoredDeed> = self
            .db
            .read(|conn| {
                Ok(audit::table
                    .filter(audit::record.eq(record).and(audit::record_id.eq(id)))
                    .order(audit::id)
                    .select((audit::action, audit::staff_id, audit::before, audit::after))
                    .load(conn)?)
            })
            .expect("the audit trail is read");
        let text = Option::unwrap_or_default;
        rows.into_iter().map(|(action, who, before, after)| (action, who, text(before), text(after))).collect()
    }

    /// How many customers there are with this status, counted.
    pub(crate) fn counted(&self, status: i16) -> i64 {
        let query = customers::table.filter(customers::status.eq(status)).count();
        self.db.read(|conn| Ok(query.get_result(conn)?)).expect("the customers are counted")
    }

    pub(crate) fn execute(&self, sql: &str) {
        self.db.write(|conn| Ok(conn.batch_execute(sql)?)).expect("the statement runs");
    }
}
