//! The dialects of other vendors' CRMs: a folder each, over the same services as the native one.

pub mod dashboard;

use crate::http::Endpoint;

/// Every endpoint of the vendors.
pub fn endpoints() -> Vec<Endpoint> {
    [dashboard::ENDPOINTS].concat()
}
