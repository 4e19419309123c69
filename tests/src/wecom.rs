//! WeCom's side of its callback, written from the published description and not from the gateway's own
//! code: how it signs and encrypts what it sends.

use aes::Aes256;
use aes::cipher::{BlockModeEncrypt, KeyIvInit, block_padding::NoPadding};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha1::{Digest, Sha1};

use crate::query;

/// The token of the callback in tests.
pub const TOKEN: &str = "QDG6eK";
/// Its EncodingAESKey; the last character carries stray bits.
pub const AES_KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
/// The company.
pub const CORP_ID: &str = "wx5823bf96d3bd56c7";

/// A message as WeCom would send it.
pub struct Sealed {
    /// The ciphertext.
    pub encrypted: String,
    /// The query that goes with it, without a ciphertext.
    pub query: String,
}

/// Encrypts a message for this receiver, and signs it.
pub fn seal_for(receiver: &str, message: &str) -> Sealed {
    sign(&encrypt_text(receiver, message))
}

/// Encrypts a message for this receiver.
pub fn encrypt_text(receiver: &str, message: &str) -> String {
    let mut plain = b"0123456789abcdef".to_vec();
    plain.extend(u32::try_from(message.len()).expect("a short message").to_be_bytes());
    plain.extend(message.as_bytes());
    plain.extend(receiver.as_bytes());
    let padding = 32 - plain.len() % 32;
    plain.resize(plain.len() + padding, u8::try_from(padding).expect("at most 32"));
    encrypt(&plain)
}

/// Encrypts whole blocks as they are.
pub fn encrypt(plain: &[u8]) -> String {
    // The two stray bits of the last character are dropped: 43 characters are 32 bytes and a bit.
    let clean = format!("{}A", &AES_KEY[..42]);
    let mut key = STANDARD_NO_PAD.decode(clean).expect("a key");
    let last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".find(&AES_KEY[42..]).expect("base64");
    key[31] |= u8::try_from(last >> 2).expect("four bits");
    let mut buffer = plain.to_vec();
    let length = buffer.len();
    let cipher = cbc::Encryptor::<Aes256>::new_from_slices(&key, &key[..16]).expect("32 and 16 bytes");
    STANDARD.encode(cipher.encrypt_padded::<NoPadding>(&mut buffer, length).expect("whole blocks"))
}

/// Signs a ciphertext.
pub fn sign(encrypted: &str) -> Sealed {
    let (timestamp, nonce) = ("1409659589", "263014780");
    let mut parts = [TOKEN, timestamp, nonce, encrypted];
    parts.sort_unstable();
    let signature: String = Sha1::digest(parts.concat()).iter().map(|byte| format!("{byte:02x}")).collect();
    let query = query(&[("msg_signature", &signature), ("timestamp", &timestamp), ("nonce", &nonce)]);
    Sealed { encrypted: encrypted.to_owned(), query }
}

/// The body of a callback with this ciphertext.
pub fn body(encrypted: &str) -> String {
    format!(
        "<xml><ToUserName><![CDATA[{CORP_ID}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt>\
         <AgentID><![CDATA[218]]></AgentID></xml>"
    )
}

/// The event of a change of a contact.
pub fn event(change: &str, user: &str, external: &str, time: i64) -> String {
    format!(
        "<xml><ToUserName><![CDATA[{CORP_ID}]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>\
         <CreateTime>{time}</CreateTime><MsgType><![CDATA[event]]></MsgType>\
         <Event><![CDATA[change_external_contact]]></Event><ChangeType><![CDATA[{change}]]></ChangeType>\
         <UserID><![CDATA[{user}]]></UserID><ExternalUserID><![CDATA[{external}]]></ExternalUserID>\
         <State><![CDATA[teststate]]></State><WelcomeCode><![CDATA[WELCOMECODE]]></WelcomeCode></xml>"
    )
}
