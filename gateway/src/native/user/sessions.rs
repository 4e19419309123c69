//! `/api/user/sessions` and `/api/user/delsession`.

use crm_core::SessionId;
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Call, CookieChange, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{list as answer_list, written};

#[derive(JsonSchema, Serialize)]
#[allow(non_snake_case, reason = "the names of the contract")]
pub(super) struct SessionData {
    id: i64,
    address: Option<String>,
    user_agent: Option<String>,
    createTime: String,
    lastSeenTime: String,
    current: bool,
}

/// One's own open sessions.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id("session_id");
    let page = input.page();
    input.finish()?;
    let session = call.session()?;
    let found = call.services()?.sessions.list(&session.caller, id, page)?;
    let rows = found.rows.into_iter().map(|row| SessionData {
        id: row.id.0,
        address: row.address,
        user_agent: row.user_agent,
        createTime: call.zone.format(row.created_at),
        lastSeenTime: call.zone.format(row.last_seen_at),
        current: row.id == session.id,
    });
    answer_list(rows, found.total, page)
}

/// Ends one of one's own sessions.
pub(super) fn end(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<SessionId>("session_id");
    let id = input.finish_with(id)?;
    let session = call.session()?;
    call.services()?.sessions.end(&session.caller, id)?;
    let answer = written(DONE, id)?;
    Ok(if id == session.id { answer.with_cookie(CookieChange::Clear) } else { answer })
}
