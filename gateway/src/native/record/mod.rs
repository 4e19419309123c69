//! `/api/record`: potentials, follow-ups and demands.

mod demand;
mod follow;
mod potential;
mod potential_id;

use crate::http::Endpoint;

/// The endpoints under `/api/record`.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/record/potential", potential::list),
    Endpoint::post("/api/record/potential", potential::save),
    Endpoint::delete("/api/record/delpotent", potential::set_status),
    Endpoint::get("/api/record/follow", follow::list),
    Endpoint::post("/api/record/follow", follow::save),
    Endpoint::delete("/api/record/delfollow", follow::delete),
    Endpoint::get("/api/record/demand", demand::list),
    Endpoint::post("/api/record/demand", demand::save),
    Endpoint::delete("/api/record/deldemand", demand::delete),
];
