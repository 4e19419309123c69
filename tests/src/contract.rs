//! Holds every answer a test gets to the API document: its status, its media type, and its body without a
//! field more or less than the document has.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// The document, as it is served.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(crm_gateway::openapi::document);

/// The document's schemas with nothing allowed that they do not name.
static SCHEMAS: LazyLock<Value> = LazyLock::new(|| {
    let mut schemas = DOCUMENT["components"]["schemas"].clone();
    close(&mut schemas);
    schemas
});

/// Gateways that answer failures as 200.
static LEGACY: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

type Validators = HashMap<(String, String, u16), Option<Arc<Validator>>>;

static VALIDATORS: LazyLock<Mutex<Validators>> = LazyLock::new(Mutex::default);

/// Notes that the gateway at this URL answers failures as 200.
pub fn note_legacy(url: &str) {
    LEGACY.lock().unwrap_or_else(PoisonError::into_inner).insert(url.to_owned());
}

/// The path of the document that this path is, if any.
pub fn template(path: &str) -> Option<&'static str> {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let matches = |template: &str| {
        let (mut one, mut other) = (template.split('/'), path.split('/'));
        loop {
            match (one.next(), other.next()) {
                (None, None) => return true,
                (Some(part), Some(sent)) if part == sent || (part.starts_with('{') && !sent.is_empty()) => {}
                _ => return false,
            }
        }
    };
    paths.keys().map(String::as_str).find(|template| matches(template))
}

/// Fails the test where this answer is not in the document. What is not in it at all (a path or a method
/// there is not) is told by other tests.
pub fn hold(url: &str, method: &str, target: &str, status: u16, media: &str, text: &str) {
    let path = target.split('?').next().unwrap_or_default();
    let Some(template) = template(path) else { return };
    let operation = &DOCUMENT["paths"][template][method.to_ascii_lowercase()];
    if operation.is_null() || (status == 200 && LEGACY.lock().unwrap_or_else(PoisonError::into_inner).contains(url)) {
        return;
    }
    let response = &operation["responses"][status.to_string()];
    assert!(!response.is_null(), "{method} {template} is answered {status}, which is not documented: {text}");
    let media = media.split(';').next().unwrap_or_default().trim();
    assert!(
        response["content"].as_object().is_some_and(|content| content.contains_key(media)),
        "{method} {template} {status}: {media} is not documented"
    );
    if media != "application/json" {
        return;
    }
    let body: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{method} {template}: {error}: {text}"));
    let wrong = differences(template, method, status, &body);
    assert!(wrong.is_empty(), "{method} {template} {status}: {}\n{text}", wrong.join("\n"));
}

/// Where a JSON body differs from what the document says of this answer.
pub fn differences(template: &str, method: &str, status: u16, body: &Value) -> Vec<String> {
    let key = (template.to_owned(), method.to_ascii_lowercase(), status);
    let known = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    let validator = known.unwrap_or_else(|| {
        let made = validator(&key.0, &key.1, status).map(Arc::new);
        VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner).insert(key, made.clone());
        made
    });
    let Some(validator) = validator else { return vec!["no JSON is documented".to_owned()] };
    validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn validator(template: &str, method: &str, status: u16) -> Option<Validator> {
    let response = &DOCUMENT["paths"][template][method]["responses"][status.to_string()];
    let mut schema = response["content"]["application/json"].get("schema")?.clone();
    close(&mut schema);
    let root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "allOf": [schema],
        "components": {"schemas": *SCHEMAS},
    });
    Some(jsonschema::validator_for(&root).unwrap_or_else(|error| panic!("{method} {template} {status}: {error}")))
}

/// Forbids what is not named, in every object whose members are named.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(close);
            if is_object_schema(members) {
                members.insert("additionalProperties".to_owned(), false.into());
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(close),
        _ => {}
    }
}

fn is_object_schema(members: &Map<String, Value>) -> bool {
    members.get("properties").is_some_and(Value::is_object)
        && members.get("type") == Some(&Value::from("object"))
        && !members.contains_key("additionalProperties")
}
