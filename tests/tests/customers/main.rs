//! `/api/customers` over HTTP, and the callback of WeCom.

#![recursion_limit = "256"]

mod around;
mod customers;
mod fields;
mod options;
mod organizations;
mod pool;
mod support;
mod wecom;
