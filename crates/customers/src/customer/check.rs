//! Everything that can be wrong with what is said about a customer, found at once.

use crm_core::{Caller, Error, NOTE_MAX, OrganizationId, Patch, Problems, Result, SHORT_MAX, StaffId};
use crm_db::Conn;
use crm_staff::people;

use super::{Customer, CustomerInput, Profile};
use crate::field::CustomValues;
use crate::leaders::Led;
use crate::options;
use crate::organization::check_creator;
use crate::pool::Room;
use crate::{product_line, references};

/// Checks what a create says, and finds out whose the customer will be and what it will have in the
/// deployment's own fields, which are `none` yet.
pub(super) fn create(
    conn: &mut Conn,
    caller: &Caller,
    input: &CustomerInput,
    none: &CustomValues,
) -> Result<(Option<StaffId>, CustomValues)> {
    let mut problems = fields(input, true);
    check_creator(conn, caller, &mut problems, &input.creator_id, None)?;
    organizations(conn, caller, &mut problems, &input.organization_ids, &[])?;
    chosen(conn, &mut problems, input, None)?;
    let custom = none.with(&mut problems, &input.custom, true);
    let room = first_owner(conn, caller, &mut problems, input)?;
    problems.finish()?;
    if let Some(room) = &room {
        room.check(conn, "owner_id")?;
    }
    Ok((room.map(|room| room.person()), custom))
}

/// Checks what an update says of a customer that has these organizations and these values in the
/// deployment's own fields, and finds out which it will have.
pub(super) fn update(
    conn: &mut Conn,
    caller: &Caller,
    input: &CustomerInput,
    before: &Customer,
    linked: &[OrganizationId],
    custom: &CustomValues,
) -> Result<CustomValues> {
    let mut problems = fields(input, false);
    check_creator(conn, caller, &mut problems, &input.creator_id, Some(before.profile.creator_id))?;
    organizations(conn, caller, &mut problems, &input.organization_ids, linked)?;
    chosen(conn, &mut problems, input, Some(&before.profile))?;
    let custom = custom.with(&mut problems, &input.custom, false);
    if !input.owner_id.is_absent() && input.owner_id.value().copied() != before.holding.owner_id {
        problems.push("owner_id", "只能通过领取、释放或分配变更");
    }
    problems.finish()?;
    Ok(custom)
}

fn fields(input: &CustomerInput, creating: bool) -> Problems {
    let mut problems = input.problems.clone();
    problems.required("realName", &input.real_name, creating);
    for (field, name) in
        [("realName", &input.real_name), ("nickName", &input.nick_name), ("legal_person", &input.legal_person)]
    {
        problems.name(field, name);
    }
    for (field, text) in [
        ("type", &input.kind),
        ("job", &input.job),
        ("cid", &input.cid),
        ("openId", &input.open_id),
        ("register_capital", &input.register_capital),
    ] {
        problems.text(field, text, SHORT_MAX);
    }
    problems.url("avatar", &input.avatar);
    problems.url("website", &input.website);
    problems.phone("phoneNumber", &input.phone);
    problems.sex("sex", &input.sex);
    problems.range_of("isVip", &input.is_vip, 0, 1);
    problems.range_of("isSenior", &input.is_senior, 0, 1);
    problems.text("note", &input.note, NOTE_MAX);
    input.address.check(&mut problems);
    for (field, text) in [
        ("community_name", &input.project.community_name),
        ("room_number", &input.project.room_number),
        ("clue_id_unique", &input.clue.clue_id_unique),
        ("api_platform", &input.clue.api_platform),
    ] {
        problems.text(field, text, SHORT_MAX);
    }
    problems.range_of("intent", &input.project.intent, 1, 3);
    problems.range_of("is_clue", &input.clue.is_clue, 0, 1);
    problems.range_of("clue_is_black", &input.clue.is_blacklisted, 0, 1);
    problems.range_of("api_setting_id", &input.clue.api_setting_id, 0, i64::MAX);
    if let Some(ocpc) = input.clue.ocpc.value() {
        problems.plain_text("clue_ocpc_data", &ocpc.to_json(), NOTE_MAX);
    }
    problems
}

/// Source, category and product line must be there, and the first two not retired, unless the
/// customer has them already.
fn chosen(conn: &mut Conn, problems: &mut Problems, input: &CustomerInput, before: Option<&Profile>) -> Result<()> {
    let kept = before.and_then(|before| before.source_id);
    options::check(conn, problems, &options::SOURCES, "source_id", &input.source_id, kept)?;
    let kept = before.and_then(|before| before.category_id);
    options::check(conn, problems, &options::CATEGORIES, "category_id", &input.category_id, kept)?;
    product_line::check(conn, problems, &input.product_line_id)
}

fn organizations(
    conn: &mut Conn,
    caller: &Caller,
    problems: &mut Problems,
    ids: &Patch<Vec<OrganizationId>>,
    kept: &[OrganizationId],
) -> Result<()> {
    match ids.value() {
        Some(ids) => references::check_organizations(conn, caller, problems, "organization_id", ids, kept),
        None => Ok(()),
    }
}

/// Whose a new customer is: its creator's unless `owner_id` says otherwise. The owner stays as
/// they are until this transaction ends, so that somebody who is being deleted gets no customer
/// that nobody then puts into the pool.
fn first_owner(
    conn: &mut Conn,
    caller: &Caller,
    problems: &mut Problems,
    input: &CustomerInput,
) -> Result<Option<Room>> {
    if input.owner_id.is_null() {
        // A correspondent sees no pool, and would never see the customer again.
        caller.require_staff()?;
        return Ok(None);
    }
    let named = input.owner_id.value().copied();
    let owner = named.or(input.creator_id.value().copied()).unwrap_or(caller.staff_id);
    let room = Room::hold(conn, owner)?;
    if owner == caller.staff_id {
        return if people::is_live(conn, owner)? { Ok(Some(room)) } else { Err(Error::Unauthenticated) };
    }
    if named.is_some() && !caller.is_administrator() && !leads(conn, caller, problems, owner)? {
        return Err(Error::Forbidden);
    }
    let field = if named.is_some() { "owner_id" } else { "creator_id" };
    people::check(conn, caller, problems, field, &[owner], &[])?;
    Ok(Some(room))
}

/// Whether the caller leads the department of this person, or one above it. Of a person who does
/// not exist it is enough to lead any: that they are missing is told as of any other id.
fn leads(conn: &mut Conn, caller: &Caller, problems: &mut Problems, person: StaffId) -> Result<bool> {
    let led = Led::by(conn, caller)?;
    if led.is_empty() {
        return Ok(false);
    }
    if !people::is_live(conn, person)? {
        people::note_missing(problems, "owner_id", &[person], &[]);
        return Ok(true);
    }
    led.includes(conn, person)
}
