//! Queries on sessions.

use crm_core::{DELETED, DepartmentId, Instant, Page, Paged, Result, SessionId, StaffId};
use crm_db::schema::{departments, sessions};
use crm_db::{Backend, Conn, Statement, among};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, SmallInt, Text, Timestamp};

use super::{EndReason, SessionRow};

/// A session and its person, as authentication needs them.
#[derive(Queryable)]
pub(super) struct Found {
    pub(super) id: SessionId,
    pub(super) last_seen_at: Instant,
    pub(super) expires_at: Instant,
    pub(super) end_reason: Option<String>,
    pub(super) must_change_password: bool,
    pub(super) standing: Standing,
}

/// What decides a person's rights.
#[derive(Queryable)]
pub(super) struct Standing {
    pub(super) staff_id: StaffId,
    pub(super) status: i16,
    pub(super) role_id: i16,
    pub(super) department_id: Option<DepartmentId>,
    /// The scopes their enabled groups grant, as words with spaces between; `None` for somebody in none.
    pub(super) scopes: Option<String>,
    /// Whether they lead a department.
    pub(super) is_leader: bool,
}

/// The columns of [`Standing`], of a row of `staff`: the groups and the departments are asked for in the
/// same statement, because every request asks.
macro_rules! standing {
    () => {
        "staff.id, staff.status, staff.role_id, staff.department_id, \
         (SELECT STRING_AGG(g.data_scope, ' ') FROM staff_group_members m \
          JOIN staff_groups g ON g.id = m.group_id AND g.status = 1 WHERE m.staff_id = staff.id), \
         EXISTS (SELECT 1 FROM departments d WHERE d.leader_id = staff.id AND d.status <> -1)"
    };
}

type StandingTypes = (BigInt, SmallInt, SmallInt, Nullable<BigInt>, Nullable<Text>, Bool);

/// What makes a session open at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenSession {
    pub(super) now: Instant,
    pub(super) idle_since: Instant,
}

#[derive(Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub(crate) struct NewSession<'a> {
    pub(crate) staff_id: StaffId,
    pub(crate) token_hash: String,
    pub(crate) address: &'a str,
    pub(crate) user_agent: Option<&'a str>,
    pub(crate) created_at: Instant,
    pub(crate) last_seen_at: Instant,
    pub(crate) expires_at: Instant,
}

pub(super) fn by_token(conn: &mut Conn, token_hash: &str) -> Result<Option<Found>> {
    type Types = (BigInt, Timestamp, Timestamp, Nullable<Text>, Bool, StandingTypes);
    const QUERY: &str = concat!(
        "SELECT sessions.id, last_seen_at, expires_at, end_reason, must_change_password, ",
        standing!(),
        " FROM sessions JOIN staff ON staff.id = sessions.staff_id WHERE token_hash = ?"
    );
    Ok(Statement::of(QUERY).text(token_hash).rows::<Types>().get_result(conn).optional()?)
}

/// What decides the rights of a person.
pub(super) fn standing(conn: &mut Conn, person: StaffId) -> Result<Option<Standing>> {
    const QUERY: &str = concat!("SELECT ", standing!(), " FROM staff WHERE staff.id = ?");
    Ok(Statement::of(QUERY).int(person.0).rows::<StandingTypes>().get_result(conn).optional()?)
}

pub(super) fn led_departments(conn: &mut Conn, person: StaffId) -> Result<Vec<DepartmentId>> {
    Ok(departments::table
        .filter(departments::leader_id.eq(person.0).and(departments::status.ne(DELETED)))
        .select(departments::id)
        .load(conn)?)
}

pub(crate) fn insert(conn: &mut Conn, session: &NewSession<'_>) -> Result<SessionId> {
    Ok(diesel::insert_into(sessions::table).values(session).returning(sessions::id).get_result(conn)?)
}

pub(super) fn stamp(conn: &mut Conn, id: SessionId, now: Instant) -> Result<()> {
    diesel::update(sessions::table.filter(sessions::id.eq(id))).set(sessions::last_seen_at.eq(now)).execute(conn)?;
    Ok(())
}

