//! Queries on staff groups.

use crm_core::{GroupId, Page, Paged, Result, StatusFilter};
use crm_db::schema::{staff, staff_group_members, staff_groups};
use crm_db::{Backend, Conn, Literal, OnUnique, among};
use diesel::prelude::*;

use super::{Group, GroupFilter};

const NAME_TAKEN: &str = "组名已存在";

pub(super) fn insert(conn: &mut Conn, group: &Group) -> Result<GroupId> {
    diesel::insert_into(staff_groups::table)
        .values(group)
        .returning(staff_groups::id)
        .get_result(conn)
        .on_unique("name", NAME_TAKEN)
}

pub(super) fn update(conn: &mut Conn, group: &Group) -> Result<()> {
    diesel::update(staff_groups::table.filter(staff_groups::id.eq(group.id)))
        .set(group)
        .execute(conn)
        .on_unique("name", NAME_TAKEN)?;
    Ok(())
}

/// A group, deleted or not.
pub(super) fn find(conn: &mut Conn, id: GroupId) -> Result<Option<Group>> {
    Ok(staff_groups::table.filter(staff_groups::id.eq(id)).select(Group::as_select()).first(conn).optional()?)
}

/// Refuses a name that a group other than `id` has.
pub(super) fn check_name_is_free(conn: &mut Conn, name: &str, id: Option<GroupId>) -> Result<()> {
    let holder: Option<GroupId> = staff_groups::table
        .filter(staff_groups::name.eq(name).and(staff_groups::status.ne(Literal::DELETED)))
        .select(staff_groups::id)
        .first(conn)
        .optional()?;
    match holder {
        Some(holder) if Some(holder) != id => Err(crm_core::Error::conflict("name", NAME_TAKEN)),
        _ => Ok(()),
    }
}

/// Whether people who are not deleted are in the group.
pub(super) fn has_members(conn: &mut Conn, id: GroupId) -> Result<bool> {
    let members: i64 = staff_group_members::table
        .inner_join(staff::table.on(staff::id.eq(staff_group_members::staff_id)))
        .filter(staff_group_members::group_id.eq(id).and(staff::status.ne(Literal::DELETED)))
        .count()
        .get_result(conn)?;
    Ok(members > 0)
}

/// Those of these groups that are not deleted.
pub(super) fn live(conn: &mut Conn, ids: &[GroupId]) -> Result<Vec<GroupId>> {
    let mut live = Vec::with_capacity(ids.len());
    if !ids.is_empty() {
        let found: Vec<GroupId> = staff_groups::table
            .filter(among(staff_groups::id, ids.iter().copied()).and(staff_groups::status.ne(Literal::DELETED)))
            .select(staff_groups::id)
            .load(conn)?;
        live.extend(found);
    }
    Ok(live)
}

pub(super) fn names(conn: &mut Conn, ids: &[GroupId]) -> Result<Vec<(GroupId, String)>> {
    let mut names = Vec::with_capacity(ids.len());
    if !ids.is_empty() {
        let found: Vec<(GroupId, String)> = staff_groups::table
            .filter(among(staff_groups::id, ids.iter().copied()))
            .select((staff_groups::id, staff_groups::name))
            .load(conn)?;
        names.extend(found);
    }
    Ok(names)
}

/// A page of groups, or without one all of them.
pub(super) fn list(conn: &mut Conn, filter: GroupFilter, page: Option<Page>) -> Result<Paged<Group>> {
    let rows = filtered(filter).order(staff_groups::id).select(Group::as_select());
    let Some(page) = page else {
        let rows: Vec<Group> = rows.load(conn)?;
        return Ok(Paged { total: i64::try_from(rows.len()).unwrap_or(i64::MAX), rows });
    };
    let total = filtered(filter).count().get_result(conn)?;
    Paged::load(total, page, || rows.limit(page.count()).offset(page.offset()).load(conn))
}

fn filtered<'a>(filter: GroupFilter) -> staff_groups::BoxedQuery<'a, Backend> {
    let mut query = staff_groups::table.into_boxed::<Backend>();
    if let Some(id) = filter.id {
        query = query.filter(staff_groups::id.eq(id));
    }
    match filter.status {
        StatusFilter::All => query,
        StatusFilter::Live => query.filter(staff_groups::status.ne(Literal::DELETED)),
        StatusFilter::Exactly(status) => query.filter(staff_groups::status.eq(status)),
    }
}
