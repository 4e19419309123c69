//! The gateway: the only crate that knows HTTP.
//!
//! A request becomes a [`http::Call`] (who, from where, the services) and a [`http::Reader`] (the
//! parameters, however they were sent); a handler reads them, calls one service method and writes
//! the answer in its dialect. Everything else a request needs (session, origin, limits, deadlines,
//! request id, the failure envelope) happens once, in [`http::dispatch`].

mod application;
pub mod commands;
mod drain;
pub mod http;
mod jobs;
mod metrics;
pub mod native;
pub mod openapi;
mod services;
mod settings;
pub mod vendors;
pub mod wecom;

pub use application::{Application, endpoints, system_paths};
pub use metrics::Metrics;
pub use services::Services;
pub use settings::Settings;
