//! `/api/user/password`.

use crate::http::{Call, Outcome, Reader};
use crate::native::written;

/// Changes one's own password with `old_password`; without it an administrator sets somebody's.
pub(super) fn change(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let phone = input.text("phoneNumber");
    let old = input.text("old_password");
    let new = input.text("new_password");
    let mut problems = input.take_problems();
    problems.required("phoneNumber", &phone, true);
    problems.required("new_password", &new, true);
    problems.finish()?;
    let (phone, new) = (phone.into_value().unwrap_or_default(), new.into_value().unwrap_or_default());
    let id = call.services.passwords.set(call.session()?, &phone, old.value().map(String::as_str), &new)?;
    written("修改成功", id)
}
