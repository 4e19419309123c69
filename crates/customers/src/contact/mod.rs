//! Contacts (联系人): people at a customer (vendor-surfaces §1).

mod repository;

use crm_core::{ContactId, CustomerId, Instant};
use crm_db::schema::customer_contacts;
use diesel::prelude::*;
use serde::Serialize;

pub(crate) use repository::of_all;

/// A person at a customer.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = customer_contacts, treat_none_as_null = true)]
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
