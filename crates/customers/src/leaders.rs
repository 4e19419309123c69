//! Who leads whom: leaders decide about the customers of their departments and of those below.

use crm_core::{Caller, DepartmentId, Result, Role, StaffId};
use crm_db::schema::{departments, staff};
use crm_db::{Conn, Literal};
use crm_staff::people;
use diesel::prelude::*;

/// The departments somebody leads, with all below them.
#[derive(Debug)]
pub(crate) struct Led(Vec<DepartmentId>);

impl Led {
    /// Those the caller leads. A correspondent leads nobody.
    pub(crate) fn by(conn: &mut Conn, caller: &Caller) -> Result<Self> {
        if caller.role == Role::Correspondent {
            return Ok(Self(Vec::new()));
        }
        let roots: Vec<DepartmentId> = departments::table
            .filter(departments::leader_id.eq(caller.staff_id).and(departments::status.ne(Literal::DELETED)))
            .select(departments::id)
            .load(conn)?;
        Ok(Self(if roots.is_empty() { roots } else { people::departments_below(conn, &roots)? }))
    }

    /// Whether it is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub(crate) fn departments(&self) -> &[DepartmentId] {
        &self.0
    }

    /// Whether this person is, or was when they left, in one of them.
    pub(crate) fn includes(&self, conn: &mut Conn, person: StaffId) -> Result<bool> {
        if self.is_empty() {
            return Ok(false);
        }
        let department: Option<Option<DepartmentId>> =
            staff::table.filter(staff::id.eq(person)).select(staff::department_id).first(conn).optional()?;
        Ok(department.flatten().is_some_and(|department| self.0.contains(&department)))
    }
}
