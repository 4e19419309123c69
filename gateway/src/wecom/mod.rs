//! The WeCom callback: what WeCom tells of the outside contacts of staff.
//!
//! `GET /wecom/callback` answers the check WeCom makes when the address is entered there, `POST` takes
//! events. Both are signed and encrypted as WeCom documents ([`Crypto`]) with the settings
//! `CRM_WECOM_TOKEN`, `CRM_WECOM_AES_KEY` and `CRM_WECOM_CORP_ID`; without them there is no such path.
//! Nothing that comes in here is logged, and old messages are not refused for their age: a replay
//! changes nothing.

mod callback;
mod crypto;
mod message;

use crate::http::{Access, Endpoint};

pub use crypto::Crypto;

/// The endpoints of the callback.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/wecom/callback", callback::echo)
        .open_to(Access::Public)
        .answering_text()
        .says("Answers the check WeCom makes when the address is entered there"),
    Endpoint::post("/wecom/callback", callback::event)
        .open_to(Access::Public)
        .reading_xml()
        .answering_text()
        .says("Takes an event of WeCom's customer contacts"),
];
