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
use crate::native::{One, Written};

/// The endpoints under `/api/user`.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/api/user/group", group::list)
        .listing::<group::GroupRow>()
        .says("The groups: all of them, unless the request asks for a page"),
    Endpoint::post("/api/user/group", group::save)
        .needing(&["name"])
        .says("Makes a group, or with group_id changes one"),
    Endpoint::delete("/api/user/delgroup", group::delete).says("Deletes a group that nobody is in"),
    Endpoint::get("/api/user/user", staff::list).listing::<staff_row::StaffRow>().says("The people who work here"),
    Endpoint::post("/api/user/user", staff::save)
        .needing(&["phoneNumber", "group_id"])
        .answering::<Written<staff::Made>>()
        .says("Enters a person, or with user_id changes one"),
    Endpoint::delete("/api/user/deluser", staff::set_status).says("Deletes (status -1), disables (0) or enables (1)"),
    Endpoint::post("/api/user/login", login::open)
        .open_to(Access::Public)
        .answering::<Written<login::Opened>>()
        .says("Opens a session: the token is in the answer and in the cookie"),
    Endpoint::post("/api/user/logout", logout::close)
        .open_to(Access::Optional)
        .says("Ends the session; with phoneNumber and password and no session, all of that person's"),
    Endpoint::post("/api/user/password", password::change)
        .open_to(Access::Pending)
        .says("Changes one's own password with old_password; without it an administrator sets somebody's"),
    Endpoint::get("/api/user/menu", menu::list).listing::<menu::ListedMenu>().says("The items there are"),
    Endpoint::post("/api/user/menu", menu::save)
        .needing(&["name"])
        .says("Makes an item; with menu_id changes it, and with menu_id alone deletes it"),
    Endpoint::get("/api/user/usermenu", usermenu::list)
        .listing::<usermenu::UserMenuRow>()
        .says("People with their menus: all of them for an administrator, oneself for others"),
    Endpoint::post("/api/user/usermenu", usermenu::save).says("Gives a person exactly these menu items"),
    Endpoint::get("/api/user/department", department::list)
        .listing::<department::DepartmentRow>()
        .says("The departments, flat"),
    Endpoint::post("/api/user/department", department::save)
        .needing(&["name"])
        .says("Makes a department, or with department_id changes one"),
    Endpoint::delete("/api/user/deldepartment", department::delete)
        .says("Deletes a department without people and without departments below it"),
    Endpoint::get("/api/user/profile", profile::show)
        .open_to(Access::Pending)
        .answering::<One<profile::ProfileData>>()
        .says("The person calling, as they see themself"),
    Endpoint::get("/api/user/sessions", sessions::list)
        .listing::<sessions::SessionData>()
        .says("One's own open sessions"),
    Endpoint::delete("/api/user/delsession", sessions::end).says("Ends one of one's own sessions"),
    Endpoint::get("/api/user/audit", audit::list).listing::<audit::AuditRow>().says("Who did what, newest first"),
];
