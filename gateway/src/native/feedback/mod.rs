//! `/api/feedback`: satisfaction.

mod satisfy;

use crate::http::Endpoint;

/// The endpoints under `/api/feedback`.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/feedback/satisfy", satisfy::list),
    Endpoint::post("/api/feedback/satisfy", satisfy::save),
    Endpoint::delete("/api/feedback/delsatisfy", satisfy::delete),
];
