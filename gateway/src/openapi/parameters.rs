//! What a parameter may be, as a schema: in JSON, and as text in a query or a form.

use crm_core::ARRAY_MAX;
use serde_json::{Map, Value, json};

use crate::http::{Kind, Parameter};

const ID: &str = "^0*[1-9][0-9]*$";
const INTEGER: &str = "^[+-]?[0-9]+$";
const MONEY: &str = "^[0-9]+(\\.[0-9]{1,2})?$";
const MOMENT: &str = "2026-03-02 10:00:00";
const DAY: &str = "2026-03-02";
const DATE: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}";

/// The schema of a JSON object of these parameters.
pub(super) fn json_object(parameters: &[Parameter]) -> Value {
    object(parameters, json_value)
}

/// The schema of a form of these parameters.
pub(super) fn form(parameters: &[Parameter]) -> Value {
    object(parameters, |parameter| text_value(&parameter.kind))
}

/// Adds the file of an upload to a form.
pub(super) fn add_file(form: &mut Value) {
    let file = json!({
        "type": "string", "contentMediaType": "application/octet-stream",
        "description": "CSV (UTF-8 or GBK) or XLSX, of 20 MB at most",
    });
    if let Some(Value::Object(properties)) = form.get_mut("properties") {
        properties.insert("file".to_owned(), file);
    }
    if let Some(Value::Array(required)) = form.get_mut("required") {
        required.push("file".into());
    }
}

