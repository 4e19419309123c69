//! The dialects of other vendors: their paths, their names and their envelopes over the same services
//! (vendor-surfaces.md). Each folder documents where every field comes from.

pub mod client_detail;
mod custom;
pub mod customers_v2;
pub mod dashboard;
pub mod miaosuan;

use crate::http::Endpoint;

/// Every endpoint of another vendor's dialect.
pub fn endpoints() -> Vec<Endpoint> {
    [client_detail::ENDPOINTS, customers_v2::ENDPOINTS, dashboard::ENDPOINTS, miaosuan::ENDPOINTS].concat()
}
