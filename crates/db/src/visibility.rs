//! Whose rows a caller sees, as SQL.
//!
//! A row is a person's own through any of several columns and link tables. Each is one indexed
//! look-up; the union of them is the set of visible ids, so that no list scans a table to find out
//! what it may not show.

use crm_core::{Caller, Scope};

use crate::Predicate;

/// One way in which a row of some table is a person's own.
#[derive(Clone, Copy, Debug)]
pub struct OwnBy {
    /// The table that knows: the row's own, or a link table.
    pub table: &'static str,
    /// The column of that table with the row's id.
    pub id: &'static str,
    /// The column of that table with the person's id.
    pub person: &'static str,
}

/// `column` names one of the people whose rows the caller sees. The caller's scope must not be
/// [`Scope::All`], for which there is nothing to ask; if it is, the condition is simply true.
pub fn people(caller: &Caller, column: &'static str) -> Predicate {
    let me = caller.staff_id.0;
    match &caller.scope {
        Scope::All => Predicate::new("1 = 1"),
        Scope::Own => Predicate::new(column).sql(" = ").int(me),
        // PostgreSQL knows no empty list.
        Scope::Departments(departments) if departments.is_empty() => Predicate::new(column).sql(" = ").int(me),
        Scope::Departments(departments) => {
            let list = departments.iter().enumerate().fold(Predicate::default(), |list, (index, department)| {
                let list = if index == 0 { list } else { list.sql(", ") };
                list.int(department.0)
            });
            Predicate::new(column)
                .sql(" IN (SELECT id FROM staff WHERE department_id IN (")
                .then(list)
                .sql(") UNION SELECT id FROM staff WHERE id = ")
                .int(me)
                .sql(")")
        }
    }
}

/// `column` is the id of a row that is somebody's own within the caller's scope, in one of these
/// ways; `None` when the caller sees everything.
pub fn own_rows(caller: &Caller, column: &'static str, ways: &[OwnBy]) -> Option<Predicate> {
    if caller.scope == Scope::All {
        return None;
    }
    let ids = ways.iter().enumerate().fold(Predicate::default(), |ids, (index, way)| {
        let ids = if index == 0 { ids } else { ids.sql(" UNION ALL ") };
        ids.sql(format!("SELECT {} FROM {} WHERE ", way.id, way.table)).then(people(caller, way.person))
    });
    Some(Predicate::new(column).sql(" IN (").then(ids).sql(")"))
}
