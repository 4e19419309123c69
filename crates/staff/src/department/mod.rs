//! Departments: a tree, and who leads what in it (native-api §3 "department", "deldepartment").

mod model;
mod repository;

use crm_core::{Caller, DELETED, DepartmentId, Error, Page, Paged, Patch, Problems, Result, StaffId};
use crm_db::audit::Deed;
use crm_db::{Conn, Db};

use crate::people::{self, departments_below, note_missing};
pub use model::{Department, DepartmentInput, DepartmentListing};

const NOT_FOUND: Error = Error::NotFound("部门");

/// Looks after departments.
#[derive(Clone, Debug)]
pub struct Departments {
    db: Db,
}

impl Departments {
    /// The departments of this database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// The departments (or the one with this id), oldest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for correspondents.
    pub fn list(&self, caller: &Caller, id: Option<DepartmentId>, page: Page) -> Result<Paged<DepartmentListing>> {
        caller.require_staff()?;
        self.db.read(|conn| {
            let Paged { rows, total } = repository::list(conn, id, page)?;
            let ids: Vec<DepartmentId> = rows.iter().map(|department| department.id).collect();
            let counts = repository::staff_counts(conn, &ids)?;
            let leaders: Vec<StaffId> = rows.iter().filter_map(|department| department.leader_id).collect();
            let names = people::names(conn, &leaders)?;
            let rows = rows
                .into_iter()
                .map(|department| DepartmentListing {
                    leader_name: department.leader_id.and_then(|leader| names.get(&leader).cloned()),
                    staff_count: counts.get(&department.id).copied().unwrap_or(0),
                    department,
                })
                .collect();
            Ok(Paged { rows, total })
        })
    }

    /// Makes a department. Administrators only.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Invalid`] with every bad field.
    pub fn create(&self, caller: &Caller, input: DepartmentInput) -> Result<DepartmentId> {
        caller.require_administrator()?;
        let now = self.db.now();
        self.db.write(|conn| {
            repository::lock_tree(conn)?;
            self.check(conn, caller, &input, None)?;
            let department = Department::blank(now).with(input);
            let id = repository::insert(conn, &department)?;
            Deed { caller: Some(caller), action: "create", record: "department", id: Some(id.0), at: now }
                .created(conn, &Department { id, ..department })?;
            Ok(id)
        })
    }

    /// Changes a department. With `version` it is only changed if it still is what was read.
    /// Administrators only. What people see changes on their next requests.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`] for one that is missing or deleted, [`Error::Stale`]
    /// when `version` is past, [`Error::Invalid`] with every bad field: also for a parent that is
    /// below it.
    pub fn update(
        &self,
        caller: &Caller,
        id: DepartmentId,
        version: Option<i64>,
        input: DepartmentInput,
    ) -> Result<()> {
        caller.require_administrator()?;
        let now = self.db.now();
        self.db.write(|conn| {
            repository::lock_tree(conn)?;
            let before = repository::find(conn, id)?.filter(|found| found.status != DELETED).ok_or(NOT_FOUND)?;
            self.check(conn, caller, &input, Some(&before))?;
            if version.is_some_and(|version| version != before.version) {
                return Err(Error::Stale);
            }
            let after = before.clone().with(input).changed(now);
            repository::update(conn, &after)?;
            Deed { caller: Some(caller), action: "update", record: "department", id: Some(id.0), at: now }
                .changed(conn, &before, &after)
        })
    }

    /// Deletes a department without people and without departments below it. Deleting twice changes
    /// nothing. Administrators only.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`] for one that never was, [`Error::Conflict`] while
    /// people who are not deleted are in it or departments are below it.
    pub fn delete(&self, caller: &Caller, id: DepartmentId) -> Result<()> {
        caller.require_administrator()?;
        let now = self.db.now();
        self.db.write(|conn| {
            repository::lock_tree(conn)?;
            let before = repository::find(conn, id)?.ok_or(NOT_FOUND)?;
            if before.status == DELETED {
                return Ok(());
            }
            if !repository::staff_counts(conn, &[id])?.is_empty() {
                return Err(Error::conflict("department_id", "部门内还有员工,不能删除"));
            }
            if repository::has_children(conn, id)? {
                return Err(Error::conflict("department_id", "部门还有下级部门,不能删除"));
            }
            let after = Department { status: DELETED, ..before.clone() }.changed(now);
            repository::update(conn, &after)?;
            Deed { caller: Some(caller), action: "delete", record: "department", id: Some(id.0), at: now }
                .changed(conn, &before, &after)
        })
    }

    /// Everything that can be wrong with the input, at once.
    fn check(
        &self,
        conn: &mut Conn,
        caller: &Caller,
        input: &DepartmentInput,
        before: Option<&Department>,
    ) -> Result<()> {
        let mut problems = input.problems.clone();
        problems.required("name", &input.name, before.is_none());
        problems.name("name", &input.name);
        let kept = before.and_then(|before| before.parent_id);
        check(conn, &mut problems, "parent_id", &input.parent_id, kept)?;
        if let (Some(parent), Some(before)) = (input.parent_id.value(), before)
            && departments_below(conn, &[before.id])?.contains(parent)
        {
            problems.push("parent_id", "不能是本部门或其下级部门");
        }
        let kept = before.and_then(|before| before.leader_id);
        people::check_one(conn, caller, &mut problems, "leader_id", &input.leader_id, kept)?;
        problems.finish()
    }
}

/// Notes on `field` a department that does not exist or is deleted; `kept` is not asked about again.
pub(crate) fn check(
    conn: &mut Conn,
    problems: &mut Problems,
    field: &str,
    id: &Patch<DepartmentId>,
    kept: Option<DepartmentId>,
) -> Result<()> {
    let Some(id) = id.value().copied() else { return Ok(()) };
    if Some(id) != kept && !repository::is_live(conn, id)? {
        note_missing(problems, field, &[id], &[]);
    }
    Ok(())
}
