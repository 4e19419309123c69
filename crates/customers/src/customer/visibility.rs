//! Which customers a caller sees.

use crm_core::{Caller, Role};
use crm_db::{OwnBy, Predicate, own_rows};

/// The ways in which a customer is a person's own.
const OWN: &[OwnBy] = &[
    OwnBy { table: "customers", id: "id", person: "creator_id" },
    OwnBy { table: "customers", id: "id", person: "owner_id" },
];

/// A query for the ids of the customers the caller sees: somebody's own within the scope, and for
/// everybody but correspondents the live ones in the public pool. Correspondents never see a
/// customer in the pool, their own neither. `None` when the caller sees all.
pub(crate) fn visible_ids(caller: &Caller) -> Option<Predicate> {
    let own = own_rows(caller, "held.id", OWN)?;
    let ids = Predicate::new("SELECT held.id FROM customers held WHERE ").then(own);
    Some(match caller.role {
        Role::Correspondent => ids.sql(" AND held.owner_id IS NOT NULL"),
        Role::Administrator | Role::Staff => ids.sql(
            " UNION ALL SELECT pooled.id FROM customers pooled WHERE pooled.owner_id IS NULL AND pooled.status <> -1",
        ),
    })
}

/// `column` is a customer the caller sees; `None` when the caller sees all.
pub(crate) fn visible(caller: &Caller, column: &'static str) -> Option<Predicate> {
    let ids = visible_ids(caller)?;
    Some(Predicate::new(column).sql(" IN (").then(ids).sql(")"))
}

/// Whether customers in the public pool are only shown to the caller: masked, and not to be
/// changed. So they are to everybody but administrators, their creator too.
pub(crate) fn pool_is_closed(caller: &Caller) -> bool {
    !caller.is_administrator()
}
