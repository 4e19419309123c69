//! Bringing a database up to this program's schema, and back down.

use crm_core::{Error, Result};
use diesel::RunQueryDsl;
use diesel::migration::MigrationConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::{Conn, Db, per_backend};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

impl Db {
    /// Applies the migrations that are missing; returns how many. Several programs may start at
    /// once: one migrates, the others wait and find nothing to do.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database is away or locked, [`Error::Internal`] when a
    /// migration fails; nothing is changed then.
    pub fn migrate(&self) -> Result<usize> {
        self.apply(|conn| match conn {
            Conn::Sqlite(conn) => conn.run_pending_migrations(SQLITE).map(|done| done.len()),
            Conn::Pg(conn) => conn.run_pending_migrations(POSTGRES).map(|done| done.len()),
        })
    }

    /// Takes every migration back: an empty database. All data is lost.
    ///
    /// # Errors
    /// As [`Db::migrate`].
    pub fn revert_all(&self) -> Result<usize> {
        self.apply(|conn| match conn {
            Conn::Sqlite(conn) => conn.revert_all_migrations(SQLITE).map(|done| done.len()),
            Conn::Pg(conn) => conn.revert_all_migrations(POSTGRES).map(|done| done.len()),
        })
    }

    /// Whether a migration is missing.
    ///
    /// # Errors
    /// As [`Db::migrate`].
    pub fn needs_migration(&self) -> Result<bool> {
        self.read(|conn| {
            match conn {
                Conn::Sqlite(conn) => conn.has_pending_migration(SQLITE),
                Conn::Pg(conn) => conn.has_pending_migration(POSTGRES),
            }
            .map_err(Error::Internal)
        })
    }

    fn apply(&self, run: impl FnOnce(&mut Conn) -> diesel::migration::Result<usize>) -> Result<usize> {
        // Two programs that create PostgreSQL's table of migrations at once disturb each other, and
        // the loser finds it there at the second try.
        let setup = |conn: &mut Conn| per_backend!(conn, conn => conn.setup()).map_err(Error::from);
        self.write(setup).or_else(|_| self.write(setup))?;
        self.write_patiently(|conn| {
            if let Conn::Pg(conn) = conn {
                diesel::sql_query("LOCK TABLE __diesel_schema_migrations IN ACCESS EXCLUSIVE MODE").execute(conn)?;
            }
            run(conn).map_err(Error::Internal)
        })
    }
}

/// Changes with every migration: what a migrated test template depends on.
#[cfg(feature = "testing")]
pub(crate) const FINGERPRINT: &str = include_str!(concat!(env!("OUT_DIR"), "/migrations_hash"));
