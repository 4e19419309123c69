//! The dialects of other vendors: their paths, their names and their envelopes over the same services
//! (vendor-surfaces.md). Each folder documents where every field comes from.

pub mod client_detail;
mod custom;
pub mod customers_v2;
pub mod dashboard;
pub mod miaosuan;

use crate::http::{Endpoint, FailureBody};

/// Where each vendor's own paths begin: below, a path that does not exist is told in the vendor's words.
const PREFIXES: &[(&str, FailureBody)] = &[
    ("/api/crm/", client_detail::failure_body),
    ("/api/v2/", customers_v2::failure_body),
    ("/business/", dashboard::failure_body),
    ("/miaosuan/", miaosuan::failure_body),
];

/// How it is said of this path that it does not exist; `None` where no vendor's paths are.
pub fn failure_body_at(path: &str) -> Option<FailureBody> {
    PREFIXES.iter().find(|(prefix, _)| path.starts_with(prefix)).map(|(_, failure_body)| *failure_body)
}

/// Every endpoint of another vendor's dialect.
pub fn endpoints() -> Vec<Endpoint> {
    [client_detail::ENDPOINTS, customers_v2::ENDPOINTS, dashboard::ENDPOINTS, miaosuan::ENDPOINTS].concat()
}
