//! How a route may fail, each with an example its own dialect writes.

use crm_core::Error;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use crate::http::{Access, Answer, Endpoint, Failure, FailureBody, Parameter, Verb, status};
use crate::native::{self, Failed};

/// The id of the request in examples.
const REQUEST: &str = "8031e13d6a85f7bb583b0790";

/// The answers of a route that are no success, by status.
pub(super) fn responses(
    endpoint: &Endpoint,
    parameters: &[Parameter],
    generator: &mut SchemaGenerator,
) -> Map<String, Value> {
    let schema = (endpoint.failure_schema)(generator);
    let failures = possible(endpoint, parameters);
    let response =
        |(words, failure): (&str, Failure)| response(endpoint.failure_body, words, &failure, schema.as_value());
    failures.into_iter().map(response).collect()
}

/// One failure in the native dialect.
pub(super) fn native(words: &str, error: Error, generator: &mut SchemaGenerator) -> (String, Value) {
    let schema = generator.subschema_for::<Failed<'_>>();
    response(native::failure_body, words, &error.into(), schema.as_value())
}

fn response(failure_body: FailureBody, words: &str, failure: &Failure, schema: &Value) -> (String, Value) {
    let body = failure_body(failure, REQUEST);
    let example: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut headers = json!({"X-Request-Id": {"$ref": "#/components/headers/request-id"}});
    if let (Some(_), Value::Object(headers)) = (failure.retry_after(), &mut headers) {
        headers.insert("Retry-After".to_owned(), json!({"$ref": "#/components/headers/retry-after"}));
    }
    let response = json!({
        "description": words,
        "headers": headers,
        "content": {"application/json": {"schema": schema, "example": example}},
    });
    (status(failure.code()).as_str().to_owned(), response)
}

fn possible(endpoint: &Endpoint, parameters: &[Parameter]) -> Vec<(&'static str, Failure)> {
    let reads = endpoint.verb == Verb::Get;
    let has_body = !reads || endpoint.raw_body;
    let may = may(endpoint, parameters);
    let field = parameters.first().map_or("count", |parameter| parameter.name.as_str());
    let all = [
        (true, "A parameter is wrong, or the request cannot be read", Error::invalid(field, "格式错误").into()),
        (may.be_unknown, "No session, or it is over; or the password is wrong", Error::Unauthenticated.into()),
        (may.be_forbidden, "The caller may not do this, or must choose a password first", Error::Forbidden.into()),
        (may.be_missing, "There is no such record, or the caller may not see it", Error::NotFound("记录").into()),
        (
            endpoint.takes_keys(),
            "The state of the data is against it, the record was changed meanwhile, or another request had this key",
            Error::Stale.into(),
        ),
        (has_body, "The body is too large", Failure::PayloadTooLarge),
        (has_body, "The body is of a kind that is not read here", Failure::UnsupportedMediaType),
        (may.be_too_much, "Too much at once", Error::TooManyRequests { retry_after: 2 }.into()),
        (true, "A defect; it is in the log", Error::internal("an example").into()),
        (true, "Not to be had now; try again", Error::Unavailable.into()),
    ];
    all.into_iter().filter(|(may, ..)| *may).map(|(_, words, failure)| (words, failure)).collect()
}

/// What may be wrong with a request beside its form.
struct May {
    be_unknown: bool,
    be_forbidden: bool,
    be_missing: bool,
    be_too_much: bool,
}

fn may(endpoint: &Endpoint, parameters: &[Parameter]) -> May {
    let reads = endpoint.verb == Verb::Get;
    // Passwords are slow to check, and so a few at a time.
    let checks_password = parameters.iter().any(|parameter| parameter.name.ends_with("password"));
    // Files too.
    let has_file = endpoint.takes_file || matches!(endpoint.answer, Answer::File);
    let is_open = endpoint.access == Access::Public;
    // What WeCom signs; there is no such path while it is off.
    let is_signed = is_open && !checks_password;
    // One record, rather than a list that may be empty.
    let shows_one = !endpoint.headers.is_empty() || endpoint.path.contains('{');
    May {
        be_unknown: !is_open || checks_password,
        be_forbidden: is_signed || endpoint.access == Access::Session || (!is_open && !reads),
        be_missing: is_signed || shows_one || (!is_open && !reads && endpoint.access != Access::Optional),
        be_too_much: checks_password || has_file,
    }
}
