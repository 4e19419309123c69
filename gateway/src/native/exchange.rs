//! Imports and exports, the same for every kind of record: `…/import…` takes a multipart form with
//! the `file`, `…/export…` answers a file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::time::{Duration, Instant};

use crm_core::{Code, Error};
use crm_exchange::{
    Encoding, Exchange, Export, Format, Headers, ImportOptions, Limits, Mode, OnError, Report, Subject,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::Failed;
use crate::http::{Call, Download, Outcome, Produce, Reader, Reply};

/// Rows of one file.
const ROWS_MAX: u64 = 100_000;
/// Rows that are written in one transaction: about as many as others can wait for on SQLite.
const ROWS_AT_ONCE: u64 = 1_000;
/// How long rows are written; what is left then is told, before proxies give up waiting.
const TIME: Duration = Duration::from_secs(45);

fn exchange(call: &Call<'_>) -> Result<Exchange, Error> {
    let services = call.services()?;
    Ok(Exchange::new(&services.db, call.zone).with_customers(services.customers.clone()))
}

/// Imports the file of the request.
pub(super) fn import<S: Subject>(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let options = options(call, input);
    let exchange = exchange(call)?;
    exchange.admit::<S>(call.caller()?)?;
    if call.upload.is_none() {
        input.note("file", "不能为空");
    }
    let upload = input.finish_with(call.upload.as_ref())?;
    let _place = call.imports()?.take(call.caller()?.staff_id)?;
    let file = upload.try_clone().map_err(Error::internal)?;
    let report = exchange.import::<S>(call.caller()?, file, &options)?;
    answer(call, report, &options)
}

fn options(call: &Call<'_>, input: &mut Reader) -> ImportOptions {
    let mut flag = |name: &str| input.int_in(name, 0, 1).into_value() == Some(1);
    let (dry_run, clear_empty, create_missing) = (flag("dry_run"), flag("clear_empty"), flag("create_missing"));
    let mode = input.choice("mode", &[("add", Mode::Add), ("update", Mode::Update), ("both", Mode::Both)]);
    let on_error = input.choice("on_error", &[("stop", OnError::Stop), ("skip", OnError::Skip)]);
    let encodings = [("auto", Encoding::Auto), ("utf-8", Encoding::Utf8), ("gbk", Encoding::Gbk)];
    ImportOptions {
        mode: mode.unwrap_or_default(),
        key: input.search("key"),
        on_error: on_error.unwrap_or_default(),
        dry_run,
        clear_empty,
        create_missing,
        encoding: input.choice("encoding", &encodings).unwrap_or_default(),
        columns: input
            .object::<BTreeMap<String, String>>("columns")
            .into_value()
            .map(|columns| columns.into_iter().collect())
            .unwrap_or_default(),
        limits: Limits {
            rows: Some(if call.is_keyed { ROWS_AT_ONCE } else { ROWS_MAX }),
            rows_at_once: Some(ROWS_AT_ONCE),
            until: Instant::now().checked_add(TIME),
        },
    }
}

/// What became of a row.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ImportedRow")]
struct Row {
    row: u64,
    field: String,
    message: String,
}

#[derive(JsonSchema, Serialize)]
struct Told {
    rows: u64,
    added: u64,
    updated: u64,
    failed: u64,
    left: u64,
    organizations_added: u64,
    dry_run: bool,
    written: bool,
    unknown_columns: Vec<String>,
    ignored_columns: Vec<String>,
    errors: Vec<Row>,
}

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "RefusedField")]
struct Field {
    field: String,
    message: String,
}

#[derive(JsonSchema, Serialize)]
struct Head<'a> {
    status: u8,
    msg: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<Field>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

/// What [`answer`] writes, whose `error_file` may be too long to be held at once.
#[derive(JsonSchema)]
#[schemars(inline)]
#[allow(dead_code, reason = "it tells what is written piece by piece")]
pub(super) struct Imported {
    status: u8,
    msg: String,
    data: ImportReport,
}

/// A refusal, with the report where the file was read.
#[derive(JsonSchema)]
#[schemars(inline)]
#[allow(dead_code, reason = "it tells what is written piece by piece")]
pub(super) struct ImportRefused<'a> {
    #[serde(flatten)]
    failed: Failed<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<ImportReport>,
}

#[derive(JsonSchema)]
#[allow(dead_code, reason = "it tells what is written piece by piece")]
struct ImportReport {
    #[serde(flatten)]
    told: Told,
    /// The rows that failed, as CSV with what is wrong.
    error_file: Option<String>,
}

