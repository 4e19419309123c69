//! What a handler is given beside the parameters, and what it gives back.

use bytes::Bytes;
use crm_core::{Caller, Error, Zone};
use crm_staff::Session;

use crate::{Services, Settings};

/// Who calls, from where, and what there is to call.
pub struct Call<'a> {
    /// The domain services.
    pub services: &'a Services,
    /// The session, where the endpoint asks for one.
    pub session: Option<Session>,
    /// The network address of the client, past trusted proxies.
    pub address: String,
    /// The program the client says it is.
    pub user_agent: Option<String>,
    /// The headers the endpoint reads, where they were sent.
    pub headers: Vec<(&'static str, String)>,
    /// The variable parts of the path.
    pub path: Vec<(String, String)>,
    /// The body as it was sent, where the endpoint asks for that; else empty.
    pub body: Bytes,
    /// How the program runs.
    pub settings: &'a Settings,
    /// The time zone of the deployment.
    pub zone: Zone,
}

impl Call<'_> {
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

/// A successful answer.
#[derive(Debug)]
pub struct Reply {
    /// JSON, or text.
    pub body: Vec<u8>,
    /// Whether it is plain text.
    pub is_text: bool,
    /// What becomes of the session cookie.
    pub cookie: Option<CookieChange>,
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
        let body = serde_json::to_vec(value).map_err(Error::internal)?;
        Ok(Self { body, is_text: false, cookie: None })
    }

    /// An answer of plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { body: text.into().into_bytes(), is_text: true, cookie: None }
    }

    /// The same answer, with this change of the session cookie.
    #[must_use]
    pub fn with_cookie(self, change: CookieChange) -> Self {
        Self { cookie: Some(change), ..self }
    }
}

/// What a handler gives back.
pub type Outcome = Result<Reply, Error>;
