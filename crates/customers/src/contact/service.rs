//! What becomes of the people at a customer.

use crm_core::{ARRAY_MAX, Caller, ContactId, DELETED, Error, Instant, Problems, Result, SHORT_MAX};
use crm_db::audit::Deed;
use crm_db::{Conn, Db};

use super::{Contact, ContactFilter, ContactInput, of, repository};
use crate::address::{self, check_email};
use crate::customer::{self, Customer, texts};
use crate::field::CustomValues;

const NOT_FOUND: Error = Error::NotFound("联系人");

/// Looks after the contacts of customers. Who may read a customer reads its contacts, and who may
/// change it changes them; neither raises the customer's version.
#[derive(Clone, Debug)]
pub struct Contacts {
    db: Db,
}

impl Contacts {
    /// The contacts of the customers of this database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// The contacts of one customer, the primary one first, or one contact; none of a customer the
    /// caller may not see. In the public pool their numbers are masked for all but administrators.
    ///
    /// # Errors
    /// What the database answers.
    pub fn list(&self, caller: &Caller, filter: ContactFilter) -> Result<Vec<Contact>> {
        self.db.read(|conn| {
            let customer = match (filter.customer_id, filter.id) {
                (None, Some(id)) => repository::find(conn, id)?.map(|contact| contact.customer_id),
                (customer, _) => customer,
            };
            let Some(id) = customer else { return Ok(Vec::new()) };
            let Some(is_masked) = customer::seen(conn, caller, id)? else { return Ok(Vec::new()) };
            let found = of(conn, id)?;
            let wanted = found.into_iter().filter(|contact| filter.id.is_none_or(|id| id == contact.id));
            Ok(wanted.map(|contact| contact.shown(is_masked)).collect())
        })
    }

    /// Enters a contact of a customer.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every bad field, a customer that is missing, deleted or not visible among
    /// them, [`Error::Forbidden`] for one in the public pool unless the caller is an administrator,
    /// [`Error::Conflict`] for one with 1,000 contacts.
    pub fn create(&self, caller: &Caller, input: &ContactInput) -> Result<ContactId> {
        let now = self.db.now();
        let mut problems = check(input, true);
        problems.required("customer_id", &input.customer_id, true);
        let Some(customer) = input.customer_id.value().copied().filter(|_| problems.is_empty()) else {
            return Err(Error::Invalid(problems));
        };
        self.db.write(|conn| {
            let customer = customer::changeable(conn, caller, customer, None).map_err(|error| match error {
                Error::NotFound(_) => Error::invalid("customer_id", format!("不存在:{customer}")),
                other => other,
            })?;
            let others = of(conn, customer.id)?;
            if others.len() >= ARRAY_MAX {
                return Err(Error::conflict("customer_id", format!("最多{ARRAY_MAX}个联系人")));
            }
            let contact = Contact::blank(customer.id, now).with(input);
            take_mark(conn, caller, &others, &contact, now)?;
            let id = repository::insert(conn, &contact)?;
            let contact = Contact { id, ..contact };
            deed(caller, "create", id, now).created(conn, &contact)?;
            reindex(conn, &customer)?;
            Ok(id)
        })
    }

    /// Changes a contact. With `version` it is only changed if it still is what was read.
    ///
    /// # Errors
    /// As [`Contacts::create`]; [`Error::NotFound`] for a contact that is missing or deleted or whose
    /// customer is, or is not visible, [`Error::Stale`] when `version` is past.
    pub fn update(&self, caller: &Caller, id: ContactId, version: Option<i64>, input: &ContactInput) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            let (customer, before) = writable(conn, caller, id)?;
            if before.is_deleted() {
                return Err(NOT_FOUND);
            }
            let mut problems = check(input, false);
            if input.customer_id.is_null() || input.customer_id.value().is_some_and(|id| *id != customer.id) {
                problems.push("customer_id", "不能变更");
            }
            problems.finish()?;
            if version.is_some_and(|version| version != before.version) {
                return Err(Error::Stale);
            }
            let after = before.clone().with(input).changed(now);
            let others = of(conn, customer.id)?;
            take_mark(conn, caller, &others, &after, now)?;
            repository::update(conn, &after)?;
            deed(caller, "update", id, now).changed(conn, &before, &after)?;
            reindex(conn, &customer)
        })
    }

    /// Deletes a contact. Deleting twice changes nothing.
    ///
    /// # Errors
    /// As [`Contacts::update`].
    pub fn delete(&self, caller: &Caller, id: ContactId) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            let (customer, before) = writable(conn, caller, id)?;
            if before.is_deleted() {
                return Ok(());
            }
            let after = Contact { status: DELETED, is_primary: 0, ..before.clone() }.changed(now);
            repository::update(conn, &after)?;
            deed(caller, "delete", id, now).changed(conn, &before, &after)?;
            reindex(conn, &customer)
        })
    }
}

/// A contact and its customer, which is locked: it is what orders the writes of its contacts. Whose
/// customer the caller may not see is missing like one that never was.
fn writable(conn: &mut Conn, caller: &Caller, id: ContactId) -> Result<(Customer, Contact)> {
    let customer = repository::find(conn, id)?.ok_or(NOT_FOUND)?.customer_id;
    let customer = customer::changeable(conn, caller, customer, None).map_err(|error| match error {
        Error::NotFound(_) => NOT_FOUND,
        other => other,
    })?;
    Ok((customer, repository::find(conn, id)?.ok_or(NOT_FOUND)?))
}

fn check(input: &ContactInput, creating: bool) -> Problems {
    let mut problems = input.problems.clone();
    problems.required("name", &input.name, creating);
    problems.name("name", &input.name);
    problems.phone("phone", &input.phone);
    problems.phone("tel", &input.tel);
    problems.text("job", &input.job, SHORT_MAX);
    check_email(&mut problems, "email", &input.email);
    problems.text("wechat", &input.wechat, SHORT_MAX);
    problems.range_of("is_primary", &input.is_primary, 0, 1);
    problems
}

/// Takes the mark from the primary contact if this one is to have it.
fn take_mark(conn: &mut Conn, caller: &Caller, others: &[Contact], contact: &Contact, now: Instant) -> Result<()> {
    if contact.is_primary == 0 {
        return Ok(());
    }
    for other in others.iter().filter(|other| other.is_primary != 0 && other.id != contact.id) {
        let unmarked = Contact { is_primary: 0, ..other.clone() }.changed(now);
        repository::update(conn, &unmarked)?;
        deed(caller, "update", other.id, now).changed(conn, other, &unmarked)?;
    }
    Ok(())
}

/// Makes the customer findable by its contacts as they are now.
fn reindex(conn: &mut Conn, customer: &Customer) -> Result<()> {
    let address = address::of(conn, customer.id)?;
    let custom = CustomValues::of(conn, customer.id)?;
    let contacts = of(conn, customer.id)?;
    texts::put(conn, customer, &address, &custom, contacts)
}

fn deed<'a>(caller: &'a Caller, action: &'static str, id: ContactId, at: Instant) -> Deed<'a> {
    Deed { caller: Some(caller), action, record: "contact", id: Some(id.0), at }
}