/// The report, with the file of errors as text in it: no state is kept for another request to fetch.
/// All-or-nothing that came to nothing is a failure; its envelope has the report too.
fn answer(call: &Call<'_>, report: Report, options: &ImportOptions) -> Outcome {
    let is_refusal = !options.dry_run && options.on_error == OnError::Stop && report.failed > 0;
    let msg = match is_refusal {
        true => format!("{}行有误,没有导入任何数据", report.failed),
        false => super::envelope::DONE.to_owned(),
    };
    let field =
        |line: u64, name: &str| if name.is_empty() { format!("第{line}行") } else { format!("第{line}行 {name}") };
    let fields = report
        .errors
        .iter()
        .map(|error| Field { field: field(error.line, &error.field), message: error.message.clone() });
    let head = Head {
        status: u8::from(is_refusal),
        msg: &msg,
        code: is_refusal.then_some(Code::ValidationFailed.as_str()),
        errors: is_refusal.then(|| fields.collect()),
        request_id: is_refusal.then_some(call.request_id.as_str()),
    };
    let told = Told {
        rows: report.rows,
        added: report.added,
        updated: report.updated,
        failed: report.failed,
        left: report.left,
        organizations_added: report.organizations_added,
        dry_run: options.dry_run,
        written: report.written,
        unknown_columns: report.unknown_columns,
        ignored_columns: report.ignored_columns,
        errors: report
            .errors
            .into_iter()
            .map(|error| Row { row: error.line, field: error.field, message: error.message })
            .collect(),
    };
    let (head, told) = (open_object(&head)?, open_object(&told)?);
    let file = report.error_file;
    let produce: Produce = Box::new(move |out: &mut dyn Write| {
        write!(out, "{head},\"data\":{told},\"error_file\":").map_err(Error::internal)?;
        match file {
            Some(file) => escaped(file, out).map_err(Error::internal)?,
            None => out.write_all(b"null").map_err(Error::internal)?,
        }
        out.write_all(b"}}").map_err(Error::internal)
    });
    if call.is_keyed && !is_refusal {
        return kept(produce);
    }
    Ok(Reply::download(Download {
        media_type: "application/json; charset=utf-8",
        file_name: None,
        is_refusal,
        produce,
    }))
}

/// The answer whole, to be kept with what was written: a keyed import has few rows.
fn kept(produce: Produce) -> Outcome {
    let mut body = Vec::new();
    produce(&mut body)?;
    Ok(Reply::of(body))
}

/// A JSON object without its closing brace.
fn open_object(value: &impl Serialize) -> Result<String, Error> {
    let mut text = serde_json::to_string(value).map_err(Error::internal)?;
    text.pop();
    Ok(text)
}

/// The text of a file as one JSON string, line by line.
fn escaped(file: File, out: &mut dyn Write) -> std::io::Result<()> {
    let mut file = BufReader::new(file);
    let mut line = String::new();
    out.write_all(b"\"")?;
    while file.read_line(&mut line)? > 0 {
        let text = serde_json::to_string(&line)?;
        out.write_all(text.get(1..text.len() - 1).unwrap_or_default().as_bytes())?;
        line.clear();
    }
    out.write_all(b"\"")
}

/// Answers the rows of a list as a file.
pub(super) fn export<S: Subject>(call: &Call<'_>, input: &mut Reader, name: &str, filter: S::Filter) -> Outcome {
    let formats = [("csv", Format::Csv), ("gbk", Format::CsvGbk), ("xlsx", Format::Xlsx)];
    let format = input.choice("format", &formats).unwrap_or_default();
    let headers = input.choice("headers", &[("chinese", Headers::Chinese), ("api", Headers::Api)]).unwrap_or_default();
    let exchange = exchange(call)?;
    exchange.admit::<S>(call.caller()?)?;
    input.finish()?;
    let place = call.exports()?.take(call.caller()?.staff_id)?;
    let export = Export::<S> { filter, format, headers };
    let begun = exchange.export(call.caller()?, export)?;
    let produce = Box::new(move |out: &mut dyn Write| {
        let _place = place;
        begun.run(out).map(drop)
    });
    let file_name = Some(format!("{name}.{}", format.extension()));
    Ok(Reply::download(Download { media_type: format.media_type(), file_name, is_refusal: false, produce }))
}
