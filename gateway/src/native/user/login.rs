//! `/api/user/login`.

use crm_core::Patch;
use crm_staff::SignIn;
use serde::Serialize;

use crate::http::{Call, CookieChange, Outcome, Reader};
use crate::native::message;

#[derive(Serialize)]
struct Opened {
    token: String,
    user_id: i64,
    must_change_password: bool,
}

/// Opens a session: the token is in the answer and in the cookie.
pub(super) fn open(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let attempt = credentials(call, input)?;
    let opened = call.services.sign_ins.sign_in(&attempt);
    call.metrics.sign_in(opened.as_ref().err());
    let opened = opened?;
    let token = opened.token.clone();
    let data =
        Opened { token: opened.token, user_id: opened.staff_id.0, must_change_password: opened.must_change_password };
    Ok(message("登陆成功", data)?.with_cookie(CookieChange::Set(token)))
}

/// `phoneNumber` and `password`, both required.
pub(super) fn credentials(call: &Call<'_>, input: &mut Reader) -> crm_core::Result<SignIn> {
    let phone: Patch<String> = input.text("phoneNumber");
    let password = input.text("password");
    let mut problems = input.take_problems();
    problems.required("phoneNumber", &phone, true);
    problems.required("password", &password, true);
    problems.finish()?;
    Ok(SignIn {
        phone: phone.into_value().unwrap_or_default(),
        password: password.into_value().unwrap_or_default(),
        address: call.address.clone(),
        user_agent: call.user_agent.clone(),
    })
}
