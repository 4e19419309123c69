//! The `status` parameter of lists.

use crm_core::{DELETED, StatusFilter};

use crate::http::Reader;

/// What may be asked of records that are live (0) or deleted.
pub(super) const OF_RECORDS: &[(&str, StatusFilter)] = &[
    ("all", StatusFilter::All),
    ("normal", StatusFilter::Live),
    ("0", StatusFilter::Live),
    ("-1", StatusFilter::Exactly(DELETED)),
];

/// What may be asked of customers, which are normal (1) or deleted.
pub(super) const OF_CUSTOMERS: &[(&str, StatusFilter)] = &[
    ("all", StatusFilter::All),
    ("normal", StatusFilter::Live),
    ("-1", StatusFilter::Exactly(DELETED)),
    ("1", StatusFilter::Live),
];

/// What may be asked of potentials and organizations, which have a stage (0–3) or are deleted.
pub(super) const OF_STAGES: &[(&str, StatusFilter)] = &[
    ("all", StatusFilter::All),
    ("normal", StatusFilter::Live),
    ("-1", StatusFilter::Exactly(DELETED)),
    ("0", StatusFilter::Exactly(0)),
    ("1", StatusFilter::Exactly(1)),
    ("2", StatusFilter::Exactly(2)),
    ("3", StatusFilter::Exactly(3)),
];

/// Which states a list shows: without a word those that are not deleted, but a record that is asked
/// for by its id (`by_id`) in any.
pub(super) fn read(input: &mut Reader, words: &[(&str, StatusFilter)], by_id: bool) -> StatusFilter {
    let default = if by_id { StatusFilter::All } else { StatusFilter::Live };
    input.choice("status", words).unwrap_or(default)
}
