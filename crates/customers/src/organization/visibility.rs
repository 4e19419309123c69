//! Which organizations a caller sees.

use crm_core::{Caller, OrganizationId, Result, Role};
use crm_db::schema::organizations;
use crm_db::{Conn, OwnBy, Predicate, own_rows, people};
use diesel::prelude::*;

use crate::customer;

/// The organizations that are somebody's own within the caller's scope.
const OWN: &[OwnBy] = &[OwnBy { table: "organizations", id: "id", person: "creator_id" }];

/// `column` is an organization the caller sees: somebody's own within the scope, or one to which a
/// visible customer, potential or contract belongs. `None` when the caller sees all.
pub(crate) fn visible(caller: &Caller, column: &'static str) -> Option<Predicate> {
    let own = own_rows(caller, column, OWN)?;
    let customers = customer::visible_ids(caller)?;
    let through = |sql: &'static str, person: &'static str| Predicate::new(sql).then(people(caller, person));
    let mut seen = Predicate::new("(")
        .then(own)
        .sql(" OR ")
        .sql(column)
        .sql(
            " IN (SELECT l.organization_id FROM customer_organizations l JOIN customers c ON c.id = l.customer_id \
             WHERE c.status <> -1 AND c.id IN (",
        )
        .then(customers)
        .sql(")")
        .then(through(" UNION ALL SELECT organization_id FROM potentials WHERE status <> -1 AND ", "creator_id"))
        .then(through(" UNION ALL SELECT organization_id FROM potentials WHERE status <> -1 AND ", "director_id"));
    if caller.role != Role::Correspondent {
        seen = seen
            .then(through(" UNION ALL SELECT organization_id FROM contracts WHERE status <> -1 AND ", "creator_id"))
            .then(through(
                " UNION ALL SELECT c.organization_id FROM contract_followers f \
                 JOIN contracts c ON c.id = f.contract_id WHERE c.status <> -1 AND ",
                "f.staff_id",
            ));
    }
    Some(seen.sql("))"))
}

/// Whether the organization is somebody's own within the caller's scope.
pub(super) fn is_own(conn: &mut Conn, caller: &Caller, id: OrganizationId) -> Result<bool> {
    let Some(own) = own_rows(caller, "organizations.id", OWN) else { return Ok(true) };
    let count: i64 = organizations::table.filter(organizations::id.eq(id)).filter(own).count().get_result(conn)?;
    Ok(count > 0)
}
