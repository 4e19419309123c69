//! `/api/contract`: contracts.

#[allow(clippy::module_inception, reason = "the route is /api/contract/contract")]
mod contract;

use crate::http::Endpoint;

/// The endpoints under `/api/contract`.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/contract/contract", contract::list)
        .listing::<contract::ContractRow>()
        .says("The contracts the caller may see"),
    Endpoint::post("/api/contract/contract", contract::save).says("Enters a contract, or with contract_id changes one"),
    Endpoint::delete("/api/contract/delcontract", contract::delete).says("Deletes a contract"),
];
