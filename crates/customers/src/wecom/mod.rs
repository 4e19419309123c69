//! WeCom customers (企微客户): outside contacts of members of staff, entered by people and by what
//! WeCom tells (vendor-surfaces §1 "WeCom customers").
//!
//! Every gain and loss of a contact is a row of `wecom_events`, unique by contact, kind and second, and
//! the state of a contact is worked out from those rows. So it does not matter in which order, or how
//! often, they become known: the same events end in the same state, a newer one wins over an older one,
//! and replays add nothing. What a person enters counts as events of the times that are given.

mod check;
mod model;
mod repository;

use crm_core::{Caller, CustomerId, DELETED, Error, Instant, Page, Paged, Result, StaffId, WecomId};
use crm_db::audit::Deed;
use crm_db::{Conn, Db, RowOf};
use crm_staff::people;

use crate::references;

pub use model::{
    Change, Kind, Received, WecomContact, WecomEvent, WecomEventKind, WecomFilter, WecomInput, WecomListing, WecomState,
};

const NOT_FOUND: Error = Error::NotFound("企微客户");

/// Looks after the outside contacts of staff. A contact is its person's own: the caller's scope says
/// whose contacts they see and change.
#[derive(Clone, Debug)]
pub struct WecomContacts {
    db: Db,
}

impl WecomContacts {
    /// The contacts of this database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// The contacts the caller may see, newest first.
    ///
    /// # Errors
    /// What the database answers.
    pub fn list(&self, caller: &Caller, filter: &WecomFilter, page: Page) -> Result<Paged<WecomListing>> {
        self.db.read(|conn| {
            let Paged { rows, total } = repository::list(conn, caller, filter, page)?;
            Ok(Paged { rows: listings(conn, caller, rows)?, total })
        })
    }

    /// Enters a contact, or changes the one this person has of the same outside person (a deleted one
    /// starts anew). With `version` it is only changed if it still is what was read.
    ///
    /// `added_at` and `lost_at` say what happened when: a time that is older than what is known is
    /// noted and changes nothing else. `lost_at` null takes a loss back: unless `added_at` is later
    /// than the loss, the contact counts as added again now.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every bad field, [`Error::Stale`] when `version` is past.
    pub fn save(&self, caller: &Caller, version: Option<i64>, input: WecomInput) -> Result<WecomId> {
        let now = self.db.now();
        self.db.write(|conn| {
            let (external, person) = check::named(&input)?;
            // Whoever writes about somebody's contacts takes turns, also while the contact is not there.
            conn.lock_row(RowOf::Staff, person.0)?;
            let before = repository::of_person(conn, &external, person)?;
            check::save(conn, caller, &input, person, before.as_ref())?;
            match before {
                Some(before) => {
                    if version.is_some_and(|version| version != before.version) {
                        return Err(Error::Stale);
                    }
                    note_said(conn, &before, &input, now)?;
                    let after = settled(conn, before.clone().saying(&input))?.changed(now);
                    repository::update(conn, &after)?;
                    deed(Some(caller), "update", after.id, now).changed(conn, &before, &after)?;
                    Ok(after.id)
                }
                None => {
                    let blank = entered(conn, WecomContact::blank(external, person, now).saying(&input).changed(now))?;
                    note_said(conn, &blank, &input, now)?;
                    finish_new(conn, Some(caller), blank, now)
                }
            }
        })
    }

    /// Deletes a contact that should not have been entered, with all that happened to it: it is counted
    /// nowhere any more. What WeCom tells of the time before does not bring it back. Deleting twice
    /// changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] for one that is missing or not visible.
    pub fn delete(&self, caller: &Caller, id: WecomId) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            let person = repository::find(conn, caller, id)?.ok_or(NOT_FOUND)?.staff_id;
            conn.lock_row(RowOf::Staff, person.0)?;
            let before = repository::find(conn, caller, id)?.ok_or(NOT_FOUND)?;
            if before.status == DELETED {
                return Ok(());
            }
            repository::forget_events(conn, id)?;
            let event_at = before.event_at.max(Some(now));
            let after = WecomContact { status: DELETED, event_at, ..before.clone() }.changed(now);
            repository::update(conn, &after)?;
            deed(Some(caller), "delete", id, now).changed(conn, &before, &after)
        })
    }

    /// Takes in what WeCom tells of a contact. Nobody's rights are asked: whoever calls this knows that
    /// it is WeCom that tells.
    ///
    /// # Errors
    /// What the database answers.
    pub fn receive(&self, event: &WecomEvent) -> Result<Received> {
        let now = self.db.now();
        self.db.write(|conn| {
            let Some(person) = people::by_wecom_userid(conn, &event.wecom_userid)? else {
                return Ok(Received::UnknownPerson);
            };
            conn.lock_row(RowOf::Staff, person.0)?;
            let Some(before) = repository::of_person(conn, &event.external_userid, person)? else {
                let blank = WecomContact::blank(event.external_userid.clone(), person, now).changed(now);
                let blank = entered(conn, blank)?;
                note(conn, &blank, event.kind, event.at)?;
                finish_new(conn, None, blank, now)?;
                return Ok(Received::Applied);
            };
            let is_over = before.status == DELETED && before.event_at.is_some_and(|until| event.at <= until);
            if is_over || !note(conn, &before, event.kind, event.at)? {
                return Ok(Received::Nothing);
            }
            let after = settled(conn, before.clone())?.changed(now);
            repository::update(conn, &after)?;
            deed(None, "update", after.id, now).changed(conn, &before, &after)?;
            Ok(Received::Applied)
        })
    }
}

