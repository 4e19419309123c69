//! Follow-ups (拜访记录): the visits and calls made for a potential (native-api §5).

mod model;
mod repository;
pub(crate) mod stamp;

use crm_core::{
    Caller, CustomerId, DELETED, Error, FollowId, Instant, NOTE_MAX, OrganizationId, Page, Paged, Problems, Result,
    StaffId,
};
use crm_customers::{references, stamps};
use crm_db::audit::Deed;
use crm_db::{Conn, Db, RowOf, distinct, in_order};
use crm_staff::people;

use model::Linked;
pub use model::{Follow, FollowFilter, FollowInput, FollowListing};
pub use repository::VISIBLE;

use crate::potential::{self, POTENTIAL_ID_NAMES, Potential};

const NOT_FOUND: Error = Error::NotFound("拜访记录");
/// The name under which the document sends the potential of a follow-up.
const POTENTIAL: &str = "protent_id";

/// Looks after follow-ups. One is a person's own as its operator or as one of its followers.
///
/// Every write locks the potential first, then the follow-up, then the customers in the order of
/// their ids, then the organization.
#[derive(Clone, Debug)]
pub struct Follows {
    db: Db,
}

impl Follows {
    /// The follow-ups of this database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// The follow-ups the caller may see, latest record time first.
    ///
    /// # Errors
    /// What the database answers.
    pub fn list(&self, caller: &Caller, filter: &FollowFilter, page: Page) -> Result<Paged<FollowListing>> {
        self.db.read(|conn| {
            let Paged { rows, total } = repository::list(conn, caller, filter, page)?;
            Ok(Paged { rows: listings(conn, rows)?, total })
        })
    }

    /// Records a follow-up; its operator is the caller. A new potential moves on to
    /// [`Stage::Active`](crate::Stage::Active), and the customers are stamped.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every bad field, [`Error::Conflict`] for one on a deleted potential.
    pub fn create(&self, caller: &Caller, input: FollowInput) -> Result<FollowId> {
        let now = self.db.now();
        self.db.write(|conn| {
            let potential = check_new(conn, caller, &input)?;
            let blank = Follow::blank(potential.id, caller.staff_id, now);
            let mut linked = Linked { follow: blank, follower_ids: Vec::new(), customer_ids: Vec::new() }.with(input);
            let customers = stamps::lock(conn, linked.customer_ids.iter().copied())?;
            repository::insert(conn, &mut linked)?;
            let id = linked.follow.id;
            deed(caller, "create", id, now).created(conn, &linked)?;
            potential::advance(conn, caller, &potential, now)?;
            stamp::renew(conn, &customers, now)?;
            Ok(id)
        })
    }

    /// Changes a follow-up. With `version` it is only changed if it still is what was read. The
    /// customers it was about before and those it is about now are stamped again.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is missing, deleted (itself or with its potential) or not
    /// visible, [`Error::Stale`] when `version` is past, [`Error::Invalid`] with every bad field.
    pub fn update(&self, caller: &Caller, id: FollowId, version: Option<i64>, input: FollowInput) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            let (before, potential_is_live) = locked(conn, caller, id)?;
            if before.follow.status == DELETED || !potential_is_live {
                return Err(NOT_FOUND);
            }
            check(conn, caller, &input, Some(&before))?.finish()?;
            if version.is_some_and(|version| version != before.follow.version) {
                return Err(Error::Stale);
            }
            let after = before.clone().with(input);
            write(conn, caller, "update", &before, after, now)
        })
    }

    /// Deletes a follow-up. Deleting twice changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is missing or not visible.
    pub fn delete(&self, caller: &Caller, id: FollowId) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            let (before, _) = locked(conn, caller, id)?;
            if before.follow.status == DELETED {
                return Ok(());
            }
            let follow = Follow { status: DELETED, ..before.follow.clone() };
            let after = Linked { follow, ..before.clone() };
            write(conn, caller, "delete", &before, after, now)
        })
    }
}

/// Writes a changed follow-up, its audit row and the stamps of its customers.
fn write(conn: &mut Conn, caller: &Caller, action: &str, before: &Linked, after: Linked, now: Instant) -> Result<()> {
    let customers = stamps::lock(conn, before.customer_ids.iter().chain(&after.customer_ids).copied())?;
    let after = Linked { follow: after.follow.changed(now), ..after };
    repository::update(conn, before, &after)?;
    deed(caller, action, after.follow.id, now).changed(conn, before, &after)?;
    stamp::renew(conn, &customers, now)
}

/// The follow-up, locked with its potential, if the caller sees it; and whether the potential is
/// live.
fn locked(conn: &mut Conn, caller: &Caller, id: FollowId) -> Result<(Linked, bool)> {
    let potential = repository::potential_of(conn, id)?.ok_or(NOT_FOUND)?;
    conn.lock_row(RowOf::Potentials, potential.0)?;
    conn.lock_row(RowOf::Follows, id.0)?;
    let found = repository::find(conn, caller, id)?.ok_or(NOT_FOUND)?;
    let outline = potential::repository::outlines(conn, &[potential])?;
    let is_live = outline.get(&potential).is_some_and(|(_, status)| *status != DELETED);
    Ok((found, is_live))
}

