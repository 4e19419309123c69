//! Contracts (合同): what was signed, by whom, for how much (native-api §6).

mod check;
mod deals;
mod listing;
mod model;
mod repository;
mod walk;

use crm_core::{Caller, ContractId, CustomerId, DELETED, Error, Instant, OrganizationId, Page, Paged, Patch, Result};
use crm_customers::stamps;
use crm_db::audit::Deed;
use crm_db::{Conn, Db, RowOf};

use model::Linked;
pub use model::{Contract, ContractFilter, ContractInput, ContractListing};
pub use repository::VISIBLE;
pub use walk::{named, with_code};

const LIVE: i16 = 0;
const NOT_FOUND: Error = Error::NotFound("合同");

/// Looks after contracts. They are for staff and administrators: correspondents are refused.
#[derive(Clone, Debug)]
pub struct Contracts {
    db: Db,
}

impl Contracts {
    /// The contracts of this database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// The contracts the caller may see, newest sign time first.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for correspondents, [`Error::Invalid`] for a code or name no contract
    /// could have.
    pub fn list(&self, caller: &Caller, filter: &ContractFilter, page: Page) -> Result<Paged<ContractListing>> {
        caller.require_staff()?;
        check::filter(filter)?;
        self.db.read(|conn| {
            let Paged { rows, total } = repository::list(conn, caller, filter, page)?;
            Ok(Paged { rows: listing::of(conn, rows)?, total })
        })
    }

    /// The newest live contract (by sign time) with this customer, whoever signed it. For showing on a
    /// customer the caller has been let see.
    ///
    /// # Errors
    /// What the database answers.
    pub fn newest_of(&self, customer: CustomerId) -> Result<Option<ContractId>> {
        self.db.read(|conn| repository::newest_of(conn, customer))
    }

    /// Enters a contract and stamps its customer. Its creator is the caller, unless an
    /// administrator names somebody.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for correspondents and for naming somebody else as creator or editor,
    /// [`Error::Invalid`] with every bad field, [`Error::Conflict`] when a live contract has the
    /// code.
    pub fn create(&self, caller: &Caller, input: ContractInput) -> Result<ContractId> {
        let now = self.db.now();
        self.db.write(|conn| self.create_on_conn(conn, caller, input, now))
    }

    /// [`Contracts::create`] inside a transaction that enters several.
    ///
    /// # Errors
    /// As [`Contracts::create`]; what was written before the failure is the transaction's to undo.
    pub fn create_on_conn(
        &self,
        conn: &mut Conn,
        caller: &Caller,
        input: ContractInput,
        now: Instant,
    ) -> Result<ContractId> {
        caller.require_staff()?;
        let customers = stamps::lock(conn, input.customer_id.value().copied())?;
        check::input(conn, caller, &input, None)?;
        // Checked to be there; no organization has this number.
        let organization = input.organization_id.value().copied().unwrap_or(OrganizationId(0));
        let creator = input.creator_id.value().copied().unwrap_or(caller.staff_id);
        let mut made = Linked::blank(organization, creator, now).with(input);
        check_code(conn, &made.contract)?;
        let id = repository::insert(conn, &made)?;
        made.contract.id = id;
        deals::stamp(conn, &customers)?;
        deed(caller, "create", id, now).created(conn, &made)?;
        Ok(id)
    }

    /// Changes a contract and stamps its customers, the one before and the one after. With
    /// `version` it is only changed if it still is what was read.
    ///
    /// # Errors
    /// As [`Contracts::create`]; [`Error::NotFound`] for one that is missing, deleted or not
    /// visible, [`Error::Stale`] when `version` is past.
    pub fn update(&self, caller: &Caller, id: ContractId, version: Option<i64>, input: ContractInput) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| self.update_on_conn(conn, caller, id, version, input, now))
    }

    /// [`Contracts::update`] inside a transaction that changes several.
    ///
    /// # Errors
    /// As [`Contracts::update`]; what was written before the failure is the transaction's to undo.
    pub fn update_on_conn(
        &self,
        conn: &mut Conn,
        caller: &Caller,
        id: ContractId,
        version: Option<i64>,
        input: ContractInput,
        now: Instant,
    ) -> Result<()> {
        caller.require_staff()?;
        let before = locked(conn, caller, id)?;
        if before.contract.status == DELETED {
            return Err(NOT_FOUND);
        }
        let customers =
            stamps::lock(conn, before.contract.customer_id.into_iter().chain(input.customer_id.value().copied()))?;
        check::input(conn, caller, &input, Some(&before))?;
        if version.is_some_and(|version| version != before.contract.version) {
            return Err(Error::Stale);
        }
        let editor = input.editor_id.value().copied().unwrap_or(caller.staff_id);
        let input = ContractInput { editor_id: Patch::Value(editor), ..input };
        let after = before.clone().with(input).changed(now);
        check_code(conn, &after.contract)?;
        repository::update(conn, &before, &after)?;
        deals::stamp(conn, &customers)?;
        deed(caller, "update", id, now).changed(conn, &before, &after)
    }

    /// Deletes a contract and stamps its customer. Deleting twice changes nothing.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for correspondents, [`Error::NotFound`] for one that is missing or not
    /// visible.
    pub fn delete(&self, caller: &Caller, id: ContractId) -> Result<()> {
        caller.require_staff()?;
        let now = self.db.now();
        self.db.write(|conn| {
            let before = locked(conn, caller, id)?;
            if before.contract.status == DELETED {
                return Ok(());
            }
            let customers = stamps::lock(conn, before.contract.customer_id)?;
            let mut after = before.clone().changed(now);
            after.contract.status = DELETED;
            repository::update(conn, &before, &after)?;
            deals::stamp(conn, &customers)?;
            deed(caller, "delete", id, now).changed(conn, &before, &after)
        })
    }
}

fn deed<'a>(caller: &'a Caller, action: &'a str, id: ContractId, at: Instant) -> Deed<'a> {
    Deed { caller: Some(caller), action, record: "contract", id: Some(id.0), at }
}

/// The contract, locked, if the caller sees it.
fn locked(conn: &mut Conn, caller: &Caller, id: ContractId) -> Result<Linked> {
    conn.lock_row(RowOf::Contracts, id.0)?;
    repository::find(conn, caller, id)?.ok_or(NOT_FOUND)
}

/// Refuses a code that another live contract has. The unique index stands behind this; asking first
/// keeps a refused write from using up an id.
fn check_code(conn: &mut Conn, contract: &Contract) -> Result<()> {
    let taken = match &contract.code {
        Some(code) => repository::code_is_taken(conn, code, contract.id)?,
        None => false,
    };
    if taken { Err(repository::taken()) } else { Ok(()) }
}
