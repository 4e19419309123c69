//! Which contracts a caller sees.

use crm_core::Caller;
use crm_db::{OwnBy, Predicate, own_rows};

/// The ways in which a contract is a person's own.
const OWN: &[OwnBy] = &[
    OwnBy { table: "contracts", id: "id", person: "creator_id" },
    OwnBy { table: "contract_followers", id: "contract_id", person: "staff_id" },
];

/// `column` is the id of a contract within the caller's scope; `None` when the caller sees all.
/// Correspondents see none: that is for the service to refuse.
pub fn visible(caller: &Caller, column: &'static str) -> Option<Predicate> {
    own_rows(caller, column, OWN)
}
