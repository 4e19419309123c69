//! Potentials (大的拜访记录, 潜在客户记录): the organizations somebody tries to win (native-api §5).

mod model;
pub(crate) mod repository;
mod stage;

use crm_core::{Caller, DELETED, Error, Instant, NOTE_MAX, OrganizationId, Page, Paged, PotentialId, Result, StaffId};
use crm_customers::{references, stamps};
use crm_db::audit::Deed;
use crm_db::{Conn, Db, RowOf};
use crm_staff::people;

pub use model::{POTENTIAL_ID_NAMES, Potential, PotentialFilter, PotentialInput, PotentialListing, Stage};

use crate::follow::stamp;

const NOT_FOUND: Error = Error::NotFound("潜在客户记录");

/// Looks after potentials. One is a person's own as its creator or its director.
#[derive(Clone, Debug)]
pub struct Potentials {
    db: Db,
}

impl Potentials {
    /// The potentials of this database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// The potentials the caller may see, latest record time first.
    ///
    /// # Errors
    /// What the database answers.
    pub fn list(&self, caller: &Caller, filter: &PotentialFilter, page: Page) -> Result<Paged<PotentialListing>> {
        self.db.read(|conn| {
            let Paged { rows, total } = repository::list(conn, caller, filter, page)?;
            Ok(Paged { rows: listings(conn, rows)?, total })
        })
    }

    /// Enters a potential. Its creator is the caller. The stage of its organization stays as it is.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every bad field.
    pub fn create(&self, caller: &Caller, input: PotentialInput) -> Result<PotentialId> {
        let now = self.db.now();
        self.db.write(|conn| {
            check(conn, caller, &input, None)?;
            let potential = Potential::blank(caller.staff_id, now).with(input);
            let id = repository::insert(conn, &potential)?;
            deed(caller, "create", id, now).created(conn, &Potential { id, ..potential })?;
            Ok(id)
        })
    }

    /// Changes a potential. With `version` it is only changed if it still is what was read. A move
    /// to another organization or another record time can make another potential the newest; the
    /// organizations then take the stage of that one.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is missing, deleted or not visible, [`Error::Stale`] when
    /// `version` is past, [`Error::Invalid`] with every bad field.
    pub fn update(&self, caller: &Caller, id: PotentialId, version: Option<i64>, input: PotentialInput) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            let before = locked(conn, caller, id)?;
            if before.status == DELETED {
                return Err(NOT_FOUND);
            }
            check(conn, caller, &input, Some(&before))?;
            if version.is_some_and(|version| version != before.version) {
                return Err(Error::Stale);
            }
            let after = before.clone().with(input).changed(now);
            let moved = before.organization_id != after.organization_id || before.record_time != after.record_time;
            let concerned = [before.organization_id, after.organization_id];
            stage::keep(conn, caller, if moved { &concerned } else { &[] }, None, now, |conn| {
                repository::update(conn, &after)?;
                deed(caller, "update", id, now).changed(conn, &before, &after)
            })
        })
    }

    /// Sets the stage of a potential; a deleted one is restored, and its follow-ups with it. Set on
    /// the newest live potential of an organization, it is the organization's stage too.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is missing or not visible.
    pub fn set_stage(&self, caller: &Caller, id: PotentialId, stage: Stage) -> Result<()> {
        self.set_status(caller, id, stage.status())
    }

    /// Deletes a potential, and its follow-ups with it. When it was the newest of its organization,
    /// the next one's stage becomes the organization's. Deleting twice changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is missing or not visible.
    pub fn delete(&self, caller: &Caller, id: PotentialId) -> Result<()> {
        self.set_status(caller, id, DELETED)
    }

    fn set_status(&self, caller: &Caller, id: PotentialId, status: i16) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            let before = locked(conn, caller, id)?;
            let (was_deleted, delete) = (before.status == DELETED, status == DELETED);
            if was_deleted && delete {
                return Ok(());
            }
            // Its follow-ups go or come: what they left on their customers changes.
            let customers = if was_deleted || delete { stamp::customers_of(conn, id)? } else { Vec::new() };
            let customers = stamps::lock(conn, customers)?;
            set(conn, caller, &before, status, now)?;
            stamp::renew(conn, &customers, now)
        })
    }
}

