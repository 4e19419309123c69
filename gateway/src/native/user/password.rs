//! `/api/user/password`.

use crate::http::{Call, Outcome, Reader};
use crate::native::written;

/// Changes one's own password with `old_password`; without it an administrator sets somebody's.
pub(super) fn change(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let phone = input.required_text("phoneNumber");
    let old = input.text("old_password");
    let new = input.required_text("new_password");
    let (phone, new) = input.finish_with(phone.zip(new))?;
    let id = call.services()?.passwords.set(call.session()?, &phone, old.value().map(String::as_str), &new)?;
    written("修改成功", id)
}
