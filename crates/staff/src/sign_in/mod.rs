//! Signing in, and signing out everywhere by password.

pub(crate) mod throttle;

use crm_core::{Caller, Error, Instant, Problems, Result, Role, Scope, StaffId, phone_key};
use crm_db::audit::Deed;
use crm_db::schema::staff;
use crm_db::{Conn, Db};
use diesel::prelude::*;
use serde::Serialize;

use crate::Passwords;
use crate::session::{self, NewSession, SessionLimits};
use throttle::Attempt;

/// Longer texts cannot be a phone number or a password; they are not worth hashing.
const PHONE_TEXT_MAX: usize = 100;
const PASSWORD_TEXT_MAX: usize = 1_024;

/// What a person signs in with, and from where.
#[derive(Clone)]
pub struct SignIn {
    /// The phone number, as typed.
    pub phone: String,
    /// The password.
    pub password: String,
    /// The network address the request came from.
    pub address: String,
    /// The program the person uses.
    pub user_agent: Option<String>,
}

/// An opened session.
#[derive(Clone)]
pub struct SignedIn {
    /// What later requests show. It is stored nowhere.
    pub token: String,
    /// Who signed in.
    pub staff_id: StaffId,
    /// Whether the person must set a new password before anything else.
    pub must_change_password: bool,
}

/// Signing in and out by phone number and password, throttled (native-api §3 "login").
#[derive(Clone, Debug)]
pub struct SignIns {
    db: Db,
    passwords: Passwords,
    limits: SessionLimits,
}

/// Who has a phone number, as far as signing in asks.
#[derive(Clone, Queryable)]
pub(crate) struct Account {
    pub(crate) id: StaffId,
    pub(crate) phone: String,
    pub(crate) password_hash: String,
    pub(crate) role_id: i16,
    pub(crate) must_change_password: bool,
}

#[derive(Serialize)]
struct Where<'a> {
    user_agent: Option<&'a str>,
}

impl SignIns {
    /// Sign-ins to this database.
    pub fn new(db: &Db, passwords: &Passwords, limits: SessionLimits) -> Self {
        Self { db: db.clone(), passwords: passwords.clone(), limits }
    }

    /// Opens a session.
    ///
    /// # Errors
    /// [`Error::InvalidCredentials`] for an unknown phone number, a wrong password and a disabled
    /// account alike, in the same time; [`Error::TooManyRequests`] after too many failures.
    pub fn sign_in(&self, attempt: &SignIn) -> Result<SignedIn> {
        let account = self.prove(attempt)?;
        let now = self.db.now();
        let token = session::new_token()?;
        self.db.write(|conn| {
            still_valid(conn, &account)?;
            throttle::succeeded(conn, &phone_key(&attempt.phone), &attempt.address, now)?;
            let new = NewSession {
                staff_id: account.id,
                token_hash: session::token_hash(&token),
                address: &attempt.address,
                user_agent: attempt.user_agent.as_deref(),
                created_at: now,
                last_seen_at: now,
                expires_at: self.limits.expiry(now),
            };
            if self.limits.single {
                session::replace_open(conn, account.id, self.limits.open_at(now))?;
            }
            let id = session::insert(conn, &new)?;
            diesel::update(staff::table.filter(staff::id.eq(account.id)))
                .set(staff::last_login_time.eq(now))
                .execute(conn)?;
            let caller = caller_of(&account, attempt);
            Deed { caller: Some(&caller), action: "sign_in", record: "session", id: Some(id.0), at: now }
                .noted(conn, &Where { user_agent: attempt.user_agent.as_deref() })
        })?;
        Ok(SignedIn { token, staff_id: account.id, must_change_password: account.must_change_password })
    }

