//! `/api/customers`: organizations, customers and WeCom customers.

mod customer;
mod customer_row;
mod organization;
mod wecom;

use crate::http::Endpoint;

/// The endpoints under `/api/customers`.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/customers/customers", customer::list),
    Endpoint::post("/api/customers/customers", customer::save),
    Endpoint::delete("/api/customers/delcustomer", customer::set_status),
    Endpoint::get("/api/customers/organization", organization::list),
    Endpoint::post("/api/customers/organization", organization::save),
    Endpoint::delete("/api/customers/delorganization", organization::set_status),
    Endpoint::get("/api/customers/wecom", wecom::list),
    Endpoint::post("/api/customers/wecom", wecom::save),
    Endpoint::delete("/api/customers/delwecom", wecom::delete),
];
