//! People by what they are called, for programs that read names: an import knows owners by phone
//! number or name.

use crm_core::{Caller, Error, Result, Role, StaffId, phone_key};
use crm_db::schema::staff;
use crm_db::{Conn, Db, Literal};
use diesel::prelude::*;

use crate::session;
use crate::status::ENABLED;

/// Enough to tell one from several.
const FEW: usize = 2;

/// The people with this phone number, real name or nickname whom the caller may name, two at most.
/// Deleted people are not found. A correspondent names only themself.
///
/// # Errors
/// What the database answers.
pub fn known_as(conn: &mut Conn, caller: &Caller, text: &str) -> Result<Vec<StaffId>> {
    let key = phone_key(text);
    let by_phone: Vec<StaffId> = match key.len() {
        0..5 => Vec::new(),
        _ => staff::table
            .filter(staff::phone_key.eq(key).and(staff::status.ne(Literal::DELETED)))
            .select(staff::id)
            .load(conn)?,
    };
    let mut found = by_phone;
    if found.is_empty() {
        // The people who sign in are few: they are read through.
        found = staff::table
            .filter(staff::real_name.eq(text).or(staff::nick_name.eq(text)))
            .filter(staff::status.ne(Literal::DELETED))
            .order(staff::id)
            .select(staff::id)
            .load(conn)?;
    }
    if caller.role == Role::Correspondent {
        found.retain(|person| *person == caller.staff_id);
    }
    found.truncate(FEW);
    Ok(found)
}

/// The person who signs in with this phone number, with what that person may do and see; without one
/// the first administrator. For commands, which nobody signs in for.
///
/// # Errors
/// [`Error::NotFound`] when there is no such enabled person, [`Error::Forbidden`] for somebody without
/// an enabled group.
pub fn caller(db: &Db, phone: Option<&str>) -> Result<Caller> {
    db.read(|conn| {
        let enabled = staff::table.filter(staff::status.eq(ENABLED)).order(staff::id).select(staff::id);
        let found: Option<StaffId> = match phone {
            Some(phone) => enabled.filter(staff::phone_key.eq(phone_key(phone))).first(conn).optional()?,
            None => enabled.filter(staff::role_id.eq(Role::Administrator.id())).first(conn).optional()?,
        };
        session::caller_of(conn, found.ok_or(Error::NotFound("员工"))?)
    })
}
