//! Organizations (客户单位): the companies customers work for (native-api §4).

mod model;
mod repository;
mod visibility;
mod walk;

use crm_core::{
    Caller, DELETED, Error, Instant, NOTE_MAX, OrganizationId, Page, Paged, Patch, Problems, Result, SHORT_MAX, StaffId,
};
use crm_db::audit::Deed;
use crm_db::counters::{self, Counter, Totals};
use crm_db::text_search::{self, Index};
use crm_db::{Conn, Db, RowOf};
use crm_staff::people;

pub use model::{Organization, OrganizationFilter, OrganizationInput, OrganizationListing};
pub(crate) use visibility::visible;

/// The status of an organization none of whose potentials says otherwise.
pub const NORMAL: i16 = 1;
const NOT_FOUND: Error = Error::NotFound("客户单位");

/// Looks after organizations.
#[derive(Clone, Debug)]
pub struct Organizations {
    db: Db,
}

impl Organizations {
    /// The organizations of this database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// The organizations the caller may see, newest first.
    ///
    /// # Errors
    /// What the database answers.
    pub fn list(&self, caller: &Caller, filter: &OrganizationFilter, page: Page) -> Result<Paged<OrganizationListing>> {
        self.db.read(|conn| {
            let Paged { rows, total } = repository::list(conn, caller, filter, page)?;
            let creators: Vec<StaffId> = rows.iter().map(|row| row.creator_id).collect();
            let names = people::names(conn, &creators)?;
            let rows = rows
                .into_iter()
                .map(|organization| OrganizationListing {
                    creator_name: names.get(&organization.creator_id).cloned(),
                    organization,
                })
                .collect();
            Ok(Paged { rows, total })
        })
    }

    /// Enters an organization. Its creator is the caller, unless an administrator names somebody.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every bad field.
    pub fn create(&self, caller: &Caller, input: OrganizationInput) -> Result<OrganizationId> {
        let now = self.db.now();
        self.db.write(|conn| {
            let mut totals = Totals::default();
            let id = self.create_on_conn(conn, caller, input, now, &mut totals)?;
            totals.keep(conn)?;
            Ok(id)
        })
    }

    /// [`Organizations::create`] inside a transaction that enters several, which ends with [`Totals::keep`].
    ///
    /// # Errors
    /// As [`Organizations::create`]; what was written before the failure is the transaction's to undo.
    pub fn create_on_conn(
        &self,
        conn: &mut Conn,
        caller: &Caller,
        input: OrganizationInput,
        now: Instant,
        totals: &mut Totals,
    ) -> Result<OrganizationId> {
        self.check(conn, caller, &input, None)?;
        let creator = input.creator_id.value().copied().unwrap_or(caller.staff_id);
        let organization = Organization::blank(creator, now).with(input);
        let id = repository::insert(conn, &organization)?;
        totals.add(&Counter::OrganizationsLive, 1);
        text_search::add(conn, Index::Organizations, id.0, &[Some(&organization.name)])?;
        Deed { caller: Some(caller), action: "create", record: "organization", id: Some(id.0), at: now }
            .created(conn, &organization)?;
        Ok(id)
    }

