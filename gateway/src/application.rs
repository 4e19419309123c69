//! The HTTP server: routes, middleware, start and stop.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Server, ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCESS_CONTROL_REQUEST_METHOD, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App as ActixApp, HttpMessage, HttpRequest, HttpResponse, HttpServer, Route, web};
use anyhow::Context;
use crm_db::Db;
use futures_util::future::{Either, select};
use tracing::Instrument;

use crate::drain::{self, Drain};
use crate::http::client::Client;
use crate::http::dispatch::{self, App, RequestId};
use crate::http::{Endpoint, FailureBody, REPEATED, Verb};
use crate::{Metrics, Services, Settings, jobs, metrics, native, openapi, vendors, wecom};

/// How long a client may take none of an answer that waits for it.
const ANSWER_TIME: Duration = Duration::from_secs(15);

/// The server, bound to its address and ready to run.
pub struct Application {
    server: Server,
    address: SocketAddr,
    /// The socket it listens on, to be closed before the server stops.
    listener: Option<TcpListener>,
    drain: Drain,
}

impl Application {
    /// Binds the address of the settings (port 0 takes a free one) and builds the server over this
    /// database. `main` and the tests start the same object.
    ///
    /// # Errors
    /// As [`Application::serving`].
    pub fn build(settings: Settings, db: &Db) -> anyhow::Result<Self> {
        Self::serving(settings, db, endpoints())
    }

    /// The same with these endpoints and no others.
    ///
    /// # Errors
    /// When the address cannot be bound, or the settings of the WeCom callback are wrong.
    pub fn serving(settings: Settings, db: &Db, endpoints: &'static [Endpoint]) -> anyhow::Result<Self> {
        settings.wecom()?;
        let listener = TcpListener::bind(&settings.listen)
            .with_context(|| format!("CRM_LISTEN: cannot listen on {}", settings.listen))?;
        cut_off_the_deaf(&listener)?;
        let address = listener.local_addr()?;
        let (second, drain) = (listener.try_clone().ok(), Drain::default());
        let draining = drain.clone();
        let workers = settings.worker_count();
        let services = Services::new(db, &settings);
        let metrics = Metrics::new(db)?;
        if settings.jobs {
            let interval = Duration::from_secs(settings.jobs_interval_seconds);
            actix_web::rt::spawn(jobs::run(services.clone(), metrics.clone(), interval));
        }
        let app = web::Data::new(App::new(services, settings, metrics)?);
        let server = HttpServer::new(move || {
            ActixApp::new()
                .app_data(app.clone())
                .app_data(draining.clone())
                .configure(|config| routes(config, endpoints, &app.metrics))
                .default_service(web::to(dispatch::no_such_path))
                .wrap(cors(&app.settings))
                .wrap(from_fn(envelop_preflight))
                .wrap(from_fn(trace))
        })
        .workers(workers)
        .client_request_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(75))
        .shutdown_timeout(drain::TIME.as_secs())
        .disable_signals()
        .listen(listener)?
        .run();
        Ok(Self { server, address, listener: second, drain })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until it is told to stop (SIGTERM, SIGINT), then finishes what is in flight.
    ///
    /// # Errors
    /// When the server fails.
    pub async fn run(self) -> std::io::Result<()> {
        let Self { server, listener, drain, .. } = self;
        let handle = server.handle();
        let late = actix_web::rt::spawn(async move {
            asked_to_stop().await;
            tracing::info!("stopping: finishing what is in flight");
            actix_web::rt::spawn(async move { drain.stop(handle, listener).await });
            actix_web::rt::time::sleep(drain::TIME).await;
        });
        match select(server, late).await {
            Either::Left((ended, _)) => ended,
            Either::Right(_) => {
                tracing::warn!("stopped before everything in flight was finished");
                Ok(())
            }
        }
    }
}

