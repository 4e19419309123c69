//! One request, from bytes to bytes: session, origin, parameters, handler, envelope.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{
    ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, RETRY_AFTER, USER_AGENT, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use bytes::{Bytes, BytesMut};
use crm_core::{Caller, Error};
use crm_db::audit::Deed;
use crm_db::deadline;
use crm_db::retry::Once;
use crm_staff::Session;
use futures_util::StreamExt;
use serde::Serialize;

use super::client::Client;
use super::failure::{self, Failure};
use super::retry::Sent;
use super::{
    Access, Call, CookieChange, Endpoint, FailureBody, Params, REPEATED, Reader, Reply, SESSION_COOKIE, Verb, download,
    origin, upload,
};
use crate::{Metrics, Services, Settings, native, vendors};

/// The largest body that is read.
const BODY_MAX: usize = 1 << 20;
/// A larger body is read on and thrown away up to here, so that the client gets to read the refusal.
const DRAIN_MAX: usize = 32 << 20;
/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(15);
/// How long everything after that may take.
const WORK_TIME: Duration = Duration::from_millis(4_800);
/// How long a request with a file may take.
const FILE_WORK_TIME: Duration = Duration::from_secs(55);
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
    stamps: AtomicUsize,
}

/// The id of a request: in its log lines and in its answer.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

impl App {
    /// The application over these services.
    pub fn new(services: Services, settings: Settings, metrics: Metrics) -> Self {
        Self { services, settings, metrics, stamps: AtomicUsize::new(0) }
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

/// What of a request the blocking part needs. Whether the body can be read is found out before the
/// session is looked at, but told only after.
struct Incoming {
    client: Client,
    user_agent: Option<String>,
    token: Option<Token>,
    origin_is_ours: bool,
    params: Result<Params, Failure>,
    /// The file that came with it.
    upload: Option<std::fs::File>,
    request_id: String,
    /// The body, for a handler that reads it itself.
    body: Bytes,
    /// The key under which a write may be sent again, where one was sent and the endpoint takes one.
    sent: Option<Result<Sent, Error>>,
    /// The headers the handler reads.
    headers: Vec<(&'static str, String)>,
    /// The variable parts of the path.
    path: Vec<(String, String)>,
}

struct Token {
    text: String,
    from_cookie: bool,
}

impl Incoming {
    async fn read(
        endpoint: &Endpoint,
        app: &App,
        request: &HttpRequest,
        payload: web::Payload,
    ) -> Result<Self, Failure> {
        let (mut file, mut body) = (None, Bytes::new());
        let params = match endpoint.verb {
            _ if endpoint.takes_file && upload::is_form(request) => {
                upload::receive(request, payload).await.map(|(params, sent)| {
                    file = sent;
                    params
                })
            }
            _ if endpoint.raw_body => match xml_body(request, payload).await {
                Ok(read) => {
                    body = read;
                    Params::from_query(request.query_string())
                }
                Err(failure) => Err(failure),
            },
            Verb::Get => Params::from_query(request.query_string()),
            Verb::Post => body_params(request, payload).await,
            Verb::Delete | Verb::PostOrQuery => match body_params(request, payload).await {
                Ok(params) => Params::from_query(request.query_string()).map(|query| params.and(query)),
                Err(failure) => Err(failure),
            },
        };
        Ok(Self { upload: file, params, body, ..Self::head(endpoint, app, request) })
    }

    /// What is known of a request before its body is read.
    fn head(endpoint: &Endpoint, app: &App, request: &HttpRequest) -> Self {
        let client = Client::of(request, &app.settings.trusted_proxies);
        let origin_is_ours = origin::is_ours(request.headers(), &client.origin, &app.settings.cors_origins);
        Self {
            token: token(request),
            user_agent: header(request.headers(), USER_AGENT.as_str()),
            client,
            origin_is_ours,
            params: Ok(Params::default()),
            upload: None,
            request_id: request_id(request).0,
            body: Bytes::new(),
            sent: if endpoint.takes_keys() { Sent::of(request) } else { None },
            headers: endpoint
                .headers
                .iter()
                .filter_map(|read| whole_header(request.headers(), read.name).map(|value| (read.name, value)))
                .collect(),
            path: request.match_info().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        }
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?;
    Some(text.chars().take(255).collect())
}

/// A header as a handler reads it: one that was sent twice, or is no text, is neither left out nor taken in
/// part, but is what no handler accepts.
fn whole_header(headers: &HeaderMap, name: &str) -> Option<String> {
    let values: Vec<_> = headers.get_all(name).map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    if values.is_empty() { None } else { Some(values.join(",").chars().take(255).collect()) }
}

/// A bearer token wins over the cookie: it cannot be sent by a page that is not ours.
fn token(request: &HttpRequest) -> Option<Token> {
    let bearer = header(request.headers(), AUTHORIZATION.as_str()).and_then(|value| {
        value
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim().to_owned())
    });
    match bearer {
        Some(text) => Some(Token { text, from_cookie: false }),
        None => {
            request.cookie(SESSION_COOKIE).map(|cookie| Token { text: cookie.value().to_owned(), from_cookie: true })
        }
    }
}

async fn body_params(request: &HttpRequest, payload: web::Payload) -> Result<Params, Failure> {
    let body = read_in_time(payload).await?;
    let content_type = request.content_type().to_ascii_lowercase();
    match content_type.as_str() {
        "application/json" => Params::from_json(&body),
        "application/x-www-form-urlencoded" => Params::from_form(&body),
        "multipart/form-data" => multipart(request, body).await,
        "" if body.is_empty() => Ok(Params::default()),
        _ => Err(Failure::UnsupportedMediaType),
    }
}

/// The body of an endpoint that takes XML; some senders do not say that it is.
async fn xml_body(request: &HttpRequest, payload: web::Payload) -> Result<Bytes, Failure> {
    let body = read_in_time(payload).await?;
    match request.content_type().to_ascii_lowercase().as_str() {
        "text/xml" | "application/xml" | "" => Ok(body),
        _ => Err(Failure::UnsupportedMediaType),
    }
}

async fn read_in_time(payload: web::Payload) -> Result<Bytes, Failure> {
    tokio::time::timeout(BODY_TIME, read_body(payload)).await.map_err(|_| Failure::Malformed("请求体超时"))?
}

async fn read_body(mut payload: web::Payload) -> Result<Bytes, Failure> {
    let mut body = BytesMut::new();
    let mut read = 0usize;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Failure::Malformed("请求体不完整"))?;
        read += chunk.len();
        if read > DRAIN_MAX {
            break;
        }
        if read <= BODY_MAX {
            body.extend_from_slice(&chunk);
        }
    }
    if read > BODY_MAX { Err(Failure::PayloadTooLarge) } else { Ok(body.freeze()) }
}

async fn multipart(request: &HttpRequest, body: Bytes) -> Result<Params, Failure> {
    const BAD: Failure = Failure::Malformed("multipart格式错误");
    let content_type = header(request.headers(), CONTENT_TYPE.as_str()).unwrap_or_default();
    let boundary = multer::parse_boundary(content_type).map_err(|_| BAD)?;
    let once = futures_util::stream::once(async move { Ok::<Bytes, std::convert::Infallible>(body) });
    let mut form = multer::Multipart::new(once, boundary);
    let mut fields = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|_| BAD)? {
        let name = field.name().ok_or(BAD)?.to_owned();
        if field.file_name().is_some() {
            return Err(Failure::Malformed("不接受文件"));
        }
        let value = field.bytes().await.map_err(|_| BAD)?;
        let value = String::from_utf8(value.to_vec()).map_err(|_| Failure::Malformed("不是有效的UTF-8"))?;
        fields.push((name, value));
    }
    Ok(Params::from_fields(fields))
}

