//! `/api/customers/history`.

use crm_core::{Span, Zone};
use crm_customers::events::Kind;
use crm_customers::pool::{HistoryFilter, HistoryRow, Kinds};
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Call, Outcome, Reader};
use crate::native::list as answer_list;

#[derive(JsonSchema, Serialize)]
pub(super) struct EventRow {
    id: i64,
    customer_id: i64,
    kind: String,
    /// null: the system.
    actor_id: Option<i64>,
    actor_name: Option<String>,
    from: Option<String>,
    to: Option<String>,
    reason: Option<String>,
    at: String,
}

impl EventRow {
    fn new(row: HistoryRow, zone: Zone) -> Self {
        Self {
            id: row.id.0,
            customer_id: row.customer_id.0,
            kind: row.kind,
            actor_id: row.actor_id.map(|id| id.0),
            actor_name: row.actor_name,
            from: row.from,
            to: row.to,
            reason: row.reason,
            at: zone.format(row.at),
        }
    }
}

/// The words of `kind`: those of the events, and the two groups the dashboard counts.
fn kinds() -> Vec<(&'static str, Kinds)> {
    let groups = [("gained", Kinds::Gained), ("lost", Kinds::Lost)];
    Kind::ALL.into_iter().map(|kind| (kind.as_str(), Kinds::One(kind))).chain(groups).collect()
}

/// What happened to customers, newest first.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let filter = HistoryFilter {
        customer_id: input.own_id("customer_id"),
        kinds: input.choice("kind", &kinds()),
        staff_id: input.own_id("staff_id"),
        department_id: input.own_id("department_id"),
        // A history is read whole unless it is asked otherwise.
        range: input.range(Span::Year, true),
    };
    let page = input.page();
    input.finish()?;
    let found = call.services()?.pool.history(call.caller()?, &filter, page)?;
    answer_list(found.rows.into_iter().map(|row| EventRow::new(row, call.zone)), found.total, page)
}
