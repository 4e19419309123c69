//! Signature and encryption of WeCom's callbacks, receiving side.
//!
//! The signature is the SHA-1 of token, timestamp, nonce and ciphertext, sorted and put together. The
//! ciphertext is base64 of AES-256-CBC; the key is the 43 characters of the EncodingAESKey as base64,
//! its first 16 bytes the initialization vector. Inside are 16 random bytes, the length of the message
//! as four bytes (big end first), the message, and the id of the company it is for, filled up by
//! PKCS#7 to a multiple of 32 bytes.

use aes::Aes256;
use aes::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::NoPadding};
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use cbc::Decryptor;
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

/// WeCom's keys are 43 characters, whose last one carries two bits too many: they need not be zero.
const KEY_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
const KEY_CHARACTERS: usize = 43;
const KEY_BYTES: usize = 32;
const VECTOR_BYTES: usize = 16;
const RANDOM_BYTES: usize = 16;
const LENGTH_BYTES: usize = 4;
/// The padding fills up to a multiple of so many bytes, twice the cipher's own block.
const PADDED_TO: usize = 32;

/// What is needed to read WeCom's callbacks. It tells its secrets to nobody.
#[derive(Clone)]
pub struct Crypto {
    token: String,
    key: [u8; KEY_BYTES],
    corp_id: String,
}

impl std::fmt::Debug for Crypto {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Crypto").field("corp_id", &self.corp_id).finish_non_exhaustive()
    }
}

impl Crypto {
    /// The settings of a callback; `None` when this is no EncodingAESKey.
    pub fn new(token: String, aes_key: &str, corp_id: String) -> Option<Self> {
        let key = if aes_key.len() == KEY_CHARACTERS { KEY_BASE64.decode(aes_key).ok()? } else { return None };
        Some(Self { token, key: key.try_into().ok()?, corp_id })
    }

    /// Whether WeCom signed this. However much of the signature is right, the answer takes as long.
    pub fn is_signed(&self, signature: &str, timestamp: &str, nonce: &str, encrypted: &str) -> bool {
        let mut parts = [self.token.as_str(), timestamp, nonce, encrypted];
        parts.sort_unstable();
        let mut hash = Sha1::new();
        for part in parts {
            hash.update(part.as_bytes());
        }
        let expected: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        bool::from(expected.as_bytes().ct_eq(signature.as_bytes()))
    }

    /// The message in this ciphertext; `None` when it is none, or not for this company.
    pub fn decrypt(&self, encrypted: &str) -> Option<String> {
        let mut bytes = base64::engine::general_purpose::STANDARD.decode(encrypted).ok()?;
        let (vector, _) = self.key.split_at_checked(VECTOR_BYTES)?;
        let cipher = Decryptor::<Aes256>::new_from_slices(&self.key, vector).ok()?;
        let plain = cipher.decrypt_padded::<NoPadding>(&mut bytes).ok()?;
        let content = without_padding(plain)?;
        let (_, rest) = content.split_at_checked(RANDOM_BYTES)?;
        let (length, rest) = rest.split_at_checked(LENGTH_BYTES)?;
        let length = u32::from_be_bytes(length.try_into().ok()?);
        let (message, receiver) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        if receiver != self.corp_id.as_bytes() {
            return None;
        }
        String::from_utf8(message.to_vec()).ok()
    }
}

/// PKCS#7 with blocks of 32: the last byte says how many bytes, all alike, are no content.
fn without_padding(plain: &[u8]) -> Option<&[u8]> {
    let last = *plain.last()?;
    let count = usize::from(last);
    if !(1..=PADDED_TO).contains(&count) {
        return None;
    }
    let (content, padding) = plain.split_at_checked(plain.len().checked_sub(count)?)?;
    padding.iter().all(|byte| *byte == last).then_some(content)
}
