//! Customers as lists show them: the rows of a page with all that their rows only point at.

use crm_core::{Caller, CustomerId, Result};
use crm_db::Conn;

use super::beside::Beside;
use super::shown::Shown;
use super::{CustomerListing, mask_phone, visibility};
use crate::Address;

/// The rows of a page with all that belongs to them, and masked as the caller must see them.
pub(crate) fn listings(conn: &mut Conn, caller: &Caller, rows: Vec<Shown>) -> Result<Vec<CustomerListing>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<CustomerId> = rows.iter().map(|row| row.customer.id).collect();
    let mut beside = match rows.as_slice() {
        [Shown { beside: Some(text), .. }] => Beside::from_json(conn, text)?,
        _ => Beside::of_all(conn, caller, &ids)?,
    };
    let rows = rows.into_iter().map(|row| {
        let Shown { customer, address, creator_name, owner_name, stage, source, category, .. } = row;
        let id = customer.id;
        let (organization_ids, organization_names) =
            beside.organizations.remove(&id).unwrap_or_default().into_iter().unzip();
        CustomerListing {
            organization_ids,
            organization_names,
            creator_name,
            owner_name,
            address: address.unwrap_or_else(|| Address::blank(id, customer.created_at)),
            stage,
            source,
            category,
            label_ids: beside.labels.remove(&id).unwrap_or_default(),
            assistant_ids: beside.assistants.remove(&id).unwrap_or_default(),
            team: beside.teams.remove(&id).unwrap_or_default(),
            is_favourite: beside.favourites.contains(&id),
            custom: beside.fields.having(beside.values.remove(&id).unwrap_or_default()),
            customer,
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
