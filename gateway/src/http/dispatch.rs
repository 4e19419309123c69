//! One request, from bytes to bytes: session, origin, parameters, handler, envelope.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use crm_core::{Caller, Error};
use crm_db::audit::Deed;
use crm_db::deadline;
use crm_db::retry::Once;
use crm_staff::Session;
use serde::Serialize;

use super::failure::{self, Failure};
use super::incoming::Incoming;
use super::{
    Access, Call, CookieChange, Endpoint, FailureBody, Places, REPEATED, Reader, Readers, Reply, SESSION_COOKIE, Verb,
    download, upload,
};
use crate::{Metrics, Services, Settings, native, vendors};

/// How long everything after that may take.
const WORK_TIME: Duration = Duration::from_millis(4_800);
/// How long a request with a file may take.
const FILE_WORK_TIME: Duration = Duration::from_secs(55);
/// Imports and exports that may run at once.
const IMPORTS_MAX: usize = 2;
const EXPORTS_MAX: usize = 4;
/// Stamps of last use that may run at once; more are left to a later request.
const STAMPS_MAX: usize = 2;

/// What all requests of one application share.
#[derive(Debug)]
pub struct App {
    /// The domain services.
    pub services: Services,
    /// How the program runs.
    pub settings: Settings,
    /// What is counted.
    pub metrics: Metrics,
    /// Who imports.
    pub imports: Places,
    /// Who exports.
    pub exports: Places,
    /// On what requests read.
    pub readers: Readers,
    stamps: AtomicUsize,
}

/// The id of a request: in its log lines and in its answer.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

impl App {
    /// The application over these services.
    ///
    /// # Errors
    /// When the system has no threads to give.
    pub fn new(services: Services, settings: Settings, metrics: Metrics) -> std::io::Result<Self> {
        Ok(Self {
            readers: Readers::new(settings.pool_size())?,
            services,
            settings,
            metrics,
            imports: Places::new(IMPORTS_MAX),
            exports: Places::new(EXPORTS_MAX),
            stamps: AtomicUsize::new(0),
        })
    }
}

/// Serves one request of an endpoint.
pub async fn serve(
    endpoint: &'static Endpoint,
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let app = app.into_inner();
    let id = request_id(&request);
    let outcome = match admit(endpoint, &app, &request).await {
        Ok(()) => match Incoming::read(endpoint, &app, &request, payload).await {
            Ok(incoming) => run(endpoint, Arc::clone(&app), incoming).await,
            Err(failure) => Err(failure),
        },
        Err(failure) => {
            upload::discard(payload).await;
            Err(failure)
        }
    };
    respond(&app, &id, endpoint.failure_body, outcome)
}

/// Answers a path that does not exist, in the dialect of those around it.
pub async fn no_such_path(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let failure_body = vendors::failure_body_at(request.path()).unwrap_or(native::failure_body);
    respond(&app, &request_id(&request), failure_body, Err(Failure::NoSuchPath))
}

/// Answers that the database is not to be had now.
pub async fn unavailable(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    respond(&app, &request_id(&request), native::failure_body, Err(Error::Unavailable.into()))
}

/// Answers a method the path does not have, in the dialect of the path.
pub async fn method_not_allowed(
    allow: String,
    failure_body: FailureBody,
    app: web::Data<App>,
    request: HttpRequest,
) -> HttpResponse {
    respond(&app, &request_id(&request), failure_body, Err(Failure::MethodNotAllowed(allow)))
}

/// Answers what one may not see from where one is.
pub(crate) fn forbidden(app: &App, request: &HttpRequest) -> HttpResponse {
    respond(app, &request_id(request), native::failure_body, Err(Error::Forbidden.into()))
}

/// Answers a preflight of an origin, a method or a header that is not allowed.
pub(crate) fn refused_preflight(app: &App, request: &HttpRequest) -> HttpResponse {
    respond(app, &request_id(request), native::failure_body, Err(Error::Forbidden.into()))
}

/// Before a file is taken it is known whose it is: strangers must not fill the disk.
async fn admit(endpoint: &'static Endpoint, app: &Arc<App>, request: &HttpRequest) -> Result<(), Failure> {
    if !endpoint.takes_file {
        return Ok(());
    }
    let (app, head) = (Arc::clone(app), Incoming::head(endpoint, app, request));
    let span = tracing::Span::current();
    let until = Instant::now() + WORK_TIME;
    let work = move || {
        span.in_scope(|| {
            deadline::within(until, || {
                let session = session(endpoint, &app, &head)?;
                allowed(endpoint, session.as_ref(), &head).inspect_err(|failure| {
                    if let (Some(session), Failure::Domain(Error::Forbidden)) = (&session, failure) {
                        note_refusal(&app, &session.caller, endpoint.path);
                    }
                })
            })
        })
    };
    beside(WORK_TIME, work).await?
}

