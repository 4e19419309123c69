//! Bringing a database up to this program's schema, and back down.

use crm_core::{Error, Result};
use diesel::backend::Backend;
use diesel::migration::{MigrationConnection, MigrationSource};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::Sqlite;
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

    /// A migration of this database that this program does not know: a newer one has applied it.
    ///
    /// # Errors
    /// What the database answers.
    pub fn newer_migration(&self) -> Result<Option<String>> {
        let standing = self.read(|conn| {
            Ok(match conn {
                Conn::Sqlite(conn) => sqlite_standing(conn)?,
                Conn::Pg(conn) => match is_migrated(conn)? {
                    true => Some(postgres_standing(conn)?),
                    false => None,
                },
            })
        })?;
        Ok(standing.and_then(|standing| standing.unknown.into_iter().next()))
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

/// How the migrations of a database compare with this program's.
#[derive(Debug)]
pub(crate) struct Standing {
    /// Applied there and unknown here: a newer program did it.
    pub(crate) unknown: Vec<String>,
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

const APPLIED: &str = "SELECT version FROM __diesel_schema_migrations ORDER BY version";

/// How a SQLite database stands, without changing it; `None` when no program like this one made it.
pub(crate) fn sqlite_standing(conn: &mut SqliteConnection) -> QueryResult<Option<Standing>> {
    const TABLE: &str = "SELECT count(*) AS count FROM sqlite_master WHERE name = '__diesel_schema_migrations'";
    if diesel::sql_query(TABLE).get_result::<Count>(conn)?.count == 0 {
        return Ok(None);
    }
    let applied = diesel::sql_query(APPLIED).load(conn)?;
    // The first migration is of this program, or another program keeps its migrations the same way.
    const STAFF: &str = "SELECT count(*) AS count FROM sqlite_master WHERE name IN ('staff', 'customers', 'menus')";
    let is_ours = !applied.is_empty() && diesel::sql_query(STAFF).get_result::<Count>(conn)?.count == 3;
    Ok(is_ours.then(|| compare::<Sqlite>(applied, &SQLITE)))
}

/// Whether any program has kept its migrations in a PostgreSQL database.
fn is_migrated(conn: &mut PgConnection) -> QueryResult<bool> {
    const TABLE: &str = "SELECT count(*) AS count FROM pg_tables WHERE schemaname = ANY (current_schemas(false)) \
                         AND tablename = '__diesel_schema_migrations'";
    Ok(diesel::sql_query(TABLE).get_result::<Count>(conn)?.count > 0)
}

/// How a PostgreSQL database that has been migrated stands.
pub(crate) fn postgres_standing(conn: &mut PgConnection) -> QueryResult<Standing> {
    Ok(compare::<Pg>(diesel::sql_query(APPLIED).load(conn)?, &POSTGRES))
}

fn compare<DB: Backend>(applied: Vec<Applied>, known: &impl MigrationSource<DB>) -> Standing {
    let known: Vec<String> = known
        .migrations()
        .map(|known| known.iter().map(|known| known.name().version().to_string()).collect())
        .unwrap_or_default();
    let unknown = applied.into_iter().map(|applied| applied.version).filter(|version| !known.contains(version));
    Standing { unknown: unknown.collect() }
}

/// Brings a SQLite database that nobody else has open up to date; returns how many migrations it lacked.
pub(crate) fn migrate_sqlite(conn: &mut SqliteConnection) -> diesel::migration::Result<usize> {
    conn.transaction(|conn| conn.run_pending_migrations(SQLITE).map(|done| done.len()).map_err(Migrating))
        .map_err(|Migrating(error)| error)
}

/// A failed migration, as a transaction wants it.
struct Migrating(Box<dyn std::error::Error + Send + Sync>);

impl From<diesel::result::Error> for Migrating {
    fn from(error: diesel::result::Error) -> Self {
        Self(error.into())
    }
}

/// Changes with every migration: what a migrated test template depends on.
#[cfg(feature = "testing")]
pub(crate) const FINGERPRINT: &str = include_str!(concat!(env!("OUT_DIR"), "/migrations_hash"));
