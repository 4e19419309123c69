//! Connections, lent out for reading or for one transaction.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant as Tick};

use crm_core::{Clock, Error, Instant, Result};
use diesel::connection::{InstrumentationEvent, SimpleConnection};
use diesel::r2d2::{ManageConnection, Pool};
use diesel::{Connection, ConnectionError, ConnectionResult, PgConnection, SqliteConnection};

use crate::joined::Joined;
use crate::lender::{Lender, PoolUse};
use crate::mover::Mover;
use crate::transaction::{in_one_state, in_transaction};
use crate::{Conn, Engine, group, in_use, together};

/// How long the pool tries to connect before it says that it cannot.
pub(crate) const POOL_WAIT: Duration = Duration::from_millis(1_500);
/// A connection that lay idle this long is tried before it is lent.
const TRUST: Duration = Duration::from_secs(1);
/// SQLite: how long to wait for another process that has the file locked.
pub(crate) const SQLITE_BUSY_MS: u32 = 2_500;
/// SQLite: how long the writer does so at a time; between two times it asks whether anybody waits for it.
const SQLITE_STEP_MS: u32 = 100;
/// SQLite: what undoing a part of a transaction takes would go to a file from 64 kB on.
const TEMPORARY: &str = "PRAGMA temp_store = MEMORY";
/// SQLite: a new row goes to some thirty places, of which in a large database few are near each other. The
/// writer keeps 32 MiB of them at hand, and moves 16 MiB of the journal into the database at a time, so that
/// pages which many writes changed are written there once.
const WRITER: &str = "PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000";

/// How a database is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many connections read at once on SQLite, or are open at all on PostgreSQL.
    pub pool_size: u32,
    /// Where "now" comes from.
    pub clock: Clock,
    /// Whether an acknowledged write survives a loss of power. Only filling a database that can be
    /// filled again does without.
    pub durable: bool,
}

impl Default for Options {
    /// Four connections, the machine's clock, durable.
    fn default() -> Self {
        Self { pool_size: 4, clock: Clock::System, durable: true }
    }
}

/// An open database. Cloning it is cheap and shares everything.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    engine: Engine,
    /// SQLite: one connection that writes, so that writers wait in line here and never fail on a
    /// lock. PostgreSQL: the same pool as `reader`.
    writer: Lender,
    reader: Lender,
    clock: Clock,
    counts: Arc<Counts>,
    _mover: Option<Mover>,
    /// SQLite: keeps the file from being replaced under us. After the connections, to be let go last.
    _in_use: Option<File>,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db").field("engine", &self.0.engine).finish_non_exhaustive()
    }
}

impl Db {
    /// Opens a database with the default [`Options`]. See [`Db::open_with`].
    ///
    /// # Errors
    /// As [`Db::open_with`].
    pub fn open(url: &str) -> Result<Self> {
        Self::open_with(url, Options::default())
    }

    /// Opens `sqlite://path/to/file` (made when missing, with its folder) or `postgres://…`.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `DATABASE_URL` for any other scheme or a SQLite database that is no
    /// file, [`Error::Internal`] with the reason when the database cannot be reached.
    pub fn open_with(url: &str, options: Options) -> Result<Self> {
        let counts = Arc::new(Counts::default());
        let manager = |target| Manager { target, durable: options.durable, counts: Arc::clone(&counts) };
        let (mut in_use, mut mover) = (None, None);
        let (engine, writer, reader) = if let Some(path) = url.strip_prefix("sqlite://") {
            if names_no_file(path) {
                return Err(Error::invalid("DATABASE_URL", "应指明数据库文件"));
            }
            in_use = Some(take_part(path)?);
            let writer = build(manager(Target::SqliteWriter(path.to_owned())), 1)?;
            let reader = build(manager(Target::SqliteReader(path.to_owned())), options.pool_size)?;
            // What is filled without being durable is filled by one.
            if options.durable {
                let counts = Arc::clone(&counts);
                let conn = sqlite(path, "").map_err(Error::internal)?;
                mover = Some(Mover::start(conn, move || counts.commits.load(Ordering::Relaxed)));
            }
            (Engine::Sqlite, Lender::of_one("writer", writer), Lender::new("reader", reader))
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let pool = Lender::new("all", build(manager(Target::Postgres(url.to_owned())), options.pool_size)?);
            (Engine::Postgres, pool.clone(), pool)
        } else {
            return Err(Error::invalid("DATABASE_URL", "应以sqlite://或postgres://开头"));
        };
        Ok(Self(Arc::new(Inner {
            engine,
            writer,
            reader,
            clock: options.clock,
            counts,
            _mover: mover,
            _in_use: in_use,
        })))
    }