/// The contact, stored.
fn entered(conn: &mut Conn, contact: WecomContact) -> Result<WecomContact> {
    let id = repository::insert(conn, &contact)?;
    Ok(WecomContact { id, ..contact })
}

/// Gives a contact that was just stored the state that follows from its events.
fn finish_new(conn: &mut Conn, caller: Option<&Caller>, blank: WecomContact, now: Instant) -> Result<WecomId> {
    let contact = settled(conn, blank)?;
    repository::update(conn, &contact)?;
    deed(caller, "create", contact.id, now).created(conn, &contact)?;
    Ok(contact.id)
}

/// The contact as its events have it now.
fn settled(conn: &mut Conn, contact: WecomContact) -> Result<WecomContact> {
    let history = repository::history(conn, contact.id)?;
    Ok(contact.after(&history))
}

/// Notes what a person says happened to a contact.
fn note_said(conn: &mut Conn, contact: &WecomContact, input: &WecomInput, now: Instant) -> Result<()> {
    let lost = input.lost_at.value().copied();
    let is_new = contact.event_at.is_none() || contact.status == DELETED;
    let added = input.added_at.value().copied().or(if is_new { lost.or(Some(now)) } else { None });
    if let Some(at) = added {
        note(conn, contact, WecomEventKind::Added, at)?;
    }
    if let Some(at) = lost {
        note(conn, contact, WecomEventKind::Lost, at)?;
    }
    if input.lost_at.is_null()
        && let Some(lost) = repository::history(conn, contact.id)?.lost_at()
    {
        note(conn, contact, WecomEventKind::Added, now.max(lost.plus_seconds(1)))?;
    }
    Ok(())
}

/// Notes what happened to a contact; whether that was news. An edit is news of a contact of which
/// nothing earlier is known.
fn note(conn: &mut Conn, contact: &WecomContact, kind: WecomEventKind, at: Instant) -> Result<bool> {
    let kind = match kind {
        WecomEventKind::Added => Kind::Added,
        WecomEventKind::Lost => Kind::Lost,
        WecomEventKind::Edited if repository::has_event_until(conn, contact.id, at)? => return Ok(false),
        WecomEventKind::Edited => Kind::Appeared,
    };
    let had_trace = repository::forget_traces_from(conn, contact.id, at)?;
    Ok(repository::add_event(conn, contact, kind, at)? || had_trace)
}

impl WecomContact {
    /// The contact with what the input says of it, but for what happened to it.
    fn saying(self, input: &WecomInput) -> Self {
        Self {
            name: input.name.clone().apply(self.name),
            avatar: input.avatar.clone().apply(self.avatar),
            customer_id: input.customer_id.clone().apply(self.customer_id),
            ..self
        }
    }
}

fn deed<'a>(caller: Option<&'a Caller>, action: &'static str, id: WecomId, at: Instant) -> Deed<'a> {
    Deed { caller, action, record: "wecom", id: Some(id.0), at }
}

/// The rows of a page with the names they are shown with. A customer the caller may not see is not told.
fn listings(conn: &mut Conn, caller: &Caller, rows: Vec<WecomContact>) -> Result<Vec<WecomListing>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let staff: Vec<StaffId> = rows.iter().map(|row| row.staff_id).collect();
    let staff = people::names(conn, &staff)?;
    let customers: Vec<CustomerId> = rows.iter().filter_map(|row| row.customer_id).collect();
    let customers = references::visible_customer_names(conn, caller, &customers)?;
    let rows = rows.into_iter().map(|contact| {
        let (customer_id, customer_name) =
            contact.customer_id.and_then(|id| customers.get(&id).map(|name| (id, name.clone()))).unzip();
        WecomListing {
            staff_name: staff.get(&contact.staff_id).cloned(),
            customer_name,
            contact: WecomContact { customer_id, ..contact },
        }
    });
    Ok(rows.collect())
}
