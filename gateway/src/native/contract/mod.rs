//! `/api/contract`: contracts.

#[allow(clippy::module_inception, reason = "the route is /api/contract/contract")]
mod contract;

use crate::http::Endpoint;
use crate::native::exchange::{ImportRefused, Imported};
use crate::native::failure_body;

/// The endpoints under `/api/contract`.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/contract/contract", contract::list)
        .listing::<contract::ContractRow>()
        .says("The contracts the caller may see"),
    Endpoint::post("/api/contract/contract", contract::save)
        .needing(&["name", "organization_id", "sign_time"])
        .says("Enters a contract, or with contract_id changes one"),
    Endpoint::delete("/api/contract/delcontract", contract::delete).says("Deletes a contract"),
    Endpoint::upload("/api/contract/import", contract::import)
        .answering::<Imported>()
        .failing_as::<ImportRefused<'_>>(failure_body)
        .says("Enters or changes contracts as a file says"),
    Endpoint::get("/api/contract/export", contract::export).answering_file().says("The contracts of a list as a file"),
];
