//! Which labels a customer has.

use crm_core::{Caller, CustomerId, LabelId, Problems, Result};
use crm_db::Db;
use crm_staff::people::note_missing;
use serde::Serialize;

use super::{LABELS, repository};
use crate::customer;

/// Gives customers labels.
#[derive(Clone, Debug)]
pub struct CustomerLabels {
    db: Db,
}

#[derive(Serialize)]
struct Given<'a> {
    label_ids: &'a [LabelId],
}

impl CustomerLabels {
    /// The labels of the customers of this database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// Makes these the customer's labels, in this order, and no others; those it has already change
    /// nothing. With `version` only if the customer still is what was read.
    ///
    /// # Errors
    /// As [`Customers::update`](crate::Customers::update); [`Error::Invalid`](crm_core::Error::Invalid)
    /// on `label_ids` for labels that are missing or have left their group (unless the customer has
    /// them), more than 1,000, or one named twice.
    pub fn set(&self, caller: &Caller, id: CustomerId, version: Option<i64>, label_ids: &[LabelId]) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            let customer = customer::changeable(conn, caller, id, version)?;
            let before = LABELS.of(conn, id)?;
            let mut problems = Problems::default();
            problems.ids("label_ids", label_ids);
            let new: Vec<LabelId> = label_ids.iter().copied().filter(|id| !before.contains(id)).collect();
            note_missing(&mut problems, "label_ids", &new, &repository::live(conn, &new)?);
            problems.finish()?;
            if before == label_ids {
                return Ok(());
            }
            LABELS.replace(conn, id, label_ids)?;
            let sets = (Given { label_ids: &before }, Given { label_ids });
            customer::attached(conn, caller, "labels", &customer, sets, now)
        })
    }
}
