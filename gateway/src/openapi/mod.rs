//! The document of the API (OpenAPI 3.1): made of the table of endpoints, of what their handlers read
//! ([`crate::http::Reader::describe`]) and of the types they answer with. Nothing of it is written down a
//! second time but the examples, which tests take from real answers.

mod failures;
mod operation;
mod parameters;
pub(crate) mod shapes;
mod system;
pub(crate) mod viewer;

use std::sync::OnceLock;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::http::SESSION_COOKIE;
use operation::Operation;

/// Where the document is served.
pub(crate) const PATH: &str = "/openapi.json";

/// One real answer per operation, by its id. `UPDATE_EXAMPLES=1 cargo test -p crm-tests --test openapi`
/// takes them again.
const EXAMPLES: &str = include_str!("examples.json");

const ABOUT: &str = "\
GET reads the query. POST takes a JSON object, a form or a multipart form with the same names; `del…` routes \
take POST or DELETE, whose parameters may be in the body or the query. With its own id a POST is an update: \
what is absent stays, `null` clears. What is not known is ignored.

In a query and in forms: an array may be `a=1&a=2`, `a[]=1&a[]=2`, `a=1,2` or `a=[1,2]`; an empty value in a \
query is as if it had not been sent, and in a form it clears. Where one id or several may be, `a=1` is one \
and `a[]=1` an array of one. In JSON a number may also be sent as text, and an array as its text.

Moments are `YYYY-MM-DD HH:MM:SS` in the deployment's time zone, RFC 3339, or a date, which is the start of \
its day (of `end_time`: its end). Money has at most two decimals and is never rounded.

All bad parameters are reported at once. A path that does not exist is 404 and a method a path does not have \
405 with `Allow`, in the same form as other failures. Where `CRM_LEGACY_HTTP_200` is on, every 4xx is sent \
as 200 with the same body. What cannot be read as HTTP, or has an address longer than 64 kB, is 400 without a \
body.";

/// The document.
pub fn document() -> Value {
    let examples: Map<String, Value> = serde_json::from_str(EXAMPLES).unwrap_or_default();
    let mut generator = generator();
    let mut paths = Map::new();
    let mut tags: Vec<&str> = vec![system::TAG];
    for endpoint in crate::endpoints() {
        for method in endpoint.verb.methods() {
            let operation = Operation::new(endpoint, method);
            if !tags.contains(&operation.tag()) {
                tags.push(operation.tag());
            }
            let described = operation.described(&mut generator, &examples);
            add(&mut paths, endpoint.path, method, described);
        }
    }
    for path in crate::system_paths() {
        add(&mut paths, path, "GET", system::described(path, &mut generator, &examples));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "CRM",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": tags.into_iter().map(|name| json!({"name": name})).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "headers": headers(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "The token of a sign-in"},
                "cookie": {
                    "type": "apiKey", "in": "cookie", "name": SESSION_COOKIE,
                    "description": "Set by a sign-in; a page of another origin cannot write with it",
                },
            },
        },
    })
}

/// The document as text; it is made once.
pub fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| format!("{:#}", document()))
}

pub(crate) async fn serve() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .content_type("application/json; charset=utf-8")
        .body(text())
}

fn generator() -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    settings.into_generator()
}

fn add(paths: &mut Map<String, Value>, path: &str, method: &str, operation: Value) {
    let item = paths.entry(path).or_insert_with(|| json!({}));
    if let Value::Object(methods) = item {
        methods.insert(method.to_ascii_lowercase(), operation);
    }
}

fn headers() -> Value {
    let header = |description: &str, schema: Value| json!({"description": description, "schema": schema});
    json!({
        "request-id": header("Names the request in the log", json!({"type": "string"})),
        "retry-after": header("Seconds until it is worth trying again", json!({"type": "integer", "minimum": 1})),
        "replayed": header(
            "`true` where the request was done before under this Idempotency-Key, and nothing was done now",
            json!({"type": "string", "enum": ["true"]}),
        ),
        "file-name": header("The name of the file", json!({"type": "string"})),
        "cookie": header("The session cookie, or its removal", json!({"type": "string"})),
    })
}
