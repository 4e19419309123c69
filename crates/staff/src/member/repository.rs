//! Queries on members of staff.

use crm_core::{DepartmentId, GroupId, Page, Paged, Result, Role, StaffId, StatusFilter, phone_key};
use crm_db::schema::{departments, staff, staff_group_members, staff_groups};
use crm_db::{Backend, Conn, Engine, Links, Literal, OnUnique, Predicate};
use diesel::prelude::*;

use super::{Member, MemberFilter};
use crate::people;
use crate::status::ENABLED;

/// Which groups a person is in.
pub(super) const GROUPS: Links<StaffId, GroupId> = Links::new("staff_group_members", "staff_id", "group_id");

const PHONE_TAKEN: &str = "手机号已被使用";

pub(super) fn insert(conn: &mut Conn, member: &Member, password_hash: &str) -> Result<StaffId> {
    diesel::insert_into(staff::table)
        .values((member, staff::password_hash.eq(password_hash), staff::must_change_password.eq(true)))
        .returning(staff::id)
        .get_result(conn)
        .on_unique("phoneNumber", PHONE_TAKEN)
}

pub(crate) fn update(conn: &mut Conn, member: &Member) -> Result<()> {
    diesel::update(staff::table.filter(staff::id.eq(member.id)))
        .set(member)
        .execute(conn)
        .on_unique("phoneNumber", PHONE_TAKEN)?;
    Ok(())
}

/// A person, deleted or not.
pub(crate) fn find(conn: &mut Conn, id: StaffId) -> Result<Option<Member>> {
    Ok(staff::table.filter(staff::id.eq(id)).select(Member::as_select()).first(conn).optional()?)
}

/// Refuses a phone number that somebody other than `id` has.
pub(crate) fn check_phone_is_free(conn: &mut Conn, phone: &str, id: Option<StaffId>) -> Result<()> {
    let holder: Option<StaffId> = staff::table
        .filter(staff::phone_key.eq(phone_key(phone)).and(staff::status.ne(Literal::DELETED)))
        .select(staff::id)
        .first(conn)
        .optional()?;
    match holder {
        Some(holder) if Some(holder) != id => Err(crm_core::Error::conflict("phoneNumber", PHONE_TAKEN)),
        _ => Ok(()),
    }
}

/// Refuses an id at WeCom that somebody other than `id` has.
pub(crate) fn check_wecom_userid_is_free(conn: &mut Conn, userid: &str, id: Option<StaffId>) -> Result<()> {
    match people::by_wecom_userid(conn, userid)? {
        Some(holder) if Some(holder) != id => {
            Err(crm_core::Error::conflict("wecom_userid", "企业微信账号已被其他员工使用"))
        }
        _ => Ok(()),
    }
}

/// Locks a person together with everybody who is an enabled administrator, in one order for all: of
/// two who would remove each other the second sees what the first did. SQLite has one writer.
pub(super) fn lock(conn: &mut Conn, id: StaffId) -> Result<()> {
    if let Conn::Pg(conn) = conn {
        let administrator = staff::role_id.eq(Role::Administrator.id()).and(staff::status.eq(ENABLED));
        staff::table
            .filter(staff::id.eq(id).or(administrator))
            .order(staff::id)
            .select(staff::id)
            .for_no_key_update()
            .load::<StaffId>(conn)?;
    }
    Ok(())
}

/// Keeps these groups and this department from being deleted until the transaction ends.
pub(super) fn hold(conn: &mut Conn, groups: &[GroupId], department: Option<DepartmentId>) -> Result<()> {
    if let Conn::Pg(conn) = conn {
        staff_groups::table
            .filter(staff_groups::id.eq_any(groups))
            .order(staff_groups::id)
            .select(staff_groups::id)
            .for_share()
            .load::<GroupId>(conn)?;
        departments::table
            .filter(departments::id.nullable().eq(department))
            .select(departments::id)
            .for_share()
            .load::<DepartmentId>(conn)?;
    }
    Ok(())
}

pub(crate) fn list(conn: &mut Conn, filter: &MemberFilter, page: Page) -> Result<Paged<Member>> {
    let total = filtered(conn.engine(), filter).count().get_result(conn)?;
    Paged::load(total, page, || {
        filtered(conn.engine(), filter)
            .order(staff::id.desc())
            .limit(page.count())
            .offset(page.offset())
            .select(Member::as_select())
            .load(conn)
    })
}

fn filtered<'a>(engine: Engine, filter: &'a MemberFilter) -> staff::BoxedQuery<'a, Backend> {
    let mut query = staff::table.into_boxed::<Backend>();
    query = match filter.status {
        StatusFilter::All => query,
        StatusFilter::Live => query.filter(staff::status.ne(Literal::DELETED)),
        StatusFilter::Exactly(status) => query.filter(staff::status.eq(status)),
    };
    if let Some(id) = filter.id {
        query = query.filter(staff::id.eq(id));
    }
    if !filter.roles.is_empty() {
        let roles: Vec<i16> = filter.roles.iter().map(|role| role.id()).collect();
        query = query.filter(staff::role_id.eq_any(roles));
    }
    if !filter.group_ids.is_empty() {
        let members = staff_group_members::table
            .filter(staff_group_members::group_id.eq_any(&filter.group_ids))
            .select(staff_group_members::staff_id);
        query = query.filter(staff::id.eq_any(members));
    }
    if let Some(name) = &filter.name {
        query = query.filter(name_contains(engine, name));
    }
    if let Some(phone) = &filter.phone {
        query = query.filter(staff::phone_key.eq(phone_key(phone)));
    }
    if let Some(department) = filter.department_id {
        query = query.filter(staff::department_id.eq(department));
    }
    query
}

/// The nickname or the real name contains this text; case matters for none of the ASCII letters, and
/// on neither engine for more than those. Staff are few: no index is asked.
fn name_contains(engine: Engine, text: &str) -> Predicate {
    let (find, collation) = match engine {
        Engine::Sqlite => ("instr", ""),
        Engine::Postgres => ("strpos", " COLLATE \"C\""),
    };
    let text = text.to_ascii_lowercase();
    let contains = |column: &str| {
        Predicate::new(format!("{find}(LOWER(staff.{column}{collation}), ")).text(text.clone()).sql(") > 0")
    };
    Predicate::new("(").then(contains("nick_name")).sql(" OR ").then(contains("real_name")).sql(")")
}
