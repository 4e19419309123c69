//! Whose customers and contacts the dashboard counts.

use std::sync::Arc;

use crm_core::{Caller, DepartmentId, Problems, Result, Scope, StaffId};
use crm_db::schema::{departments, staff};
use crm_db::{Backend, Conn, Literal, Predicate, Statement, among, members, people};
use crm_staff::people::{departments_below, note_missing};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::DashboardQuery;

/// Some people, or everybody.
#[derive(Clone, Debug)]
pub(super) struct Selection<'a> {
    caller: &'a Caller,
    departments: Option<Vec<DepartmentId>>,
    person: Option<StaffId>,
}

/// The people asked for, if the caller may ask for them.
pub(super) fn check<'a>(conn: &mut Conn, caller: &'a Caller, query: &DashboardQuery) -> Result<Selection<'a>> {
    let mut problems = Problems::default();
    let mut selection = Selection { caller, departments: None, person: query.subordinate_id };
    if let Some(department) = query.department_id {
        let below = departments_below(conn, &[department])?;
        if !is_live(conn, department)? || !holds_somebody(conn, caller, &below)? {
            note_missing(&mut problems, "department_id", &[department], &[]);
        }
        selection.departments = Some(below);
    }
    if let Some(person) = query.subordinate_id
        && !is_seen(conn, caller, person)?
    {
        note_missing(&mut problems, "subordinate_id", &[person], &[]);
    }
    problems.finish()?;
    Ok(selection)
}

impl Selection<'_> {
    /// `column` names one of the people; `None` when it may be anybody.
    pub(super) fn of(&self, column: &'static str) -> Option<Predicate> {
        let in_scope = (self.caller.scope != Scope::All).then(|| people(self.caller, column));
        let in_departments = self.departments.as_deref().map(|departments| members(column, departments));
        let person = self.person.map(|person| Predicate::new(column).sql(" = ").int(person.0));
        [in_scope, in_departments, person].into_iter().flatten().reduce(|one, other| one.sql(" AND ").then(other))
    }
}

impl Selection<'_> {
    /// The people, in order; `None` when it may be anybody.
    pub(super) fn ids(&self, conn: &mut Conn) -> Result<Option<Arc<[StaffId]>>> {
        let Some(whose) = self.of("staff.id") else { return Ok(None) };
        let query = Predicate::new("SELECT staff.id FROM staff WHERE ").then(whose).sql(" ORDER BY staff.id");
        let ids: Vec<StaffId> = Statement::new(query).rows::<BigInt>().load(conn)?;
        Ok(Some(ids.into()))
    }
}

fn is_live(conn: &mut Conn, department: DepartmentId) -> Result<bool> {
    let found: i64 = departments::table
        .filter(departments::id.eq(department).and(departments::status.ne(Literal::DELETED)))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

/// Whether the caller sees the rows of anybody in these departments. Who sees everybody's may ask for
/// an empty one.
fn holds_somebody(conn: &mut Conn, caller: &Caller, departments: &[DepartmentId]) -> Result<bool> {
    if caller.scope == Scope::All {
        return Ok(true);
    }
    let found: i64 = staff::table
        .filter(among(staff::department_id, departments.iter().copied()))
        .filter(people(caller, "staff.id"))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

/// Whether this person is there, not deleted, and the caller sees their rows.
fn is_seen(conn: &mut Conn, caller: &Caller, person: StaffId) -> Result<bool> {
    let mut query =
        staff::table.filter(staff::id.eq(person).and(staff::status.ne(Literal::DELETED))).into_boxed::<Backend>();
    if caller.scope != Scope::All {
        query = query.filter(people(caller, "staff.id"));
    }
    let found: i64 = query.count().get_result(conn)?;
    Ok(found > 0)
}
