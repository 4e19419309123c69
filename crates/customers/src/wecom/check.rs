//! Everything that can be wrong with what a person says of a contact, at once.

use crm_core::{Caller, DELETED, Error, Patch, Problems, Result, SHORT_MAX, StaffId};
use crm_db::Conn;
use crm_staff::people::note_missing;

use super::{WecomContact, WecomInput, repository};
use crate::references;

/// The two fields that name a contact.
///
/// # Errors
/// [`Error::Invalid`] with every bad field when one of them is missing.
pub(super) fn named(input: &WecomInput) -> Result<(String, StaffId)> {
    match (input.external_userid.value(), input.staff_id.value()) {
        (Some(external), Some(person)) => Ok((external.clone(), *person)),
        _ => {
            fields(input).finish()?;
            Err(Error::internal("a contact without a name passed"))
        }
    }
}

/// What a person says of this contact of somebody, new or known.
pub(super) fn save(
    conn: &mut Conn,
    caller: &Caller,
    input: &WecomInput,
    person: StaffId,
    before: Option<&WecomContact>,
) -> Result<()> {
    let mut problems = fields(input);
    // A contact outlives its person; a new one needs somebody who is there.
    let live = before.is_none_or(|before| before.status == DELETED);
    if !repository::is_within_scope(conn, caller, person, live)? {
        note_missing(&mut problems, "user_id", &[person], &[]);
    }
    let kept = before.and_then(|before| before.customer_id);
    references::check_customer(conn, caller, &mut problems, "customer_id", &input.customer_id, kept)?;
    problems.finish()
}

fn fields(input: &WecomInput) -> Problems {
    let mut problems = input.problems.clone();
    problems.required("external_userid", &input.external_userid, true);
    problems.text("external_userid", &input.external_userid, SHORT_MAX);
    if input.external_userid.value().is_some_and(|id| id.trim().is_empty()) {
        problems.push("external_userid", "不能为空");
    }
    problems.required("user_id", &input.staff_id, true);
    problems.name("name", &input.name);
    problems.url("avatar", &input.avatar);
    if let (Patch::Value(added), Patch::Value(lost)) = (&input.added_at, &input.lost_at)
        && lost < added
    {
        problems.push("lost_at", "不能早于added_at");
    }
    problems
}
