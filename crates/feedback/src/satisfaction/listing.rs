//! The names a page of satisfaction records is shown with: one query per kind of name.

use crm_core::{CustomerId, OrganizationId, Result, SatisfactionId, StaffId};
use crm_customers::references;
use crm_db::{Conn, in_order};
use crm_staff::people;

use super::repository::{CUSTOMERS, FOLLOWERS};
use super::{Satisfaction, SatisfactionListing};

/// These records with their links and names.
pub(super) fn of(conn: &mut Conn, rows: Vec<Satisfaction>) -> Result<Vec<SatisfactionListing>> {
    let ids: Vec<SatisfactionId> = rows.iter().map(|row| row.id).collect();
    let mut customers = CUSTOMERS.of_all(conn, &ids)?;
    let mut followers = FOLLOWERS.of_all(conn, &ids)?;
    let named: Vec<CustomerId> = customers.values().flatten().copied().collect();
    let customer_names = references::customer_names(conn, &named)?;
    let named: Vec<StaffId> =
        followers.values().flatten().copied().chain(rows.iter().map(|row| row.operator_id)).collect();
    let staff_names = people::names(conn, &named)?;
    let named: Vec<OrganizationId> = rows.iter().filter_map(|row| row.organization_id).collect();
    let organization_names = references::organization_names(conn, &named)?;
    let listing = rows.into_iter().map(|satisfaction| {
        let customer_ids = customers.remove(&satisfaction.id).unwrap_or_default();
        let follower_ids = followers.remove(&satisfaction.id).unwrap_or_default();
        SatisfactionListing {
            customer_names: in_order(&customer_ids, &customer_names),
            follower_names: in_order(&follower_ids, &staff_names),
            organization_name: satisfaction.organization_id.and_then(|id| organization_names.get(&id).cloned()),
            operator_name: staff_names.get(&satisfaction.operator_id).cloned(),
            satisfaction,
            customer_ids,
            follower_ids,
        }
    });
    Ok(listing.collect())
}
