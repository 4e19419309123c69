//! The envelope of this dialect.

use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Failure, Outcome, Reply, status};

/// A failure's code is this and its HTTP status.
const FAILED: u32 = 100_000;

/// What a success is answered in.
#[derive(JsonSchema, Serialize)]
#[schemars(inline)]
pub(super) struct Answer<T> {
    code: u32,
    data: T,
}

/// What a failure is answered in.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "FailedV2")]
pub(super) struct Failed {
    code: u32,
    data: Option<()>,
    message: String,
}

/// A successful answer.
pub(super) fn answer(data: impl Serialize) -> Outcome {
    Reply::json(&Answer { code: 0, data })
}

/// The body of a failed request.
pub(in crate::vendors) fn failure_body(failure: &Failure, _request_id: &str) -> Vec<u8> {
    let code = FAILED + u32::from(status(failure.code()).as_u16());
    // A number and a text: there is nothing in it that cannot be JSON.
    serde_json::to_vec(&Failed { code, data: None, message: failure.message() }).unwrap_or_default()
}
