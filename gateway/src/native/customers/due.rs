//! `/api/customers/due`.

use crm_core::Zone;
use crm_customers::pool::{DueFilter, DueListing};
use schemars::JsonSchema;
use serde::Serialize;

use super::customer_row::CustomerRow;
use crate::http::{Call, Outcome, Reader};
use crate::native::list as answer_list;

/// A customer that goes back to the public pool soon.
#[derive(JsonSchema, Serialize)]
pub(super) struct DueRow {
    #[serde(flatten)]
    customer: CustomerRow,
    days_left: i64,
    recycle_on: Option<String>,
}

impl DueRow {
    pub(super) fn new(due: DueListing, zone: Zone) -> Self {
        Self {
            days_left: due.outlook.days_left,
            recycle_on: due.outlook.recycle_on.map(|date| date.to_string()),
            customer: CustomerRow::new(due.listing, zone),
        }
    }
}

/// The customers the pool rule announces.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let filter = DueFilter {
        days: input.int("days").into_value(),
        id: input.own_id("customer_id"),
        owner_id: input.own_id("owner_id"),
        department_id: input.own_id("department_id"),
        owned: input.choice("owned", &[("1", true), ("0", false)]).unwrap_or(false),
    };
    let page = input.page();
    input.finish()?;
    let found = call.services()?.pool.due(call.caller()?, &filter, page)?;
    answer_list(found.rows.into_iter().map(|due| DueRow::new(due, call.zone)), found.total, page)
}
