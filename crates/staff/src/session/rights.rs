//! What a person may see: the scopes of their groups and the departments they lead together.

use crm_core::{DepartmentId, Result, Role, Scope};
use crm_db::Conn;

use super::repository::{self, Standing};
use crate::{DataScope, people};

/// What a person may see.
pub(super) struct Rights {
    /// Whose rows.
    pub(super) scope: Scope,
    /// Whether departments in the scope bring those below them along.
    with_those_below: bool,
    /// Whether the person is in an enabled group.
    pub(super) has_access: bool,
}

impl Rights {
    fn flat(scope: Scope, has_access: bool) -> Self {
        Self { scope, with_those_below: false, has_access }
    }

    /// The scope as groups name it.
    pub(super) fn data_scope(&self) -> DataScope {
        match &self.scope {
            Scope::All => DataScope::All,
            Scope::Departments(_) if self.with_those_below => DataScope::DepartmentTree,
            Scope::Departments(_) => DataScope::Department,
            Scope::Own => DataScope::Own,
        }
    }
}

/// A person's scope: the widest of their enabled groups', and at least the departments they lead.
pub(super) fn of(conn: &mut Conn, person: &Standing, role: Role) -> Result<Rights> {
    if role == Role::Administrator {
        return Ok(Rights::flat(Scope::All, true));
    }
    let granted = person.scopes.as_deref().unwrap_or_default().split(' ');
    let Some(widest) = granted.filter_map(DataScope::from_word).max() else {
        return Ok(Rights::flat(Scope::Own, false));
    };
    if role == Role::Correspondent || widest == DataScope::All {
        let scope = if role == Role::Correspondent { Scope::Own } else { Scope::All };
        return Ok(Rights::flat(scope, true));
    }
    let mut roots = if person.is_leader { repository::led_departments(conn, person.staff_id)? } else { Vec::new() };
    let mut departments: Vec<DepartmentId> = Vec::new();
    match (widest, person.department_id) {
        (DataScope::DepartmentTree, Some(own)) => roots.push(own),
        (DataScope::Department, Some(own)) => departments.push(own),
        _ => {}
    }
    if !roots.is_empty() {
        departments.extend(people::departments_below(conn, &roots)?);
    }
    departments.sort_unstable();
    departments.dedup();
    let scope = if departments.is_empty() { Scope::Own } else { Scope::Departments(departments) };
    Ok(Rights { scope, with_those_below: !roots.is_empty(), has_access: true })
}
