//! Which satisfaction records a caller sees.

use crm_core::Caller;
use crm_db::{OwnBy, Predicate, own_rows};

/// The ways in which a satisfaction record is a person's own.
const OWN: &[OwnBy] = &[
    OwnBy { table: "satisfactions", id: "id", person: "operator_id" },
    OwnBy { table: "satisfaction_followers", id: "satisfaction_id", person: "staff_id" },
];

/// `column` is the id of a satisfaction record the caller sees; `None` when the caller sees all.
pub fn visible(caller: &Caller, column: &'static str) -> Option<Predicate> {
    own_rows(caller, column, OWN)
}
