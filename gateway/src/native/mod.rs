//! The native dialect: its endpoints, one file per route, and its envelope.

pub mod contract;
pub mod customers;
mod envelope;
mod exchange;
pub mod feedback;
pub mod record;
pub mod stats;
mod status;
pub mod user;

use crate::http::Endpoint;

pub(crate) use envelope::{
    Failed, List, Nested, One, Written, WrittenRecord, failure_body, list, list_all, list_of, message, nested_list,
    one, written,
};

/// Every native endpoint.
pub fn endpoints() -> Vec<Endpoint> {
    [
        user::ENDPOINTS,
        customers::ENDPOINTS,
        record::ENDPOINTS,
        feedback::ENDPOINTS,
        contract::ENDPOINTS,
        stats::ENDPOINTS,
    ]
    .concat()
}
