//! Organizations and customers: who the sales team deals with, and whose they are.
//!
//! [`Organizations`] keeps the companies. Every method takes the [`Caller`](crm_core::Caller) it
//! works for, checks what that person may do and see, and writes in one transaction together with
//! its audit row. The functions in [`references`] are for the crates whose records point at
//! organizations and customers.

mod customer;
pub mod organization;
pub mod references;
pub mod stamps;

pub use organization::{Organization, OrganizationFilter, OrganizationInput, Organizations, StatusFilter};
