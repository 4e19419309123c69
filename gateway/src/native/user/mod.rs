//! `/api/user`: staff and sign-in.

mod login;
mod logout;
mod password;

use crate::http::{Access, Endpoint};

/// The endpoints under `/api/user`.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::post("/api/user/login", login::open).open_to(Access::Public),
    Endpoint::post("/api/user/logout", logout::close).open_to(Access::Optional),
    Endpoint::post("/api/user/password", password::change).open_to(Access::Pending),
];
