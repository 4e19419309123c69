//! Everything that can be wrong with what is said of a contract.

use crm_core::{Caller, NOTE_MAX, Problems, Result, SHORT_MAX, StaffId};
use crm_customers::organization::check_creator;
use crm_customers::references;
use crm_db::Conn;
use crm_staff::people;

use super::model::Linked;
use super::{ContractFilter, ContractInput};

/// The longest text to search for.
const SEARCH_MAX: usize = 100;

/// Notes everything at once; `before` is the contract an update changes.
pub(super) fn input(conn: &mut Conn, caller: &Caller, input: &ContractInput, before: Option<&Linked>) -> Result<()> {
    let contract = before.map(|before| &before.contract);
    let creating = before.is_none();
    let mut problems = input.problems.clone();
    problems.required("name", &input.name, creating);
    problems.name("name", &input.name);
    problems.required("organization_id", &input.organization_id, creating);
    problems.required("sign_time", &input.sign_time, creating);
    problems.text("code", &input.code, SHORT_MAX);
    problems.text("note", &input.note, NOTE_MAX);
    check_aging(&mut problems, input, before);
    let kept = contract.map(|contract| contract.organization_id);
    references::check_organization(conn, caller, &mut problems, "organization_id", &input.organization_id, kept)?;
    let kept = contract.and_then(|contract| contract.customer_id);
    references::check_customer(conn, caller, &mut problems, "customer_id", &input.customer_id, kept)?;
    let followers = input.follower_ids.value().map(Vec::as_slice).unwrap_or_default();
    let kept = before.map(|before| before.follower_ids.as_slice()).unwrap_or_default();
    people::check(conn, caller, &mut problems, "follower_id", followers, kept)?;
    check_creator(conn, caller, &mut problems, &input.creator_id, contract.map(|contract| contract.creator_id))?;
    check_editor(conn, caller, &mut problems, input, contract.and_then(|contract| contract.editor_id))?;
    problems.finish()
}

/// What a list is asked for.
pub(super) fn filter(filter: &ContractFilter) -> Result<()> {
    let mut problems = Problems::default();
    if let Some(code) = &filter.code {
        problems.plain_text("code", code, SHORT_MAX);
    }
    if let Some(name) = &filter.name {
        problems.plain_text("name", name, SEARCH_MAX);
    }
    problems.finish()
}

/// The contract as it will be must not end before it starts.
fn check_aging(problems: &mut Problems, input: &ContractInput, before: Option<&Linked>) {
    if problems.names("aging_start_time") {
        return;
    }
    let start = input.aging_start_time.clone().apply(before.and_then(|before| before.contract.aging_start_time));
    let end = input.aging_end_time.clone().apply(before.and_then(|before| before.contract.aging_end_time));
    if start.zip(end).is_some_and(|(start, end)| end < start) {
        problems.push("aging_end_time", "不能早于aging_start_time");
    }
}

/// Naming somebody else as editor is the administrator's (native-api §2).
fn check_editor(
    conn: &mut Conn,
    caller: &Caller,
    problems: &mut Problems,
    input: &ContractInput,
    kept: Option<StaffId>,
) -> Result<()> {
    let Some(editor) = input.editor_id.value().copied() else { return Ok(()) };
    if editor == caller.staff_id || Some(editor) == kept {
        return Ok(());
    }
    caller.require_administrator()?;
    people::check(conn, caller, problems, "editor_id", &[editor], &[])
}
