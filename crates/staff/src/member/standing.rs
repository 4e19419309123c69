//! Who may be disabled, demoted and deleted: never oneself, and never the last administrator.

use crm_core::{Caller, DELETED, Error, Instant, Result, StaffId};
use crm_db::Conn;
use crm_db::audit::Deed;

use super::{Member, NOT_FOUND, repository};
use crate::administrators;
use crate::session::end_all;
use crate::status::ENABLED;

/// Deletes a person and ends their sessions, inside the caller's own transaction: what else follows
/// from it (their customers go to the public pool) is the customers crate's. `true` when the person
/// was deleted now, `false` when they had been before.
///
/// Locks the rows of the person and of all administrators; take no lock on customers before it.
///
/// # Errors
/// [`Error::Forbidden`] for everybody but administrators, [`Error::NotFound`] for a person who never
/// was, [`Error::Conflict`] for the caller themself and for the last administrator.
pub fn delete(conn: &mut Conn, caller: &Caller, id: StaffId, now: Instant) -> Result<bool> {
    set(conn, caller, id, DELETED, now)
}

/// Gives a person this status; `true` when something changed. A deleted person stays deleted.
pub(super) fn set(conn: &mut Conn, caller: &Caller, id: StaffId, status: i16, now: Instant) -> Result<bool> {
    caller.require_administrator()?;
    repository::lock(conn, id)?;
    let before = repository::find(conn, id)?.ok_or(NOT_FOUND)?;
    if before.status == status {
        return Ok(false);
    }
    if before.status == DELETED {
        return Err(NOT_FOUND);
    }
    let after = Member { status, ..before.clone() }.changed(now);
    check_administrators(conn, caller, &before, &after, "user_id")?;
    repository::update(conn, &after)?;
    if status != ENABLED {
        end_all(conn, id, now)?;
    }
    let action = match status {
        ENABLED => "enable",
        DELETED => "delete",
        _ => "disable",
    };
    Deed { caller: Some(caller), action, record: "staff", id: Some(id.0), at: now }.changed(conn, &before, &after)?;
    Ok(true)
}

/// Refuses, on `field`, a change by which the caller or the last administrator would be one no more.
/// The rows are locked ([`repository::lock`]).
pub(super) fn check_administrators(
    conn: &mut Conn,
    caller: &Caller,
    before: &Member,
    after: &Member,
    field: &'static str,
) -> Result<()> {
    if before.id == caller.staff_id && (after.status != ENABLED || after.role_id != before.role_id) {
        return Err(Error::conflict(field, "不能停用、删除或降级自己"));
    }
    if before.is_enabled_administrator() && !after.is_enabled_administrator() && administrators::count(conn)? <= 1 {
        return Err(Error::conflict(field, "至少要保留一名启用的管理员"));
    }
    Ok(())
}
