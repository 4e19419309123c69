//! How long anybody still waits for what is being done.

use std::time::Instant as Tick;

use crm_core::{Error, Result};
use crm_db::deadline;

/// When an import is to stop, besides when nobody waits for its answer any more.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Until(pub(crate) Option<Tick>);

impl Until {
    /// Whether it is to stop.
    pub(crate) fn is_past(self) -> bool {
        nobody_waits() || self.0.is_some_and(|until| Tick::now() >= until)
    }

    /// Fails with [`Error::Unavailable`] if it is to stop.
    pub(crate) fn check(self) -> Result<()> {
        if self.is_past() { Err(Error::Unavailable) } else { Ok(()) }
    }
}

/// Whether whoever asked has been told to try again: what this thread does now is for nobody.
pub(crate) fn nobody_waits() -> bool {
    deadline::left().is_some_and(|left| left.is_zero())
}
