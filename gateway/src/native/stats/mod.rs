//! `/api/stats`: statistics.

use crate::http::Endpoint;

/// The endpoints under `/api/stats`.
pub const ENDPOINTS: &[Endpoint] = &[];
