//! `/api/contract`: contracts.

#[allow(clippy::module_inception, reason = "the route is /api/contract/contract")]
mod contract;

use crate::http::Endpoint;

/// The endpoints under `/api/contract`.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/contract/contract", contract::list),
    Endpoint::post("/api/contract/contract", contract::save),
    Endpoint::delete("/api/contract/delcontract", contract::delete),
    Endpoint::upload("/api/contract/import", contract::import),
    Endpoint::get("/api/contract/export", contract::export),
];
