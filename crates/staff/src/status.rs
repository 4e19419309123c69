//! The states people, groups, departments and menu items have beside deleted.

/// Neither deleted nor disabled.
pub(crate) const ENABLED: i16 = 1;
/// Disabled: kept, but of no effect.
pub(crate) const DISABLED: i16 = 0;
