//! The native dialect: its endpoints, one file per route, and its envelope.

pub mod customers;
mod envelope;
pub mod user;

use crate::http::Endpoint;

pub(crate) use envelope::{failure_body, list, message, written};

/// Every native endpoint.
pub fn endpoints() -> Vec<Endpoint> {
    [user::ENDPOINTS, customers::ENDPOINTS].concat()
}
