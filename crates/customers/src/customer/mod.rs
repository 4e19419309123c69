//! Customers (客户): the people the sales team deals with (native-api §4).

mod attached;
mod beside;
mod check;
mod detail;
mod input;
mod listing;
mod mask;
mod model;
mod progress;
pub(crate) mod repository;
pub(crate) mod shown;
pub(crate) mod texts;
mod visibility;
mod walk;

use crm_core::{Caller, CustomerId, Error, Instant, NOTE_MAX, Page, Paged, Patch, Problems, Result};
use crm_db::audit::Deed;
use crm_db::counters::Totals;
use crm_db::text_search::{self, Index};
use crm_db::{Conn, Db, RowOf};

use crate::events::{self, Event, Kind};
use crate::field::CustomValues;
use crate::pool::Room;
use crate::{Address, address, contact, options};

pub(crate) use attached::{attached, changeable};
pub(crate) use detail::details;
pub use detail::{CustomerDetail, Details};
pub use input::{ClueInput, CustomerFilter, CustomerInput, ProjectInput};
pub(crate) use listing::listings;
pub use mask::mask_phone;
use model::Linked;
pub use model::{
    Activity, Approval, Clue, Customer, CustomerListing, Deletion, Holding, Ocpc, Profile, Progress, Project,
};
pub(crate) use visibility::{pool_is_closed, visible, walked};

pub(crate) const NOT_FOUND: Error = Error::NotFound("客户");

/// Looks after customers.
#[derive(Clone, Debug)]
pub struct Customers {
    db: Db,
    needs_approval: bool,
}

