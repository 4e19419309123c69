//! `/wecom/callback`.

use crm_core::Error;
use crm_customers::wecom::Received;

use super::Crypto;
use super::message::{self, Message};
use crate::http::{Call, Outcome, Reader, Reply};

/// What a message that is WeCom's, but cannot be read, is answered.
fn unreadable() -> Error {
    Error::invalid("body", "无法解析")
}

/// Without the settings there is no such path.
fn crypto(call: &Call<'_>) -> Result<Crypto, Error> {
    // They were found right at the start.
    call.settings()?.wecom().ok().flatten().ok_or(Error::NotFound("接口"))
}

/// How a message is signed.
struct Signature {
    of: String,
    timestamp: String,
    nonce: String,
}

impl Signature {
    fn read(input: &mut Reader) -> Self {
        let mut parameter = |name| input.text(name).into_value().unwrap_or_default();
        Self { of: parameter("msg_signature"), timestamp: parameter("timestamp"), nonce: parameter("nonce") }
    }

    /// What this message says, if WeCom signed it.
    fn open(&self, crypto: &Crypto, encrypted: &str) -> Result<String, Error> {
        if !crypto.is_signed(&self.of, &self.timestamp, &self.nonce, encrypted) {
            return Err(Error::Forbidden);
        }
        crypto.decrypt(encrypted).ok_or_else(unreadable)
    }
}

/// GET: proves to WeCom that the address is ours, by answering what only we can read.
pub(super) fn echo(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let signature = Signature::read(input);
    let encrypted = input.text("echostr").into_value().unwrap_or_default();
    let crypto = crypto(call)?;
    Ok(Reply::text(signature.open(&crypto, &encrypted)?))
}

/// POST: takes an event in. What is of no concern here, or of nobody here, is acknowledged all the
/// same: WeCom would send it again.
pub(super) fn event(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let signature = Signature::read(input);
    let crypto = crypto(call)?;
    let encrypted = message::encrypted(&call.body).ok_or_else(unreadable)?;
    let text = signature.open(&crypto, &encrypted)?;
    if let Message::Contact(event) = message::read(&text).ok_or_else(unreadable)? {
        let received = call.services()?.wecom_contacts.receive(&event)?;
        if received == Received::UnknownPerson {
            tracing::warn!("a WeCom event names a member of staff nobody here has as wecom_userid; it is ignored");
        }
    }
    Ok(Reply::text("success"))
}
