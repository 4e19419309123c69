//! The database under the domain crates: SQLite in the program's own process, or PostgreSQL,
//! chosen by the URL.
//!
//! A [`Db`] is opened once and cloned freely. [`Db::read`] lends a connection for queries,
//! [`Db::write`] one transaction; both are synchronous and are meant for a thread that may block.
//! The tables are declared in [`schema`]; the SQL that creates them is in the workspace's
//! `migrations` folder, compiled in. What every write leaves behind it is here too: the
//! [`audit`] trail and the [`counters`], and so is the per-character [`text_search`]. What an operator
//! does with a whole database is in [`operate`].
//!
//! ```
//! use crm_db::{Db, schema::menus};
//! use diesel::prelude::*;
//!
//! # let folder = tempfile::tempdir()?;
//! # let url = format!("sqlite://{}/crm.db", folder.path().display());
//! let db = Db::open(&url)?;
//! db.migrate()?;
//! let menus = db.read(|conn| Ok(menus::table.count().get_result::<i64>(conn)?))?;
//! assert_eq!(menus, 6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod among;
pub mod audit;
mod columns;
mod connection;
pub mod counters;
pub mod deadline;
mod group;
mod in_use;
mod joined;
pub mod lease;
mod lender;
mod line;
mod links;
mod literal;
mod migrations;
mod mover;
mod on_unique;
pub mod operate;
mod pool;
mod predicate;
mod put_off;
pub mod retry;
pub mod schema;
mod statement;
#[cfg(feature = "testing")]
pub mod testing;
pub mod text_search;
mod together;
mod transaction;
mod visibility;

pub use among::{Among, among};
pub use columns::columns;
pub use connection::{Backend, Conn, Engine, RowOf};
pub use lender::PoolUse;
pub use links::{Links, chunks, distinct, in_order};
pub use literal::Literal;
pub use on_unique::OnUnique;
pub use pool::{Db, Options};
pub use predicate::Predicate;
pub use statement::{Rows, Statement};
pub use visibility::{OwnBy, Visibility, members, people};
