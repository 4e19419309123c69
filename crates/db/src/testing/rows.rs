//! Rows that other crates' tests need to be there, without the services that would make them.

use crm_core::{CustomerId, DepartmentId, OrganizationId, Role, StaffId};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::schema::{customer_addresses, customers, departments, organizations, staff};
use crate::{Conn, Db, Engine};

fn inserted<I>(db: &Db, insert: impl FnOnce(&mut Conn) -> QueryResult<I>) -> I {
    db.write(|conn| Ok(insert(conn)?)).expect("the row can be inserted")
}

/// Makes the kept totals of customers right after rows were written past the services.
pub fn recount_customers(db: &Db) {
    const STATES: &str = "DELETE FROM counters WHERE name LIKE 'customers.%'; \
         INSERT INTO counters (name, shard, value) \
         SELECT CASE WHEN status = -1 THEN 'customers.deleted' ELSE 'customers.live' END, 0, COUNT(*) \
         FROM customers GROUP BY CASE WHEN status = -1 THEN 'customers.deleted' ELSE 'customers.live' END;";
    inserted(db, |conn| {
        conn.batch_execute(STATES)?;
        conn.batch_execute(match conn.engine() {
            Engine::Sqlite => include_str!("../../../../migrations/sqlite/000013_totals/up.sql"),
            Engine::Postgres => include_str!("../../../../migrations/postgres/000013_totals/up.sql"),
        })
    });
}

/// Takes back how the names of customers are made findable, and makes all of them findable anew.
pub fn index_names_anew(db: &Db) {
    inserted(db, |conn| {
        let (down, up) = match conn.engine() {
            Engine::Sqlite => (
                include_str!("../../../../migrations/sqlite/000014_name_tokens/down.sql"),
                include_str!("../../../../migrations/sqlite/000014_name_tokens/up.sql"),
            ),
            Engine::Postgres => (
                include_str!("../../../../migrations/postgres/000014_name_tokens/down.sql"),
                include_str!("../../../../migrations/postgres/000014_name_tokens/up.sql"),
            ),
        };
        conn.batch_execute(down)?;
        conn.batch_execute(up)
    });
}

/// A department.
pub fn department(db: &Db, name: &str) -> DepartmentId {
    let now = db.now();
    inserted(db, |conn| {
        diesel::insert_into(departments::table)
            .values((
                departments::name.eq(name),
                departments::status.eq(1i16),
                departments::version.eq(1i64),
                departments::created_at.eq(now),
                departments::updated_at.eq(now),
            ))
            .returning(departments::id)
            .get_result(conn)
    })
}

/// An enabled person with this phone number, whose real name is `name` and who cannot sign in.
pub fn person(db: &Db, phone: &str, name: &str, role: Role, department: Option<DepartmentId>) -> StaffId {
    let now = db.now();
    inserted(db, |conn| {
        diesel::insert_into(staff::table)
            .values((
                staff::phone.eq(phone),
                staff::phone_key.eq(phone),
                staff::password_hash.eq(""),
                staff::must_change_password.eq(false),
                staff::role_id.eq(role.id()),
                staff::department_id.eq(department),
                staff::real_name.eq(name),
                staff::sex.eq(3i16),
                staff::status.eq(1i16),
                staff::version.eq(1i64),
                staff::created_at.eq(now),
                staff::updated_at.eq(now),
            ))
            .returning(staff::id)
            .get_result(conn)
    })
}

/// A live organization.
pub fn organization(db: &Db, name: &str, creator: StaffId) -> OrganizationId {
    let now = db.now();
    inserted(db, |conn| {
        diesel::insert_into(organizations::table)
            .values((
                organizations::name.eq(name),
                organizations::creator_id.eq(creator),
                organizations::status.eq(1i16),
                organizations::version.eq(1i64),
                organizations::created_at.eq(now),
                organizations::updated_at.eq(now),
            ))
            .returning(organizations::id)
            .get_result(conn)
    })
}

/// A live customer that belongs to `creator`.
pub fn customer(db: &Db, name: &str, creator: StaffId) -> CustomerId {
    let now = db.now();
    let id = inserted(db, |conn| {
        diesel::insert_into(customers::table)
            .values((
                customers::real_name.eq(name),
                customers::sex.eq(3i16),
                customers::level.eq(0i64),
                customers::is_vip.eq(0i16),
                customers::is_senior.eq(0i16),
                customers::creator_id.eq(creator),
                customers::owner_id.eq(creator),
                customers::assigned_at.eq(now),
                customers::pool_times.eq(0i64),
                customers::pool_type.eq(0i16),
                customers::order_money.eq("0"),
                customers::status.eq(1i16),
                customers::version.eq(1i64),
                customers::created_at.eq(now),
                customers::updated_at.eq(now),
            ))
            .returning(customers::id)
            .get_result(conn)
    });
    inserted(db, |conn| {
        diesel::insert_into(customer_addresses::table)
            .values((
                customer_addresses::customer_id.eq(id),
                customer_addresses::created_at.eq(now),
                customer_addresses::updated_at.eq(now),
            ))
            .returning(customer_addresses::customer_id)
            .get_result::<CustomerId>(conn)
    });
    id
}
