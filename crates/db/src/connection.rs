//! One connection type for two engines.

use crm_core::Instant;
use diesel::deserialize::FromSql;
use diesel::sql_types::Timestamp;

use crate::Statement;
use diesel::{Connection, MultiConnection, PgConnection, RunQueryDsl, SqliteConnection};

/// A connection to either engine. Queries written against it run on both.
#[derive(MultiConnection)]
pub enum Conn {
    /// Embedded SQLite.
    Sqlite(SqliteConnection),
    /// PostgreSQL.
    Pg(PgConnection),
}

/// The diesel backend of [`Conn`].
pub type Backend = <Conn as Connection>::Backend;

/// Each engine's own way to read a moment: see [`Instant`].
impl FromSql<Timestamp, Backend> for Instant {
    fn from_sql(value: <Backend as diesel::backend::Backend>::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        value.from_sql::<Self, Timestamp>()
    }
}

/// Runs the same checked query on whichever engine is there, for the few things diesel cannot say
/// through [`Conn`]: batch inserts, `ON CONFLICT`, `FOR UPDATE`.
#[macro_export]
macro_rules! per_backend {
    ($conn:expr, $inner:ident => $body:expr) => {
        match $conn {
            $crate::Conn::Sqlite($inner) => $body,
            $crate::Conn::Pg($inner) => $body,
        }
    };
}

/// Which database a [`Conn`] talks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// Embedded SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Engine {
    /// What ends a subquery that is to be asked of each row. PostgreSQL would make a join of it, and as it knows neither
    /// the bound values nor how far a page goes when it plans, one that reads a whole table. SQLite asks row by row.
    pub fn row_by_row(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " OFFSET 0",
        }
    }

    pub(crate) fn of(backend: &Backend) -> Self {
        match backend {
            Backend::Sqlite(_) => Self::Sqlite,
            Backend::Pg(_) => Self::Postgres,
        }
    }
}

impl Conn {
    /// Which database this is.
    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Pg(_) => Engine::Postgres,
        }
    }

    /// Makes other transactions that lock the same row wait until this one ends. SQLite has one
    /// writer at a time, so only PostgreSQL needs telling. Rows that merely point at the locked one
    /// (every audit row points at its person) can still be written meanwhile: ids never change, and
    /// with `FOR UPDATE` two people who change each other's records at once would deadlock.
    ///
    /// # Errors
    /// What the database answers.
    pub fn lock_row(&mut self, table: RowOf, id: i64) -> diesel::QueryResult<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Pg(_) => Statement::of(table.lock_statement()).int(id).execute(self).map(drop),
        }
    }

    /// Makes transactions that lock or change the same row wait until this one ends, but not those
    /// that hold it like this one: for what is only pointed at and must stay as it is until then.
    ///
    /// # Errors
    /// What the database answers.
    pub fn hold_row(&mut self, table: RowOf, id: i64) -> diesel::QueryResult<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Pg(_) => Statement::of(table.hold_statement()).int(id).execute(self).map(drop),
        }
    }
}

impl Conn {
    /// Waits for locked rows no longer than this until the transaction ends, instead of the usual time.
    /// SQLite takes its one lock when a transaction begins.
    ///
    /// # Errors
    /// What the database answers.
    pub fn wait_at_most(&mut self, milliseconds: u16) -> diesel::QueryResult<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Pg(conn) => {
                diesel::sql_query(format!("SET LOCAL lock_timeout = {milliseconds}")).execute(conn).map(drop)
            }
        }
    }
}

macro_rules! lockable {
    ($($name:ident = $table:literal,)*) => {
        /// The tables whose rows are locked one by one.
        #[derive(Clone, Copy, Debug)]
        pub enum RowOf {
            $(#[doc = concat!("A row of `", $table, "`.")] $name,)*
        }

        impl RowOf {
            fn lock_statement(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("SELECT 1 FROM ", $table, " WHERE id = ? FOR NO KEY UPDATE"),)*
                }
            }

            fn hold_statement(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("SELECT 1 FROM ", $table, " WHERE id = ? FOR SHARE"),)*
                }
            }
        }
    };
}

lockable! {
    CustomFields = "custom_fields",
    CustomerCategories = "customer_categories",
    CustomerContacts = "customer_contacts",
    CustomerSources = "customer_sources",
    CustomerStages = "customer_stages",
    Contracts = "contracts",
    Customers = "customers",
    Demands = "demands",
    Departments = "departments",
    Follows = "follows",
    Groups = "staff_groups",
    LabelGroups = "label_groups",
    Menus = "menus",
    Organizations = "organizations",
    PoolRule = "pool_rule",
    Potentials = "potentials",
    ProductLines = "product_lines",
    Satisfactions = "satisfactions",
    Staff = "staff",
    WecomContacts = "wecom_contacts",
}
