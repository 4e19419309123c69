//! The audit trail: one row per write, in the write's own transaction (native-api §1 "Audit").

use crm_core::{Caller, Instant, Result};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::Conn;
use crate::schema::audit;

/// What was done to which record.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a> {
    /// Who did it; `None` for a background task or a command.
    pub caller: Option<&'a Caller>,
    /// What was done: `create`, `update`, `delete`, `restore`, …
    pub action: &'a str,
    /// The kind of record: `customer`, `contract`, …
    pub record: &'a str,
    /// Which one, where there is one.
    pub id: Option<i64>,
    /// When.
    pub at: Instant,
}

impl Deed<'_> {
    /// Notes a record that was made.
    ///
    /// # Errors
    /// What the database answers.
    pub fn created(self, conn: &mut Conn, after: &impl Serialize) -> Result<()> {
        let after = object(after)?;
        self.insert(conn, None, Some(after))
    }

    /// Notes the fields of a record that differ before and after. Secrets must not be serialized:
    /// leave them out of `Serialize`.
    ///
    /// # Errors
    /// What the database answers.
    pub fn changed<T: Serialize>(self, conn: &mut Conn, before: &T, after: &T) -> Result<()> {
        let (mut before, mut after) = (object(before)?, object(after)?);
        before.retain(|key, value| after.get(key) != Some(value));
        after.retain(|key, _| before.contains_key(key));
        self.insert(conn, Some(before), Some(after))
    }

    /// Notes something that happened, with what there is to say about it.
    ///
    /// # Errors
    /// What the database answers.
    pub fn noted(self, conn: &mut Conn, details: &impl Serialize) -> Result<()> {
        let details = object(details)?;
        self.insert(conn, None, Some(details))
    }

    fn insert(
        self,
        conn: &mut Conn,
        before: Option<Map<String, Value>>,
        after: Option<Map<String, Value>>,
    ) -> Result<()> {
        let text =
            |fields: Option<Map<String, Value>>| fields.filter(|f| !f.is_empty()).map(|f| Value::Object(f).to_string());
        diesel::insert_into(audit::table)
            .values((
                audit::staff_id.eq(self.caller.map(|caller| caller.staff_id.0)),
                audit::address.eq(self.caller.and_then(|caller| caller.address.as_deref())),
                audit::action.eq(self.action),
                audit::record.eq(self.record),
                audit::record_id.eq(self.id),
                audit::before.eq(text(before)),
                audit::after.eq(text(after)),
                audit::created_at.eq(self.at),
            ))
            .execute(conn)?;
        Ok(())
    }
}

fn object(value: &impl Serialize) -> Result<Map<String, Value>> {
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(other) => Ok(Map::from_iter([("value".to_owned(), other)])),
        Err(error) => Err(crm_core::Error::internal(error)),
    }
}