    /// Which database this is.
    pub fn engine(&self) -> Engine {
        self.0.engine
    }

    /// The current moment by this database's clock.
    pub fn now(&self) -> Instant {
        self.0.clock.now()
    }

    /// The clock behind [`Db::now`].
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// How many statements have been sent since the database was opened.
    pub fn statements(&self) -> u64 {
        self.0.counts.statements.load(Ordering::Relaxed)
    }

    /// How many transactions have been committed since the database was opened. On SQLite several writes
    /// share one: see [`Db::write`].
    pub fn commits(&self) -> u64 {
        self.0.counts.commits.load(Ordering::Relaxed)
    }

    /// Lends a connection for queries. On SQLite it cannot write, and all of them see one state of the database;
    /// on PostgreSQL each sees what has been committed when it begins.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when none is free in time; what `work` returns.
    pub fn read<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        if let Some(joined) = Joined::for_read(self) {
            return joined.read(work);
        }
        together::read(self, work).unwrap_or_else(|work| match self.0.engine {
            Engine::Sqlite => lend(&self.0.reader, |conn| in_one_state(conn, work)),
            Engine::Postgres => lend(&self.0.reader, work),
        })
    }

    /// Runs `work` in one transaction: committed when it returns `Ok`, else undone, as if it had
    /// never been. `work` must do nothing but SQL.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection is free in time; what `work` returns.
    pub fn write<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        match Joined::for_write(self)? {
            Some(joined) => joined.write(work),
            None => match self.0.engine {
                Engine::Sqlite => group::write(&self.0.writer, work),
                Engine::Postgres => lend(&self.0.writer, |conn| in_transaction(conn, work)),
            },
        }
    }

    /// How the pools of connections are used.
    pub fn pools(&self) -> Vec<PoolUse> {
        match self.0.engine {
            Engine::Sqlite => vec![self.0.writer.in_use(), self.0.reader.in_use()],
            Engine::Postgres => vec![self.0.reader.in_use()],
        }
    }

    pub(crate) fn writer(&self) -> &Lender {
        &self.0.writer
    }

    pub(crate) fn reader(&self) -> &Lender {
        &self.0.reader
    }

    /// Whether both are the same open database.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// [`Db::write`] without PostgreSQL's limits on waiting and with nobody else's work in the transaction,
    /// for migrations.
    pub(crate) fn write_patiently<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        lend(&self.0.writer, |conn| {
            if let Conn::Sqlite(conn) = conn {
                // The index of a large table is sorted in files.
                conn.batch_execute("PRAGMA temp_store = FILE")?;
            }
            let result = in_transaction(conn, |conn| {
                if let Conn::Pg(conn) = conn {
                    conn.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")?;
                }
                work(conn)
            });
            if let Conn::Sqlite(conn) = conn {
                conn.batch_execute(TEMPORARY)?;
            }
            result
        })
    }
}

/// Paths by which SQLite would give each connection a database of its own, in memory.
pub(crate) fn names_no_file(path: &str) -> bool {
    path.is_empty() || path == ":memory:" || path.starts_with("file:")
}

fn take_part(path: &str) -> Result<File> {
    in_use::together(Path::new(path))
        .map_err(|error| Error::internal(format!("{path}: {error}")))?
        .ok_or_else(|| Error::internal(format!("{path} is being restored or copied")))
}

