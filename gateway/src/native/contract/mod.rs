//! `/api/contract`: contracts.

use crate::http::Endpoint;

/// The endpoints under `/api/contract`.
pub const ENDPOINTS: &[Endpoint] = &[];