    /// Changes an organization. With `version` it is only changed if it still is what was read.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is missing, deleted or not visible, [`Error::Forbidden`]
    /// for one that is visible only through its records, [`Error::Stale`] when `version` is past,
    /// [`Error::Invalid`] with every bad field.
    pub fn update(
        &self,
        caller: &Caller,
        id: OrganizationId,
        version: Option<i64>,
        input: OrganizationInput,
    ) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| self.update_on_conn(conn, caller, id, version, input, now))
    }

    /// [`Organizations::update`] inside a transaction that changes several.
    ///
    /// # Errors
    /// As [`Organizations::update`]; what was written before the failure is the transaction's to undo.
    pub fn update_on_conn(
        &self,
        conn: &mut Conn,
        caller: &Caller,
        id: OrganizationId,
        version: Option<i64>,
        input: OrganizationInput,
        now: Instant,
    ) -> Result<()> {
        let before = writable(conn, caller, id)?;
        if before.status == DELETED {
            return Err(NOT_FOUND);
        }
        self.check(conn, caller, &input, Some(&before))?;
        if version.is_some_and(|version| version != before.version) {
            return Err(Error::Stale);
        }
        let after = before.clone().with(input).changed(now);
        repository::update(conn, &after)?;
        if after.name != before.name {
            text_search::put(conn, Index::Organizations, id.0, &[Some(&after.name)])?;
        }
        Deed { caller: Some(caller), action: "update", record: "organization", id: Some(id.0), at: now }
            .changed(conn, &before, &after)
    }

    /// Deletes an organization. Its customers and records stay, and keep its name. Deleting twice
    /// changes nothing.
    ///
    /// # Errors
    /// As [`Organizations::update`].
    pub fn delete(&self, caller: &Caller, id: OrganizationId) -> Result<()> {
        self.set_deleted(caller, id, true)
    }

    /// Takes a deletion back. The organization has the stage of its newest live potential again.
    ///
    /// # Errors
    /// As [`Organizations::update`].
    pub fn restore(&self, caller: &Caller, id: OrganizationId) -> Result<()> {
        self.set_deleted(caller, id, false)
    }

    fn set_deleted(&self, caller: &Caller, id: OrganizationId, delete: bool) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            let before = writable(conn, caller, id)?;
            if delete == (before.status == DELETED) {
                return Ok(());
            }
            let (status, action, live) = match delete {
                true => (DELETED, "delete", -1),
                false => (repository::stage(conn, id)?.unwrap_or(NORMAL), "restore", 1),
            };
            let after = Organization { status, ..before.clone() }.changed(now);
            repository::update(conn, &after)?;
            Deed { caller: Some(caller), action, record: "organization", id: Some(id.0), at: now }
                .changed(conn, &before, &after)?;
            counters::add(conn, &[(Counter::OrganizationsLive, live), (Counter::OrganizationsDeleted, -live)])
        })
    }

    /// Everything that can be wrong with the input, at once.
    fn check(
        &self,
        conn: &mut Conn,
        caller: &Caller,
        input: &OrganizationInput,
        before: Option<&Organization>,
    ) -> Result<()> {
        let mut problems = input.problems.clone();
        problems.required("groupName", &input.name, before.is_none());
        problems.name("groupName", &input.name);
        problems.text("groupDetail", &input.detail, NOTE_MAX);
        for (field, text) in [
            ("type", &input.kind),
            ("provience", &input.provience),
            ("city", &input.city),
            ("county", &input.county),
            ("address", &input.address),
            ("register_capital", &input.register_capital),
        ] {
            problems.text(field, text, SHORT_MAX);
        }
        problems.name("legal_person", &input.legal_person);
        problems.url("website", &input.website);
        problems.text("note", &input.note, NOTE_MAX);
        check_creator(conn, caller, &mut problems, &input.creator_id, before.map(|before| before.creator_id))?;
        problems.finish()
    }
}

/// Checks who a record names as its creator: naming somebody else than the caller, or than who it is
/// already (`kept`), is the administrator's (native-api §2).
///
/// # Errors
/// [`Error::Forbidden`] for everybody else who names somebody else.
pub fn check_creator(
    conn: &mut Conn,
    caller: &Caller,
    problems: &mut Problems,
    creator: &Patch<StaffId>,
    kept: Option<StaffId>,
) -> Result<()> {
    if creator.is_null() {
        problems.push("creator_id", "不能为空");
    }
    let Some(id) = creator.value().copied() else { return Ok(()) };
    if Some(id) == kept || id == caller.staff_id && kept.is_none() {
        return Ok(());
    }
    caller.require_administrator()?;
    people::check(conn, caller, problems, "creator_id", &[id], kept.as_slice())
}

/// The organization, locked, if the caller may change it: it must be their own to see, not just
/// visible through a customer or record of theirs.
fn writable(conn: &mut Conn, caller: &Caller, id: OrganizationId) -> Result<Organization> {
    conn.lock_row(RowOf::Organizations, id.0)?;
    let found = repository::find(conn, caller, id)?.ok_or(NOT_FOUND)?;
    if visibility::is_own(conn, caller, id)? { Ok(found) } else { Err(Error::Forbidden) }
}

/// Sets the stage of a live organization to that of its newest potential, inside the potential's
/// own transaction.
///
/// # Errors
/// What the database answers.
pub fn set_stage(conn: &mut Conn, caller: &Caller, id: OrganizationId, status: i16, now: Instant) -> Result<()> {
    conn.lock_row(RowOf::Organizations, id.0)?;
    let Some(before) = repository::find_any(conn, id)? else { return Ok(()) };
    if before.status == DELETED || before.status == status {
        return Ok(());
    }
    let after = Organization { status, ..before.clone() }.changed(now);
    repository::update(conn, &after)?;
    Deed { caller: Some(caller), action: "stage", record: "organization", id: Some(id.0), at: now }
        .changed(conn, &before, &after)
}
