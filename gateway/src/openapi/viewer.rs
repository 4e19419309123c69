//! The viewer of the document at `/docs`: Swagger UI, whose files are in this program. The page may load
//! from this server alone, and ask this server alone.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use utoipa_swagger_ui::Config;

/// The page.
pub(crate) const PAGE: &str = "/docs";
/// What it runs.
pub(crate) const SCRIPT: &str = "/docs/swagger-ui-bundle.js";
/// How it looks.
pub(crate) const STYLE: &str = "/docs/swagger-ui.css";
/// What starts it.
pub(crate) const START: &str = "/docs/start.js";

/// Swagger UI sets styles of elements and has its icons in `data:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The addresses are relative, so that the page works below a prefix of a proxy.
const HTML: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>CRM API</title>
<link rel=\"icon\" href=\"data:,\">
<link rel=\"stylesheet\" href=\"docs/swagger-ui.css\">
<div id=\"viewer\"></div>
<script src=\"docs/swagger-ui-bundle.js\"></script>
<script src=\"docs/start.js\"></script>
</html>
";

const START_JS: &str = "SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#viewer',
  deepLinking: true,
  validatorUrl: null,
});
";

/// The page.
pub(crate) async fn page() -> HttpResponse {
    guarded(HttpResponse::Ok()).content_type("text/html; charset=utf-8").body(HTML)
}

/// One of its files.
pub(crate) async fn file(request: HttpRequest) -> HttpResponse {
    let name = request.path().rsplit('/').next().unwrap_or_default();
    if request.path() == START {
        return guarded(HttpResponse::Ok()).content_type("text/javascript; charset=utf-8").body(START_JS);
    }
    match utoipa_swagger_ui::serve(name, Arc::new(Config::from(super::PATH))) {
        Ok(Some(file)) => guarded(HttpResponse::Ok()).content_type(with_charset(&file.content_type)).body(file.bytes),
        // The files are in the program: one that is not there is a defect.
        Ok(None) | Err(_) => guarded(HttpResponse::InternalServerError()).finish(),
    }
}

fn with_charset(media: &str) -> String {
    format!("{media}; charset=utf-8")
}

fn guarded(mut response: HttpResponseBuilder) -> HttpResponseBuilder {
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    response
}
