//! What customers have in the fields the deployment defines.

use std::collections::BTreeMap;
use std::sync::Arc;

use crm_core::{CustomerId, FieldId, Patch, Problems, Result};
use crm_db::Conn;
use serde::{Serialize, Serializer};

use super::{Field, FieldKind, FieldValue, check, repository, texts};

/// What a request says of custom fields, by their keys: a key that is absent stays as it is, one that
/// is null (or has nothing in it) is cleared.
pub type CustomInput = Vec<(String, Patch<Given>)>;

/// What is given for a field, as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// Text.
    Text(String),
    /// A number, as it was written.
    Number(String),
    /// Several texts.
    Texts(Vec<String>),
}

/// What is in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Of `input`, `textarea` and `date` fields; a date is `YYYY-MM-DD`.
    Text(Option<String>),
    /// Of `number` fields: decimal text, such as `-12.50`.
    Number(Option<String>),
    /// Of `select` fields.
    Selected(Vec<String>),
}

/// What a customer has in the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomValues {
    fields: Arc<Vec<Field>>,
    /// As they are stored.
    values: BTreeMap<FieldId, String>,
}

impl CustomValues {
    /// Nothing yet, in the fields there are.
    pub(crate) fn none(conn: &mut Conn) -> Result<Self> {
        Ok(Self { fields: Arc::new(repository::all(conn)?), values: BTreeMap::new() })
    }

    /// What one customer has.
    pub(crate) fn of(conn: &mut Conn, customer: CustomerId) -> Result<Self> {
        let none = Self::none(conn)?;
        let values = repository::values_of_all(conn, &[customer])?.remove(&customer).unwrap_or_default();
        Ok(none.having(values))
    }

    /// These values in the same fields.
    pub(crate) fn having(&self, values: Vec<FieldValue>) -> Self {
        let values = values.into_iter().map(|value| (value.field_id, value.value)).collect();
        Self { fields: Arc::clone(&self.fields), values }
    }

    /// Every field there is, in order, with what is in it.
    pub fn iter(&self) -> impl Iterator<Item = (&Field, Value)> {
        self.fields.iter().map(|field| (field, self.value(field)))
    }

    /// The values as they are stored, of a customer with this id.
    pub fn stored(&self, customer_id: CustomerId) -> Vec<FieldValue> {
        let value = |(field_id, value): (&FieldId, &String)| FieldValue {
            customer_id,
            field_id: *field_id,
            value: value.clone(),
        };
        self.values.iter().map(value).collect()
    }

    /// Every text in it.
    pub(crate) fn texts(&self) -> Vec<String> {
        let texts = |(_, value)| match value {
            Value::Text(text) | Value::Number(text) => text.into_iter().collect(),
            Value::Selected(texts) => texts,
        };
        self.iter().flat_map(texts).collect()
    }

    /// What the input makes of it. What is wrong is noted under `custom.<key>`.
    pub(crate) fn with(&self, problems: &mut Problems, input: &Patch<CustomInput>, creating: bool) -> Self {
        let mut after = self.clone();
        match input {
            Patch::Absent => {}
            Patch::Null => after.values.clear(),
            Patch::Value(given) => {
                for (key, given) in given {
                    after.say(problems, key, given);
                }
            }
        }
        for field in self.fields.iter().filter(|field| field.required != 0 && !after.values.contains_key(&field.id)) {
            if creating || self.values.contains_key(&field.id) || mentions(input, &field.key) {
                problems.push(&name_of(&field.key), "不能为空");
            }
        }
        after
    }

    /// Makes them what the customer has.
    pub(crate) fn store(&self, conn: &mut Conn, customer: CustomerId) -> Result<()> {
        repository::replace(conn, customer, &self.stored(customer))
    }

    fn say(&mut self, problems: &mut Problems, key: &str, given: &Patch<Given>) {
        let Some(field) = self.fields.iter().find(|field| field.key == key) else {
            problems.push(&name_of(key), "没有这个自定义字段");
            return;
        };
        let id = field.id;
        match given {
            Patch::Absent => {}
            Patch::Null => {
                self.values.remove(&id);
            }
            Patch::Value(given) => match check::to_stored(field, given, self.values.get(&id).map(String::as_str)) {
                Ok(Some(value)) => {
                    self.values.insert(id, value);
                }
                Ok(None) => {
                    self.values.remove(&id);
                }
                Err(message) => problems.push(&name_of(key), message),
            },
        }
    }

    fn value(&self, field: &Field) -> Value {
        let stored = self.values.get(&field.id);
        match field.kind() {
            FieldKind::Input | FieldKind::Textarea | FieldKind::Date => Value::Text(stored.cloned()),
            FieldKind::Number => Value::Number(stored.cloned()),
            FieldKind::Select => Value::Selected(stored.map(|stored| texts(stored)).unwrap_or_default()),
        }
    }
}

/// The audit trail shows what is in the fields by their keys, as it is stored.
impl Serialize for CustomValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let said = self.fields.iter().filter_map(|field| self.values.get(&field.id).map(|value| (&field.key, value)));
        serializer.collect_map(said)
    }
}

fn mentions(input: &Patch<CustomInput>, key: &str) -> bool {
    input.is_null() || input.value().is_some_and(|given| given.iter().any(|(said, _)| said == key))
}

fn name_of(key: &str) -> String {
    format!("custom.{key}")
}
