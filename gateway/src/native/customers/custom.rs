//! The deployment's own fields in requests and answers of customers: `custom`.

use crm_core::Patch;
use crm_customers::field::{self, CustomInput, CustomValues, Given};
use serde_json::{Map, Value};

use crate::http::Reader;

const NAME: &str = "custom";

/// An object of values by the keys of fields, or its text.
pub(super) fn read(input: &mut Reader) -> Patch<CustomInput> {
    let sent = input.object::<Map<String, Value>>(NAME);
    sent.map(|values| {
        let mut read = CustomInput::with_capacity(values.len());
        for (key, value) in values {
            match given(value) {
                Some(given) => read.push((key, given)),
                None => input.note(&format!("{NAME}.{key}"), "格式错误"),
            }
        }
        read
    })
}

/// What is sent for a field; `None` for what no field takes.
fn given(value: Value) -> Option<Patch<Given>> {
    Some(match value {
        Value::Null => Patch::Null,
        Value::String(text) if text.is_empty() => Patch::Null,
        Value::String(text) => Patch::Value(Given::Text(text)),
        Value::Number(number) => Patch::Value(Given::Number(number.to_string())),
        Value::Array(values) if values.is_empty() => Patch::Null,
        Value::Array(values) => {
            let text = |value| if let Value::String(text) = value { Some(text) } else { None };
            Patch::Value(Given::Texts(values.into_iter().map(text).collect::<Option<_>>()?))
        }
        Value::Bool(_) | Value::Object(_) => return None,
    })
}

/// Every field there is, by its key.
pub(super) fn answer(values: &CustomValues) -> Map<String, Value> {
    values.iter().map(|(field, value)| (field.key.clone(), shown(value))).collect()
}

fn shown(value: field::Value) -> Value {
    match value {
        field::Value::Text(text) => text.into(),
        // What is stored is a JSON number, and stays the text it is.
        field::Value::Number(number) => {
            number.and_then(|number| number.parse().ok()).map_or(Value::Null, Value::Number)
        }
        field::Value::Selected(texts) => texts.into(),
    }
}
