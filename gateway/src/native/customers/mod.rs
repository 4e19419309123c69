//! `/api/customers`: organizations, customers and what happens to them, and WeCom customers.

mod claim;
mod contact;
mod custom;
mod customer;
mod customer_row;
mod due;
mod field;
mod history;
mod label;
mod options;
mod organization;
mod pool_rule;
mod product_line;
mod progress;
mod team;
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
    Endpoint::upload("/api/customers/import", customer::import),
    Endpoint::get("/api/customers/export", customer::export),
    Endpoint::upload("/api/customers/importorganization", organization::import),
    Endpoint::get("/api/customers/exportorganization", organization::export),
    Endpoint::get("/api/customers/wecom", wecom::list),
    Endpoint::post("/api/customers/wecom", wecom::save),
    Endpoint::delete("/api/customers/delwecom", wecom::delete),
    Endpoint::get("/api/customers/poolrule", pool_rule::show),
    Endpoint::post("/api/customers/poolrule", pool_rule::save),
    Endpoint::post("/api/customers/release", claim::release),
    Endpoint::post("/api/customers/unlock", claim::unlock),
    // What people attach to customers.
    Endpoint::post("/api/customers/stage", progress::stage),
    Endpoint::post("/api/customers/approve", progress::approve),
    Endpoint::post("/api/customers/blacklist", progress::blacklist),
    Endpoint::post("/api/customers/favourite", progress::favourite),
    Endpoint::post("/api/customers/team", team::set_role),
    Endpoint::post("/api/customers/assistants", team::set_assistants),
    Endpoint::post("/api/customers/labels", label::set),
    Endpoint::get("/api/customers/contact", contact::list),
    Endpoint::post("/api/customers/contact", contact::save),
    Endpoint::delete("/api/customers/delcontact", contact::delete),
    // What they choose from.
    Endpoint::get("/api/customers/stages", options::list_stages),
    Endpoint::post("/api/customers/stages", options::save_stage),
    Endpoint::get("/api/customers/sources", options::list_sources),
    Endpoint::post("/api/customers/sources", options::save_source),
    Endpoint::get("/api/customers/categories", options::list_categories),
    Endpoint::post("/api/customers/categories", options::save_category),
    Endpoint::get("/api/customers/productlines", product_line::list),
    Endpoint::post("/api/customers/productlines", product_line::save),
    Endpoint::get("/api/customers/roletypes", team::list_roles),
    Endpoint::post("/api/customers/roletypes", team::save_role),
    Endpoint::get("/api/customers/labelgroups", label::list_groups),
    Endpoint::post("/api/customers/labelgroups", label::save_group),
    Endpoint::get("/api/customers/fields", field::list),
    Endpoint::post("/api/customers/fields", field::save),
];
