//! Fields the deployment defines (自定义字段), and what customers have in them (vendor-surfaces §1).
//!
//! [`Fields`] is what administrators define; what a customer has in them ([`CustomValues`]) is
//! written and read together with the customer.

mod check;
mod repository;
mod service;
mod values;

use crm_core::{CustomerId, FieldId, Patch, Problems};
use crm_db::schema::{custom_fields, customer_field_values};
use diesel::prelude::*;
use serde::Serialize;

pub(crate) use repository::all;
pub use service::Fields;
pub use values::{CustomInput, CustomValues, Given, Value};

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
    /// What may be selected, as a JSON array of texts. See [`Field::options`].
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
#[diesel(table_name = customer_field_values, treat_none_as_default_value = false)]
pub struct FieldValue {
    /// Whose.
    pub customer_id: CustomerId,
    /// The field.
    pub field_id: FieldId,
    /// The text; of a `select` field a JSON array of texts.
    pub value: String,
}

/// What can be in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// One line of text, up to 255 characters.
    Input,
    /// Text, up to 10,000 characters.
    Textarea,
    /// Some of the field's options.
    Select,
    /// A calendar date.
    Date,
    /// A decimal number.
    Number,
}

impl FieldKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Input, Self::Textarea, Self::Select, Self::Date, Self::Number];

    /// The word that is stored and shown, and that keys start with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Textarea => "textarea",
            Self::Select => "select",
            Self::Date => "date",
            Self::Number => "number",
        }
    }

    /// The kind that is called so.
    fn called(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What a create or an update says of a field.
#[derive(Clone, Debug, Default)]
pub struct FieldInput {
    /// What the edge could not read; reported together with what the service finds.
    pub problems: Problems,
    /// The kind, `_` and 1–50 letters, digits or `_`, such as `input_1680509561692`; made from the
    /// kind and the time by default. It never changes.
    pub key: Patch<String>,
    /// 1–255 characters; required on create.
    pub title: Patch<String>,
    /// One of [`FieldKind`], by its word; that of the key by default. It never changes.
    pub kind: Patch<String>,
    /// Of a `select` field, and required there: 1–1,000 texts of 1–100 characters, none twice.
    /// Customers keep what they have of one that goes.
    pub options: Patch<Vec<String>>,
    /// 1 or 0, the default.
    pub required: Patch<i64>,
    /// Any whole number; the place after all others by default.
    pub sort_num: Patch<i64>,
}

impl Field {
    /// What can be in it.
    pub fn kind(&self) -> FieldKind {
        // Only words of kinds are stored.
        FieldKind::called(&self.kind).unwrap_or(FieldKind::Input)
    }

    /// What may be selected.
    pub fn options(&self) -> Vec<String> {
        texts(&self.options)
    }
}

/// The texts of a stored JSON array.
fn texts(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}

/// Texts as they are stored.
fn to_json(texts: &[String]) -> String {
    // Texts: there is nothing in them that cannot be JSON.
    serde_json::to_string(texts).unwrap_or_default()
}
