//! What every dialect shares: from a request to a call, and from an outcome to a response.

mod call;
mod client;
pub mod dispatch;
mod endpoint;
mod failure;
mod origin;
mod params;
mod reader;

pub use call::{Call, CookieChange, Outcome, Reply};
pub use endpoint::{Access, Endpoint, FailureBody, Handler, Verb};
pub use failure::{Failure, status};
pub use params::{Params, Raw};
pub use reader::{OneOrSeveral, Reader};

/// The name of the session cookie.
pub const SESSION_COOKIE: &str = "crm_session";