/// Whoever takes nothing of an answer for this long is cut off, and the memory of the answer with them. The
/// server itself waits for such a client without end; connections inherit this of the socket they come from.
fn cut_off_the_deaf(listener: &TcpListener) -> std::io::Result<()> {
    #[cfg(any(target_os = "android", target_os = "linux"))]
    socket2::SockRef::from(listener).set_tcp_user_timeout(Some(ANSWER_TIME))?;
    Ok(())
}

/// Waits for SIGTERM or SIGINT.
async fn asked_to_stop() {
    use actix_web::rt::signal::unix::{SignalKind, signal};

    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            let terminated = terminate.recv();
            let interrupted = actix_web::rt::signal::ctrl_c();
            futures_util::pin_mut!(terminated, interrupted);
            select(terminated, interrupted).await;
        }
        // Without the handler the signal ends the program by itself.
        Err(error) => {
            tracing::warn!(%error, "SIGTERM is not handled");
            std::future::pending::<()>().await;
        }
    }
}

/// Every endpoint served.
pub fn endpoints() -> &'static [Endpoint] {
    static ENDPOINTS: std::sync::OnceLock<Vec<Endpoint>> = std::sync::OnceLock::new();
    ENDPOINTS.get_or_init(|| [native::endpoints(), vendors::endpoints(), wecom::ENDPOINTS.to_vec()].concat())
}

fn routes(config: &mut web::ServiceConfig, all: &'static [Endpoint], metrics: &Metrics) {
    let mut paths: Vec<&'static str> = all.iter().map(|endpoint| endpoint.path).collect();
    paths.sort_unstable();
    paths.dedup();
    for path in paths {
        let mut resource = web::resource(path);
        let mut allow: Vec<&str> = Vec::new();
        let mut failure_body: FailureBody = native::failure_body;
        for endpoint in all.iter().filter(|endpoint| endpoint.path == path) {
            failure_body = endpoint.failure_body;
            for name in endpoint.verb.methods() {
                allow.push(name);
                let counted = metrics.route(path, metrics::method_name(name));
                let serve = move |app, request: HttpRequest, payload| {
                    request.extensions_mut().insert(Arc::clone(&counted));
                    dispatch::serve(endpoint, app, request, payload)
                };
                resource = resource.route(web::method(dispatch::method(name)).to(serve));
            }
        }
        let allow = allow.join(", ");
        config.service(resource.default_service(web::to(move |app, request| {
            dispatch::method_not_allowed(allow.clone(), failure_body, app, request)
        })));
    }
    let only_get = || {
        web::to(|app, request| {
            dispatch::method_not_allowed(Verb::Get.methods().join(", "), native::failure_body, app, request)
        })
    };
    for (path, route) in SYSTEM {
        config.service(web::resource(*path).route(route()).default_service(only_get()));
    }
}

/// Makes a route of a worker.
type MakeRoute = fn() -> Route;

/// What is served beside the endpoints, by GET and without a session.
const SYSTEM: &[(&str, MakeRoute)] = &[
    ("/healthz", || web::get().to(health)),
    ("/readyz", || web::get().to(ready)),
    ("/metrics", || web::get().to(show_metrics)),
    (openapi::PATH, || web::get().to(openapi::serve)),
    (openapi::viewer::PAGE, || web::get().to(openapi::viewer::page)),
    (openapi::viewer::SCRIPT, || web::get().to(openapi::viewer::file)),
    (openapi::viewer::STYLE, || web::get().to(openapi::viewer::file)),
    (openapi::viewer::START, || web::get().to(openapi::viewer::file)),
];

/// The paths of what is served beside the endpoints, all by GET.
pub fn system_paths() -> impl Iterator<Item = &'static str> {
    SYSTEM.iter().map(|(path, _)| *path)
}

async fn health() -> HttpResponse {
    HttpResponse::Ok().json("ok")
}

/// The metrics, for whoever asks from this machine.
async fn show_metrics(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let client = Client::of(&request, &app.settings.trusted_proxies);
    if !app.settings.metrics_public && !client.is_local() {
        return dispatch::forbidden(&app, &request);
    }
    match app.metrics.text(&app.services.db) {
        Ok(text) => HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text),
        Err(error) => {
            tracing::error!(%error, "metrics cannot be written");
            dispatch::unavailable(app, request).await
        }
    }
}