/// Runs the part that needs the database beside the connections, under the deadline. What still runs when the
/// deadline passes ends by the database's own limits, and is not written.
async fn run(endpoint: &'static Endpoint, app: Arc<App>, incoming: Incoming) -> Result<Reply, Failure> {
    let stamping = Arc::clone(&app);
    let span = tracing::Span::current();
    let time = if endpoint.takes_file { FILE_WORK_TIME } else { WORK_TIME };
    let until = Instant::now() + time;
    let handling = Arc::clone(&app);
    let (session, result) = if endpoint.reads() {
        let work = move |waited| {
            span.in_scope(|| {
                deadline::within(until, || {
                    deadline::waited(waited);
                    handling.services.db.together(|| handle(endpoint, &handling, incoming))
                })
            })
        };
        app.readers.run(time, work).await?
    } else {
        beside(time, move || span.in_scope(|| deadline::within(until, || handle(endpoint, &handling, incoming))))
            .await?
    };
    match &session {
        Some(session) if matches!(result, Err(Failure::Domain(Error::Forbidden))) => {
            let caller = session.caller.clone();
            // Beside the connections like all that writes; whether it is noted changes no answer.
            let _ = beside(time, move || note_refusal(&app, &caller, endpoint.path)).await;
        }
        _ => {}
    }
    if let Some(session) = session.filter(|session| session.stamp_due) {
        stamp(stamping, session);
    }
    result
}

/// Runs it on a thread that may block.
async fn beside<T: Send + 'static>(time: Duration, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    match tokio::time::timeout(time, web::block(work)).await {
        Err(_) => Err(Error::Unavailable.into()),
        // The panic itself is in the log.
        Ok(Err(_)) => Err(Error::internal("the handler panicked").into()),
        Ok(Ok(done)) => Ok(done),
    }
}

fn handle(endpoint: &Endpoint, app: &App, incoming: Incoming) -> (Option<Session>, Result<Reply, Failure>) {
    let session = match session(endpoint, app, &incoming) {
        Ok(session) => session,
        Err(failure) => return (None, Err(failure)),
    };
    let result =
        allowed(endpoint, session.as_ref(), &incoming).and_then(|()| answer(endpoint, app, session.clone(), incoming));
    (session, result)
}

