//! What every dialect shares: from a request to a call, and from an outcome to a response.

mod call;
pub(crate) mod client;
pub mod dispatch;
mod download;
mod endpoint;
mod failure;
mod incoming;
mod origin;
mod params;
mod reader;
mod readers;
mod retry;
mod upload;

pub use call::{Call, CookieChange, Outcome, Reply};
pub use download::{Download, Place, Places, Produce};
pub use endpoint::{Access, Answer, Endpoint, FailureBody, Handler, Header, SchemaOf, Verb};
pub use failure::{Failure, status};
pub use params::{Params, Raw};
pub use reader::{Kind, OneOrSeveral, Parameter, Reader};
pub use readers::Readers;
pub(crate) use retry::REPEATED;

/// The name of the session cookie.
pub const SESSION_COOKIE: &str = "crm_session";
