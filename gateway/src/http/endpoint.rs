//! What the application serves: one table of endpoints, from which the routes are registered and
//! the tests read what there is.

use super::{Call, Outcome, Reader};

/// The methods an endpoint answers, and where its parameters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// GET; parameters in the query.
    Get,
    /// POST; parameters in the body.
    Post,
    /// POST and DELETE; parameters in the body or the query.
    Delete,
}

impl Verb {
    /// The methods, as an `Allow` header lists them.
    pub fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Get => &["GET"],
            Self::Post => &["POST"],
            Self::Delete => &["POST", "DELETE"],
        }
    }
}

/// Who may call at all; what they may do is the service's to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody; a session is not looked at.
    Public,
    /// Anybody; a session is used when there is one.
    Optional,
    /// People with a session, also those who must change their password first.
    Pending,
    /// People with a session.
    Session,
}

/// Reads the parameters, calls one service method, writes the answer.
pub type Handler = fn(&Call<'_>, &mut Reader) -> Outcome;

/// One route.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    /// Its methods.
    pub verb: Verb,
    /// Its path.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What it does.
    pub handler: Handler,
}

impl Endpoint {
    /// A list or another read, for people with a session.
    pub const fn get(path: &'static str, handler: Handler) -> Self {
        Self { verb: Verb::Get, path, access: Access::Session, handler }
    }

    /// A write, for people with a session.
    pub const fn post(path: &'static str, handler: Handler) -> Self {
        Self { verb: Verb::Post, path, access: Access::Session, handler }
    }

    /// A deletion or another change of state, for people with a session.
    pub const fn delete(path: &'static str, handler: Handler) -> Self {
        Self { verb: Verb::Delete, path, access: Access::Session, handler }
    }

    /// The same for others.
    #[must_use]
    pub const fn open_to(self, access: Access) -> Self {
        Self { access, ..self }
    }
}
