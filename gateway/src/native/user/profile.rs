//! `/api/user/profile`.

use schemars::JsonSchema;
use serde::Serialize;

use super::menu::MenuRow;
use super::staff_row::StaffRow;
use crate::http::{Call, Outcome, Reader};
use crate::native::one;

#[derive(JsonSchema, Serialize)]
pub(super) struct ProfileData {
    #[serde(flatten)]
    staff: StaffRow,
    data_scope: &'static str,
    menu: Vec<MenuRow>,
    must_change_password: bool,
}

/// The person calling, as they see themself.
pub(super) fn show(call: &Call<'_>, _input: &mut Reader) -> Outcome {
    let profile = call.services()?.members.profile(call.session()?)?;
    one(ProfileData {
        staff: StaffRow::new(profile.listing, call.zone),
        data_scope: profile.data_scope.as_str(),
        menu: profile.menus.into_iter().map(MenuRow::from).collect(),
        must_change_password: profile.must_change_password,
    })
}
