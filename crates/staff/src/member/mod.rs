//! Members of staff (员工): who works here (native-api §3 "user", "deluser").

mod check;
mod model;
pub(crate) mod repository;
mod standing;

use std::collections::HashSet;

use crm_core::{Caller, DELETED, Error, Page, Paged, Result, StaffId, StatusFilter};
use crm_db::audit::Deed;
use crm_db::{Conn, Db, in_order};

use crate::session::Session;
use crate::status::{DISABLED, ENABLED};
use crate::{Passwords, SessionLimits, Sessions, group, menu, random_password};
use model::Linked;
pub use model::{Hired, Member, MemberFilter, MemberInput, MemberListing, MemberStatus, Profile};
pub use standing::delete;

const NOT_FOUND: Error = Error::NotFound("员工");

/// Looks after the people who work here.
#[derive(Clone, Debug)]
pub struct Members {
    db: Db,
    passwords: Passwords,
    sessions: Sessions,
}

impl Members {
    /// The staff of this database; `limits` say which of their sessions are open.
    pub fn new(db: &Db, passwords: &Passwords, limits: SessionLimits) -> Self {
        Self { db: db.clone(), passwords: passwords.clone(), sessions: Sessions::new(db, limits) }
    }

    /// The people who work here, newest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for correspondents.
    pub fn list(&self, caller: &Caller, filter: &MemberFilter, page: Page) -> Result<Paged<MemberListing>> {
        caller.require_staff()?;
        self.db.read(|conn| self.listings(conn, filter, page))
    }

    /// The caller's own person, whatever their role.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a caller who is not in this database.
    pub fn profile(&self, session: &Session) -> Result<Profile> {
        let me = session.caller.staff_id;
        let filter = MemberFilter { id: Some(me), status: StatusFilter::All, ..MemberFilter::default() };
        self.db.read(|conn| {
            let listing = self.listings(conn, &filter, Page::first())?.rows.pop().ok_or(NOT_FOUND)?;
            Ok(Profile {
                listing,
                data_scope: session.data_scope,
                menus: menu::of_people(conn, &[me])?.remove(&me).unwrap_or_default(),
                must_change_password: session.must_change_password,
            })
        })
    }

    /// Enters a person, who must change the password at the first sign-in. Administrators only.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Invalid`] with every bad field, [`Error::Conflict`] for a phone
    /// number or an id at WeCom somebody has, [`Error::TooManyRequests`] when too many passwords are being hashed.
    pub fn create(&self, caller: &Caller, mut input: MemberInput) -> Result<Hired> {
        caller.require_administrator()?;
        self.db.read(|conn| check::check(conn, &input, None))?;
        let initial_password = if input.password.value().is_some() { None } else { Some(random_password()?) };
        let chosen = std::mem::take(&mut input.password).into_value();
        let hash = self.passwords.hash(chosen.as_deref().or(initial_password.as_deref()).unwrap_or_default())?;
        let now = self.db.now();
        self.db.write(|conn| {
            let group_ids = input.group_ids.value().cloned().unwrap_or_default();
            if input.wecom_userid.value().is_some() {
                // No index keeps ids at WeCom unique: whoever gives one takes turns on the administrators.
                repository::lock(conn, caller.staff_id)?;
            }
            repository::hold(conn, &group_ids, input.department_id.value().copied())?;
            // Once more: hashing took its time, and nothing was locked.
            check::check(conn, &input, None)?;
            let member = Member::blank(now).with(input);
            let id = repository::insert(conn, &member, &hash)?;
            repository::GROUPS.insert(conn, id, &group_ids)?;
            let member = Member { id, ..member };
            Deed { caller: Some(caller), action: "create", record: "staff", id: Some(id.0), at: now }
                .created(conn, &Linked { member, group_ids })?;
            Ok(Hired { id, initial_password })
        })
    }

    /// Changes a person. With `version` they are only changed if they still are what was read.
    /// Administrators only. A change of role, groups or department binds on the person's next request.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`] for one who is missing or deleted, [`Error::Stale`]
    /// when `version` is past, [`Error::Invalid`] with every bad field, [`Error::Conflict`] for a
    /// phone number or an id at WeCom somebody else has and for demoting oneself or the last administrator.
    pub fn update(&self, caller: &Caller, id: StaffId, version: Option<i64>, input: MemberInput) -> Result<()> {
        caller.require_administrator()?;
        let now = self.db.now();
        self.db.write(|conn| {
            repository::lock(conn, id)?;
            let member = repository::find(conn, id)?.filter(|member| member.status != DELETED).ok_or(NOT_FOUND)?;
            let before = Linked { member, group_ids: repository::GROUPS.of(conn, id)? };
            let group_ids = input.group_ids.value().unwrap_or(&before.group_ids).clone();
            repository::hold(conn, &group_ids, input.department_id.value().copied())?;
            check::check(conn, &input, Some(&before))?;
            if version.is_some_and(|version| version != before.member.version) {
                return Err(Error::Stale);
            }
            let after = before.member.clone().with(input).changed(now);
            standing::check_administrators(conn, caller, &before.member, &after, "role_id")?;
            repository::update(conn, &after)?;
            if group_ids != before.group_ids {
                repository::GROUPS.replace(conn, id, &group_ids)?;
            }
            Deed { caller: Some(caller), action: "update", record: "staff", id: Some(id.0), at: now }.changed(
                conn,
                &before,
                &Linked { member: after, group_ids },
            )
        })
    }

    /// Enables or disables a person; disabling ends their sessions. What is so already stays so.
    /// Administrators only. Nobody is deleted here, because their customers would stay theirs: the
    /// customers crate does both in one transaction, with [`delete`].
    ///
    /// # Errors
    /// As [`delete`]; [`Error::NotFound`] also for one who is deleted.
    pub fn set_status(&self, caller: &Caller, id: StaffId, status: MemberStatus) -> Result<()> {
        let now = self.db.now();
        let status = match status {
            MemberStatus::Enabled => ENABLED,
            MemberStatus::Disabled => DISABLED,
        };
        self.db.write(|conn| standing::set(conn, caller, id, status, now)).map(|_| ())
    }

    fn listings(&self, conn: &mut Conn, filter: &MemberFilter, page: Page) -> Result<Paged<MemberListing>> {
        let Paged { rows, total } = repository::list(conn, filter, page)?;
        let ids: Vec<StaffId> = rows.iter().map(|member| member.id).collect();
        let mut groups = repository::GROUPS.of_all(conn, &ids)?;
        let names = group::names(conn, groups.values().flatten().copied())?;
        let signed_in: HashSet<StaffId> = self.sessions.signed_in(conn, &ids)?.into_iter().collect();
        let rows = rows
            .into_iter()
            .map(|member| {
                let group_ids = groups.remove(&member.id).unwrap_or_default();
                MemberListing {
                    group_names: in_order(&group_ids, &names),
                    group_ids,
                    is_signed_in: signed_in.contains(&member.id),
                    member,
                }
            })
            .collect();
        Ok(Paged { rows, total })
    }
}
