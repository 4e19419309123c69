//! `/api/customers`: organizations, customers and what happens to them, and WeCom customers.

mod claim;
mod customer;
mod customer_row;
mod due;
mod history;
mod organization;
mod pool_rule;
mod wecom;

use crate::http::Endpoint;

/// The endpoints under `/api/customers`.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post("/api/customers/assign", claim::assign),
    Endpoint::post("/api/customers/claim", claim::claim),
    Endpoint::get("/api/customers/customers", customer::list),
    Endpoint::post("/api/customers/customers", customer::save),
    Endpoint::delete("/api/customers/delcustomer", customer::set_status),
    Endpoint::get("/api/customers/due", due::list),
    Endpoint::get("/api/customers/history", history::list),
    Endpoint::post("/api/customers/lock", claim::lock),
    Endpoint::get("/api/customers/organization", organization::list),
    Endpoint::post("/api/customers/organization", organization::save),
    Endpoint::delete("/api/customers/delorganization", organization::set_status),
    Endpoint::get("/api/customers/wecom", wecom::list),
    Endpoint::post("/api/customers/wecom", wecom::save),
    Endpoint::delete("/api/customers/delwecom", wecom::delete),
    Endpoint::get("/api/customers/poolrule", pool_rule::show),
    Endpoint::post("/api/customers/poolrule", pool_rule::save),
    Endpoint::post("/api/customers/release", claim::release),
    Endpoint::post("/api/customers/unlock", claim::unlock),
];
