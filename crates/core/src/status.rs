//! The states that records of every kind have in common.

/// The status of a deleted record, which stays in the database for the records that name it.
pub const DELETED: i16 = -1;

/// The status of a record that is there and of which nothing else is said.
pub const NORMAL: i16 = 1;

/// Which states a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatusFilter {
    /// All that are not deleted.
    #[default]
    Live,
    /// Deleted ones too.
    All,
    /// Exactly this status.
    Exactly(i16),
}
