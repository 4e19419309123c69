//! The native envelope (native-api §1 "Success", "Failure").

use crm_core::{Id, Page};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use crate::http::{Failure, Outcome, Reply};

/// The `msg` of a write whose document gives none of its own.
pub(crate) const DONE: &str = "操作成功";

/// A page of a list.
#[derive(JsonSchema, Serialize)]
#[schemars(inline)]
pub(crate) struct List<T> {
    status: u8,
    data: Vec<T>,
    page_info: PageInfo,
}

/// A page of a list, with its place in the list inside `data`.
#[derive(JsonSchema, Serialize)]
#[schemars(inline, bound = "T: JsonSchema")]
pub(crate) struct Nested<T> {
    status: u8,
    #[schemars(schema_with = "rows_and_place::<T>")]
    data: (Vec<T>, PageInfo),
}

/// The schema of a pair, in a form that tools for older drafts understand.
fn rows_and_place<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let (rows, place) = (generator.subschema_for::<Vec<T>>(), generator.subschema_for::<PageInfo>());
    json_schema!({"type": "array", "items": {"anyOf": [rows, place]}, "minItems": 2, "maxItems": 2})
}

/// Where a page stands in its list.
#[derive(JsonSchema, Serialize)]
pub(crate) struct PageInfo {
    total: i64,
    page: i64,
    count: i64,
}

impl PageInfo {
    pub(crate) fn new(total: i64, page: Page) -> Self {
        Self { total, page: page.number(), count: page.count() }
    }
}

/// One record.
#[derive(JsonSchema, Serialize)]
#[schemars(inline)]
pub(crate) struct One<T> {
    status: u8,
    data: T,
}

/// A write that was done.
#[derive(JsonSchema, Serialize)]
#[schemars(inline)]
pub(crate) struct Written<T> {
    status: u8,
    msg: &'static str,
    data: T,
}

/// The id that was written.
#[derive(JsonSchema, Serialize)]
pub(crate) struct WrittenId {
    id: i64,
}

/// What a failed request is answered.
#[derive(JsonSchema, Serialize)]
pub(crate) struct Failed<'a> {
    status: u8,
    msg: String,
    code: &'static str,
    errors: Vec<FailedField>,
    request_id: &'a str,
}

#[derive(JsonSchema, Serialize)]
struct FailedField {
    field: String,
    message: String,
}

/// What most writes are answered.
pub(crate) type WrittenRecord = Written<WrittenId>;

/// A page of a list.
pub(crate) fn list<T: Serialize>(rows: impl IntoIterator<Item = T>, total: i64, page: Page) -> Outcome {
    Reply::json(&List { status: 0, data: rows.into_iter().collect(), page_info: PageInfo::new(total, page) })
}

/// A page of a list whose place in it stands inside `data`, beside the rows: `[[rows],{…}]`.
pub(crate) fn nested_list<T: Serialize>(rows: impl IntoIterator<Item = T>, total: i64, page: Page) -> Outcome {
    let rows: Vec<T> = rows.into_iter().collect();
    Reply::json(&Nested { status: 0, data: (rows, PageInfo::new(total, page)) })
}

/// A list that is not paged: all rows on the one page there is.
pub(crate) fn list_all<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Outcome {
    let data: Vec<T> = rows.into_iter().collect();
    let total = i64::try_from(data.len()).unwrap_or(i64::MAX);
    // A page has room for one row at least, also where there is none.
    Reply::json(&List { status: 0, data, page_info: PageInfo { total, page: 1, count: total.max(1) } })
}

/// A short list that was read whole: all of it, or the page that was asked for.
pub(crate) fn list_of<T: Serialize>(rows: Vec<T>, page: Option<Page>) -> Outcome {
    let Some(page) = page else { return list_all(rows) };
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let offset = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let count = usize::try_from(page.count()).unwrap_or(usize::MAX);
    list(rows.into_iter().skip(offset).take(count), total, page)
}

/// One record that is not in a list.
pub(crate) fn one(data: impl Serialize) -> Outcome {
    Reply::json(&One { status: 0, data })
}

/// A write to a record that has an id.
pub(crate) fn written(msg: &'static str, id: impl Id) -> Outcome {
    message(msg, WrittenId { id: id.raw() })
}

/// A write with something else to tell.
pub(crate) fn message(msg: &'static str, data: impl Serialize) -> Outcome {
    Reply::json(&Written { status: 0, msg, data })
}

/// The body of a failed request.
pub(crate) fn failure_body(failure: &Failure, request_id: &str) -> Vec<u8> {
    let errors = failure.fields().into_iter().map(|error| FailedField { field: error.field, message: error.message });
    let body = Failed {
        status: 1,
        msg: failure.message(),
        code: failure.code().as_str(),
        errors: errors.collect(),
        request_id,
    };
    // Texts and a number: there is nothing in it that cannot be JSON.
    serde_json::to_vec(&body).unwrap_or_default()
}
