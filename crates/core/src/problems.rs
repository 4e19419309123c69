//! What is wrong with a request, field by field.

use crate::Error;

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field as the native contract spells it.
    pub field: String,
    /// What is wrong with it, in Chinese, fit to be shown.
    pub message: String,
}

/// Every bad field of a request, in the order found; one entry per field, the first finding wins.
///
/// The edge puts in what it could not read, the service adds what it finds, and only then is the
/// request refused, so that a person sees all that is wrong at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<FieldError>);

impl Problems {
    /// Notes that `field` is wrong.
    pub fn push(&mut self, field: &str, message: impl Into<String>) {
        if !self.names(field) {
            self.0.push(FieldError { field: field.to_owned(), message: message.into() });
        }
    }

    /// Whether something is wrong with `field` already.
    pub fn names(&self, field: &str) -> bool {
        self.0.iter().any(|error| error.field == field)
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bad fields.
    pub fn iter(&self) -> impl Iterator<Item = &FieldError> {
        self.0.iter()
    }

    /// Adds what `other` found.
    pub fn merge(&mut self, other: Problems) {
        for error in other.0 {
            self.push(&error.field, error.message);
        }
    }

    /// Refuses the request if anything is wrong.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every bad field.
    pub fn finish(self) -> Result<(), Error> {
        if self.is_empty() { Ok(()) } else { Err(Error::Invalid(self)) }
    }
}
