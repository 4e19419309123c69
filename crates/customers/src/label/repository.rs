//! Queries on labels.

use std::collections::HashMap;

use crm_core::{CustomerId, LabelId, Result};
use crm_db::schema::labels;
use crm_db::{Conn, Links, chunks, distinct, in_order};
use diesel::prelude::*;

use super::Label;

/// The labels of customers.
pub(crate) const LABELS: Links<CustomerId, LabelId> = Links::new("customer_labels", "customer_id", "label_id");

/// The labels of each of these customers, in the order they were given; those that have left their
/// group too. Two statements for a page of customers.
pub(crate) fn of_all(conn: &mut Conn, customers: &[CustomerId]) -> Result<HashMap<CustomerId, Vec<Label>>> {
    let links = LABELS.of_all(conn, customers)?;
    let mut known: HashMap<LabelId, Label> = HashMap::new();
    for ids in chunks(&distinct(links.values().flatten().copied())) {
        let rows: Vec<Label> = labels::table.filter(labels::id.eq_any(ids)).select(Label::as_select()).load(conn)?;
        known.extend(rows.into_iter().map(|label| (label.id, label)));
    }
    Ok(links.into_iter().map(|(customer, ids)| (customer, in_order(&ids, &known))).collect())
}
