//! `/api/user/logout`.

use crate::http::{Call, CookieChange, Outcome, Reader};
use crate::native::{user::login, written};

/// Ends the session; with `phoneNumber` and `password` and no session, all of that person's.
pub(super) fn close(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let person = match &call.session {
        Some(session) => {
            call.services()?.sessions.sign_out(session)?;
            session.caller.staff_id
        }
        None if input.has("phoneNumber") || input.has("password") => {
            let attempt = login::credentials(call, input)?;
            call.services()?.sign_ins.sign_out_everywhere(&attempt)?
        }
        None => return Err(crm_core::Error::Unauthenticated),
    };
    Ok(written("登出成功", person)?.with_cookie(CookieChange::Clear))
}
