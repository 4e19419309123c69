//! `/api/user` over HTTP.

mod audit;
mod people;
mod sessions;
mod set_up;
mod sign_in;
mod support;
