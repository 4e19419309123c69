//! Changing one's own password, and setting somebody else's (native-api §3 "password").

use crm_core::{Caller, Error, Instant, Problems, Result, StaffId, phone_key};
use crm_db::audit::Deed;
use crm_db::schema::staff;
use crm_db::{Conn, Db, Literal, RowOf};
use diesel::prelude::*;

use super::{Passwords, check_password};
use crate::Session;
use crate::session::{end_all, end_others};
use crate::sign_in::throttle;

/// Changes passwords.
#[derive(Clone, Debug)]
pub struct PasswordChanges {
    db: Db,
    passwords: Passwords,
}

#[derive(Queryable)]
struct Person {
    id: StaffId,
    phone: String,
    password_hash: String,
}

impl PasswordChanges {
    /// The passwords of this database's staff.
    pub fn new(db: &Db, passwords: &Passwords) -> Self {
        Self { db: db.clone(), passwords: passwords.clone() }
    }

    /// Sets the password of the person with this phone number: one's own with the old one, or as an
    /// administrator somebody else's without. Returns whose it was.
    ///
    /// # Errors
    /// As [`PasswordChanges::change_own`] and [`PasswordChanges::reset`].
    pub fn set(&self, session: &Session, phone: &str, old: Option<&str>, new: &str) -> Result<StaffId> {
        let own = self.person(phone)?.is_some_and(|person| person.id == session.caller.staff_id);
        match old {
            Some(old) if own || !session.caller.is_administrator() => {
                self.change_own(session, phone, old, new)?;
                Ok(session.caller.staff_id)
            }
            None if own => {
                let mut problems = Problems::default();
                problems.push("old_password", "不能为空");
                check_password(&mut problems, "new_password", new, phone);
                Err(Error::Invalid(problems))
            }
            _ => self.reset(session.full_caller()?, phone, new),
        }
    }

    /// Changes the caller's own password and ends their other sessions. `phone` must be their own.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for somebody else's phone number, [`Error::Invalid`] for a wrong old
    /// password (which counts as a failed sign-in) or a new one that is not allowed,
    /// [`Error::TooManyRequests`] after too many wrong ones.
    pub fn change_own(&self, session: &Session, phone: &str, old: &str, new: &str) -> Result<()> {
        let person =
            self.person(phone)?.filter(|person| person.id == session.caller.staff_id).ok_or(Error::Forbidden)?;
        let mut problems = Problems::default();
        check_password(&mut problems, "new_password", new, &person.phone);
        if new == old {
            problems.push("new_password", "不能与原密码相同");
        }
        problems.finish()?;
        let address = session.caller.address.clone().unwrap_or_default();
        let counted = throttle::begin(&self.db, &phone_key(&person.phone), &address)?;
        let right = self.passwords.verify(old, Some(&person.password_hash));
        if !matches!(right, Ok(false)) {
            self.db.write(|conn| throttle::withdraw(conn, counted))?;
        }
        if !right? {
            return Err(Error::invalid("old_password", "原密码错误"));
        }
        let hash = self.passwords.hash(new)?;
        let now = self.db.now();
        self.db.write(|conn| {
            set(conn, &person, &hash, false, now)?;
            end_others(conn, person.id, session.id, now)?;
            note(conn, &session.caller, "change_password", person.id, now)
        })
    }

    /// Gives somebody a new password, which they must change at their next sign-in, and ends their
    /// sessions. Administrators only.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`] for a phone number nobody has, [`Error::Invalid`]
    /// for a password that is not allowed.
    pub fn reset(&self, caller: &Caller, phone: &str, new: &str) -> Result<StaffId> {
        caller.require_administrator()?;
        let person = self.person(phone)?.ok_or(Error::NotFound("员工"))?;
        let mut problems = Problems::default();
        check_password(&mut problems, "new_password", new, &person.phone);
        problems.finish()?;
        if self.passwords.verify(new, Some(&person.password_hash))? {
            return Err(Error::invalid("new_password", "不能与原密码相同"));
        }
        let hash = self.passwords.hash(new)?;
        let now = self.db.now();
        self.db.write(|conn| {
            set(conn, &person, &hash, true, now)?;
            end_all(conn, person.id, now)?;
            note(conn, caller, "reset_password", person.id, now)
        })?;
        Ok(person.id)
    }

    fn person(&self, phone: &str) -> Result<Option<Person>> {
        self.db.read(|conn| {
            Ok(staff::table
                .filter(staff::phone_key.eq(phone_key(phone)).and(staff::status.ne(Literal::DELETED)))
                .select((staff::id, staff::phone, staff::password_hash))
                .first(conn)
                .optional()?)
        })
    }
}

/// Sets the password, unless somebody else did meanwhile.
fn set(conn: &mut Conn, person: &Person, hash: &str, must_change: bool, now: Instant) -> Result<()> {
    conn.lock_row(RowOf::Staff, person.id.0)?;
    let unchanged = staff::id.eq(person.id).and(staff::password_hash.eq(&person.password_hash));
    let set = diesel::update(staff::table.filter(unchanged))
        .set((
            staff::password_hash.eq(hash),
            staff::must_change_password.eq(must_change),
            staff::version.eq(staff::version + 1),
            staff::updated_at.eq(now),
        ))
        .execute(conn)?;
    if set == 1 { Ok(()) } else { Err(Error::Stale) }
}

fn note(conn: &mut Conn, caller: &Caller, action: &str, id: StaffId, at: Instant) -> Result<()> {
    Deed { caller: Some(caller), action, record: "staff", id: Some(id.0), at }.noted(conn, &())
}
