//! Which customers a caller sees.

use crm_core::{Caller, Role};
use crm_db::{OwnBy, Predicate, own_rows};

/// The ways in which a customer is a person's own.
const OWN: &[OwnBy] = &[
    OwnBy { table: "customers", id: "id", person: "creator_id" },
    OwnBy { table: "customers", id: "id", person: "owner_id" },
];

/// `column` is a customer the caller sees: somebody's own within the scope, or, for everybody but
/// correspondents, one in the public pool. `None` when the caller sees all.
pub(crate) fn visible(caller: &Caller, column: &'static str) -> Option<Predicate> {
    let own = own_rows(caller, column, OWN)?;
    Some(if caller.role == Role::Correspondent {
        own
    } else {
        Predicate::new("(")
            .then(own)
            .sql(" OR ")
            .sql(column)
            .sql(" IN (SELECT id FROM customers WHERE owner_id IS NULL))")
    })
}