fn build(manager: Manager, size: u32) -> Result<Pool<Manager>> {
    // The pool's own builder only says "timed out": try once by hand for the reason.
    drop(manager.connect().map_err(Error::internal)?);
    Pool::builder()
        .max_size(size.max(1))
        .min_idle(Some(1))
        .connection_timeout(POOL_WAIT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_on_check_out(true)
        .error_handler(Box::new(Quiet))
        .build(manager)
        .map_err(Error::internal)
}

fn lend<T>(lender: &Lender, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    let mut lent = lender.lend()?;
    let result = work(lent.conn());
    lent.settle(&result);
    result
}

pub(crate) fn ping(conn: &mut Conn) -> diesel::QueryResult<()> {
    conn.batch_execute("SELECT 1")
}

#[derive(Clone)]
enum Target {
    SqliteWriter(String),
    SqliteReader(String),
    Postgres(String),
}

pub(crate) struct Manager {
    target: Target,
    durable: bool,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    statements: AtomicU64,
    commits: AtomicU64,
}

/// A pooled connection, and what the pool must know of it.
pub(crate) struct Slot {
    pub(crate) conn: Conn,
    pub(crate) used: Tick,
    pub(crate) broken: bool,
}

impl ManageConnection for Manager {
    type Connection = Slot;
    type Error = ConnectionError;

    fn connect(&self) -> Result<Slot, ConnectionError> {
        let mut conn = match &self.target {
            Target::SqliteWriter(path) => {
                sqlite(path, &format!("PRAGMA busy_timeout = {SQLITE_STEP_MS}; {TEMPORARY}; {WRITER};"))?
            }
            Target::SqliteReader(path) => sqlite(path, "PRAGMA query_only = ON;")?,
            Target::Postgres(url) => postgres(url)?,
        };
        if !self.durable {
            let relaxed = match &conn {
                Conn::Sqlite(_) => "PRAGMA synchronous = OFF",
                Conn::Pg(_) => "SET synchronous_commit = off",
            };
            conn.batch_execute(relaxed).map_err(ConnectionError::CouldntSetupConfiguration)?;
        }
        let counts = Arc::clone(&self.counts);
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            let count = match event {
                InstrumentationEvent::StartQuery { .. } => &counts.statements,
                InstrumentationEvent::CommitTransaction { depth, .. } if depth.get() == 1 => &counts.commits,
                _ => return,
            };
            count.fetch_add(1, Ordering::Relaxed);
        });
        Ok(Slot { conn, used: Tick::now(), broken: false })
    }

    fn is_valid(&self, slot: &mut Slot) -> Result<(), ConnectionError> {
        if slot.used.elapsed() < TRUST || matches!(slot.conn, Conn::Sqlite(_)) {
            return Ok(());
        }
        ping(&mut slot.conn).map_err(ConnectionError::CouldntSetupConfiguration)
    }

    fn has_broken(&self, slot: &mut Slot) -> bool {
        // A panic in the middle of a transaction leaves it open.
        slot.broken || std::thread::panicking()
    }
}

fn sqlite(path: &str, more: &str) -> ConnectionResult<Conn> {
    let folder = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)
            .map_err(|error| ConnectionError::BadConnection(format!("{}: {error}", folder.display())))?;
    }
    make_private(path);
    let mut conn = SqliteConnection::establish(path)?;
    conn.batch_execute(&format!(
        "PRAGMA busy_timeout = {SQLITE_BUSY_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         PRAGMA foreign_keys = ON; PRAGMA cache_size = -8192; {more}"
    ))
    .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(Conn::Sqlite(conn))
}

/// Makes the file of a new database one that only its owner may read, and SQLite what it keeps beside it: people's
/// numbers and the hashes of passwords are in it. What stands in the way SQLite says when it opens it.
fn make_private(path: &str) {
    let _ = File::options().write(true).create_new(true).mode(0o600).open(path);
}

fn postgres(url: &str) -> ConnectionResult<Conn> {
    // A database that hangs must not hang us: give up connecting after two seconds, notice a dead
    // peer after four, and let no statement run past the deadline of a request. None runs long enough to be
    // compiled first: that takes tens of milliseconds.
    let join = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{join}connect_timeout=2&tcp_user_timeout=4000&client_encoding=UTF8");
    let mut conn = PgConnection::establish(&url)?;
    conn.batch_execute(
        "SET TIME ZONE 'UTC'; SET statement_timeout = 4000; SET lock_timeout = 3000; \
         SET idle_in_transaction_session_timeout = 10000; SET jit = off",
    )
    .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(Conn::Pg(conn))
}

/// The pool retries on its own; one line per failure is enough, and never the URL with its password.
#[derive(Debug)]
struct Quiet;

impl diesel::r2d2::HandleError<ConnectionError> for Quiet {
    fn handle_error(&self, error: ConnectionError) {
        let reason = match error {
            ConnectionError::BadConnection(_) => "connection refused or lost",
            ConnectionError::CouldntSetupConfiguration(_) => "connection lost while being set up",
            _ => "connection failed",
        };
        tracing::warn!(reason, "database");
    }
}
