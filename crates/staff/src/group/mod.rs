//! Staff groups (员工组): how far their members see (native-api §3 "group", "delgroup").

mod model;
mod repository;

use std::collections::HashMap;

use crm_core::{Caller, DELETED, Error, GroupId, NOTE_MAX, Page, Paged, Problems, Result};
use crm_db::audit::Deed;
use crm_db::{Conn, Db, RowOf, distinct};

use crate::people::note_missing;
pub use model::{DataScope, Group, GroupFilter, GroupInput};

const NOT_FOUND: Error = Error::NotFound("员工组");

/// Looks after staff groups.
#[derive(Clone, Debug)]
pub struct Groups {
    db: Db,
}

impl Groups {
    /// The groups of this database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// A page of groups, or without one all of them, oldest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for correspondents.
    pub fn list(&self, caller: &Caller, filter: GroupFilter, page: Option<Page>) -> Result<Paged<Group>> {
        caller.require_staff()?;
        self.db.read(|conn| repository::list(conn, filter, page))
    }

    /// Makes a group. Administrators only.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Invalid`] with every bad field, [`Error::Conflict`] for a name
    /// that a group has.
    pub fn create(&self, caller: &Caller, input: GroupInput) -> Result<GroupId> {
        caller.require_administrator()?;
        let now = self.db.now();
        self.db.write(|conn| {
            self.check(conn, &input, None)?;
            let group = Group::blank(now).with(input);
            let id = repository::insert(conn, &group)?;
            Deed { caller: Some(caller), action: "create", record: "group", id: Some(id.0), at: now }
                .created(conn, &Group { id, ..group })?;
            Ok(id)
        })
    }

    /// Changes a group. With `version` it is only changed if it still is what was read.
    /// Administrators only. A change of scope or status binds on the members' next requests.
    ///
    /// # Errors
    /// As [`Groups::create`]; [`Error::NotFound`] for one that is missing or deleted,
    /// [`Error::Stale`] when `version` is past.
    pub fn update(&self, caller: &Caller, id: GroupId, version: Option<i64>, input: GroupInput) -> Result<()> {
        caller.require_administrator()?;
        let now = self.db.now();
        self.db.write(|conn| {
            conn.lock_row(RowOf::Groups, id.0)?;
            let before = repository::find(conn, id)?.filter(|group| group.status != DELETED).ok_or(NOT_FOUND)?;
            self.check(conn, &input, Some(&before))?;
            if version.is_some_and(|version| version != before.version) {
                return Err(Error::Stale);
            }
            let after = before.clone().with(input).changed(now);
            repository::update(conn, &after)?;
            Deed { caller: Some(caller), action: "update", record: "group", id: Some(id.0), at: now }
                .changed(conn, &before, &after)
        })
    }

    /// Deletes a group that nobody is in any more. Deleting twice changes nothing. Administrators only.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`] for a group that never was, [`Error::Conflict`] while
    /// people who are not deleted are in it.
    pub fn delete(&self, caller: &Caller, id: GroupId) -> Result<()> {
        caller.require_administrator()?;
        let now = self.db.now();
        self.db.write(|conn| {
            conn.lock_row(RowOf::Groups, id.0)?;
            let before = repository::find(conn, id)?.ok_or(NOT_FOUND)?;
            if before.status == DELETED {
                return Ok(());
            }
            if repository::has_members(conn, id)? {
                return Err(Error::conflict("group_id", "组内还有员工,不能删除"));
            }
            let after = Group { status: DELETED, ..before.clone() }.changed(now);
            repository::update(conn, &after)?;
            Deed { caller: Some(caller), action: "delete", record: "group", id: Some(id.0), at: now }
                .changed(conn, &before, &after)
        })
    }

    /// Everything that can be wrong with the input, at once; then a name that is taken.
    fn check(&self, conn: &mut Conn, input: &GroupInput, before: Option<&Group>) -> Result<()> {
        let mut problems = input.problems.clone();
        problems.required("name", &input.name, before.is_none());
        problems.name("name", &input.name);
        problems.text("content", &input.detail, NOTE_MAX);
        problems.finish()?;
        match input.name.value() {
            Some(name) => repository::check_name_is_free(conn, name, before.map(|before| before.id)),
            None => Ok(()),
        }
    }
}

/// Notes on `field` a group named twice, and those that do not exist or are deleted; `kept` are not asked about again.
pub(crate) fn check(
    conn: &mut Conn,
    problems: &mut Problems,
    field: &str,
    ids: &[GroupId],
    kept: &[GroupId],
) -> Result<()> {
    problems.ids(field, ids);
    let new: Vec<GroupId> = ids.iter().copied().filter(|id| !kept.contains(id)).collect();
    let known = repository::live(conn, &new)?;
    note_missing(problems, field, &new, &known);
    Ok(())
}

/// What these groups are called; deleted ones keep their names.
pub(crate) fn names(conn: &mut Conn, ids: impl Iterator<Item = GroupId>) -> Result<HashMap<GroupId, String>> {
    Ok(repository::names(conn, &distinct(ids))?.into_iter().collect())
}
