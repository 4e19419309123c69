//! Contacts (联系人): people at a customer (vendor-surfaces §1).

mod repository;
mod service;

use crm_core::{ContactId, CustomerId, DELETED, Instant, NORMAL, Patch, Problems};
use crm_db::schema::customer_contacts;
use diesel::prelude::*;
use serde::Serialize;

pub(crate) use repository::{of, of_all};
pub use service::Contacts;

/// A person at a customer.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = customer_contacts, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Contact {
    /// Its id; 0 before it is stored.
    #[diesel(skip_insertion)]
    pub id: ContactId,
    /// The customer.
    pub customer_id: CustomerId,
    /// What they are called.
    pub name: String,
    /// A mobile number.
    pub phone: Option<String>,
    /// A landline.
    pub tel: Option<String>,
    /// What they work as.
    pub job: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
    /// An id at WeChat.
    pub wechat: Option<String>,
    /// 1 for the one to talk to first, else 0.
    pub is_primary: i16,
    /// -1 deleted, 1 not.
    pub status: i16,
    /// Grows by one with every change.
    pub version: i64,
    /// When they were entered.
    pub created_at: Instant,
    /// When they were last changed.
    pub updated_at: Instant,
}

/// Which contacts a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct ContactFilter {
    /// Those of this customer; required without `id`.
    pub customer_id: Option<CustomerId>,
    /// This one alone.
    pub id: Option<ContactId>,
}

/// What a create or an update says of a contact.
#[derive(Clone, Debug, Default)]
pub struct ContactInput {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// Whose; required on create, and never changes.
    pub customer_id: Patch<CustomerId>,
    /// 1–100 characters; required on create.
    pub name: Patch<String>,
    /// A phone number.
    pub phone: Patch<String>,
    /// A phone number.
    pub tel: Patch<String>,
    /// Up to 255 characters.
    pub job: Patch<String>,
    /// Up to 255 characters with an `@`.
    pub email: Patch<String>,
    /// Up to 255 characters.
    pub wechat: Patch<String>,
    /// 1 or 0, the default. A customer has one primary contact at most: 1 takes the mark from the
    /// other.
    pub is_primary: Patch<i64>,
}

impl Contact {
    /// A contact of whom nothing is said yet.
    fn blank(customer_id: CustomerId, now: Instant) -> Self {
        Self {
            id: ContactId(0),
            customer_id,
            name: String::new(),
            phone: None,
            tel: None,
            job: None,
            email: None,
            wechat: None,
            is_primary: 0,
            status: NORMAL,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The contact as the input wants it.
    fn with(self, input: &ContactInput) -> Self {
        let input = input.clone();
        Self {
            name: input.name.apply_or(Some(self.name), String::new()),
            phone: input.phone.apply(self.phone),
            tel: input.tel.apply(self.tel),
            job: input.job.apply(self.job),
            email: input.email.apply(self.email),
            wechat: input.wechat.apply(self.wechat),
            is_primary: input.is_primary.apply_small(self.is_primary, 0),
            ..self
        }
    }

    /// The contact one write later.
    fn changed(self, now: Instant) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self }
    }

    /// Whether it is deleted.
    fn is_deleted(&self) -> bool {
        self.status == DELETED
    }
}
