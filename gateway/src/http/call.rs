//! What a handler is given beside the parameters, and what it gives back.

use bytes::Bytes;
use crm_core::{Caller, Error, Zone};
use crm_staff::Session;

use super::dispatch::App;
use super::{Download, Places};
use crate::metrics::Metrics;
use crate::{Services, Settings};

/// Who calls, from where, and what there is to call.
pub struct Call<'a> {
    /// What there is to call; nothing where a handler is run to find out what it reads.
    pub app: Option<&'a App>,
    /// The session, where the endpoint asks for one.
    pub session: Option<Session>,
    /// The network address of the client, past trusted proxies.
    pub address: String,
    /// The program the client says it is.
    pub user_agent: Option<String>,
    /// The headers the endpoint reads, where they were sent.
    pub headers: Vec<(&'static str, String)>,
    /// The file that came with the request, where the endpoint asks for one.
    pub upload: Option<std::fs::File>,
    /// The id of the request.
    pub request_id: String,
    /// Whether the request has an `Idempotency-Key`: all it does is then one transaction.
    pub is_keyed: bool,
    /// The variable parts of the path.
    pub path: Vec<(String, String)>,
    /// The body as it was sent, where the endpoint asks for that; else empty.
    pub body: Bytes,
    /// The time zone of the deployment.
    pub zone: Zone,
}

impl Call<'_> {
    /// A call that reaches nothing: with it and a describing [`super::Reader`] a handler shows what it reads.
    pub fn describing() -> Self {
        Self {
            app: None,
            session: None,
            address: String::new(),
            user_agent: None,
            headers: Vec::new(),
            upload: None,
            request_id: String::new(),
            is_keyed: false,
            path: Vec::new(),
            body: Bytes::new(),
            zone: Zone::default(),
        }
    }

    fn app(&self) -> Result<&App, Error> {
        self.app.ok_or_else(|| Error::internal("a call that only describes reaches nothing"))
    }

    /// The domain services.
    ///
    /// # Errors
    /// [`Error::Internal`] where the call only describes.
    pub fn services(&self) -> Result<&Services, Error> {
        self.app().map(|app| &app.services)
    }

    /// How the program runs.
    ///
    /// # Errors
    /// As [`Call::services`].
    pub fn settings(&self) -> Result<&Settings, Error> {
        self.app().map(|app| &app.settings)
    }

    /// What is counted.
    ///
    /// # Errors
    /// As [`Call::services`].
    pub fn metrics(&self) -> Result<&Metrics, Error> {
        self.app().map(|app| &app.metrics)
    }

    /// The places for imports.
    ///
    /// # Errors
    /// As [`Call::services`].
    pub fn imports(&self) -> Result<&Places, Error> {
        self.app().map(|app| &app.imports)
    }

    /// The places for exports.
    ///
    /// # Errors
    /// As [`Call::services`].
    pub fn exports(&self) -> Result<&Places, Error> {
        self.app().map(|app| &app.exports)
    }

    /// A header the endpoint reads, if it was sent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(sent, _)| *sent == name).map(|(_, value)| value.as_str())
    }

    /// A variable part of the path.
    pub fn path(&self, name: &str) -> Option<&str> {
        self.path.iter().find(|(part, _)| part == name).map(|(_, value)| value.as_str())
    }

    /// The person calling.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] where there is no session.
    pub fn caller(&self) -> Result<&Caller, Error> {
        self.session().map(|session| &session.caller)
    }

    /// The session of the person calling.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] where there is none.
    pub fn session(&self) -> Result<&Session, Error> {
        self.session.as_ref().ok_or(Error::Unauthenticated)
    }
}

/// Most answers fit in this, and a page of twenty records does not move often while it grows.
const BODY_ROOM: usize = 16 << 10;

/// A successful answer.
#[derive(Debug)]
pub struct Reply {
    /// JSON, or text.
    pub body: Vec<u8>,
    /// Whether it is plain text.
    pub is_text: bool,
    /// What becomes of the session cookie.
    pub cookie: Option<CookieChange>,
    /// What is kept for when the request is sent again, where that is not the body.
    pub kept: Option<Vec<u8>>,
    /// Whether it was given before, and nothing was done now.
    pub is_repeated: bool,
    /// What is sent instead of the body, while it is written.
    pub download: Option<Download>,
}

/// What becomes of the session cookie.
#[derive(Debug)]
pub enum CookieChange {
    /// It holds this token now.
    Set(String),
    /// It goes.
    Clear,
}

impl Reply {
    /// An answer with this JSON body.
    ///
    /// # Errors
    /// [`Error::Internal`] for what cannot be JSON.
    pub fn json(value: &impl serde::Serialize) -> Outcome {
        let mut body = Vec::with_capacity(BODY_ROOM);
        serde_json::to_writer(&mut body, value).map_err(Error::internal)?;
        Ok(Self::of(body))
    }

    /// An answer of plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { is_text: true, ..Self::of(text.into().into_bytes()) }
    }

    /// An answer that is written while it is sent.
    pub fn download(download: Download) -> Self {
        Self { download: Some(download), ..Self::of(Vec::new()) }
    }

    /// What was answered when the request was done.
    pub(crate) fn repeated(body: String) -> Self {
        Self { is_repeated: true, ..Self::of(body.into_bytes()) }
    }

    /// An answer with this body, which is JSON.
    pub(crate) fn of(body: Vec<u8>) -> Self {
        Self { body, is_text: false, cookie: None, kept: None, is_repeated: false, download: None }
    }

    /// The same answer, of which `kept` is given when the request is sent again: for an answer with a
    /// secret, which is stored nowhere.
    #[must_use]
    pub fn keeping(self, kept: Self) -> Self {
        Self { kept: Some(kept.body), ..self }
    }

    /// The same answer, with this change of the session cookie.
    #[must_use]
    pub fn with_cookie(self, change: CookieChange) -> Self {
        Self { cookie: Some(change), ..self }
    }
}

/// What a handler gives back.
pub type Outcome = Result<Reply, Error>;
