//! Satisfaction, contracts and statistics over HTTP.

mod access;
mod contract;
mod feedback;
mod stats;
mod support;
