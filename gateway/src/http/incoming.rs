//! What of a request the blocking part needs: who sent it, and its parameters out of query or body.

use std::time::Duration;

use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, USER_AGENT};
use actix_web::{HttpMessage, HttpRequest, web};
use bytes::{Bytes, BytesMut};
use crm_core::Error;
use futures_util::StreamExt;

use super::client::Client;
use super::dispatch::{App, request_id};
use super::retry::Sent;
use super::{Endpoint, Failure, Params, SESSION_COOKIE, Verb, origin, upload};

/// The largest body that is read.
const BODY_MAX: usize = 1 << 20;
/// A larger body is read on and thrown away up to here, so that the client gets to read the refusal.
const DRAIN_MAX: usize = 32 << 20;
/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(15);

/// What of a request the blocking part needs. Whether the body can be read is found out before the
/// session is looked at, but told only after.
pub(super) struct Incoming {
    pub(super) client: Client,
    pub(super) user_agent: Option<String>,
    pub(super) token: Option<Token>,
    pub(super) origin_is_ours: bool,
    pub(super) params: Result<Params, Failure>,
    /// The file that came with it.
    pub(super) upload: Option<std::fs::File>,
    pub(super) request_id: String,
    /// The body, for a handler that reads it itself.
    pub(super) body: Bytes,
    /// The key under which a write may be sent again, where one was sent and the endpoint takes one.
    pub(super) sent: Option<Result<Sent, Error>>,
    /// The headers the handler reads.
    pub(super) headers: Vec<(&'static str, String)>,
    /// The variable parts of the path.
    pub(super) path: Vec<(String, String)>,
}

pub(super) struct Token {
    pub(super) text: String,
    pub(super) from_cookie: bool,
}

impl Incoming {
    pub(super) async fn read(
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
    pub(super) fn head(endpoint: &Endpoint, app: &App, request: &HttpRequest) -> Self {
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
