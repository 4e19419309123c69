//! Rows in bulk: many to a statement, with their values written out. Only this program's own data goes in.

use std::fmt::{Display, Write};

use chrono::DateTime;
use crm_core::Result;
use crm_db::Conn;
use diesel::connection::SimpleConnection;

/// Rows per statement.
const AT_ONCE: usize = 500;

/// Rows on their way into a table.
pub(super) struct Rows<'a> {
    conn: &'a mut Conn,
    into: &'static str,
    sql: String,
    waiting: usize,
}

impl<'a> Rows<'a> {
    /// Rows for `table (column, …)`.
    pub(super) fn into(conn: &'a mut Conn, into: &'static str) -> Self {
        Self { conn, into, sql: String::new(), waiting: 0 }
    }

    /// Adds a row of these values, each as SQL.
    pub(super) fn add(&mut self, values: &[&dyn Display]) -> Result<()> {
        if self.waiting == 0 {
            self.sql = format!("INSERT INTO {} VALUES ", self.into);
        }
        let separator = if self.waiting == 0 { "" } else { "," };
        self.sql.push_str(separator);
        for (index, value) in values.iter().enumerate() {
            // Writing to a string cannot fail.
            let _ = write!(self.sql, "{}{value}", if index == 0 { '(' } else { ',' });
        }
        self.sql.push(')');
        self.waiting += 1;
        if self.waiting == AT_ONCE { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        if self.waiting > 0 {
            self.conn.batch_execute(&self.sql)?;
            self.waiting = 0;
        }
        Ok(())
    }

    /// Writes what is left.
    pub(super) fn finish(mut self) -> Result<()> {
        self.flush()
    }
}

/// A text as SQL.
pub(super) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A moment as SQL.
pub(super) fn time(unix: i64) -> String {
    DateTime::from_timestamp(unix, 0).map(|at| at.format("'%Y-%m-%d %H:%M:%S'").to_string()).unwrap_or_default()
}

/// A value or NULL as SQL.
pub(super) fn or_null<T: Display>(value: Option<T>) -> String {
    value.map_or_else(|| "NULL".to_owned(), |value| value.to_string())
}
