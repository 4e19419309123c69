//! What a broken unique constraint means, said by the one who knows.

use crm_core::{Error, Result};
use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Gives a unique violation its meaning; every other failure keeps its own.
pub trait OnUnique<T> {
    /// Turns a unique violation into a conflict on `field`.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a unique violation, else what the failure means by itself.
    fn on_unique(self, field: &'static str, message: &str) -> Result<T>;
}

impl<T> OnUnique<T> for QueryResult<T> {
    fn on_unique(self, field: &'static str, message: &str) -> Result<T> {
        self.map_err(|error| match error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Error::conflict(field, message),
            other => other.into(),
        })
    }
}
