//! Everything that can be wrong with what is said of a person, at once.

use crm_core::{NOTE_MAX, Patch, Problems, Result, SHORT_MAX};
use crm_db::Conn;

use super::model::Linked;
use super::{MemberInput, repository};
use crate::{check_password, department, group};

/// Refuses what is wrong: bad fields first, then a phone number or an id at WeCom that
/// somebody else has.
pub(super) fn check(conn: &mut Conn, input: &MemberInput, before: Option<&Linked>) -> Result<()> {
    let mut problems = input.problems.clone();
    let creating = before.is_none();
    problems.required("phoneNumber", &input.phone, creating);
    problems.phone("phoneNumber", &input.phone);
    problems.required("group_id", &input.group_ids, creating);
    problems.not_empty("group_id", &input.group_ids);
    if !creating && input.role_id.is_null() {
        problems.push("role_id", "不能为空");
    }
    problems.range_of("role_id", &input.role_id, 1, 3);
    problems.sex("sex", &input.sex);
    check_details(&mut problems, input);
    check_initial_password(&mut problems, input, creating);
    if let Some(ids) = input.group_ids.value() {
        let kept = before.map(|before| before.group_ids.as_slice()).unwrap_or_default();
        group::check(conn, &mut problems, "group_id", ids, kept)?;
    }
    let kept = before.and_then(|before| before.member.department_id);
    department::check(conn, &mut problems, "departmentId", &input.department_id, kept)?;
    problems.finish()?;
    let id = before.map(|before| before.member.id);
    if let Some(phone) = input.phone.value() {
        repository::check_phone_is_free(conn, phone, id)?;
    }
    match input.wecom_userid.value() {
        Some(userid) => repository::check_wecom_userid_is_free(conn, userid, id),
        None => Ok(()),
    }
}

fn check_details(problems: &mut Problems, input: &MemberInput) {
    problems.name("nickName", &input.nick_name);
    problems.name("realName", &input.real_name);
    problems.url("headImageUrl", &input.head_image_url);
    for (field, text) in [
        ("openId", &input.open_id),
        ("wecom_userid", &input.wecom_userid),
        ("title", &input.title),
        ("address", &input.address),
        ("school", &input.school),
        ("politicalAffiliation", &input.political_affiliation),
        ("education", &input.education),
    ] {
        problems.text(field, text, SHORT_MAX);
    }
    problems.text("info", &input.info, NOTE_MAX);
    problems.text("note", &input.note, NOTE_MAX);
    for (field, number) in [
        ("number", &input.number),
        ("rankId", &input.rank_id),
        ("rankType", &input.rank_type),
        ("jobId", &input.job_id),
    ] {
        problems.range_of(field, number, 0, i64::MAX);
    }
}

fn check_initial_password(problems: &mut Problems, input: &MemberInput, creating: bool) {
    let Patch::Value(password) = &input.password else { return };
    if creating {
        check_password(problems, "password", password, input.phone.value().map_or("", String::as_str));
    } else {
        problems.push("password", "只能在创建时设置");
    }
}
