//! `/api/user/usermenu`.

use crm_core::{Instant, StaffId, Zone};
use crm_staff::MemberMenus;
use schemars::JsonSchema;
use serde::Serialize;

use super::menu::MenuRow;
use crate::http::{Call, Outcome, Reader};
use crate::native::{list as answer_list, written};

/// A person as this route's sample shows them: `number` is text, `title` a number.
#[derive(JsonSchema, Serialize)]
#[allow(non_snake_case, reason = "the names of the contract")]
pub(super) struct UserMenuRow {
    phoneNumber: String,
    user_id: i64,
    realName: Option<String>,
    number: Option<String>,
    nickName: Option<String>,
    headImageUrl: Option<String>,
    sex: i16,
    birthday: Option<String>,
    title: Option<i64>,
    address: Option<String>,
    school: Option<String>,
    education: Option<String>,
    entryTime: Option<String>,
    officialTime: Option<String>,
    resignTime: Option<String>,
    lastLoginTime: Option<String>,
    status: i16,
    menu: Vec<MenuRow>,
    version: i64,
}

impl UserMenuRow {
    fn new(row: MemberMenus, zone: Zone) -> Self {
        let MemberMenus { member, menus } = row;
        let time = |at: Option<Instant>| at.map(|at| zone.format(at));
        Self {
            phoneNumber: member.phone,
            user_id: member.id.0,
            realName: member.real_name,
            number: member.number.map(|number| number.to_string()),
            nickName: member.nick_name,
            headImageUrl: member.head_image_url,
            sex: member.sex,
            birthday: member.birthday.map(|date| format!("{date} 00:00:00")),
            title: member.title.and_then(|title| title.parse().ok()),
            address: member.address,
            school: member.school,
            education: member.education,
            entryTime: time(member.entry_time),
            officialTime: time(member.official_time),
            resignTime: time(member.resign_time),
            lastLoginTime: time(member.last_login_time),
            status: member.status,
            menu: menus.into_iter().map(MenuRow::from).collect(),
            version: member.version,
        }
    }
}

/// People with their menus: all of them for an administrator, oneself for others.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let person = input.own_id("user_id");
    let page = input.page();
    input.finish()?;
    let found = call.services()?.menus.of_members(call.caller()?, person, page)?;
    answer_list(found.rows.into_iter().map(|row| UserMenuRow::new(row, call.zone)), found.total, page)
}

/// Gives a person exactly these menu items.
pub(super) fn save(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let person = input.required_id::<StaffId>("user_id");
    let version = input.version();
    let menu = input.ids("menu");
    let mut problems = input.take_problems();
    let Some(person) = person else {
        call.caller()?.require_administrator()?;
        problems.required("menu", &menu, true);
        problems.finish()?;
        return Err(crm_core::Error::NotFound("员工"));
    };
    call.services()?.menus.set_of_member(call.caller()?, person, version, &menu, problems)?;
    written("修改成功", person)
}
