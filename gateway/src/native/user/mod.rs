//! `/api/user`: staff and sign-in.

mod audit;
mod department;
mod group;
mod login;
mod logout;
mod menu;
mod password;
mod profile;
mod sessions;
mod staff;
mod staff_row;
mod usermenu;

use crate::http::{Access, Endpoint};

/// The endpoints under `/api/user`.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/user/group", group::list),
    Endpoint::post("/api/user/group", group::save),
    Endpoint::delete("/api/user/delgroup", group::delete),
    Endpoint::get("/api/user/user", staff::list),
    Endpoint::post("/api/user/user", staff::save),
    Endpoint::delete("/api/user/deluser", staff::set_status),
    Endpoint::post("/api/user/login", login::open).open_to(Access::Public),
    Endpoint::post("/api/user/logout", logout::close).open_to(Access::Optional),
    Endpoint::post("/api/user/password", password::change).open_to(Access::Pending),
    Endpoint::get("/api/user/menu", menu::list),
    Endpoint::post("/api/user/menu", menu::save),
    Endpoint::get("/api/user/usermenu", usermenu::list),
    Endpoint::post("/api/user/usermenu", usermenu::save),
    Endpoint::get("/api/user/department", department::list),
    Endpoint::post("/api/user/department", department::save),
    Endpoint::delete("/api/user/deldepartment", department::delete),
    Endpoint::get("/api/user/profile", profile::show).open_to(Access::Pending),
    Endpoint::get("/api/user/sessions", sessions::list),
    Endpoint::delete("/api/user/delsession", sessions::end),
    Endpoint::get("/api/user/audit", audit::list),
];