/// Moves a new potential on because it has been followed up.
pub(crate) fn advance(conn: &mut Conn, caller: &Caller, potential: &Potential, now: Instant) -> Result<()> {
    if potential.status == Stage::New.status() {
        set(conn, caller, potential, Stage::Active.status(), now)?;
    }
    Ok(())
}

/// Gives a locked potential this status, and its organization the stage that follows from it.
fn set(conn: &mut Conn, caller: &Caller, before: &Potential, status: i16, now: Instant) -> Result<()> {
    let (id, set) = (before.id, (status != DELETED).then_some(before.id));
    stage::keep(conn, caller, &[before.organization_id], set, now, |conn| {
        // Set again to what it is, the stage may still be news to the organization.
        if before.status == status {
            return Ok(());
        }
        let action = match (before.status, status) {
            (_, DELETED) => "delete",
            (DELETED, _) => "restore",
            _ => "stage",
        };
        let after = Potential { status, ..before.clone() }.changed(now);
        repository::update(conn, &after)?;
        deed(caller, action, id, now).changed(conn, before, &after)
    })
}

/// The potential, locked, if the caller sees it.
fn locked(conn: &mut Conn, caller: &Caller, id: PotentialId) -> Result<Potential> {
    conn.lock_row(RowOf::Potentials, id.0)?;
    repository::find(conn, caller, id)?.ok_or(NOT_FOUND)
}

/// Everything that can be wrong with the input, at once.
fn check(conn: &mut Conn, caller: &Caller, input: &PotentialInput, before: Option<&Potential>) -> Result<()> {
    let creating = before.is_none();
    let mut problems = input.problems.clone();
    problems.required("organization_id", &input.organization_id, creating);
    problems.required("director_id", &input.director_id, creating);
    problems.required("record_time", &input.record_time, creating);
    problems.text("note", &input.note, NOTE_MAX);
    let organization = before.map(|before| before.organization_id);
    references::check_organization(
        conn,
        caller,
        &mut problems,
        "organization_id",
        &input.organization_id,
        organization,
    )?;
    let director = before.map(|before| before.director_id);
    people::check_one(conn, caller, &mut problems, "director_id", &input.director_id, director)?;
    problems.finish()
}

fn deed<'a>(caller: &'a Caller, action: &'a str, id: PotentialId, at: Instant) -> Deed<'a> {
    Deed { caller: Some(caller), action, record: "potential", id: Some(id.0), at }
}

/// What a page shows beside the potentials themselves: one query per kind.
fn listings(conn: &mut Conn, rows: Vec<Potential>) -> Result<Vec<PotentialListing>> {
    let directors: Vec<StaffId> = rows.iter().map(|row| row.director_id).collect();
    let organizations: Vec<OrganizationId> = rows.iter().map(|row| row.organization_id).collect();
    let live: Vec<PotentialId> = rows.iter().filter(|row| row.status != DELETED).map(|row| row.id).collect();
    let directors = people::names(conn, &directors)?;
    let organizations = references::organization_names(conn, &organizations)?;
    let totals = repository::follow_totals(conn, &live)?;
    let listing = |potential: Potential| {
        let (follow_count, last_follow_time) = totals.get(&potential.id).copied().unwrap_or_default();
        PotentialListing {
            director: directors.get(&potential.director_id).cloned(),
            organization_name: organizations.get(&potential.organization_id).cloned(),
            follow_count,
            last_follow_time,
            potential,
        }
    };
    Ok(rows.into_iter().map(listing).collect())
}
