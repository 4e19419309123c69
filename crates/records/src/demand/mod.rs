//! Demands (需求变更): what organizations ask for (native-api §5).

mod model;
mod repository;

use crm_core::{
    Caller, CustomerId, DELETED, DemandId, Error, Instant, NOTE_MAX, OrganizationId, Page, Paged, Result, StaffId,
};
use crm_customers::references;
use crm_db::audit::Deed;
use crm_db::{Conn, Db, RowOf, in_order};
use crm_staff::people;

use model::Linked;
pub use model::{Demand, DemandFilter, DemandInput, DemandListing};
pub use repository::VISIBLE;

const NOT_FOUND: Error = Error::NotFound("需求变更记录");

/// Looks after demands. One is a person's own as its operator or as one of its followers.
#[derive(Clone, Debug)]
pub struct Demands {
    db: Db,
}

impl Demands {
    /// The demands of this database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// The demands the caller may see, latest record time first.
    ///
    /// # Errors
    /// What the database answers.
    pub fn list(&self, caller: &Caller, filter: &DemandFilter, page: Page) -> Result<Paged<DemandListing>> {
        self.db.read(|conn| {
            let Paged { rows, total } = repository::list(conn, caller, filter, page)?;
            Ok(Paged { rows: listings(conn, rows)?, total })
        })
    }

    /// Records a demand; its operator is the caller.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every bad field.
    pub fn create(&self, caller: &Caller, input: DemandInput) -> Result<DemandId> {
        let now = self.db.now();
        self.db.write(|conn| {
            check(conn, caller, &input, None)?;
            let mut linked = Linked::blank(caller.staff_id, now).with(input);
            repository::insert(conn, &mut linked)?;
            deed(caller, "create", linked.demand.id, now).created(conn, &linked)?;
            Ok(linked.demand.id)
        })
    }

    /// Changes a demand. With `version` it is only changed if it still is what was read.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is missing, deleted or not visible, [`Error::Stale`] when
    /// `version` is past, [`Error::Invalid`] with every bad field.
    pub fn update(&self, caller: &Caller, id: DemandId, version: Option<i64>, input: DemandInput) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            let before = locked(conn, caller, id)?;
            if before.demand.status == DELETED {
                return Err(NOT_FOUND);
            }
            check(conn, caller, &input, Some(&before))?;
            if version.is_some_and(|version| version != before.demand.version) {
                return Err(Error::Stale);
            }
            let after = before.clone().with(input).changed(now);
            repository::update(conn, &before, &after)?;
            deed(caller, "update", id, now).changed(conn, &before, &after)
        })
    }

    /// Deletes a demand. Deleting twice changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is missing or not visible.
    pub fn delete(&self, caller: &Caller, id: DemandId) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            let before = locked(conn, caller, id)?;
            if before.demand.status == DELETED {
                return Ok(());
            }
            let mut after = before.clone().changed(now);
            after.demand.status = DELETED;
            repository::update(conn, &before, &after)?;
            deed(caller, "delete", id, now).changed(conn, &before, &after)
        })
    }
}

/// The demand, locked, if the caller sees it.
fn locked(conn: &mut Conn, caller: &Caller, id: DemandId) -> Result<Linked> {
    conn.lock_row(RowOf::Demands, id.0)?;
    repository::find(conn, caller, id)?.ok_or(NOT_FOUND)
}

/// Everything that can be wrong with the input, at once.
fn check(conn: &mut Conn, caller: &Caller, input: &DemandInput, before: Option<&Linked>) -> Result<()> {
    let creating = before.is_none();
    let mut problems = input.problems.clone();
    problems.required("organization_id", &input.organization_id, creating);
    problems.required("follower_id", &input.follower_ids, creating);
    problems.not_empty("follower_id", &input.follower_ids);
    problems.required("record_time", &input.record_time, creating);
    problems.required("content", &input.content, creating);
    problems.text("content", &input.content, NOTE_MAX);
    if input.content.value().is_some_and(|content| content.trim().is_empty()) {
        problems.push("content", "不能为空");
    }
    problems.url("demand_attach", &input.attach);
    problems.text("demand_note", &input.note, NOTE_MAX);
    let organization = before.map(|before| before.demand.organization_id);
    references::check_organization(
        conn,
        caller,
        &mut problems,
        "organization_id",
        &input.organization_id,
        organization,
    )?;
    if let Some(ids) = input.follower_ids.value() {
        let kept = before.map_or(&[][..], |before| before.follower_ids.as_slice());
        people::check(conn, caller, &mut problems, "follower_id", ids, kept)?;
    }
    if let Some(ids) = input.customer_ids.value() {
        let kept = before.map_or(&[][..], |before| before.customer_ids.as_slice());
        references::check_customers(conn, caller, &mut problems, "customer_id", ids, kept)?;
    }
    problems.finish()
}

fn deed<'a>(caller: &'a Caller, action: &'a str, id: DemandId, at: Instant) -> Deed<'a> {
    Deed { caller: Some(caller), action, record: "demand", id: Some(id.0), at }
}

/// What a page shows beside the demands themselves: one query per kind.
fn listings(conn: &mut Conn, rows: Vec<Demand>) -> Result<Vec<DemandListing>> {
    let ids: Vec<DemandId> = rows.iter().map(|row| row.id).collect();
    let organizations: Vec<OrganizationId> = rows.iter().map(|row| row.organization_id).collect();
    let organizations = references::organization_names(conn, &organizations)?;
    let mut followers = repository::FOLLOWERS.of_all(conn, &ids)?;
    let mut customers = repository::CUSTOMERS.of_all(conn, &ids)?;
    let staff: Vec<StaffId> =
        rows.iter().map(|row| row.operator_id).chain(followers.values().flatten().copied()).collect();
    let staff = people::names(conn, &staff)?;
    let named: Vec<CustomerId> = customers.values().flatten().copied().collect();
    let customer_names = references::customer_names(conn, &named)?;
    let listing = |demand: Demand| {
        let follower_ids = followers.remove(&demand.id).unwrap_or_default();
        let customer_ids = customers.remove(&demand.id).unwrap_or_default();
        DemandListing {
            organization_name: organizations.get(&demand.organization_id).cloned(),
            operator_name: staff.get(&demand.operator_id).cloned(),
            follower_names: in_order(&follower_ids, &staff),
            follower_ids,
            customer_names: in_order(&customer_ids, &customer_names),
            customer_ids,
            demand,
        }
    };
    Ok(rows.into_iter().map(listing).collect())
}
