//! Queries on teams.

use std::collections::HashMap;

use crm_core::{CustomerId, Instant, Result, StaffId};
use crm_db::schema::{customer_favourites, customer_team, team_roles};
use crm_db::{Conn, Links, among, chunks, per_backend};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamp};

use super::{TeamMember, TeamRole};

/// The assistants of customers.
pub(crate) const ASSISTANTS: Links<CustomerId, StaffId> = Links::new("customer_assistants", "customer_id", "staff_id");

/// Every part people play, in order.
pub(super) fn roles(conn: &mut Conn) -> Result<Vec<TeamRole>> {
    Ok(team_roles::table.order(team_roles::role_type).select(TeamRole::as_select()).load(conn)?)
}

pub(super) fn update_role(conn: &mut Conn, role: &TeamRole, now: Instant) -> Result<()> {
    diesel::update(team_roles::table.filter(team_roles::role_type.eq(role.role_type)))
        .set((
            team_roles::role_name.eq(&role.role_name),
            team_roles::role_description.eq(&role.role_description),
            team_roles::version.eq(role.version),
            team_roles::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// The team of each of these customers, by role and in the order people were given; one statement
/// for a page of customers.
pub(crate) fn of_all(conn: &mut Conn, customers: &[CustomerId]) -> Result<HashMap<CustomerId, Vec<TeamMember>>> {
    let mut found: HashMap<CustomerId, Vec<TeamMember>> = HashMap::new();
    if !customers.is_empty() {
        let rows: Vec<(CustomerId, i16, StaffId)> = customer_team::table
            .filter(among(customer_team::customer_id, customers.iter().copied()))
            .order((customer_team::customer_id, customer_team::role_type, customer_team::position))
            .select((customer_team::customer_id, customer_team::role_type, customer_team::staff_id))
            .load(conn)?;
        for (customer, role_type, staff_id) in rows {
            found.entry(customer).or_default().push(TeamMember { role_type, staff_id });
        }
    }
    Ok(found)
}

/// Makes these the people who play a part in a customer's team, and no others.
pub(super) fn replace(conn: &mut Conn, customer: CustomerId, role_type: i16, people: &[StaffId]) -> Result<()> {
    let part = customer_team::customer_id.eq(customer).and(customer_team::role_type.eq(role_type));
    diesel::delete(customer_team::table.filter(part)).execute(conn)?;
    // PostgreSQL locks what a row points at, row by row: in the order of the ids, as everybody does.
    let mut people: Vec<(i64, StaffId)> = (0..).zip(people.iter().copied()).collect();
    people.sort_unstable_by_key(|(_, person)| *person);
    for people in chunks(&people) {
        let rows = people.iter().map(|(position, person)| {
            (
                customer_team::customer_id.eq(customer),
                customer_team::role_type.eq(role_type),
                customer_team::staff_id.eq(*person),
                customer_team::position.eq(*position),
            )
        });
        let insert = diesel::insert_into(customer_team::table).values(rows.collect::<Vec<_>>());
        per_backend!(conn, conn => insert.execute(conn))?;
    }
    Ok(())
}

/// Puts a customer among a person's favourites, or takes it out. Whether that changed anything.
pub(crate) fn set_favourite(
    conn: &mut Conn,
    person: StaffId,
    customer: CustomerId,
    favourite: bool,
    now: Instant,
) -> Result<bool> {
    let changed = if favourite {
        diesel::sql_query(
            "INSERT INTO customer_favourites (staff_id, customer_id, created_at) VALUES ($1, $2, $3) \
             ON CONFLICT DO NOTHING",
        )
        .bind::<BigInt, _>(person)
        .bind::<BigInt, _>(customer)
        .bind::<Timestamp, _>(now)
        .execute(conn)?
    } else {
        let mark = customer_favourites::staff_id.eq(person).and(customer_favourites::customer_id.eq(customer));
        diesel::delete(customer_favourites::table.filter(mark)).execute(conn)?
    };
    Ok(changed > 0)
}
