//! The stage of an organization: the one last set on its newest live potential (native-api §4, §5).
//!
//! The newest is the live potential with the latest record time, of equals the one entered last.
//! - Setting a stage on the newest sets the organization's; on any other it sets nothing.
//! - Entering a potential sets nothing, even when it is the newest from then on.
//! - When another potential becomes the newest in any other way (a deletion, a restoration, a move
//!   to another organization, a new record time), the organization takes that one's stage, or
//!   [`NORMAL`] when none is left.
//! - Everything else, such as a new note on the newest, leaves the organization alone.

use crm_core::{Caller, Instant, OrganizationId, PotentialId, Result};
use crm_customers::organization::{self, NORMAL};
use crm_db::{Conn, RowOf, distinct};

use super::repository;

/// Makes a change to potentials of these organizations and brings the organizations' stages up to
/// date. `set` is the potential whose stage the change sets, if it sets one.
///
/// The organizations stay locked from before the change until the transaction ends: which
/// potential is the newest cannot change in between.
pub(super) fn keep(
    conn: &mut Conn,
    caller: &Caller,
    organizations: &[OrganizationId],
    set: Option<PotentialId>,
    now: Instant,
    change: impl FnOnce(&mut Conn) -> Result<()>,
) -> Result<()> {
    let mut before = Vec::with_capacity(organizations.len());
    // One order for everybody: two transactions must not wait for each other's rows.
    for id in distinct(organizations.iter().copied()) {
        conn.lock_row(RowOf::Organizations, id.0)?;
        before.push((id, newest_id(conn, id)?));
    }
    change(conn)?;
    for (organization, was) in before {
        let newest = repository::newest(conn, organization)?;
        let is = newest.map(|(id, _)| id);
        if is != was || is.is_some() && is == set {
            let status = newest.map_or(NORMAL, |(_, status)| status);
            organization::set_stage(conn, caller, organization, status, now)?;
        }
    }
    Ok(())
}

fn newest_id(conn: &mut Conn, organization: OrganizationId) -> Result<Option<PotentialId>> {
    Ok(repository::newest(conn, organization)?.map(|(id, _)| id))
}
