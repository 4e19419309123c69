//! Answers that are written while they are sent: exports, and reports with a file in them. Memory
//! holds a few pieces, however long the answer.

use std::io::{Error as IoError, ErrorKind, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use actix_web::rt::task::spawn_blocking;
use actix_web::{HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use crm_core::{Error, Result};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// How much is collected before it is sent.
const PIECE: usize = 16 << 10;
/// How many pieces may wait for the client.
const WAITING: usize = 4;
/// How long one piece may wait for a client that does not read.
const PATIENCE: Duration = Duration::from_secs(30);

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

/// One of a few places for what takes long; given back when dropped.
#[derive(Debug)]
pub struct Place(&'static AtomicUsize);

impl Place {
    /// Takes a place among so many.
    ///
    /// # Errors
    /// [`Error::TooManyRequests`] when all are taken.
    pub fn take(taken: &'static AtomicUsize, most: usize) -> Result<Self> {
        if taken.fetch_add(1, Ordering::Relaxed) >= most {
            taken.fetch_sub(1, Ordering::Relaxed);
            return Err(Error::TooManyRequests { retry_after: 5 });
        }
        Ok(Self(taken))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
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