/// Whether the session was open until now.
pub(super) fn end(conn: &mut Conn, id: SessionId, now: Instant) -> Result<bool> {
    let ended = diesel::update(sessions::table.filter(sessions::id.eq(id).and(sessions::ended_at.is_null())))
        .set((sessions::ended_at.eq(now), sessions::end_reason.eq(EndReason::SignedOut.as_str())))
        .execute(conn)?;
    Ok(ended == 1)
}

/// Ends every session of a person.
pub(crate) fn end_all(conn: &mut Conn, person: StaffId, now: Instant) -> Result<usize> {
    Ok(diesel::update(sessions::table.filter(sessions::staff_id.eq(person).and(sessions::ended_at.is_null())))
        .set((sessions::ended_at.eq(now), sessions::end_reason.eq(EndReason::SignedOut.as_str())))
        .execute(conn)?)
}

/// Ends a person's open sessions in favour of a new one; those that are over by themselves stay so.
pub(crate) fn replace_open(conn: &mut Conn, person: StaffId, open: OpenSession) -> Result<usize> {
    let open_ones = sessions::staff_id
        .eq(person)
        .and(sessions::ended_at.is_null())
        .and(sessions::expires_at.gt(open.now))
        .and(sessions::last_seen_at.gt(open.idle_since));
    Ok(diesel::update(sessions::table.filter(open_ones))
        .set((sessions::ended_at.eq(open.now), sessions::end_reason.eq(EndReason::Replaced.as_str())))
        .execute(conn)?)
}

/// Ends every session of a person but one.
pub(crate) fn end_others(conn: &mut Conn, person: StaffId, keep: SessionId, now: Instant) -> Result<usize> {
    let others = sessions::staff_id.eq(person).and(sessions::ended_at.is_null()).and(sessions::id.ne(keep));
    Ok(diesel::update(sessions::table.filter(others))
        .set((sessions::ended_at.eq(now), sessions::end_reason.eq(EndReason::SignedOut.as_str())))
        .execute(conn)?)
}

pub(super) fn owner(conn: &mut Conn, id: SessionId) -> Result<Option<StaffId>> {
    Ok(sessions::table.filter(sessions::id.eq(id)).select(sessions::staff_id).first(conn).optional()?)
}

pub(super) fn of_person(
    conn: &mut Conn,
    person: StaffId,
    id: Option<SessionId>,
    open: OpenSession,
    page: Page,
) -> Result<Paged<SessionRow>> {
    let filtered = || {
        let open = sessions::ended_at
            .is_null()
            .and(sessions::expires_at.gt(open.now))
            .and(sessions::last_seen_at.gt(open.idle_since));
        let query = sessions::table.filter(sessions::staff_id.eq(person)).filter(open).into_boxed::<Backend>();
        match id {
            Some(id) => query.filter(sessions::id.eq(id)),
            None => query,
        }
    };
    let total = filtered().count().get_result(conn)?;
    Paged::load(total, page, || {
        filtered()
            .order(sessions::id.desc())
            .limit(page.count())
            .offset(page.offset())
            .select((
                sessions::id,
                sessions::address,
                sessions::user_agent,
                sessions::created_at,
                sessions::last_seen_at,
            ))
            .load(conn)
    })
}

pub(crate) fn with_open_session(conn: &mut Conn, people: &[StaffId], open: OpenSession) -> Result<Vec<StaffId>> {
    let mut found = Vec::new();
    if !people.is_empty() {
        let some: Vec<StaffId> = sessions::table
            .filter(among(sessions::staff_id, people.iter().copied()).and(sessions::ended_at.is_null()))
            .filter(sessions::expires_at.gt(open.now).and(sessions::last_seen_at.gt(open.idle_since)))
            .select(sessions::staff_id)
            .distinct()
            .load(conn)?;
        found.extend(some);
    }
    Ok(found)
}

pub(super) fn delete_expired(conn: &mut Conn, before: Instant) -> Result<usize> {
    Ok(diesel::delete(sessions::table.filter(sessions::expires_at.lt(before))).execute(conn)?)
}
