//! Fields the deployment defines (自定义字段), and what customers have in them (vendor-surfaces §1).

mod repository;

use crm_core::{CustomerId, FieldId};
use crm_db::schema::{custom_fields, customer_field_values};
use diesel::prelude::*;
use serde::Serialize;

pub(crate) use repository::{all, values_of_all};

/// A field the deployment defines.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Serialize)]
#[diesel(table_name = custom_fields)]
pub struct Field {
    /// Its id.
    pub id: FieldId,
    /// Its name in requests and answers, such as `input_1680509561692`.
    pub key: String,
    /// Its name for people.
    pub title: String,
    /// `input`, `textarea`, `select`, `date` or `number`: what its key starts with.
    pub kind: String,
    /// What may be selected, as a JSON array of texts.
    pub options: String,
    /// 1 when a customer must have a value in it, else 0.
    pub required: i16,
    /// Its place among the fields.
    pub sort_num: i64,
    /// Grows by one with every change.
    pub version: i64,
}

impl Field {
    /// Whether its values are JSON arrays of the texts selected.
    pub fn is_select(&self) -> bool {
        self.kind == "select"
    }
}

/// What a customer has in a field.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = customer_field_values)]
pub struct FieldValue {
    /// Whose.
    pub customer_id: CustomerId,
    /// The field.
    pub field_id: FieldId,
    /// The text; of a `select` field a JSON array of texts.
    pub value: String,
}
