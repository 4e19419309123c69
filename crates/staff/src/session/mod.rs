//! Sessions: from a token to a [`Caller`].

mod repository;
mod rights;

use std::time::Duration;

use crm_core::{Caller, Error, Instant, Page, Paged, Result, Role, SessionId, StaffId};
use crm_db::audit::Deed;
use crm_db::{Conn, Db};
use diesel::prelude::Queryable;
use sha2::{Digest, Sha256};

use crate::DataScope;
use crate::status::ENABLED;
use repository::OpenSession;
pub(crate) use repository::{NewSession, end_all, end_others, insert, replace_open, with_open_session};

/// How a session ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndReason {
    /// The person signed out, or somebody ended it for them.
    SignedOut,
    /// A newer sign-in took its place.
    Replaced,
}

impl EndReason {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Replaced => "replaced",
        }
    }
}

/// How long sessions live, and how many a person may have.
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    /// A session not used for this long is over.
    pub idle: Duration,
    /// A session is over after this long in any case.
    pub absolute: Duration,
    /// Whether a sign-in ends the person's older sessions.
    pub single: bool,
}

impl Default for SessionLimits {
    /// 12 hours idle, 14 days in all, any number.
    fn default() -> Self {
        Self { idle: Duration::from_secs(12 * 3600), absolute: Duration::from_secs(14 * 86_400), single: false }
    }
}

impl SessionLimits {
    /// The last use before which a session is idle too long.
    pub(crate) fn idle_since(&self, now: Instant) -> Instant {
        now.plus_seconds(i64::try_from(self.idle.as_secs()).unwrap_or(i64::MAX).saturating_neg())
    }

    /// What makes a session open at this moment.
    pub(crate) fn open_at(&self, now: Instant) -> OpenSession {
        OpenSession { now, idle_since: self.idle_since(now) }
    }

    pub(crate) fn expiry(&self, now: Instant) -> Instant {
        now.plus_seconds(i64::try_from(self.absolute.as_secs()).unwrap_or(i64::MAX))
    }
}

/// An open session: who is calling.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// On whose behalf requests of this session run.
    pub caller: Caller,
    /// Whether the person must set a new password before anything else.
    pub must_change_password: bool,
    /// How far the person sees, all in all: their groups and the departments they lead together.
    pub data_scope: DataScope,
    /// Whether the person is in an enabled group; who is in none has no access.
    pub has_access: bool,
    /// When this use was.
    pub used_at: Instant,
    /// Whether it should be stamped ([`Sessions::stamp`]).
    pub stamp_due: bool,
}

impl Session {
    /// The caller, for everything but one's own password, profile and sign-out.
    ///
    /// # Errors
    /// [`Error::PasswordChangeRequired`] and [`Error::Forbidden`] as the fields say.
    pub fn full_caller(&self) -> Result<&Caller> {
        if self.must_change_password {
            Err(Error::PasswordChangeRequired)
        } else if self.has_access {
            Ok(&self.caller)
        } else {
            Err(Error::Forbidden)
        }
    }
}

/// One of a person's open sessions, as shown to that person.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct SessionRow {
    /// Its id.
    pub id: SessionId,
    /// Where it was opened from.
    pub address: Option<String>,
    /// With what program.
    pub user_agent: Option<String>,
    /// When it was opened.
    pub created_at: Instant,
    /// When it was last used, to the minute.
    pub last_seen_at: Instant,
}

/// A use is stamped when the last stamp is this many seconds old: the idle limit is hours.
const STAMP_EVERY: i64 = 60;

/// Looks after open sessions. [`crate::SignIns`] opens them.
#[derive(Clone, Debug)]
pub struct Sessions {
    db: Db,
    limits: SessionLimits,
}

impl Sessions {
    /// The sessions of this database, under these limits.
    pub fn new(db: &Db, limits: SessionLimits) -> Self {
        Self { db: db.clone(), limits }
    }

