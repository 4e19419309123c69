//! Satisfaction records (满意度): praise and blame from customers (native-api §6).

mod listing;
mod model;
mod repository;

use crm_core::{Caller, DELETED, Error, NOTE_MAX, Page, Paged, Problems, Result, SatisfactionId};
use crm_customers::references;
use crm_db::audit::Deed;
use crm_db::{Conn, Db, RowOf};
use crm_staff::people;

use model::Linked;
pub use model::{Satisfaction, SatisfactionFilter, SatisfactionInput, SatisfactionListing};
pub use repository::VISIBLE;

const LIVE: i16 = 0;
const NOT_FOUND: Error = Error::NotFound("满意度记录");

/// The worst and the best value.
const VALUES: (i64, i64) = (-10, 10);

/// Looks after satisfaction records.
#[derive(Clone, Debug)]
pub struct Satisfactions {
    db: Db,
}

impl Satisfactions {
    /// The satisfaction records of this database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// The records the caller may see, newest record time first.
    ///
    /// # Errors
    /// What the database answers.
    pub fn list(&self, caller: &Caller, filter: &SatisfactionFilter, page: Page) -> Result<Paged<SatisfactionListing>> {
        self.db.read(|conn| {
            let Paged { rows, total } = repository::list(conn, caller, filter, page)?;
            Ok(Paged { rows: listing::of(conn, rows)?, total })
        })
    }

    /// Enters a record; its operator is the caller.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every bad field.
    pub fn create(&self, caller: &Caller, input: SatisfactionInput) -> Result<SatisfactionId> {
        let now = self.db.now();
        self.db.write(|conn| {
            check(conn, caller, &input, None)?;
            let mut made = Linked::blank(caller.staff_id, now).with(input);
            if let (None, Some(first)) = (made.satisfaction.organization_id, made.customer_ids.first()) {
                made.satisfaction.organization_id = references::first_organization(conn, *first)?;
            }
            let id = repository::insert(conn, &made)?;
            made.satisfaction.id = id;
            deed(caller, "create", id, now).created(conn, &made)?;
            Ok(id)
        })
    }

    /// Changes a record. With `version` it is only changed if it still is what was read.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is missing, deleted or not visible, [`Error::Stale`] when
    /// `version` is past, [`Error::Invalid`] with every bad field.
    pub fn update(
        &self,
        caller: &Caller,
        id: SatisfactionId,
        version: Option<i64>,
        input: SatisfactionInput,
    ) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            let before = locked(conn, caller, id)?;
            if before.satisfaction.status == DELETED {
                return Err(NOT_FOUND);
            }
            check(conn, caller, &input, Some(&before))?;
            if version.is_some_and(|version| version != before.satisfaction.version) {
                return Err(Error::Stale);
            }
            let after = before.clone().with(input);
            let after = Linked { satisfaction: after.satisfaction.changed(now), ..after };
            repository::update(conn, &before, &after)?;
            deed(caller, "update", id, now).changed(conn, &before, &after)
        })
    }

    /// Deletes a record. Deleting twice changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is missing or not visible.
    pub fn delete(&self, caller: &Caller, id: SatisfactionId) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            let before = locked(conn, caller, id)?;
            if before.satisfaction.status == DELETED {
                return Ok(());
            }
            let mut after = before.clone();
            after.satisfaction = Satisfaction { status: DELETED, ..after.satisfaction }.changed(now);
            repository::update(conn, &before, &after)?;
            deed(caller, "delete", id, now).changed(conn, &before, &after)
        })
    }
}

fn deed<'a>(caller: &'a Caller, action: &'a str, id: SatisfactionId, at: crm_core::Instant) -> Deed<'a> {
    Deed { caller: Some(caller), action, record: "satisfaction", id: Some(id.0), at }
}

/// The record, locked, if the caller sees it.
fn locked(conn: &mut Conn, caller: &Caller, id: SatisfactionId) -> Result<Linked> {
    conn.lock_row(RowOf::Satisfactions, id.0)?;
    repository::find(conn, caller, id)?.ok_or(NOT_FOUND)
}

/// Everything that can be wrong with the input, at once.
fn check(conn: &mut Conn, caller: &Caller, input: &SatisfactionInput, before: Option<&Linked>) -> Result<()> {
    let creating = before.is_none();
    let mut problems = input.problems.clone();
    problems.required("value", &input.value, creating);
    problems.range_of("value", &input.value, VALUES.0, VALUES.1);
    problems.required("record_time", &input.record_time, creating);
    problems.url("attach", &input.attach);
    problems.text("note", &input.note, NOTE_MAX);
    let customers = input.customer_ids.value().map(Vec::as_slice).unwrap_or_default();
    let kept = before.map(|before| before.customer_ids.as_slice()).unwrap_or_default();
    references::check_customers(conn, caller, &mut problems, "customers_id", customers, kept)?;
    let followers = input.follower_ids.value().map(Vec::as_slice).unwrap_or_default();
    let kept = before.map(|before| before.follower_ids.as_slice()).unwrap_or_default();
    people::check(conn, caller, &mut problems, "follower_id", followers, kept)?;
    let kept = before.and_then(|before| before.satisfaction.organization_id);
    references::check_organization(conn, caller, &mut problems, "organization_id", &input.organization_id, kept)?;
    check_says_whose(&mut problems, input, before);
    problems.finish()
}

/// An organization or customers: one of them says whose satisfaction it is.
fn check_says_whose(problems: &mut Problems, input: &SatisfactionInput, before: Option<&Linked>) {
    let organization =
        input.organization_id.clone().apply(before.and_then(|before| before.satisfaction.organization_id));
    let had_customers = before.is_some_and(|before| !before.customer_ids.is_empty());
    let has_customers = match &input.customer_ids {
        crm_core::Patch::Absent => had_customers,
        crm_core::Patch::Null => false,
        crm_core::Patch::Value(customers) => !customers.is_empty(),
    };
    // What customers were meant is not known when they could not be read.
    if organization.is_none() && !has_customers && !problems.names("customers_id") {
        problems.push("organization_id", "与customers_id不能同时为空");
    }
}
