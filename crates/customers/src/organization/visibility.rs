//! Which organizations a caller sees.

use crm_core::{Caller, OrganizationId, Result, Role, Scope};
use crm_db::schema::organizations;
use crm_db::{Conn, Predicate, people};
use diesel::prelude::*;

use crate::customer;

/// The row of `organizations` is somebody's own within the caller's scope.
fn own(caller: &Caller) -> Predicate {
    people(caller, "organizations.creator_id")
}

/// The row of `organizations` is one the caller sees: somebody's own within the scope, or one to
/// which a visible customer, potential or contract belongs. `None` when the caller sees all.
///
/// Each way is asked of the row at hand, through an index on the organization: a set of all that
/// are visible would be built anew for every single read.
pub(crate) fn visible(caller: &Caller) -> Option<Predicate> {
    let customers = customer::visible(caller)?;
    let mut seen = Predicate::new("(")
        .then(own(caller))
        .sql(
            " OR EXISTS (SELECT 1 FROM customer_organizations l JOIN customers ON customers.id = l.customer_id \
             WHERE l.organization_id = organizations.id AND customers.status <> -1 AND ",
        )
        .then(customers)
        .sql(
            ") OR EXISTS (SELECT 1 FROM potentials p \
             WHERE p.organization_id = organizations.id AND p.status <> -1 AND (",
        )
        .then(people(caller, "p.creator_id"))
        .sql(" OR ")
        .then(people(caller, "p.director_id"))
        .sql("))");
    if caller.role != Role::Correspondent {
        seen = seen
            .sql(
                " OR EXISTS (SELECT 1 FROM contracts c \
                 WHERE c.organization_id = organizations.id AND c.status <> -1 AND (",
            )
            .then(people(caller, "c.creator_id"))
            .sql(" OR EXISTS (SELECT 1 FROM contract_followers f WHERE f.contract_id = c.id AND ")
            .then(people(caller, "f.staff_id"))
            .sql(")))");
    }
    Some(seen.sql(")"))
}

/// Whether the organization is somebody's own within the caller's scope.
pub(super) fn is_own(conn: &mut Conn, caller: &Caller, id: OrganizationId) -> Result<bool> {
    if caller.scope == Scope::All {
        return Ok(true);
    }
    let query = organizations::table.filter(organizations::id.eq(id)).filter(own(caller));
    let count: i64 = query.count().get_result(conn)?;
    Ok(count > 0)
}
