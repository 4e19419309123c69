//! The `Idempotency-Key` of a request, and what must be the same when it is sent again.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};

use actix_web::HttpRequest;
use crm_core::{Error, StaffId};
use crm_db::retry::{HEADER, Request};
use sha2::{Digest, Sha256};

use super::{Params, Raw};

/// The header of an answer that was given before.
pub(crate) const REPEATED: &str = "idempotency-replayed";
/// How long a key may be.
const KEY_MAX: usize = 255;

/// A key, and the request it came with but for its parameters.
pub(super) struct Sent {
    key: String,
    method: String,
    path: String,
}

impl Sent {
    /// The key of a request, if it has one.
    pub(super) fn of(request: &HttpRequest) -> Option<Result<Self, Error>> {
        let mut sent = request.headers().get_all(HEADER);
        let first = sent.next()?;
        let key = std::str::from_utf8(first.as_bytes()).unwrap_or_default();
        let is_key = !key.is_empty() && key.len() <= KEY_MAX && key.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_key || sent.next().is_some() {
            return Some(Err(Error::invalid(HEADER, "应为1到255个可见ASCII字符,且只出现一次")));
        }
        let (method, path) = (request.method().to_string(), request.path().to_owned());
        Some(Ok(Self { key: key.to_owned(), method, path }))
    }

    /// The request as it is known when this person sends it again with the same parameters, in whatever
    /// order their names come, and with the same file. Passwords are left out: nothing that is made of
    /// one is kept.
    ///
    /// # Errors
    /// [`Error::Internal`] for a file that cannot be read.
    pub(super) fn by(self, staff_id: StaffId, params: &Params, file: Option<&mut File>) -> Result<Request, Error> {
        let mut sent: Vec<(&str, bool, &Raw)> = params.all().filter(|(name, ..)| !name.ends_with("password")).collect();
        sent.sort_by_key(|(name, ..)| *name);
        let mut hash = Sha256::new();
        // Salted with the key, which is not stored: what was sent cannot be guessed from the hash.
        for part in [&self.key, &self.method, &self.path] {
            add(&mut hash, part);
        }
        for (name, is_array, value) in sent {
            add(&mut hash, name);
            if is_array {
                hash.update([2]);
            }
            match value {
                Raw::Text(text) => add(&mut hash, text),
                Raw::Json(value) => {
                    hash.update([1]);
                    add(&mut hash, &value.to_string());
                }
            }
        }
        if let Some(file) = file {
            add(&mut hash, &digest(file).map_err(Error::internal)?);
        }
        let key_hash = hex(&Sha256::digest(&self.key));
        Ok(Request { staff_id, key_hash, request_hash: hex(&hash.finalize()) })
    }
}

/// The hash of what is in a file, which is left at its start.
fn digest(file: &mut File) -> std::io::Result<String> {
    let mut hash = Sha256::new();
    file.seek(SeekFrom::Start(0))?;
    let mut pieces = BufReader::with_capacity(64 << 10, &mut *file);
    loop {
        let piece = pieces.fill_buf()?;
        if piece.is_empty() {
            break;
        }
        hash.update(piece);
        let read = piece.len();
        pieces.consume(read);
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(hex(&hash.finalize()))
}

/// With its length, so that two parts cannot be taken for one.
fn add(hash: &mut Sha256, part: &str) {
    hash.update(part.len().to_string());
    hash.update([0]);
    hash.update(part);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