    /// Ends all sessions of the person with this phone number and password.
    ///
    /// # Errors
    /// As [`SignIns::sign_in`].
    pub fn sign_out_everywhere(&self, attempt: &SignIn) -> Result<StaffId> {
        let account = self.prove(attempt)?;
        let now = self.db.now();
        self.db.write(|conn| {
            throttle::succeeded(conn, &phone_key(&attempt.phone), &attempt.address, now)?;
            session::end_all(conn, account.id, now)?;
            let caller = caller_of(&account, attempt);
            Deed { caller: Some(&caller), action: "sign_out", record: "staff", id: Some(account.id.0), at: now }
                .noted(conn, &())
        })?;
        Ok(account.id)
    }

    /// Forgets failures and addresses that no limit asks about any more. For a background task.
    ///
    /// # Errors
    /// What the database answers.
    pub fn forget_old(&self) -> Result<usize> {
        let now = self.db.now();
        self.db.write(|conn| throttle::forget_old(conn, now))
    }

    /// The account whose password this is.
    fn prove(&self, attempt: &SignIn) -> Result<Account> {
        let mut problems = Problems::default();
        problems.plain_text("phoneNumber", &attempt.phone, PHONE_TEXT_MAX);
        problems.plain_text("password", &attempt.password, PASSWORD_TEXT_MAX);
        problems.finish()?;
        let key = phone_key(&attempt.phone);
        // Counted as a failure until it is proved right: attempts made at once cannot slip through.
        let counted = throttle::begin(&self.db, &key, &attempt.address)?;
        let account = self.db.read(|conn| by_phone(conn, &key));
        let verdict = account.and_then(|account| {
            let hash = account.as_ref().map(|account| account.password_hash.as_str());
            let right = self.passwords.verify(&attempt.password, hash)?;
            Ok((account, right))
        });
        match verdict {
            Ok((Some(account), true)) => {
                self.withdraw(counted);
                Ok(account)
            }
            Ok((account, _)) => {
                if let Some(account) = account {
                    self.note_failure(&account, attempt, self.db.now())?;
                }
                Err(Error::InvalidCredentials)
            }
            Err(error) => {
                // Not judged, so not held against anybody.
                self.withdraw(counted);
                Err(error)
            }
        }
    }

    fn withdraw(&self, attempt: Attempt) {
        if let Err(error) = self.db.write(|conn| throttle::withdraw(conn, attempt)) {
            tracing::warn!(%error, "an attempt to sign in stays counted");
        }
    }

    fn note_failure(&self, account: &Account, attempt: &SignIn, at: Instant) -> Result<()> {
        let caller = caller_of(account, attempt);
        let deed =
            Deed { caller: Some(&caller), action: "sign_in_failed", record: "staff", id: Some(account.id.0), at };
        self.db.write(|conn| deed.noted(conn, &Where { user_agent: attempt.user_agent.as_deref() }))
    }
}

/// The person who signed in, for the audit trail alone.
fn caller_of(account: &Account, attempt: &SignIn) -> Caller {
    let role = Role::from_id(account.role_id.into()).unwrap_or(Role::Correspondent);
    Caller { address: Some(attempt.address.clone()), ..Caller::new(account.id, role, Scope::Own) }
}

/// The enabled account of a phone number.
pub(crate) fn by_phone(conn: &mut Conn, phone_key: &str) -> Result<Option<Account>> {
    Ok(staff::table
        .filter(staff::phone_key.eq(phone_key).and(staff::status.eq(1i16)))
        .select((staff::id, staff::phone, staff::password_hash, staff::role_id, staff::must_change_password))
        .first(conn)
        .optional()?)
}

/// Between proving a password and opening the session the account may have been disabled or given
/// another password.
fn still_valid(conn: &mut Conn, account: &Account) -> Result<()> {
    conn.lock_row(crm_db::RowOf::Staff, account.id.0)?;
    let now = by_phone(conn, &phone_key(&account.phone))?;
    match now {
        Some(now) if now.id == account.id && now.password_hash == account.password_hash => Ok(()),
        _ => Err(Error::InvalidCredentials),
    }
}
