//! The organizations of a list one after the other, for exports.

use crm_core::{Caller, OrganizationId, Result, StaffId};
use crm_db::Conn;
use crm_staff::people;

use super::{OrganizationFilter, OrganizationListing, Organizations, repository};

impl Organizations {
    /// The next `count` rows of [`Organizations::list`] after the organization `after`, as lists show
    /// them. One that is entered or deleted meanwhile moves no others, as it would move pages.
    /// A transaction sees what it has written itself.
    ///
    /// # Errors
    /// What the database answers.
    pub fn list_after(
        conn: &mut Conn,
        caller: &Caller,
        filter: &OrganizationFilter,
        after: Option<OrganizationId>,
        count: i64,
    ) -> Result<Vec<OrganizationListing>> {
        let rows = repository::list_after(conn, caller, filter, after, count)?;
        let creators: Vec<StaffId> = rows.iter().map(|row| row.creator_id).collect();
        let names = people::names(conn, &creators)?;
        let rows = rows.into_iter().map(|organization| OrganizationListing {
            creator_name: names.get(&organization.creator_id).cloned(),
            organization,
        });
        Ok(rows.collect())
    }
}