/// Before a file is taken it is known whose it is: strangers must not fill the disk.
async fn admit(endpoint: &'static Endpoint, app: &Arc<App>, request: &HttpRequest) -> Result<(), Failure> {
    if !endpoint.takes_file {
        return Ok(());
    }
    let (app, head) = (Arc::clone(app), Incoming::head(endpoint, app, request));
    let span = tracing::Span::current();
    let until = Instant::now() + WORK_TIME;
    let work = web::block(move || {
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
    });
    match tokio::time::timeout(WORK_TIME, work).await {
        Err(_) => Err(Error::Unavailable.into()),
        Ok(Err(_)) => Err(Error::internal("the handler panicked").into()),
        Ok(Ok(outcome)) => outcome,
    }
}

/// Runs the blocking part beside the connections, under the deadline. What still runs when the
/// deadline passes ends by the database's own limits, and is not written.
async fn run(endpoint: &'static Endpoint, app: Arc<App>, incoming: Incoming) -> Result<Reply, Failure> {
    let stamping = Arc::clone(&app);
    let span = tracing::Span::current();
    let time = if endpoint.takes_file { FILE_WORK_TIME } else { WORK_TIME };
    let until = Instant::now() + time;
    let work = web::block(move || span.in_scope(|| deadline::within(until, || handle(endpoint, &app, incoming))));
    match tokio::time::timeout(time, work).await {
        Err(_) => Err(Error::Unavailable.into()),
        // The handler panicked; the panic itself is in the log.
        Ok(Err(_)) => Err(Error::internal("the handler panicked").into()),
        Ok(Ok((session, result))) => {
            if let Some(session) = session.filter(|session| session.stamp_due) {
                stamp(stamping, session);
            }
            result
        }
    }
}

fn handle(endpoint: &Endpoint, app: &App, incoming: Incoming) -> (Option<Session>, Result<Reply, Failure>) {
    let session = match session(endpoint, app, &incoming) {
        Ok(session) => session,
        Err(failure) => return (None, Err(failure)),
    };
    let result =
        allowed(endpoint, session.as_ref(), &incoming).and_then(|()| answer(endpoint, app, session.clone(), incoming));
    if let (Some(session), Err(Failure::Domain(Error::Forbidden))) = (&session, &result) {
        note_refusal(app, &session.caller, endpoint.path);
    }
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

fn request_id(request: &HttpRequest) -> RequestId {
    request.extensions().get::<RequestId>().cloned().unwrap_or_else(|| RequestId(String::new()))
}

/// The methods as actix names them.
pub(crate) fn method(name: &str) -> Method {
    Method::from_bytes(name.as_bytes()).unwrap_or(Method::GET)
}