/// Checks a new follow-up and gives its potential, locked and live.
fn check_new(conn: &mut Conn, caller: &Caller, input: &FollowInput) -> Result<Potential> {
    let mut problems = check(conn, caller, input, None)?;
    // An id that could not be read is wrong already, under the name it was sent by.
    if !POTENTIAL_ID_NAMES.iter().any(|name| problems.names(name)) {
        problems.required(POTENTIAL, &input.potential_id, true);
    }
    let mut potential = None;
    if let Some(id) = input.potential_id.value() {
        conn.lock_row(RowOf::Potentials, id.0)?;
        potential = potential::repository::find(conn, caller, *id)?;
        if potential.is_none() {
            people::note_missing(&mut problems, POTENTIAL, &[*id], &[]);
        }
    }
    problems.finish()?;
    // Without a potential something was wrong above.
    let potential = potential.ok_or_else(|| Error::invalid(POTENTIAL, "不能为空"))?;
    if potential.status == DELETED {
        return Err(Error::conflict(POTENTIAL, "潜在客户记录已删除"));
    }
    Ok(potential)
}

/// Everything that can be wrong with the input, at once, but for the potential of a new one.
fn check(conn: &mut Conn, caller: &Caller, input: &FollowInput, before: Option<&Linked>) -> Result<Problems> {
    let creating = before.is_none();
    let mut problems = input.problems.clone();
    if let (Some(before), Some(sent)) = (before, input.potential_id.value())
        && *sent != before.follow.potential_id
    {
        problems.push(POTENTIAL, "不能修改");
    }
    problems.required("follower_id", &input.follower_ids, creating);
    problems.not_empty("follower_id", &input.follower_ids);
    problems.required("record_time", &input.record_time, creating);
    problems.range_of("event", &input.event, 1, 5);
    problems.text("gain", &input.gain, NOTE_MAX);
    problems.url("event_attach", &input.attach);
    problems.text("event_note", &input.note, NOTE_MAX);
    if let Some(ids) = input.follower_ids.value() {
        let kept = before.map_or(&[][..], |before| before.follower_ids.as_slice());
        people::check(conn, caller, &mut problems, "follower_id", ids, kept)?;
    }
    if let Some(ids) = input.customer_ids.value() {
        let kept = before.map_or(&[][..], |before| before.customer_ids.as_slice());
        references::check_customers(conn, caller, &mut problems, "customers_id", ids, kept)?;
    }
    Ok(problems)
}

fn deed<'a>(caller: &'a Caller, action: &'a str, id: FollowId, at: Instant) -> Deed<'a> {
    Deed { caller: Some(caller), action, record: "follow", id: Some(id.0), at }
}

/// What a page shows beside the follow-ups themselves: one query per kind.
fn listings(conn: &mut Conn, rows: Vec<Follow>) -> Result<Vec<FollowListing>> {
    let ids: Vec<FollowId> = rows.iter().map(|row| row.id).collect();
    let potentials = distinct(rows.iter().map(|row| row.potential_id));
    let potentials = potential::repository::outlines(conn, &potentials)?;
    let organizations: Vec<OrganizationId> = potentials.values().map(|(organization, _)| *organization).collect();
    let organizations = references::organization_names(conn, &organizations)?;
    let mut followers = repository::FOLLOWERS.of_all(conn, &ids)?;
    let mut customers = repository::CUSTOMERS.of_all(conn, &ids)?;
    let staff: Vec<StaffId> =
        rows.iter().map(|row| row.operator_id).chain(followers.values().flatten().copied()).collect();
    let staff = people::names(conn, &staff)?;
    let named: Vec<CustomerId> = customers.values().flatten().copied().collect();
    let customer_names = references::customer_names(conn, &named)?;
    let listing = |follow: Follow| {
        let (organization_id, potential_status) = potentials.get(&follow.potential_id).copied().unzip();
        let follower_ids = followers.remove(&follow.id).unwrap_or_default();
        let customer_ids = customers.remove(&follow.id).unwrap_or_default();
        FollowListing {
            organization_id,
            organization_name: organization_id.and_then(|id| organizations.get(&id).cloned()),
            operator_name: staff.get(&follow.operator_id).cloned(),
            follower_names: in_order(&follower_ids, &staff),
            follower_ids,
            customer_names: in_order(&customer_ids, &customer_names),
            customer_ids,
            follow: Follow {
                status: if potential_status == Some(DELETED) { DELETED } else { follow.status },
                ..follow
            },
        }
    };
    Ok(rows.into_iter().map(listing).collect())
}
