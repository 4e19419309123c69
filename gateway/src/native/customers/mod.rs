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
use crate::native::exchange::{ImportRefused, Imported};
use crate::native::{One, Written, WrittenRecord, failure_body};

/// The endpoints under `/api/customers`.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post("/api/customers/assign", claim::assign).answering_either::<WrittenRecord, Written<claim::Results>>().says("Gives customers to the person owner_id"),
    Endpoint::post("/api/customers/claim", claim::claim).answering_either::<WrittenRecord, Written<claim::Results>>().says("Takes customers from the public pool for the caller"),
    Endpoint::get("/api/customers/customers", customer::list).listing::<customer_row::CustomerRow>().says("The customers the caller may see"),
    Endpoint::post("/api/customers/customers", customer::save).needing(&["realName"]).says("Creates a customer, or with customer_id changes one"),
    Endpoint::delete("/api/customers/delcustomer", customer::set_status).says("Deletes (status -1, the default) or restores (1), with the reason"),
    Endpoint::get("/api/customers/due", due::list).listing::<due::DueRow>().says("The customers the pool rule announces"),
    Endpoint::get("/api/customers/history", history::list).listing::<history::EventRow>().says("What happened to customers, newest first"),
    Endpoint::post("/api/customers/lock", claim::lock).answering_either::<WrittenRecord, Written<claim::Results>>().says("Locks customers"),
    Endpoint::get("/api/customers/organization", organization::list).listing::<organization::OrganizationRow>().says("The organizations the caller may see"),
    Endpoint::post("/api/customers/organization", organization::save).needing(&["groupName"]).says("Creates an organization, or with organization_id changes one"),
    Endpoint::delete("/api/customers/delorganization", organization::set_status).says("Deletes (status -1) or restores (1); without saying which, it does neither"),
    Endpoint::get("/api/customers/wecom", wecom::list).listing::<wecom::WecomRow>().says("The contacts the caller may see. With event, those that were added or lost from start_time to end_time (as elsewhere a week by default), whatever their state"),
    Endpoint::post("/api/customers/wecom", wecom::save).needing(&["external_userid", "user_id"]).says("Enters a contact, or changes the one with the same external_userid and user_id"),
    Endpoint::delete("/api/customers/delwecom", wecom::delete).says("Deletes a contact that should not have been entered"),
    Endpoint::get("/api/customers/poolrule", pool_rule::show).answering::<One<pool_rule::RuleRow>>().says("The rule in force"),
    Endpoint::post("/api/customers/poolrule", pool_rule::save).answering_either::<WrittenRecord, One<pool_rule::PreviewData>>().says("Changes the rule, or with preview tells what a change would announce"),
    Endpoint::post("/api/customers/release", claim::release).answering_either::<WrittenRecord, Written<claim::Results>>().says("Puts customers into the public pool"),
    Endpoint::post("/api/customers/unlock", claim::unlock).answering_either::<WrittenRecord, Written<claim::Results>>().says("Unlocks customers"),
    Endpoint::upload("/api/customers/import", customer::import)
        .answering::<Imported>()
        .failing_as::<ImportRefused<'_>>(failure_body)
        .says("Enters or changes customers as a file says"),
    Endpoint::get("/api/customers/export", customer::export)
        .answering_file()
        .says("The customers of a list as a file"),
    Endpoint::upload("/api/customers/importorganization", organization::import)
        .answering::<Imported>()
        .failing_as::<ImportRefused<'_>>(failure_body)
        .says("Enters or changes organizations as a file says"),
    Endpoint::get("/api/customers/exportorganization", organization::export)
        .answering_file()
        .says("The organizations of a list as a file"),
    // What people attach to customers.
    Endpoint::post("/api/customers/stage", progress::stage).says("Moves a customer to another stage"),
    Endpoint::post("/api/customers/approve", progress::approve).says("Lets a customer in, or turns it down"),
    Endpoint::post("/api/customers/blacklist", progress::blacklist).says("Puts a customer on the blacklist, or takes it off"),
    Endpoint::post("/api/customers/favourite", progress::favourite).says("Puts a customer among the caller's favourites, or takes it out"),
    Endpoint::post("/api/customers/team", team::set_role).says("Replaces the people who play one part in a customer's team"),
    Endpoint::post("/api/customers/assistants", team::set_assistants).says("Replaces a customer's assistants"),
    Endpoint::post("/api/customers/labels", label::set).says("Replaces the labels of a customer"),
    Endpoint::get("/api/customers/contact", contact::list).listing::<contact::ContactRow>().says("The contacts of a customer, the primary one first"),
    Endpoint::post("/api/customers/contact", contact::save).needing(&["name", "customer_id"]).says("Enters a contact of a customer, or with contact_id changes one"),
    Endpoint::delete("/api/customers/delcontact", contact::delete).says("Deletes a contact"),
    // What they choose from.
    Endpoint::get("/api/customers/stages", options::list_stages).listing::<options::OptionRow>().says("The stages, retired ones too, in order"),
    Endpoint::post("/api/customers/stages", options::save_stage).needing(&["name"]).says("Makes a stage, or with stage_id changes one"),
    Endpoint::get("/api/customers/sources", options::list_sources).listing::<options::OptionRow>().says("The sources, retired ones too, in order"),
    Endpoint::post("/api/customers/sources", options::save_source).needing(&["name"]).says("Makes a source, or with source_id changes one"),
    Endpoint::get("/api/customers/categories", options::list_categories).listing::<options::OptionRow>().says("The categories, retired ones too, in order"),
    Endpoint::post("/api/customers/categories", options::save_category).needing(&["name"]).says("Makes a category, or with category_id changes one"),
    Endpoint::get("/api/customers/productlines", product_line::list).listing::<product_line::ProductLineRow>().says("The product lines"),
    Endpoint::post("/api/customers/productlines", product_line::save).needing(&["name"]).says("Makes a product line, or with product_line_id renames one"),
    Endpoint::get("/api/customers/roletypes", team::list_roles).listing::<team::RoleRow>().says("The parts people play in teams"),
    Endpoint::post("/api/customers/roletypes", team::save_role).needing(&["role_type"]).says("Changes what a part is called or there for"),
    Endpoint::get("/api/customers/labelgroups", label::list_groups).listing::<label::GroupRow>().says("The groups of labels, each with all that are in it"),
    Endpoint::post("/api/customers/labelgroups", label::save_group).needing(&["name"]).says("Makes a group of labels, or with group_id changes one"),
    Endpoint::get("/api/customers/fields", field::list).listing::<field::FieldRow>().says("The fields the deployment defines, in order"),
    Endpoint::post("/api/customers/fields", field::save).needing(&["title", "kind"]).says("Defines a field, or with field_id changes one"),
];
