//! Answers that are written while they are sent: exports, and reports with a file in them. Memory
//! holds a few pieces, however long the answer.

use std::io::{Error as IoError, ErrorKind, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use actix_web::rt::task::spawn_blocking;
use actix_web::{HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use crm_core::{Error, Result, StaffId};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// How much is collected before it is sent.
const PIECE: usize = 16 << 10;
/// How many pieces may wait for the client.
const WAITING: usize = 4;
/// How long one piece may wait for a client that reads slowly: the system holds some megabytes back before it
/// takes more. One that takes nothing at all is cut off by the system long before.
const PATIENCE: Duration = Duration::from_secs(120);

/// What writes an answer, on a thread that may block.
pub type Produce = Box<dyn FnOnce(&mut dyn Write) -> Result<()> + Send>;

/// An answer that is written while it is sent. One that fails on the way ends without its end, which
/// the client sees.
pub struct Download {
    /// What it is.
    pub media_type: &'static str,
    /// As what a browser saves it; `None`: it shows it.
    pub file_name: Option<String>,
    /// Whether it says that the request failed: 400.
    pub is_refusal: bool,
    /// Writes it.
    pub produce: Produce,
}

impl std::fmt::Debug for Download {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Download").field("media_type", &self.media_type).finish_non_exhaustive()
    }
}

/// A few places for what takes long, of which one person may take half.
#[derive(Clone, Debug)]
pub struct Places {
    most: usize,
    taken: Arc<Mutex<Vec<StaffId>>>,
}

impl Places {
    /// So many places.
    pub fn new(most: usize) -> Self {
        Self { most, taken: Arc::default() }
    }

    /// Takes a place for this person.
    ///
    /// # Errors
    /// [`Error::TooManyRequests`] when all are taken, or half of them by this person.
    pub fn take(&self, person: StaffId) -> Result<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.iter().filter(|holder| **holder == person).count();
        if taken.len() >= self.most || own >= self.most.div_ceil(2) {
            return Err(Error::TooManyRequests { retry_after: 5 });
        }
        taken.push(person);
        Ok(Place { of: self.clone(), person })
    }
}

/// One of [`Places`]; given back when dropped.
#[derive(Debug)]
pub struct Place {
    of: Places,
    person: StaffId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.of.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = taken.iter().position(|holder| *holder == self.person) {
            taken.swap_remove(place);
        }
    }
}

/// Begins to answer.
pub(super) fn respond(download: Download, status: StatusCode) -> HttpResponse {
    let (sender, receiver) = channel(WAITING);
    let span = tracing::Span::current();
    drop(spawn_blocking(move || span.in_scope(|| produce(download.produce, sender))));
    let mut response = HttpResponse::build(status);
    head(&mut response, download.media_type, download.file_name.as_deref());
    response.streaming(futures_util::stream::unfold(receiver, next))
}

async fn next(mut receiver: Receiver<Piece>) -> Option<(Piece, Receiver<Piece>)> {
    receiver.recv().await.map(|piece| (piece, receiver))
}

fn head(response: &mut HttpResponseBuilder, media_type: &str, file_name: Option<&str>) {
    response
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if let Some(name) = file_name {
        response.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
    }
}

type Piece = std::io::Result<Bytes>;

fn produce(produce: Produce, sender: Sender<Piece>) {
    let mut out = Pieces { sender: sender.clone(), buffer: Vec::with_capacity(PIECE), is_gone: false };
    if let Err(error) = produce(&mut out).and_then(|()| out.flush().map_err(Error::internal)) {
        if out.is_gone {
            tracing::info!("the client left before the end of the answer");
            return;
        }
        tracing::error!(%error, cause = ?std::error::Error::source(&error), "an answer ended before its end");
        // The connection is cut: an answer without its end must not look like one with it.
        let _ = sender.blocking_send(Err(IoError::new(ErrorKind::BrokenPipe, "failed")));
    }
}

/// Sends what is written, piece by piece, and waits for the client.
struct Pieces {
    sender: Sender<Piece>,
    buffer: Vec<u8>,
    is_gone: bool,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::replace(&mut self.buffer, Vec::with_capacity(PIECE)));
        let sent =
            Handle::current().block_on(async { tokio::time::timeout(PATIENCE, self.sender.send(Ok(piece))).await });
        match sent {
            Ok(Ok(())) => Ok(()),
            _ => {
                self.is_gone = true;
                Err(IoError::new(ErrorKind::BrokenPipe, "the client is gone"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_leaves_places_to_others() {
        let places = Places::new(4);
        let (one, other) = (StaffId(1), StaffId(2));
        let held = [places.take(one), places.take(one)].map(|place| place.expect("a place"));
        assert!(places.take(one).is_err());
        let last = [places.take(other), places.take(other)].map(|place| place.expect("a place"));
        assert!(places.take(StaffId(3)).is_err(), "all are taken");
        drop(held);
        assert!(places.take(other).is_err(), "their own are still taken");
        drop(last);
        assert!(places.take(one).is_ok() && places.take(other).is_ok());
    }
}
