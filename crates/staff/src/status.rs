//! The states people, groups, departments and menu items have in common.

/// Deleted; a deleted record stays in the database for the records that name it.
pub(crate) const DELETED: i16 = -1;
/// Neither deleted nor disabled.
pub(crate) const ENABLED: i16 = 1;
/// Disabled: kept, but of no effect.
pub(crate) const DISABLED: i16 = 0;

/// Which states a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatusFilter {
    /// Deleted ones too.
    All,
    /// All that are not deleted.
    #[default]
    Live,
    /// Exactly this status: 1 enabled, 0 disabled, -1 deleted.
    Exactly(i16),
}
