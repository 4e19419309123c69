//! Reading the audit trail (native-api §1 "Audit"). Every crate writes it, in its own transactions.

use crm_core::{AuditId, Caller, Error, Instant, Page, Paged, Result, StaffId, TimeRange};
use crm_db::schema::audit;
use crm_db::{Backend, Conn, Db};
use diesel::prelude::*;
use serde_json::Value;

use crate::people;

/// Shows administrators who did what.
#[derive(Clone, Debug)]
pub struct AuditTrail {
    db: Db,
}

/// Which deeds a list shows.
#[derive(Clone, Debug)]
pub struct AuditFilter {
    /// Those of this person.
    pub staff_id: Option<StaffId>,
    /// Those of this kind, word for word.
    pub action: Option<String>,
    /// Those done to this kind of record, word for word.
    pub record: Option<String>,
    /// Those done to the record with this id.
    pub record_id: Option<i64>,
    /// Those done in this time.
    pub range: TimeRange,
}

/// A deed.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// Who did it; none for a background task or a command.
    pub staff_id: Option<StaffId>,
    /// The name of that person.
    pub staff_name: Option<String>,
    /// The network address the request came from.
    pub address: Option<String>,
    /// What was done.
    pub action: String,
    /// To what kind of record.
    pub record: String,
    /// To which one.
    pub record_id: Option<i64>,
    /// The changed fields as they were: an object.
    pub before: Option<Value>,
    /// The changed fields as they became, or what there was to say: an object.
    pub after: Option<Value>,
    /// When.
    pub created_at: Instant,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit)]
struct Row {
    id: AuditId,
    staff_id: Option<StaffId>,
    address: Option<String>,
    action: String,
    record: String,
    record_id: Option<i64>,
    before: Option<String>,
    after: Option<String>,
    created_at: Instant,
}

impl AuditTrail {
    /// The audit trail of this database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// The deeds, newest first. Administrators only.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for everybody else.
    pub fn list(&self, caller: &Caller, filter: &AuditFilter, page: Page) -> Result<Paged<AuditEntry>> {
        caller.require_administrator()?;
        self.db.read(|conn| {
            let Paged { rows, total } = rows(conn, filter, page)?;
            let people: Vec<StaffId> = rows.iter().filter_map(|row| row.staff_id).collect();
            let names = people::names(conn, &people)?;
            let entry = |row: Row| -> Result<AuditEntry> {
                Ok(AuditEntry {
                    id: row.id,
                    staff_id: row.staff_id,
                    staff_name: row.staff_id.and_then(|id| names.get(&id).cloned()),
                    address: row.address,
                    action: row.action,
                    record: row.record,
                    record_id: row.record_id,
                    before: fields(row.before)?,
                    after: fields(row.after)?,
                    created_at: row.created_at,
                })
            };
            Ok(Paged { rows: rows.into_iter().map(entry).collect::<Result<_>>()?, total })
        })
    }
}

fn fields(text: Option<String>) -> Result<Option<Value>> {
    text.map(|text| serde_json::from_str(&text).map_err(Error::internal)).transpose()
}

fn rows(conn: &mut Conn, filter: &AuditFilter, page: Page) -> Result<Paged<Row>> {
    let total = filtered(filter).count().get_result(conn)?;
    Paged::load(total, page, || {
        filtered(filter)
            .order((audit::created_at.desc(), audit::id.desc()))
            .limit(page.count())
            .offset(page.offset())
            .select(Row::as_select())
            .load(conn)
    })
}

fn filtered(filter: &AuditFilter) -> audit::BoxedQuery<'_, Backend> {
    let mut query = audit::table.into_boxed::<Backend>();
    if let Some(person) = filter.staff_id {
        query = query.filter(audit::staff_id.eq(person));
    }
    if let Some(action) = &filter.action {
        query = query.filter(audit::action.eq(action));
    }
    if let Some(record) = &filter.record {
        query = query.filter(audit::record.eq(record));
    }
    if let Some(id) = filter.record_id {
        query = query.filter(audit::record_id.eq(id));
    }
    if let Some(start) = filter.range.start {
        query = query.filter(audit::created_at.ge(start));
    }
    if let Some(end) = filter.range.end {
        query = query.filter(audit::created_at.le(end));
    }
    query
}
