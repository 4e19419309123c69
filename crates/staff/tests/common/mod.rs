//! What the tests of this crate share.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "tests; each file is a program of its own and uses some of this"
)]

use crm_core::{Caller, Clock, Error, GroupId, Instant, Page, StaffId};
use crm_db::testing::TestDb;
use crm_db::{Engine, Options};
use crm_staff::{
    AuditEntry, AuditFilter, AuditTrail, DataScope, Departments, GroupInput, Groups, MemberInput, Members,
    PasswordChanges, Passwords, Session, SessionLimits, Sessions, SignIn, SignIns, administrators, member,
};

/// The administrator's phone number.
pub const ADMIN: &str = "13800000000";
/// Everybody's password.
pub const PASSWORD: &str = "correct horse";
/// An address nobody has signed in from.
pub const HOME: &str = "192.0.2.1";

/// A database with one administrator, and every service over it.
pub struct Office {
    pub test: TestDb,
    pub clock: Clock,
    pub admin: Caller,
    pub groups: Groups,
    pub members: Members,
    pub departments: Departments,
    pub sign_ins: SignIns,
    pub sessions: Sessions,
    pub passwords: PasswordChanges,
    pub audit: AuditTrail,
}

/// Runs `check` in a new office on each engine that is there.
pub fn in_each_office(limits: SessionLimits, check: impl Fn(&Office)) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let clock = Clock::manual(Instant::from_unix(1_772_416_800));
        let options = Options { pool_size: 8, clock: clock.clone(), ..Options::default() };
        let Some(test) = TestDb::with_options(engine, options) else { continue };
        println!("on {engine:?}");
        let hasher = Passwords::new(4);
        let access = administrators::create(&test.db, &hasher, ADMIN, Some(PASSWORD)).expect("an administrator");
        let db = &test.db;
        check(&Office {
            admin: Caller::administrator(access.staff_id),
            groups: Groups::new(db),
            members: Members::new(db, &hasher, limits),
            departments: Departments::new(db),
            sign_ins: SignIns::new(db, &hasher, limits),
            sessions: Sessions::new(db, limits),
            passwords: PasswordChanges::new(db, &hasher),
            audit: AuditTrail::new(db),
            clock,
            test,
        });
    }
}

impl Office {
    pub fn group(&self, name: &str, scope: DataScope) -> GroupId {
        let input = GroupInput { name: name.to_owned().into(), data_scope: Some(scope), ..GroupInput::default() };
        self.groups.create(&self.admin, input).expect("a group")
    }

    /// A person in this group, with everybody's password.
    pub fn hire(&self, phone: &str, role_id: i64, group: GroupId) -> StaffId {
        self.members.create(&self.admin, person(phone, role_id, group)).expect("a person").id
    }

    /// Deletes a person, who has no customers here; `true` when they were deleted now.
    pub fn delete(&self, caller: &Caller, id: StaffId) -> Result<bool, Error> {
        let now = self.test.db.now();
        self.test.db.write(|conn| member::delete(conn, caller, id, now))
    }

    pub fn try_sign_in(&self, phone: &str, password: &str, address: &str) -> Result<String, Error> {
        let attempt = SignIn {
            phone: phone.to_owned(),
            password: password.to_owned(),
            address: address.to_owned(),
            user_agent: None,
        };
        self.sign_ins.sign_in(&attempt).map(|opened| opened.token)
    }

    pub fn sign_in(&self, phone: &str) -> String {
        self.try_sign_in(phone, PASSWORD, HOME).expect("a session")
    }

    pub fn session(&self, token: &str) -> Session {
        self.sessions.authenticate(token).expect("the session is open")
    }

    pub fn deeds(&self, action: &str) -> Vec<AuditEntry> {
        let filter = AuditFilter {
            staff_id: None,
            action: Some(action.to_owned()),
            record: None,
            record_id: None,
            range: crm_core::TimeRange::ALL,
        };
        self.audit.list(&self.admin, &filter, Page::first()).expect("deeds").rows
    }
}

/// What it takes to enter a person.
pub fn person(phone: &str, role_id: i64, group: GroupId) -> MemberInput {
    MemberInput {
        phone: phone.to_owned().into(),
        role_id: role_id.into(),
        group_ids: vec![group].into(),
        password: PASSWORD.to_owned().into(),
        ..MemberInput::default()
    }
}

/// The stable code of what was refused.
pub fn code<T>(result: Result<T, Error>) -> &'static str {
    result.err().map_or("ok", |error| error.code().as_str())
}
