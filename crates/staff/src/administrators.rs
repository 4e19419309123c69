//! The first administrator, and a lost password: what a person at the machine may do without
//! signing in.

use crm_core::{Error, Patch, Problems, Result, Role, StaffId, phone_key};
use crm_db::audit::Deed;
use crm_db::schema::{staff, staff_group_members, staff_groups};
use crm_db::{Conn, Db, Literal, OnUnique, RowOf};
use diesel::prelude::*;
use serde::Serialize;

use crate::member::repository::check_phone_is_free;
use crate::session::end_all;
use crate::{Passwords, check_password, random_password};

/// An account that was made or changed, and the password to hand over, when one was generated.
#[derive(Clone)]
pub struct Access {
    /// Whose.
    pub staff_id: StaffId,
    /// The generated password; it is stored nowhere and must be changed at the first sign-in.
    pub generated_password: Option<String>,
}

#[derive(Serialize)]
struct Made<'a> {
    phone: &'a str,
    role_id: i16,
}

/// Whether there is an administrator who can sign in.
///
/// # Errors
/// What the database answers.
pub fn exist(db: &Db) -> Result<bool> {
    db.read(count).map(|count| count > 0)
}

/// Enabled administrators.
pub(crate) fn count(conn: &mut Conn) -> Result<i64> {
    let enabled = staff::role_id.eq(Role::Administrator.id()).and(staff::status.eq(1i16));
    Ok(staff::table.filter(enabled).count().get_result(conn)?)
}

/// Makes an administrator, with a generated password unless one is given. The password must be
/// changed at the first sign-in.
///
/// # Errors
/// [`Error::Invalid`] for a bad phone number or password, [`Error::Conflict`] when somebody has
/// the phone number.
pub fn create(db: &Db, passwords: &Passwords, phone: &str, password: Option<&str>) -> Result<Access> {
    create_if(db, passwords, phone, password, |_| Ok(true))?.ok_or_else(|| Error::internal("no administrator was made"))
}

/// The same, but only while there is no administrator: programs that start at once make one.
///
/// # Errors
/// As [`create`].
pub fn create_first(db: &Db, passwords: &Passwords, phone: &str, password: Option<&str>) -> Result<Option<Access>> {
    if exist(db)? {
        return Ok(None);
    }
    create_if(db, passwords, phone, password, |conn| Ok(count(conn)? == 0))
}

fn create_if(
    db: &Db,
    passwords: &Passwords,
    phone: &str,
    password: Option<&str>,
    wanted: impl FnOnce(&mut Conn) -> Result<bool>,
) -> Result<Option<Access>> {
    let mut problems = Problems::default();
    problems.phone("phoneNumber", &Patch::Value(phone.to_owned()));
    let (password, generated) = choose(&mut problems, password, phone)?;
    problems.finish()?;
    let hash = passwords.hash(&password)?;
    let now = db.now();
    db.write(|conn| {
        let group = administrators_group(conn, now)?;
        if !wanted(conn)? {
            return Ok(None);
        }
        check_phone_is_free(conn, phone, None)?;
        let staff_id: StaffId = diesel::insert_into(staff::table)
            .values((
                staff::phone.eq(phone),
                staff::phone_key.eq(phone_key(phone)),
                staff::password_hash.eq(&hash),
                staff::must_change_password.eq(true),
                staff::role_id.eq(Role::Administrator.id()),
                staff::real_name.eq("管理员"),
                staff::sex.eq(3i16),
                staff::status.eq(1i16),
                staff::version.eq(1i64),
                staff::created_at.eq(now),
                staff::updated_at.eq(now),
            ))
            .returning(staff::id)
            .get_result(conn)
            .on_unique("phoneNumber", "手机号已被使用")?;
        diesel::insert_into(staff_group_members::table)
            .values((
                staff_group_members::staff_id.eq(staff_id),
                staff_group_members::group_id.eq(group),
                staff_group_members::position.eq(0i64),
            ))
            .execute(conn)?;
        Deed { caller: None, action: "create", record: "staff", id: Some(staff_id.0), at: now }
            .created(conn, &Made { phone, role_id: Role::Administrator.id() })?;
        Ok(Some(Access { staff_id, generated_password: generated }))
    })
}

/// Gives the person with this phone number a new password, generated unless one is given, to be
/// changed at the next sign-in, and ends their sessions.
///
/// # Errors
/// [`Error::NotFound`] for a phone number nobody has, [`Error::Invalid`] for a bad password.
pub fn reset_password(db: &Db, passwords: &Passwords, phone: &str, password: Option<&str>) -> Result<Access> {
    let mut problems = Problems::default();
    let (password, generated) = choose(&mut problems, password, phone)?;
    problems.finish()?;
    let hash = passwords.hash(&password)?;
    let now = db.now();
    db.write(|conn| {
        let person = staff::phone_key.eq(phone_key(phone)).and(staff::status.ne(Literal::DELETED));
        let staff_id: StaffId = diesel::update(staff::table.filter(person))
            .set((
                staff::password_hash.eq(&hash),
                staff::must_change_password.eq(true),
                staff::version.eq(staff::version + 1),
                staff::updated_at.eq(now),
            ))
            .returning(staff::id)
            .get_result(conn)
            .optional()?
            .ok_or(Error::NotFound("员工"))?;
        end_all(conn, staff_id, now)?;
        Deed { caller: None, action: "reset_password", record: "staff", id: Some(staff_id.0), at: now }
            .noted(conn, &())?;
        Ok(Access { staff_id, generated_password: generated })
    })
}

fn choose(problems: &mut Problems, password: Option<&str>, phone: &str) -> Result<(String, Option<String>)> {
    match password {
        Some(password) => {
            check_password(problems, "password", password, phone);
            Ok((password.to_owned(), None))
        }
        None => random_password().map(|password| (password.clone(), Some(password))),
    }
}

/// Everybody is in a group; a new database has none yet. It stays locked until the transaction ends,
/// so that of programs that start at once one makes the administrator and the others see it.
fn administrators_group(conn: &mut Conn, now: crm_core::Instant) -> Result<i64> {
    const NAME: &str = "管理员";
    let live = staff_groups::name.eq(NAME).and(staff_groups::status.ne(Literal::DELETED));
    let find =
        |conn: &mut Conn| staff_groups::table.filter(live).select(staff_groups::id).first::<i64>(conn).optional();
    if find(conn)?.is_none() {
        diesel::sql_query(
            "INSERT INTO staff_groups (name, detail, data_scope, status, version, created_at, updated_at) \
             VALUES ($1, '管理员组', 'all', 1, 1, $2, $2) ON CONFLICT DO NOTHING",
        )
        .bind::<diesel::sql_types::Text, _>(NAME)
        .bind::<diesel::sql_types::Timestamp, _>(now)
        .execute(conn)?;
    }
    let id = find(conn)?.ok_or_else(|| Error::internal("the group of administrators was not made"))?;
    conn.lock_row(RowOf::Groups, id)?;
    Ok(id)
}
