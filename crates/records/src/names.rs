//! Names for the ids of a record.

use std::collections::HashMap;

use crm_core::Id;

/// The names of these, in their order.
pub(crate) fn in_order<I: Id>(ids: &[I], names: &HashMap<I, String>) -> Vec<String> {
    ids.iter().filter_map(|id| names.get(id).cloned()).collect()
}
