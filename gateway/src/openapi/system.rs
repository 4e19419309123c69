//! What is served beside the endpoints.

use crm_core::Error;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::{failures, operation, viewer};

/// What these operations are grouped under.
pub(super) const TAG: &str = "operation";

/// One of these routes, as the document has it.
pub(super) fn described(path: &str, generator: &mut SchemaGenerator, examples: &Map<String, Value>) -> Value {
    let id = operation::id("GET", path);
    let text = || json!({"type": "string"});
    let (summary, media, schema, failure) = match path {
        "/healthz" => ("The process lives", "application/json", json!({"const": "ok"}), None),
        "/readyz" => (
            "The database is there and up to date",
            "application/json",
            json!({"const": "ok"}),
            Some(("It is not", Error::Unavailable)),
        ),
        "/metrics" => (
            "What is counted, in the text form of Prometheus",
            "text/plain",
            text(),
            Some(("Asked from another machine while CRM_METRICS_PUBLIC is off", Error::Forbidden)),
        ),
        super::PATH => ("This document", "application/json", json!({"type": "object"}), None),
        viewer::PAGE => ("The viewer of this document", "text/html", text(), None),
        viewer::STYLE => ("A part of the viewer", "text/css", text(), None),
        _ => ("A part of the viewer", "text/javascript", text(), None),
    };
    let mut content = json!({"schema": schema});
    if let (Some(example), Value::Object(members)) = (examples.get(&id), &mut content) {
        members.insert("example".to_owned(), example.clone());
    }
    let mut responses = Map::new();
    let headers = json!({"X-Request-Id": {"$ref": "#/components/headers/request-id"}});
    responses.insert("200".to_owned(), json!({"description": "Done", "headers": headers, "content": {media: content}}));
    responses.extend(failure.map(|(words, error)| failures::native(words, error, generator)));
    json!({
        "operationId": id, "summary": summary, "tags": [TAG], "security": [], "parameters": [], "responses": responses,
    })
}
