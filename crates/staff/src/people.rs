//! Functions about people for the other domain crates, on their own connection.

use std::collections::HashMap;

use crm_core::{Caller, DELETED, DepartmentId, Id, Patch, Problems, Result, Role, StaffId};
use crm_db::schema::{departments, staff};
use crm_db::{Conn, Engine, Literal, Predicate, among, distinct};
use diesel::prelude::*;

use crate::status::ENABLED;

/// The names people are shown by: real name, else nickname, else phone number. Deleted people keep
/// theirs.
///
/// # Errors
/// What the database answers.
pub fn names(conn: &mut Conn, ids: &[StaffId]) -> Result<HashMap<StaffId, String>> {
    let mut names = HashMap::with_capacity(ids.len());
    let ids = distinct(ids.iter().copied());
    if !ids.is_empty() {
        let rows: Vec<(StaffId, Option<String>, Option<String>, String)> = staff::table
            .filter(among(staff::id, ids.iter().copied()))
            .select((staff::id, staff::real_name, staff::nick_name, staff::phone))
            .load(conn)?;
        names.extend(rows.into_iter().map(|(id, real, nick, phone)| (id, display_name(real, nick, phone))));
    }
    Ok(names)
}

/// Whether there is such a person who is not deleted.
///
/// # Errors
/// What the database answers.
pub fn is_live(conn: &mut Conn, person: StaffId) -> Result<bool> {
    Ok(status(conn, person)?.is_some_and(|status| status != DELETED))
}

/// Whether there is such a person who is neither deleted nor disabled.
///
/// # Errors
/// What the database answers.
pub fn is_enabled(conn: &mut Conn, person: StaffId) -> Result<bool> {
    Ok(status(conn, person)? == Some(ENABLED))
}

fn status(conn: &mut Conn, person: StaffId) -> Result<Option<i16>> {
    Ok(staff::table.filter(staff::id.eq(person)).select(staff::status).first(conn).optional()?)
}

/// The SQL of [`display_name`], of the row of `staff` that is joined under this name.
pub fn name_of(alias: &str) -> String {
    format!("COALESCE({alias}.real_name, {alias}.nick_name, {alias}.phone)")
}

/// The name a person is shown by.
pub fn display_name(real_name: Option<String>, nick_name: Option<String>, phone: String) -> String {
    real_name.or(nick_name).unwrap_or(phone)
}

/// What others are shown of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Who.
    pub id: StaffId,
    /// The name the person is shown by.
    pub name: String,
    /// A link to a picture.
    pub avatar: Option<String>,
    /// The sign-in name.
    pub phone: String,
    /// Whom WeCom knows the person as.
    pub wecom_userid: Option<String>,
}

/// The cards of these people, deleted ones too.
///
/// # Errors
/// What the database answers.
pub fn cards(conn: &mut Conn, ids: impl IntoIterator<Item = StaffId>) -> Result<HashMap<StaffId, Card>> {
    type Row = (StaffId, Option<String>, Option<String>, String, Option<String>, Option<String>);
    let mut cards = HashMap::new();
    let ids = distinct(ids);
    if !ids.is_empty() {
        let rows: Vec<Row> = staff::table
            .filter(among(staff::id, ids.iter().copied()))
            .select((
                staff::id,
                staff::real_name,
                staff::nick_name,
                staff::phone,
                staff::head_image_url,
                staff::wecom_userid,
            ))
            .load(conn)?;
        cards.extend(rows.into_iter().map(|(id, real, nick, phone, avatar, wecom_userid)| {
            (id, Card { id, name: display_name(real, nick, phone.clone()), avatar, phone, wecom_userid })
        }));
    }
    Ok(cards)
}

/// The person not deleted whom WeCom knows by this id. Like WeCom, it makes no difference between
/// upper and lower case (of ASCII letters).
///
/// # Errors
/// What the database answers.
pub fn by_wecom_userid(conn: &mut Conn, userid: &str) -> Result<Option<StaffId>> {
    let collation = match conn.engine() {
        Engine::Sqlite => "",
        Engine::Postgres => " COLLATE \"C\"",
    };
    let same = Predicate::new(format!("LOWER(staff.wecom_userid{collation}) = ")).text(userid.to_ascii_lowercase());
    Ok(staff::table
        .filter(staff::status.ne(Literal::DELETED).and(staff::wecom_userid.is_not_null()))
        .filter(same)
        .order(staff::id)
        .select(staff::id)
        .first(conn)
        .optional()?)
}

/// Notes on `field` more than 1,000 people, one named twice, and those who do not exist, are deleted,
/// or whom the caller may not see; `kept` (those the record names already) are not asked about again. A correspondent sees no
/// colleagues and so names only themself.
///
/// # Errors
/// What the database answers.
pub fn check(
    conn: &mut Conn,
    caller: &Caller,
    problems: &mut Problems,
    field: &str,
    ids: &[StaffId],
    kept: &[StaffId],
) -> Result<()> {
    problems.ids(field, ids);
    let new: Vec<StaffId> = ids.iter().copied().filter(|id| !kept.contains(id)).collect();
    let known: Vec<StaffId> = if caller.role == Role::Correspondent {
        vec![caller.staff_id]
    } else {
        let mut known = Vec::with_capacity(new.len());
        if !new.is_empty() {
            let found: Vec<StaffId> = staff::table
                .filter(among(staff::id, new.iter().copied()).and(staff::status.ne(Literal::DELETED)))
                .select(staff::id)
                .load(conn)?;
            known.extend(found);
        }
        known
    };
    note_missing(problems, field, &new, &known);
    Ok(())
}

/// The same for a field with one person.
///
/// # Errors
/// What the database answers.
pub fn check_one(
    conn: &mut Conn,
    caller: &Caller,
    problems: &mut Problems,
    field: &str,
    id: &Patch<StaffId>,
    kept: Option<StaffId>,
) -> Result<()> {
    match id.value() {
        Some(id) => check(conn, caller, problems, field, &[*id], kept.as_slice()),
        None => Ok(()),
    }
}

/// Notes on `field` the ids that are not among the known ones.
pub fn note_missing<I: Id>(problems: &mut Problems, field: &str, ids: &[I], known: &[I]) {
    let missing: Vec<String> = ids.iter().filter(|id| !known.contains(id)).map(ToString::to_string).collect();
    if !missing.is_empty() {
        problems.push(field, format!("不存在:{}", missing.join(",")));
    }
}

/// These departments and all below them.
///
/// # Errors
/// What the database answers.
pub fn departments_below(conn: &mut Conn, roots: &[DepartmentId]) -> Result<Vec<DepartmentId>> {
    // A company has tens or hundreds of departments: the tree is read whole and walked here.
    let tree: Vec<(DepartmentId, Option<DepartmentId>)> = departments::table
        .filter(departments::status.ne(Literal::DELETED))
        .select((departments::id, departments::parent_id))
        .load(conn)?;
    let mut found = roots.to_vec();
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        let children =
            tree.iter().filter(|(id, above)| *above == Some(parent) && !found.contains(id)).map(|(id, _)| *id);
        let children: Vec<DepartmentId> = children.collect();
        found.extend(children);
        next += 1;
    }
    Ok(distinct(found))
}
