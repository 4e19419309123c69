//! The names a page of contracts is shown with: one query per kind of name.

use crm_core::{ContractId, OrganizationId, Result, StaffId};
use crm_customers::references;
use crm_db::{Conn, in_order};
use crm_staff::people;

use super::repository::FOLLOWERS;
use super::{Contract, ContractListing};

/// These contracts with their followers and names.
pub(super) fn of(conn: &mut Conn, rows: Vec<Contract>) -> Result<Vec<ContractListing>> {
    let ids: Vec<ContractId> = rows.iter().map(|row| row.id).collect();
    let mut followers = FOLLOWERS.of_all(conn, &ids)?;
    let named: Vec<StaffId> = followers.values().flatten().copied().collect();
    let staff_names = people::names(conn, &named)?;
    let named: Vec<OrganizationId> = rows.iter().map(|row| row.organization_id).collect();
    let organization_names = references::organization_names(conn, &named)?;
    let listing = rows.into_iter().map(|contract| {
        let follower_ids = followers.remove(&contract.id).unwrap_or_default();
        ContractListing {
            follower_names: in_order(&follower_ids, &staff_names),
            organization_name: organization_names.get(&contract.organization_id).cloned(),
            contract,
            follower_ids,
        }
    });
    Ok(listing.collect())
}
