//! The deployment's own fields as the vendors' clients read them.

use crm_customers::field::{self, CustomValues, Field, FieldKind};
use serde_json::{Map, Value};

/// Every field under its key, with what is in it.
pub(super) fn by_key(values: &CustomValues) -> Map<String, Value> {
    values.iter().map(|(field, value)| (field.key.clone(), custom(field, value))).collect()
}

/// What is in one of the deployment's own fields: texts are never `null`, dates and numbers may be.
fn custom(field: &Field, value: field::Value) -> Value {
    match value {
        field::Value::Text(None) if field.kind() != FieldKind::Date => Value::from(""),
        field::Value::Text(text) => text.into(),
        field::Value::Number(number) => {
            number.and_then(|number| number.parse().ok()).map_or(Value::Null, Value::Number)
        }
        field::Value::Selected(texts) => texts.into(),
    }
}
