//! `/api/feedback`: satisfaction.

use crate::http::Endpoint;

/// The endpoints under `/api/feedback`.
pub const ENDPOINTS: &[Endpoint] = &[];
