//! Which database a command works on, and its URL without what must not be shown.

use anyhow::{Context, bail};
use clap::Args;
use crm_db::{Db, Options, operate};

use super::exit::{Away, Wrong};

/// Which database.
#[derive(Args, Debug, Clone)]
pub struct Database {
    /// The database: sqlite://path/to/file or postgres://user:password@host/name
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite://data/crm.db", hide_env_values = true)]
    pub database_url: String,
}

impl Database {
    /// Opens the database and brings it up to date.
    pub(super) fn open(&self) -> anyhow::Result<Db> {
        open(&self.database_url, Options::default())
    }

    /// Brings the database up to date; returns how many migrations it lacked.
    pub(super) fn migrate(&self) -> anyhow::Result<usize> {
        connect(&self.database_url, Options::default()).and_then(|db| migrate(&db))
    }

    pub(super) fn is_postgres(&self) -> bool {
        is_postgres(&self.database_url)
    }
}

pub(super) fn open(url: &str, options: Options) -> anyhow::Result<Db> {
    let db = connect(url, options)?;
    migrate(&db)?;
    Ok(db)
}

fn connect(url: &str, options: Options) -> anyhow::Result<Db> {
    check_password("DATABASE_URL", url)?;
    let db = Db::open_with(url, options).map_err(|error| match error {
        crm_core::Error::Internal(cause) => {
            anyhow::Error::new(Away(format!("DATABASE_URL: cannot open the database: {cause}")))
        }
        _ => anyhow::Error::new(Wrong(
            "DATABASE_URL: must be sqlite://path/to/file or postgres://user:password@host/name".to_owned(),
        )),
    })?;
    if operate::holds_unfinished_copy(&db)? {
        bail!(Wrong("DATABASE_URL: the database is an unfinished copy; run the same copy-to again".to_owned()));
    }
    Ok(db)
}

fn migrate(db: &Db) -> anyhow::Result<usize> {
    if let Some(unknown) = db.newer_migration().context("the database could not be read")? {
        bail!(Wrong(format!(
            "DATABASE_URL: the database was written by a newer version of this program (it has the migration \
             {unknown}); use that one"
        )));
    }
    db.migrate().context("the database could not be brought up to date")
}

pub(super) fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// Refuses a PostgreSQL URL whose password would be taken for the host, or as broken: the driver
/// would quote it in its complaint.
pub(super) fn check_password(setting: &str, url: &str) -> anyhow::Result<()> {
    if !is_postgres(url) {
        return Ok(());
    }
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let one_at = rest.matches('@').count() == authority.matches('@').count().min(1);
    let encoded = rest.split('%').skip(1).all(|after| {
        let code = after.as_bytes().get(..2);
        code.is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit) && code != b"00")
    });
    if one_at && encoded {
        return Ok(());
    }
    bail!(Wrong(format!("{setting}: in a password write %40 for @, %2F for /, %3F for ? and %25 for %")))
}

/// The URL of a PostgreSQL database without any password.
pub(super) fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let place = match place.split_once('@') {
        Some((person, host)) => format!("{}@{host}", person.split(':').next().unwrap_or_default()),
        None => place.to_owned(),
    };
    let is_secret =
        |part: &&str| part.to_ascii_lowercase().split('=').next().is_some_and(|key| key.ends_with("password"));
    let query: Vec<&str> = query.split('&').filter(|part| !part.is_empty() && !is_secret(part)).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{scheme}://{place}{mark}{}", query.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        for (url, shown) in [
            ("postgres://crm:secret@host:5432/crm", "postgres://crm@host:5432/crm"),
            ("postgresql://crm@host/crm?sslmode=require&password=secret", "postgresql://crm@host/crm?sslmode=require"),
            ("postgres://:secret@/crm?host=/run&sslpassword=secret", "postgres://@/crm?host=/run"),
            ("postgres:///crm", "postgres:///crm"),
        ] {
            assert_eq!(without_password(url), shown);
            assert!(check_password("X", url).is_ok(), "{url}");
        }
    }

    #[test]
    fn a_password_that_the_driver_would_quote_is_refused_without_being_shown() {
        for url in [
            "postgres://crm:se@cret@host/crm",
            "postgres://crm:se/cret@host/crm",
            "postgres://crm:se?cret@host/crm",
            "postgres://crm:se%cret@host/crm",
        ] {
            let error = check_password("DATABASE_URL", url).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.starts_with("DATABASE_URL: ") && !error.contains("cret"), "{url}: {error}");
        }
    }
}
