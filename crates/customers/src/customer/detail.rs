//! A customer with all that belongs to it, as one caller may see it: what the vendor surfaces show.

use std::collections::HashMap;

use crm_core::{Caller, CustomerId, Instant, ProductLineId, Result, StaffId, Zone};
use crm_db::{Conn, Db, in_order};
use crm_staff::people::{self, Card};

use super::shown::Shown;
use super::{Customer, CustomerListing, NOT_FOUND, listings, mask_phone, repository, visibility};
use crate::contact::{self, Contact};
use crate::field::FieldValue;
use crate::label::{self, Label};
use crate::pool::{self, Outlook};
use crate::team::TeamMember;

/// A customer with all that belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerDetail {
    /// The customer with its organizations, address and options.
    pub listing: CustomerListing,
    /// People at the customer, the primary one first; masked like the customer's own numbers.
    pub contacts: Vec<Contact>,
    /// Its labels, in the order given.
    pub labels: Vec<Label>,
    /// What it has in the deployment's own fields.
    pub values: Vec<FieldValue>,
    /// Its team, by role.
    pub team: Vec<TeamMember>,
    /// Its assistants (协作人), in the order given.
    pub assistant_ids: Vec<StaffId>,
    /// Whether it is among the caller's favourites.
    pub is_favourite: bool,
    /// When the pool rule takes it back.
    pub outlook: Outlook,
    /// Whether its numbers are masked for this caller.
    pub is_masked: bool,
    /// Whether the caller may change and delete it.
    pub is_writable: bool,
    /// Everybody it names, by id.
    pub people: HashMap<StaffId, Card>,
}

/// Reads customers with all that belongs to them.
#[derive(Clone, Debug)]
pub struct Details {
    db: Db,
    zone: Zone,
}

impl Details {
    /// The customers of this database; days are those of `zone`.
    pub fn new(db: &Db, zone: Zone) -> Self {
        Self { db: db.clone(), zone }
    }

    /// One customer, of this product line if one is named. Deleted ones are shown to administrators alone.
    ///
    /// # Errors
    /// [`Error::NotFound`](crm_core::Error::NotFound) for one that is missing, of another line, or that the
    /// caller may not see.
    pub fn one(&self, caller: &Caller, id: CustomerId, line: Option<ProductLineId>) -> Result<CustomerDetail> {
        let now = self.db.now();
        self.db.read(|conn| {
            let found = repository::find_shown(conn, caller, id)?
                .filter(|found| !found.customer.is_deleted() || caller.is_administrator())
                .filter(|found| line.is_none_or(|line| line == found.customer.profile.product_line_id))
                .ok_or(NOT_FOUND)?;
            details(conn, caller, self.zone, now, vec![found])?.pop().ok_or(NOT_FOUND)
        })
    }
}

/// These customers, which the caller sees, with all that belongs to them; a fixed number of
/// statements for a page of customers.
pub(crate) fn details(
    conn: &mut Conn,
    caller: &Caller,
    zone: Zone,
    now: Instant,
    rows: Vec<Shown>,
) -> Result<Vec<CustomerDetail>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<CustomerId> = rows.iter().map(|row| row.customer.id).collect();
    let rule = pool::rule(conn)?;
    let mut contacts = contact::of_all(conn, &ids)?;
    let listings = listings(conn, caller, rows)?;
    let labels = label::known(conn, listings.iter().flat_map(|listing| listing.label_ids.iter().copied()))?;
    let people = people::cards(conn, listings.iter().flat_map(named_by))?;
    let details = listings.into_iter().map(|listing| {
        let customer = &listing.customer;
        let id = customer.id;
        let is_closed = customer.holding.is_pool() && visibility::pool_is_closed(caller);
        let outcome = listing.stage.as_ref().map_or(0, |stage| stage.outcome);
        CustomerDetail {
            people: named_by(&listing).filter_map(|id| people.get(&id).map(|card| (id, card.clone()))).collect(),
            outlook: rule.outlook(zone, now, customer, outcome),
            contacts: contacts.remove(&id).unwrap_or_default().into_iter().map(|row| row.shown(is_closed)).collect(),
            labels: in_order(&listing.label_ids, &labels),
            values: listing.custom.stored(id),
            is_favourite: listing.is_favourite,
            is_masked: is_closed,
            is_writable: !is_closed && !customer.is_deleted(),
            team: listing.team.clone(),
            assistant_ids: listing.assistant_ids.clone(),
            listing,
        }
    });
    Ok(details.collect())
}

/// The people a customer names: in its own row, as its assistants and in its team.
fn named_by(listing: &CustomerListing) -> impl Iterator<Item = StaffId> {
    let Customer { profile, holding, clue, deletion, updated_by, .. } = &listing.customer;
    let others = [holding.owner_id, holding.last_owner_id, clue.first_claimer_id, deletion.deleted_by, *updated_by];
    let team = listing.team.iter().map(|member| member.staff_id);
    let attached = listing.assistant_ids.iter().copied().chain(team);
    others.into_iter().flatten().chain([profile.creator_id]).chain(attached)
}

impl Contact {
    /// What a caller may read of it.
    pub(crate) fn shown(mut self, is_masked: bool) -> Self {
        if is_masked {
            for text in [&mut self.phone, &mut self.tel, &mut self.email, &mut self.wechat] {
                *text = text.as_deref().map(mask_phone);
            }
        }
        self
    }
}
