//! Which follow-ups and demands count for a caller: those their own lists show. Contracts and
//! satisfaction records have theirs in their crates.

use crm_core::Caller;
use crm_db::{OwnBy, Predicate, own_rows};

const FOLLOWS: &[OwnBy] = &[
    OwnBy { table: "follows", id: "id", person: "operator_id" },
    OwnBy { table: "follow_followers", id: "follow_id", person: "staff_id" },
];

const DEMANDS: &[OwnBy] = &[
    OwnBy { table: "demands", id: "id", person: "operator_id" },
    OwnBy { table: "demand_followers", id: "demand_id", person: "staff_id" },
];

/// `column` is the id of a follow-up within the caller's scope; `None` when the caller sees all.
pub(super) fn follows(caller: &Caller, column: &'static str) -> Option<Predicate> {
    own_rows(caller, column, FOLLOWS)
}

/// `column` is the id of a demand within the caller's scope; `None` when the caller sees all.
pub(super) fn demands(caller: &Caller, column: &'static str) -> Option<Predicate> {
    own_rows(caller, column, DEMANDS)
}