fn object(parameters: &[Parameter], schema: impl Fn(&Parameter) -> Value) -> Value {
    let properties: Map<String, Value> =
        parameters.iter().map(|one| (one.name.clone(), with_words(&one.kind, schema(one)))).collect();
    let required: Vec<&str> = parameters.iter().filter(|one| one.is_required).map(|one| one.name.as_str()).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

/// A parameter in the query.
pub(super) fn in_query(parameter: &Parameter) -> Value {
    let mut described = json!({
        "name": parameter.name,
        "in": "query",
        "required": parameter.is_required,
        "schema": text_value(&parameter.kind),
    });
    if let (Some(words), Value::Object(members)) = (words(&parameter.kind), &mut described) {
        members.insert("description".to_owned(), words.into());
    }
    if let (Kind::Ids(_) | Kind::Texts | Kind::Days, Value::Object(members)) = (&parameter.kind, &mut described) {
        members.insert("style".to_owned(), "form".into());
        members.insert("explode".to_owned(), true.into());
    }
    described
}

/// A parameter as text. What JSON would send as an object is its text.
fn text_value(kind: &Kind) -> Value {
    match kind {
        Kind::Text(max) => limited(json!({"type": "string"}), *max),
        Kind::TextOrNumber => json!({"type": "string"}),
        Kind::Integer(min, max) => integer(*min, *max),
        Kind::Number => json!({"type": "number"}),
        Kind::Id => with_example(integer(1, i64::MAX), 1.into()),
        Kind::Ids(min) => json!({
            "type": "array", "items": integer(1, i64::MAX),
            "minItems": min, "maxItems": ARRAY_MAX, "uniqueItems": true,
        }),
        Kind::Texts => json!({"type": "array", "items": {"type": "string"}}),
        Kind::Objects(_) | Kind::Object => json!({"type": "string", "contentMediaType": "application/json"}),
        Kind::Money => json!({"type": "string", "pattern": or_empty(MONEY), "examples": ["112.50"]}),
        Kind::Moment => json!({"type": "string", "pattern": or_empty(DATE), "examples": [MOMENT]}),
        Kind::Date => json!({"type": "string", "pattern": or_empty(DATE), "examples": [DAY]}),
        Kind::Days => json!({
            "type": "array", "items": {"type": "string", "format": "date"}, "minItems": 1, "maxItems": 2,
        }),
        Kind::Word(words) => json!({"type": "string", "enum": words}),
    }
}

/// A parameter as a JSON value; but where it must be there it may be `null`, and empty text is `null`.
fn json_value(parameter: &Parameter) -> Value {
    let null = !parameter.is_required;
    let types = |names: &[&'static str]| names.iter().copied().chain(null.then_some("null")).collect::<Vec<_>>();
    let pattern = |text: &str| if null { or_empty(text) } else { text.to_owned() };
    match &parameter.kind {
        Kind::Text(max) => limited(json!({"type": types(&["string"])}), *max),
        Kind::TextOrNumber => json!({"type": types(&["string", "number"])}),
        Kind::Integer(min, max) => json!({
            "type": types(&["integer", "string"]), "minimum": min, "maximum": max, "pattern": pattern(INTEGER),
        }),
        Kind::Number => json!({"type": types(&["number", "string"])}),
        Kind::Id => json!({
            "type": types(&["integer", "string"]), "minimum": 1, "maximum": i64::MAX, "pattern": pattern(ID),
            "examples": [1],
        }),
        Kind::Ids(min) => json!({
            "type": types(&["array", "integer", "string"]),
            "items": {"type": ["integer", "string"], "minimum": 1, "maximum": i64::MAX, "pattern": ID},
            "minItems": min, "maxItems": ARRAY_MAX, "uniqueItems": true, "minimum": 1, "maximum": i64::MAX,
        }),
        Kind::Texts => json!({"type": types(&["array", "string"]), "items": {"type": ["string", "number"]}}),
        Kind::Objects(members) => json!({"type": types(&["array", "string"]), "items": json_object(members)}),
        Kind::Object => json!({"type": types(&["object", "string"])}),
        Kind::Money => json!({
            "type": types(&["number", "string"]), "minimum": 0, "pattern": pattern(MONEY), "examples": ["112.50"],
        }),
        Kind::Moment => json!({"type": types(&["string"]), "pattern": pattern(DATE), "examples": [MOMENT]}),
        Kind::Date => json!({"type": types(&["string"]), "pattern": pattern(DATE), "examples": [DAY]}),
        Kind::Days => json!({
            "type": types(&["array", "string"]), "items": {"type": "string", "format": "date"}, "maxItems": 2,
        }),
        Kind::Word(words) => json!({"enum": words_in_json(words, null)}),
    }
}

/// No value is as good as one that is right.
fn or_empty(pattern: &str) -> String {
    format!("^$|{pattern}")
}

/// A word that is a number or a truth may be sent as one.
fn words_in_json(words: &[String], null: bool) -> Vec<Value> {
    let mut all: Vec<Value> = words.iter().map(|word| Value::from(word.as_str())).collect();
    all.extend(words.iter().filter_map(|word| serde_json::from_str(word).ok()));
    if null {
        all.extend([Value::Null, Value::from("")]);
    }
    all
}

fn with_example(mut schema: Value, example: Value) -> Value {
    if let Value::Object(members) = &mut schema {
        members.insert("examples".to_owned(), vec![example].into());
    }
    schema
}

fn integer(min: i64, max: i64) -> Value {
    json!({"type": "integer", "format": "int64", "minimum": min, "maximum": max})
}

fn limited(mut schema: Value, max: Option<usize>) -> Value {
    if let (Some(max), Value::Object(members)) = (max, &mut schema) {
        members.insert("maxLength".to_owned(), max.into());
    }
    schema
}

fn with_words(kind: &Kind, mut schema: Value) -> Value {
    if let (Some(words), Value::Object(members)) = (words(kind), &mut schema) {
        members.insert("description".to_owned(), words.into());
    }
    schema
}

/// What a person must know of a kind.
fn words(kind: &Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Id => "The id of a record",
        Kind::Ids(_) => "Ids of records, each once: an array, or 1,2,3",
        Kind::Texts => "Texts: an array, or a,b,c",
        Kind::Objects(_) => "An array of objects, or its JSON text",
        Kind::Object => "An object, or its JSON text",
        Kind::Money => "Money, with at most two decimals",
        Kind::Moment => "A moment: YYYY-MM-DD HH:MM:SS in the deployment's zone, RFC 3339, or a date",
        Kind::Date => "A date: YYYY-MM-DD",
        Kind::Days => "A date, or the first and the last date of a range: YYYY-MM-DD",
        Kind::Text(_) | Kind::TextOrNumber | Kind::Integer(..) | Kind::Number | Kind::Word(_) => return None,
    })
}