impl Customers {
    /// The customers of this database; new ones need no approval.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone(), needs_approval: false }
    }

    /// The same, but what anybody but an administrator enters waits for an administrator's approval
    /// if `needs_approval`.
    #[must_use]
    pub fn with_approval(self, needs_approval: bool) -> Self {
        Self { needs_approval, ..self }
    }

    /// The customers the caller may see, newest first. Phone numbers in the public pool are masked
    /// for everybody but administrators.
    ///
    /// # Errors
    /// What the database answers.
    pub fn list(&self, caller: &Caller, filter: &CustomerFilter, page: Page) -> Result<Paged<CustomerListing>> {
        self.db.read(|conn| {
            if let Some(id) = filter.id {
                let found = repository::one(conn, caller, id, filter)?;
                let total = found.iter().len().try_into().unwrap_or_default();
                let rows = found.into_iter().filter(|_| page.offset() == 0).collect();
                return Ok(Paged { rows: listings(conn, caller, rows)?, total });
            }
            let Paged { rows, total } = repository::list(conn, caller, filter, page)?;
            Ok(Paged { rows: listings(conn, caller, rows)?, total })
        })
    }

    /// Enters a customer. Its creator is the caller, unless an administrator names somebody; its
    /// owner is the creator, unless `owner_id` says otherwise.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every bad field, [`Error::Forbidden`] for an owner or creator the
    /// caller may not name, [`Error::Conflict`] when the owner holds as many as one may,
    /// [`Error::Unauthenticated`] when the caller was deleted meanwhile.
    pub fn create(&self, caller: &Caller, input: CustomerInput) -> Result<CustomerId> {
        let now = self.db.now();
        self.db.write(|conn| {
            let mut totals = Totals::default();
            let id = self.create_on_conn(conn, caller, input, now, &mut totals)?;
            totals.keep(conn)?;
            Ok(id)
        })
    }

    /// [`Customers::create`] inside a transaction that enters several, which ends with [`Totals::keep`].
    ///
    /// # Errors
    /// As [`Customers::create`]; what was written before the failure is the transaction's to undo.
    pub fn create_on_conn(
        &self,
        conn: &mut Conn,
        caller: &Caller,
        input: CustomerInput,
        now: Instant,
        totals: &mut Totals,
    ) -> Result<CustomerId> {
        let none = CustomValues::none(conn)?;
        let (owner, custom) = check::create(conn, caller, &input, &none)?;
        let creator = input.creator_id.value().copied().unwrap_or(caller.staff_id);
        let organizations = input.organization_ids.value().cloned().unwrap_or_default();
        let defaults = options::Defaults::read(conn)?;
        let profile = with_defaults(&defaults, &input, Profile::blank(creator).with(&input));
        let progress = Progress::first(defaults.stage, self.approval(caller));
        let mut customer = Customer::new(profile, Holding::first(owner, now), progress, now).saying(&input);
        customer.id = repository::insert(conn, &customer, totals)?;
        let address = Address::blank(customer.id, now).with(&input.address);
        address::insert(conn, &address)?;
        repository::ORGANIZATIONS.insert(conn, customer.id, &organizations)?;
        if custom != none {
            custom.store(conn, customer.id)?;
        }
        text_search::add(conn, Index::Customers, customer.id.0, &customer.profile.names())?;
        texts::put(conn, &customer, &address, &custom, Vec::new())?;
        let to = customer.owner_text();
        happened(conn, caller, &customer, Kind::Created, (None, to), None, now)?;
        deed(caller, "create", customer.id, now).created(
            conn,
            &Linked { customer: &customer, organization_ids: &organizations, address: &address, custom: &custom },
        )?;
        Ok(customer.id)
    }

    /// Changes a customer. With `version` it is only changed if it still is what was read.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is missing, deleted or not visible, [`Error::Forbidden`]
    /// for one in the public pool unless the caller is an administrator, [`Error::Stale`] when
    /// `version` is past, [`Error::Invalid`] with every bad field.
    pub fn update(&self, caller: &Caller, id: CustomerId, version: Option<i64>, input: CustomerInput) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            let mut totals = Totals::default();
            self.update_on_conn(conn, caller, id, (version, input), now, &mut totals)?;
            totals.keep(conn)
        })
    }

    /// [`Customers::update`] inside a transaction that changes several, which ends with [`Totals::keep`].
    ///
    /// # Errors
    /// As [`Customers::update`]; what was written before the failure is the transaction's to undo.
    pub fn update_on_conn(
        &self,
        conn: &mut Conn,
        caller: &Caller,
        id: CustomerId,
        (version, input): (Option<i64>, CustomerInput),
        now: Instant,
        totals: &mut Totals,
    ) -> Result<()> {
        let before = writable(conn, caller, id)?;
        if before.is_deleted() {
            return Err(NOT_FOUND);
        }
        let linked = repository::ORGANIZATIONS.of(conn, id)?;
        let custom_before = CustomValues::of(conn, id)?;
        let custom = check::update(conn, caller, &input, &before, &linked, &custom_before)?;
        if version.is_some_and(|version| version != before.version) {
            return Err(Error::Stale);
        }
        let organizations = match &input.organization_ids {
            Patch::Absent => linked.clone(),
            Patch::Null => Vec::new(),
            Patch::Value(ids) => ids.clone(),
        };
        let address_before = address::of(conn, id)?;
        let profile = before.profile.clone().with(&input);
        let after = Customer { profile, ..before.clone() }.saying(&input).changed(Some(caller.staff_id), now);
        let address = address_before.clone().with(&input.address);
        repository::update_many(conn, &before, &after, totals)?;
        if address != address_before || after.profile.phone != before.profile.phone {
            address::update(conn, &Address { updated_at: now, ..address.clone() })?;
        }
        if custom != custom_before {
            custom.store(conn, id)?;
        }
        let contacts = contact::of(conn, id)?;
        texts::put(conn, &after, &address, &custom, contacts)?;
        if organizations != linked {
            repository::ORGANIZATIONS.replace(conn, id, &organizations)?;
        }
        if after.profile.names() != before.profile.names() {
            text_search::put(conn, Index::Customers, id.0, &after.profile.names())?;
        }
        deed(caller, "update", id, now).changed(
            conn,
            &Linked { customer: &before, organization_ids: &linked, address: &address_before, custom: &custom_before },
            &Linked { customer: &after, organization_ids: &organizations, address: &address, custom: &custom },
        )
    }

    /// Deletes a customer, with the reason (up to 10,000 characters). Its records stay, and keep
    /// its name. Deleting twice changes nothing.
    ///
    /// # Errors
    /// As [`Customers::update`].
    pub fn delete(&self, caller: &Caller, id: CustomerId, reason: Option<String>) -> Result<()> {
        self.set_deleted(caller, id, true, reason)
    }

    /// Takes a deletion back; the reason stays in the customer's history. The customer is again
    /// whose it was, or in the public pool if that person has been deleted since.
    ///
    /// # Errors
    /// As [`Customers::update`]; [`Error::Conflict`] when that person holds as many as one may.
    pub fn restore(&self, caller: &Caller, id: CustomerId, reason: Option<String>) -> Result<()> {
        self.set_deleted(caller, id, false, reason)
    }

    fn set_deleted(&self, caller: &Caller, id: CustomerId, delete: bool, reason: Option<String>) -> Result<()> {
        let mut problems = Problems::default();
        problems.plain_text("reason", reason.as_deref().unwrap_or_default(), NOTE_MAX);
        problems.finish()?;
        let now = self.db.now();
        self.db.write(|conn| {
            // A restored customer is one more for its owner, who is locked before the customer.
            let room = if delete { None } else { Room::of_owner(conn, id)? };
            let before = writable(conn, caller, id)?;
            if delete == before.is_deleted() {
                return Ok(());
            }
            if let Some(room) = room.filter(|room| before.holding.owner_id == Some(room.person())) {
                room.check(conn, "owner_id")?;
            }
            let owner = before.owner_text();
            let (deletion, action, kind, ends) = if delete {
                let deletion = Deletion::by(caller.staff_id, reason.clone(), now);
                (deletion, "delete", Kind::Deleted, (owner, None))
            } else {
                (Deletion::live(), "restore", Kind::Restored, (None, owner))
            };
            let after = Customer { deletion, ..before.clone() }.changed(Some(caller.staff_id), now);
            repository::update(conn, &before, &after)?;
            happened(conn, caller, &after, kind, ends, reason.as_deref(), now)?;
            deed(caller, action, id, now).changed(conn, &before, &after)
        })
    }
}

