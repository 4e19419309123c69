//! `/api/user/audit`.

use crm_core::{Span, Zone};
use crm_staff::{AuditEntry, AuditFilter};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::http::{Call, Outcome, Reader};
use crate::native::list as answer_list;

#[derive(JsonSchema, Serialize)]
#[allow(non_snake_case, reason = "the names of the contract")]
pub(super) struct AuditRow {
    id: i64,
    user_id: Option<i64>,
    user_name: Option<String>,
    address: Option<String>,
    action: String,
    record: String,
    record_id: Option<i64>,
    before: Option<Value>,
    after: Option<Value>,
    createTime: String,
}

impl AuditRow {
    fn new(entry: AuditEntry, zone: Zone) -> Self {
        Self {
            id: entry.id.0,
            user_id: entry.staff_id.map(|id| id.0),
            user_name: entry.staff_name,
            address: entry.address,
            action: entry.action,
            record: entry.record,
            record_id: entry.record_id,
            before: entry.before,
            after: entry.after,
            createTime: zone.format(entry.created_at),
        }
    }
}

/// Who did what, newest first.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let record_id = input.int_in("record_id", 1, i64::MAX);
    let filter = AuditFilter {
        staff_id: input.own_id("user_id"),
        action: input.search("action"),
        record: input.search("record"),
        record_id: record_id.into_value(),
        range: input.range(Span::Week, true),
    };
    let page = input.page();
    input.finish()?;
    let found = call.services()?.audit_trail.list(call.caller()?, &filter, page)?;
    answer_list(found.rows.into_iter().map(|entry| AuditRow::new(entry, call.zone)), found.total, page)
}