fn session(endpoint: &Endpoint, app: &App, incoming: &Incoming) -> Result<Option<Session>, Failure> {
    let found = match (&incoming.token, endpoint.access) {
        (_, Access::Public) => return Ok(None),
        (None, Access::Optional) => return Ok(None),
        (None, Access::Pending | Access::Session) => return Err(Error::Unauthenticated.into()),
        (Some(token), _) => app.services.sessions.authenticate(&token.text),
    };
    match found {
        Ok(mut session) => {
            session.caller.address = Some(incoming.client.address.clone());
            tracing::Span::current().record("person_id", session.caller.staff_id.0);
            Ok(Some(session))
        }
        // A session that is over does not bar who brings another proof of who they are.
        Err(error)
            if endpoint.access == Access::Optional
                && incoming.params.as_ref().is_ok_and(|params| params.names().next().is_some())
                && !matches!(error, Error::Unavailable | Error::Internal(_)) =>
        {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn allowed(endpoint: &Endpoint, session: Option<&Session>, incoming: &Incoming) -> Result<(), Failure> {
    let Some(session) = session else { return Ok(()) };
    let by_cookie = incoming.token.as_ref().is_some_and(|token| token.from_cookie);
    if by_cookie && endpoint.verb != Verb::Get && !incoming.origin_is_ours {
        return Err(Error::Forbidden.into());
    }
    if endpoint.access == Access::Session {
        session.full_caller()?;
    }
    Ok(())
}

fn answer(endpoint: &Endpoint, app: &App, session: Option<Session>, mut incoming: Incoming) -> Result<Reply, Failure> {
    let zone = app.settings.timezone;
    let params = incoming.params?;
    let keyed = match (&session, incoming.sent) {
        (Some(session), Some(sent)) => Some(sent?.by(session.caller.staff_id, &params, incoming.upload.as_mut())?),
        _ => None,
    };
    let mut reader = Reader::new(params, zone, app.services.db.now());
    let call = Call {
        app: Some(app),
        session,
        address: incoming.client.address,
        user_agent: incoming.user_agent,
        headers: incoming.headers,
        upload: incoming.upload,
        request_id: incoming.request_id,
        is_keyed: keyed.is_some(),
        path: incoming.path,
        body: incoming.body,
        zone,
    };
    let mut handle = || (endpoint.handler)(&call, &mut reader);
    let Some(request) = keyed else { return Ok(handle()?) };
    match app.services.db.once(&request, handle, |reply| reply.kept.as_deref().unwrap_or(&reply.body))? {
        Once::Now(reply) => Ok(reply),
        Once::Before(body) => {
            app.metrics.repeated();
            Ok(Reply::repeated(body))
        }
    }
}

#[derive(Serialize)]
struct Refused<'a> {
    path: &'a str,
}

fn note_refusal(app: &App, caller: &Caller, path: &str) {
    let db = &app.services.db;
    let deed = Deed { caller: Some(caller), action: "refused", record: "route", id: None, at: db.now() };
    if let Err(error) = db.write(|conn| deed.noted(conn, &Refused { path })) {
        tracing::warn!(%error, "a refusal is missing from the audit trail");
    }
}

/// Beside the request and never in its way: a stamp that finds no room is made by a later request.
fn stamp(app: Arc<App>, session: Session) {
    if app.stamps.fetch_add(1, Ordering::Relaxed) >= STAMPS_MAX {
        app.stamps.fetch_sub(1, Ordering::Relaxed);
        return;
    }
    drop(web::block(move || {
        if let Err(error) = app.services.sessions.stamp(&session) {
            tracing::debug!(%error, "a session's last use was not stamped");
        }
        app.stamps.fetch_sub(1, Ordering::Relaxed);
    }));
}

fn respond(app: &App, id: &RequestId, failure_body: FailureBody, outcome: Result<Reply, Failure>) -> HttpResponse {
    match outcome {
        Ok(reply) => {
            let mut response = json(StatusCode::OK);
            if reply.is_text {
                response.insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"));
            }
            match &reply.cookie {
                Some(CookieChange::Set(token)) => {
                    response.cookie(session_cookie(app, token.clone()));
                }
                Some(CookieChange::Clear) => {
                    let mut cookie = session_cookie(app, String::new());
                    cookie.make_removal();
                    response.cookie(cookie);
                }
                None => {}
            }
            if reply.is_repeated {
                response.insert_header((REPEATED, "true"));
            }
            match reply.download {
                Some(sent) => {
                    let refused = sent.is_refusal && !app.settings.legacy_http_200;
                    download::respond(sent, if refused { StatusCode::BAD_REQUEST } else { StatusCode::OK })
                }
                None => response.body(reply.body),
            }
        }
        Err(failure) => refuse(app, id, failure_body, &failure),
    }
}

fn refuse(app: &App, id: &RequestId, failure_body: FailureBody, failure: &Failure) -> HttpResponse {
    if let Failure::Domain(Error::Internal(cause)) = failure {
        tracing::error!(cause = %cause, "internal error");
    }
    let mut status = failure::status(failure.code());
    if status.is_client_error() && app.settings.legacy_http_200 {
        status = StatusCode::OK;
    }
    let mut response = json(status);
    if let Some(seconds) = failure.retry_after() {
        response.insert_header((RETRY_AFTER, seconds.to_string()));
    }
    if let Failure::MethodNotAllowed(allow) = failure {
        response.insert_header((ALLOW, allow.as_str()));
    }
    response.body(failure_body(failure, &id.0))
}

fn json(status: StatusCode) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CONTENT_TYPE, "application/json; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    response
}

fn session_cookie(app: &App, token: String) -> Cookie<'static> {
    Cookie::build(SESSION_COOKIE, token)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.settings.cookie_secure)
        .finish()
}

pub(super) fn request_id(request: &HttpRequest) -> RequestId {
    request.extensions().get::<RequestId>().cloned().unwrap_or_else(|| RequestId(String::new()))
}

/// The methods as actix names them.
pub(crate) fn method(name: &str) -> Method {
    Method::from_bytes(name.as_bytes()).unwrap_or(Method::GET)
}