/// Whether the database is reachable and migrated.
async fn ready(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let asked = web::block({
        let db = app.services.db.clone();
        move || db.needs_migration()
    });
    match tokio::time::timeout(Duration::from_secs(3), asked).await {
        Ok(Ok(Ok(false))) => HttpResponse::Ok().json("ok"),
        _ => dispatch::unavailable(app, request).await,
    }
}

fn cors(settings: &Settings) -> actix_web::middleware::Condition<actix_cors::Cors> {
    let allowed = &settings.cors_origins;
    let cors = allowed
        .iter()
        .fold(actix_cors::Cors::default(), |cors, origin| cors.allowed_origin(origin))
        .allowed_methods(Verb::Delete.methods().iter().chain(Verb::Get.methods()).copied())
        .allow_any_header()
        .expose_headers(["Content-Disposition", "X-Request-Id", "Retry-After", REPEATED])
        .supports_credentials()
        .max_age(3600);
    actix_web::middleware::Condition::new(!allowed.is_empty(), cors)
}

/// A preflight that is refused is answered as every other refusal is, not in the library's own words.
async fn envelop_preflight(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let response = next.call(request).await?.map_into_boxed_body();
    if !preflight || response.status() != StatusCode::BAD_REQUEST {
        return Ok(response);
    }
    let Some(app) = response.request().app_data::<web::Data<App>>() else { return Ok(response) };
    let refusal = dispatch::refused_preflight(app, response.request());
    Ok(response.into_response(refusal))
}

/// Gives each request its id, its log line and its place in the metrics. Neither the path nor the query
/// is logged, but the pattern of the route: they hold names and numbers.
async fn trace(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let id = random_word();
    let started = Instant::now();
    let method = metrics::method_name(request.method().as_str());
    // As an error's: with whatever level is logged, its lines carry the id.
    let span = tracing::error_span!("request", request_id = %id, person_id = tracing::field::Empty);
    request.extensions_mut().insert(RequestId(id.clone()));
    let drain = request.app_data::<Drain>().cloned().unwrap_or_default();
    drain.begun();
    let mut response = next.call(request).instrument(span.clone()).await?;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    if drain.is_stopping() {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    let (took, status) = (started.elapsed(), response.status().as_u16());
    if let Some(route) = counted(response.request(), method) {
        route.served(status, took);
        let (route, ms) = (&route.pattern, u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        span.in_scope(|| tracing::info!(method, route, status, ms, "served"));
    }
    Ok(response)
}

/// Where a request is counted. A path that is no route may hold anything.
fn counted(request: &HttpRequest, method: &'static str) -> Option<Arc<metrics::Route>> {
    if let Some(route) = request.extensions().get::<Arc<metrics::Route>>() {
        return Some(Arc::clone(route));
    }
    let pattern = request.match_pattern();
    let app = request.app_data::<web::Data<App>>()?;
    Some(app.metrics.route(pattern.as_deref().unwrap_or("(unknown)"), method))
}

/// A word of its own for each request, and for each process. It keeps no secret: were it foreseen, nobody
/// could do anything with it.
pub(crate) fn random_word() -> String {
    format!("{:016x}{:08x}", fastrand::u64(..), fastrand::u32(..))
}

#[cfg(test)]
#[cfg(any(target_os = "android", target_os = "linux"))]
mod tests {
    #[test]
    fn the_deaf_are_cut_off_on_every_connection() -> std::io::Result<()> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        super::cut_off_the_deaf(&listener)?;
        let _client = std::net::TcpStream::connect(listener.local_addr()?)?;
        let (accepted, _) = listener.accept()?;
        assert_eq!(socket2::SockRef::from(&accepted).tcp_user_timeout()?, Some(super::ANSWER_TIME));
        Ok(())
    }
}
