//! `/api/record`: potentials, follow-ups and demands.

use crate::http::Endpoint;

/// The endpoints under `/api/record`.
pub const ENDPOINTS: &[Endpoint] = &[];
