//! Queries on teams.

use std::collections::{HashMap, HashSet};

use crm_core::{CustomerId, Result, StaffId};
use crm_db::schema::{customer_favourites, customer_team, team_roles};
use crm_db::{Conn, Links, chunks};
use diesel::prelude::*;

use super::{TeamMember, TeamRole};

/// The assistants of customers.
pub(crate) const ASSISTANTS: Links<CustomerId, StaffId> = Links::new("customer_assistants", "customer_id", "staff_id");

/// Every part people play, in order.
pub(crate) fn roles(conn: &mut Conn) -> Result<Vec<TeamRole>> {
    Ok(team_roles::table.order(team_roles::role_type).select(TeamRole::as_select()).load(conn)?)
}

/// The team of each of these customers, by role and in the order people were given; one statement
/// for a page of customers.
pub(crate) fn of_all(conn: &mut Conn, customers: &[CustomerId]) -> Result<HashMap<CustomerId, Vec<TeamMember>>> {
    let mut found: HashMap<CustomerId, Vec<TeamMember>> = HashMap::new();
    for customers in chunks(customers) {
        let rows: Vec<(CustomerId, i16, StaffId)> = customer_team::table
            .filter(customer_team::customer_id.eq_any(customers))
            .order((customer_team::customer_id, customer_team::role_type, customer_team::position))
            .select((customer_team::customer_id, customer_team::role_type, customer_team::staff_id))
            .load(conn)?;
        for (customer, role_type, staff_id) in rows {
            found.entry(customer).or_default().push(TeamMember { role_type, staff_id });
        }
    }
    Ok(found)
}

/// Which of these customers are among a person's favourites.
pub(crate) fn favourites_among(
    conn: &mut Conn,
    person: StaffId,
    customers: &[CustomerId],
) -> Result<HashSet<CustomerId>> {
    let mut found = HashSet::new();
    for customers in chunks(customers) {
        let rows: Vec<CustomerId> = customer_favourites::table
            .filter(customer_favourites::staff_id.eq(person).and(customer_favourites::customer_id.eq_any(customers)))
            .select(customer_favourites::customer_id)
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}