    /// The session of this token, with the person's rights as they are now.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a token nobody has, [`Error::SessionExpired`] and
    /// [`Error::SessionReplaced`] for one that somebody had.
    pub fn authenticate(&self, token: &str) -> Result<Session> {
        let now = self.db.now();
        self.db.read(|conn| {
            let found = repository::by_token(conn, &token_hash(token))?.ok_or(Error::Unauthenticated)?;
            match found.end_reason.as_deref() {
                Some(reason) if reason == EndReason::Replaced.as_str() => return Err(Error::SessionReplaced),
                Some(_) => return Err(Error::Unauthenticated),
                None => {}
            }
            if found.standing.status != ENABLED {
                return Err(Error::Unauthenticated);
            }
            if found.expires_at <= now || found.last_seen_at <= self.limits.idle_since(now) {
                return Err(Error::SessionExpired);
            }
            let role = Role::from_id(found.standing.role_id.into()).ok_or(Error::Unauthenticated)?;
            let rights = rights::of(conn, &found.standing, role)?;
            Ok(Session {
                id: found.id,
                data_scope: rights.data_scope(),
                caller: Caller::new(found.standing.staff_id, role, rights.scope),
                must_change_password: found.must_change_password,
                has_access: rights.has_access,
                used_at: now,
                stamp_due: found.last_seen_at.plus_seconds(STAMP_EVERY) <= now,
            })
        })
    }

    /// On whose behalf this person's own requests would run: for an administrator who looks through
    /// somebody else's eyes.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for everybody else, unless they name themself, and for somebody without
    /// access; [`Error::NotFound`] for somebody who is missing, disabled or deleted.
    pub fn caller_as(&self, caller: &Caller, person: StaffId) -> Result<Caller> {
        if person == caller.staff_id {
            return Ok(caller.clone());
        }
        caller.require_administrator()?;
        let found = self.db.read(|conn| caller_of(conn, person))?;
        Ok(Caller { address: caller.address.clone(), ..found })
    }

    /// Notes that the session is in use. Meant to run beside the request, not in it.
    ///
    /// # Errors
    /// What the database answers; a stamp that is lost is made by the next request.
    pub fn stamp(&self, session: &Session) -> Result<()> {
        self.db.write(|conn| repository::stamp(conn, session.id, session.used_at))
    }

    /// Ends this session.
    ///
    /// # Errors
    /// What the database answers.
    pub fn sign_out(&self, session: &Session) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            repository::end(conn, session.id, now)?;
            let deed = Deed {
                caller: Some(&session.caller),
                action: "sign_out",
                record: "session",
                id: Some(session.id.0),
                at: now,
            };
            deed.noted(conn, &())
        })
    }

    /// The caller's open sessions (or the one with this id), newest first.
    ///
    /// # Errors
    /// What the database answers.
    pub fn list(&self, caller: &Caller, id: Option<SessionId>, page: Page) -> Result<Paged<SessionRow>> {
        let open = self.limits.open_at(self.db.now());
        self.db.read(|conn| repository::of_person(conn, caller.staff_id, id, open, page))
    }

    /// Ends one of the caller's own sessions. One that is over already stays so.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a session the caller never had.
    pub fn end(&self, caller: &Caller, id: SessionId) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            if repository::owner(conn, id)? != Some(caller.staff_id) {
                return Err(Error::NotFound("会话"));
            }
            if repository::end(conn, id, now)? {
                Deed { caller: Some(caller), action: "sign_out", record: "session", id: Some(id.0), at: now }
                    .noted(conn, &())?;
            }
            Ok(())
        })
    }

    /// Forgets sessions that have been over for a month. For a background task.
    ///
    /// # Errors
    /// What the database answers.
    pub fn forget_old(&self) -> Result<usize> {
        let before = self.db.now().plus_seconds(-30 * 86_400);
        self.db.write(|conn| repository::delete_expired(conn, before))
    }

    /// Which of these people have an open session.
    ///
    /// # Errors
    /// What the database answers.
    pub fn signed_in(&self, conn: &mut Conn, people: &[StaffId]) -> Result<Vec<StaffId>> {
        with_open_session(conn, people, self.limits.open_at(self.db.now()))
    }
}

/// On whose behalf this person's own requests would run.
///
/// # Errors
/// [`Error::NotFound`] for somebody who is missing, disabled or deleted, [`Error::Forbidden`] for
/// somebody without an enabled group.
pub(crate) fn caller_of(conn: &mut Conn, person: StaffId) -> Result<Caller> {
    let found = repository::standing(conn, person)?.filter(|found| found.status == ENABLED);
    let found = found.ok_or(Error::NotFound("员工"))?;
    let role = Role::from_id(found.role_id.into()).ok_or(Error::NotFound("员工"))?;
    let rights = rights::of(conn, &found, role)?;
    if !rights.has_access {
        return Err(Error::Forbidden);
    }
    Ok(Caller::new(person, role, rights.scope))
}

/// What is stored of a token.
pub(crate) fn token_hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// A new token: 256 random bits.
pub(crate) fn new_token() -> Result<String> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::internal(error.to_string()))?;
    Ok(hex(&bytes))
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
