//! The envelope of the dashboard: `result` 1 and the data, or 0 and none.

use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Failure, Outcome, Reply};

/// What everything is answered in.
#[derive(JsonSchema, Serialize)]
#[schemars(inline)]
pub(super) struct Envelope<T> {
    result: u8,
    msg: String,
    data: T,
}

/// A success.
pub(super) fn success(data: impl Serialize) -> Outcome {
    Reply::json(&Envelope { result: 1, msg: "成功".to_owned(), data })
}

/// The body of a failed request.
pub(in crate::vendors) fn failure_body(failure: &Failure, _request_id: &str) -> Vec<u8> {
    let body = Envelope { result: 0, msg: failure.message(), data: [(); 0] };
    // A text and a number: there is nothing in it that cannot be JSON.
    serde_json::to_vec(&body).unwrap_or_default()
}
