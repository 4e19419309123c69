//! Staff: who works here, who may sign in, and what each of them may see.
//!
//! Every other domain crate takes a [`Caller`](crm_core::Caller) and trusts it; this crate makes
//! it, from a session ([`Sessions`]) and the person's role, groups and department.
//!
//! ```
//! use crm_db::Db;
//! use crm_staff::{
//!     DataScope, GroupInput, Groups, MemberInput, Members, Passwords, SessionLimits, Sessions, SignIn, SignIns,
//!     administrators,
//! };
//!
//! # let folder = tempfile::tempdir()?;
//! # let url = format!("sqlite://{}/crm.db", folder.path().display());
//! let db = Db::open(&url)?;
//! db.migrate()?;
//! let passwords = Passwords::new(4); // 12 in production
//! administrators::create(&db, &passwords, "13800000000", Some("correct horse"))?;
//!
//! let sign_ins = SignIns::new(&db, &passwords, SessionLimits::default());
//! let opened = sign_ins.sign_in(&SignIn {
//!     phone: "138-0000-0000".into(),
//!     password: "correct horse".into(),
//!     address: "127.0.0.1".into(),
//!     user_agent: None,
//! })?;
//!
//! let session = Sessions::new(&db, SessionLimits::default()).authenticate(&opened.token)?;
//! assert!(session.must_change_password, "a first password must be changed");
//!
//! // Who calls is said each time; an administrator may enter people.
//! let sales = Groups::new(&db).create(
//!     &session.caller,
//!     GroupInput { name: "销售".to_owned().into(), data_scope: Some(DataScope::Own), ..GroupInput::default() },
//! )?;
//! let hired = Members::new(&db, &passwords, SessionLimits::default()).create(
//!     &session.caller,
//!     MemberInput {
//!         phone: "13700000000".to_owned().into(),
//!         group_ids: vec![sales].into(),
//!         ..MemberInput::default()
//!     },
//! )?;
//! assert!(hired.initial_password.is_some(), "shown once, stored nowhere");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod administrators;
mod audit_trail;
mod department;
pub mod directory;
mod group;
pub mod member;
mod menu;
mod password;
pub mod people;
mod session;
mod sign_in;
mod status;

pub use audit_trail::{AuditEntry, AuditFilter, AuditTrail};
pub use department::{Department, DepartmentInput, DepartmentListing, Departments};
pub use group::{DataScope, Group, GroupFilter, GroupInput, Groups};
pub use member::{Hired, Member, MemberFilter, MemberInput, MemberListing, MemberStatus, Members, Profile};
pub use menu::{MemberMenus, Menu, MenuInput, Menus};
pub use password::{PasswordChanges, Passwords, check_password, random_password};
pub use session::{Session, SessionLimits, SessionRow, Sessions};
pub use sign_in::{SignIn, SignIns, SignedIn};
