//! Telling how far a long import or export is.

use std::fmt;
use std::sync::Arc;

type Told = dyn Fn(u64, u64) + Send + Sync;

/// Who is told, if anybody.
#[derive(Clone, Default)]
pub(crate) struct Watch(Option<Arc<Told>>);

impl Watch {
    pub(crate) fn by(told: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(told)))
    }

    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// So many rows of so many are done.
    pub(crate) fn tell(&self, done: u64, of: u64) {
        if let Some(told) = &self.0 {
            told(done, of);
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watch").field(&self.is_on()).finish()
    }
}
