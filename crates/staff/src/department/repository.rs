//! Queries on departments.

use std::collections::HashMap;

use crm_core::{DepartmentId, Page, Paged, Result};
use crm_db::schema::{departments, staff};
use crm_db::{Backend, Conn, Literal, among};
use diesel::dsl::count_star;
use diesel::prelude::*;

use super::Department;

pub(super) fn insert(conn: &mut Conn, department: &Department) -> Result<DepartmentId> {
    Ok(diesel::insert_into(departments::table).values(department).returning(departments::id).get_result(conn)?)
}

pub(super) fn update(conn: &mut Conn, department: &Department) -> Result<()> {
    diesel::update(departments::table.filter(departments::id.eq(department.id))).set(department).execute(conn)?;
    Ok(())
}

/// A department, deleted or not.
pub(super) fn find(conn: &mut Conn, id: DepartmentId) -> Result<Option<Department>> {
    Ok(departments::table.filter(departments::id.eq(id)).select(Department::as_select()).first(conn).optional()?)
}

/// Locks all departments, in one order for everybody: two moves at once could close a circle that
/// neither makes alone. SQLite has one writer.
pub(super) fn lock_tree(conn: &mut Conn) -> Result<()> {
    if let Conn::Pg(conn) = conn {
        departments::table
            .order(departments::id)
            .select(departments::id)
            .for_no_key_update()
            .load::<DepartmentId>(conn)?;
    }
    Ok(())
}

pub(super) fn is_live(conn: &mut Conn, id: DepartmentId) -> Result<bool> {
    let found: i64 = departments::table
        .filter(departments::id.eq(id).and(departments::status.ne(Literal::DELETED)))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

/// Whether departments that are not deleted stand below it.
pub(super) fn has_children(conn: &mut Conn, id: DepartmentId) -> Result<bool> {
    let found: i64 = departments::table
        .filter(departments::parent_id.eq(id).and(departments::status.ne(Literal::DELETED)))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

/// How many people not deleted are directly in each of these departments; none is left out.
pub(super) fn staff_counts(conn: &mut Conn, ids: &[DepartmentId]) -> Result<HashMap<DepartmentId, i64>> {
    let counts: Vec<(Option<DepartmentId>, i64)> = staff::table
        .filter(among(staff::department_id, ids.iter().copied()).and(staff::status.ne(Literal::DELETED)))
        .group_by(staff::department_id)
        .select((staff::department_id, count_star()))
        .load(conn)?;
    Ok(counts.into_iter().filter_map(|(id, count)| id.map(|id| (id, count))).collect())
}

pub(super) fn list(conn: &mut Conn, id: Option<DepartmentId>, page: Page) -> Result<Paged<Department>> {
    let total = filtered(id).count().get_result(conn)?;
    Paged::load(total, page, || {
        filtered(id)
            .order(departments::id)
            .limit(page.count())
            .offset(page.offset())
            .select(Department::as_select())
            .load(conn)
    })
}

fn filtered<'a>(id: Option<DepartmentId>) -> departments::BoxedQuery<'a, Backend> {
    let query = departments::table.filter(departments::status.ne(Literal::DELETED)).into_boxed::<Backend>();
    match id {
        Some(id) => query.filter(departments::id.eq(id)),
        None => query,
    }
}
