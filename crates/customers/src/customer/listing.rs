//! Customers as lists show them: the rows of a page with all that their rows only point at.

use std::collections::{HashMap, HashSet};

use crm_core::{Caller, CustomerId, LabelId, OrganizationId, Result, StaffId};
use crm_db::{Conn, in_order};
use crm_staff::people;

use super::{Customer, CustomerListing, mask_phone, repository, visibility};
use crate::field::{self, CustomValues, FieldValue};
use crate::label::LABELS;
use crate::team::{self, TeamMember};
use crate::{Address, address, options, references};

/// What is attached to the customers of a page by routes of its own.
struct Attached {
    labels: HashMap<CustomerId, Vec<LabelId>>,
    assistants: HashMap<CustomerId, Vec<StaffId>>,
    teams: HashMap<CustomerId, Vec<TeamMember>>,
    favourites: HashSet<CustomerId>,
    values: HashMap<CustomerId, Vec<FieldValue>>,
    /// The fields there are, with nothing in them.
    fields: CustomValues,
}

impl Attached {
    /// One statement for each kind, whatever the number of customers.
    fn of_all(conn: &mut Conn, caller: &Caller, ids: &[CustomerId]) -> Result<Self> {
        Ok(Self {
            labels: LABELS.of_all(conn, ids)?,
            assistants: team::ASSISTANTS.of_all(conn, ids)?,
            teams: team::of_all(conn, ids)?,
            favourites: team::favourites_among(conn, caller.staff_id, ids)?,
            values: field::values_of_all(conn, ids)?,
            fields: CustomValues::none(conn)?,
        })
    }
}

/// The rows of a page with the names they are shown with, and masked as the caller must see them.
pub(crate) fn listings(conn: &mut Conn, caller: &Caller, rows: Vec<Customer>) -> Result<Vec<CustomerListing>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<CustomerId> = rows.iter().map(|row| row.id).collect();
    let mut links = repository::ORGANIZATIONS.of_all(conn, &ids)?;
    let organizations: Vec<OrganizationId> = links.values().flatten().copied().collect();
    let organizations = references::organization_names(conn, &organizations)?;
    let mut addresses = address::of_all(conn, &ids)?;
    let stages = options::STAGES.of(conn, rows.iter().map(|row| row.progress.stage_id))?;
    let sources = options::SOURCES.of(conn, rows.iter().filter_map(|row| row.profile.source_id))?;
    let categories = options::CATEGORIES.of(conn, rows.iter().filter_map(|row| row.profile.category_id))?;
    let mut attached = Attached::of_all(conn, caller, &ids)?;
    let staff: Vec<StaffId> =
        rows.iter().flat_map(|row| [Some(row.profile.creator_id), row.holding.owner_id]).flatten().collect();
    let staff = people::names(conn, &staff)?;
    let rows = rows.into_iter().map(|row| {
        let organization_ids = links.remove(&row.id).unwrap_or_default();
        let id = row.id;
        CustomerListing {
            organization_names: in_order(&organization_ids, &organizations),
            organization_ids,
            creator_name: staff.get(&row.profile.creator_id).cloned(),
            owner_name: row.holding.owner_id.and_then(|owner| staff.get(&owner).cloned()),
            address: addresses.remove(&row.id).unwrap_or_else(|| Address::blank(row.id, row.created_at)),
            stage: stages.get(&row.progress.stage_id).cloned(),
            source: row.profile.source_id.and_then(|source| sources.get(&source).cloned()),
            category: row.profile.category_id.and_then(|category| categories.get(&category).cloned()),
            label_ids: attached.labels.remove(&id).unwrap_or_default(),
            assistant_ids: attached.assistants.remove(&id).unwrap_or_default(),
            team: attached.teams.remove(&id).unwrap_or_default(),
            is_favourite: attached.favourites.contains(&id),
            custom: attached.fields.having(attached.values.remove(&id).unwrap_or_default()),
            customer: row,
        }
        .shown_to(caller)
    });
    Ok(rows.collect())
}

impl CustomerListing {
    /// What this caller may read of it: in the public pool numbers are masked for all but administrators.
    fn shown_to(mut self, caller: &Caller) -> Self {
        if self.customer.holding.is_pool() && visibility::pool_is_closed(caller) {
            let profile = &mut self.customer.profile;
            profile.phone = profile.phone.as_deref().map(mask_phone);
            profile.phone_key = None;
            let address = &mut self.address;
            address.tel = address.tel.as_deref().map(mask_phone);
            for text in [&mut address.email, &mut address.wechat, &mut address.qq] {
                *text = text.as_deref().map(mask_phone);
            }
        }
        self
    }
}
