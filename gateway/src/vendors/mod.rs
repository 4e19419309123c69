//! The dialects of other vendors' systems: one folder each, over the same services.

pub mod customers_v2;

use crate::http::Endpoint;

/// Every endpoint of every vendor's dialect.
pub fn endpoints() -> Vec<Endpoint> {
    [customers_v2::ENDPOINTS].concat()
}