impl Customers {
    /// Whether what this person enters is let in at once.
    fn approval(&self, caller: &Caller) -> Approval {
        if self.needs_approval && !caller.is_administrator() { Approval::Pending } else { Approval::Approved }
    }
}

impl Customer {
    /// The customer with what the input says of its project and of it as a lead.
    fn saying(self, input: &CustomerInput) -> Self {
        Self { project: self.project.with(&input.project), clue: self.clue.with(&input.clue), ..self }
    }
}

/// An audit row about a customer; without a caller a background task wrote.
pub(crate) fn deed<'a>(
    caller: impl Into<Option<&'a Caller>>,
    action: &'static str,
    id: CustomerId,
    at: Instant,
) -> Deed<'a> {
    Deed { caller: caller.into(), action, record: "customer", id: Some(id.0), at }
}

/// An event of a customer; without a caller the system did it.
pub(crate) fn happened<'a>(
    conn: &mut Conn,
    caller: impl Into<Option<&'a Caller>>,
    customer: &Customer,
    kind: Kind,
    (from, to): (Option<String>, Option<String>),
    reason: Option<&str>,
    at: Instant,
) -> Result<()> {
    let actor = caller.into().map(|caller| caller.staff_id);
    events::record(conn, &Event { customer: customer.id, kind, actor, from, to, reason, at })
}

/// The profile of a new customer with the default source and category, unless the input says which
/// or that there is none.
fn with_defaults(defaults: &options::Defaults, input: &CustomerInput, mut profile: Profile) -> Profile {
    if input.source_id.is_absent() {
        profile.source_id = defaults.source;
    }
    if input.category_id.is_absent() {
        profile.category_id = defaults.category;
    }
    profile
}

/// The customer, locked, if the caller may change it.
pub(crate) fn writable(conn: &mut Conn, caller: &Caller, id: CustomerId) -> Result<Customer> {
    conn.lock_row(RowOf::Customers, id.0)?;
    let found = repository::find(conn, caller, id)?.ok_or(NOT_FOUND)?;
    if found.holding.is_pool() && visibility::pool_is_closed(caller) {
        return Err(Error::Forbidden);
    }
    Ok(found)
}

/// Whether the contacts of this customer are masked for the caller; `None` for one that is missing
/// or that the caller may not see.
pub(crate) fn seen(conn: &mut Conn, caller: &Caller, id: CustomerId) -> Result<Option<bool>> {
    let found = repository::find(conn, caller, id)?;
    Ok(found.map(|found| found.holding.is_pool() && visibility::pool_is_closed(caller)))
}
