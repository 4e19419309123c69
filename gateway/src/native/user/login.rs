//! `/api/user/login`.

use crm_staff::SignIn;
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Call, CookieChange, Outcome, Reader};
use crate::native::message;

#[derive(JsonSchema, Serialize)]
pub(super) struct Opened {
    token: String,
    user_id: i64,
    must_change_password: bool,
}

/// Opens a session: the token is in the answer and in the cookie.
pub(super) fn open(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let attempt = credentials(call, input)?;
    let opened = call.services()?.sign_ins.sign_in(&attempt);
    call.metrics()?.sign_in(opened.as_ref().err());
    let opened = opened?;
    let token = opened.token.clone();
    let data =
        Opened { token: opened.token, user_id: opened.staff_id.0, must_change_password: opened.must_change_password };
    Ok(message("登陆成功", data)?.with_cookie(CookieChange::Set(token)))
}

/// `phoneNumber` and `password`, both required.
pub(super) fn credentials(call: &Call<'_>, input: &mut Reader) -> crm_core::Result<SignIn> {
    let phone = input.required_text("phoneNumber");
    let password = input.required_text("password");
    let (phone, password) = input.finish_with(phone.zip(password))?;
    Ok(SignIn { phone, password, address: call.address.clone(), user_agent: call.user_agent.clone() })
}
