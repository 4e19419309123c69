//! `/api/customers`: organizations and customers.

mod customer;
mod customer_row;
mod organization;

use crate::http::Endpoint;

/// The endpoints under `/api/customers`.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/customers/customers", customer::list),
    Endpoint::post("/api/customers/customers", customer::save),
    Endpoint::delete("/api/customers/delcustomer", customer::set_status),
    Endpoint::get("/api/customers/organization", organization::list),
    Endpoint::post("/api/customers/organization", organization::save),
    Endpoint::delete("/api/customers/delorganization", organization::set_status),
    Endpoint::upload("/api/customers/import", customer::import),
    Endpoint::get("/api/customers/export", customer::export),
    Endpoint::upload("/api/customers/importorganization", organization::import),
    Endpoint::get("/api/customers/exportorganization", organization::export),
];
