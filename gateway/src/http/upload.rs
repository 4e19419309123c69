//! Requests with a file: it goes to a temporary file as it arrives, and its size has its own limit.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpMessage, HttpRequest, web};
use bytes::Bytes;
use crm_core::Error;
use futures_util::StreamExt;
use tokio::sync::mpsc::channel;

use super::{Failure, Params};

/// The largest file.
const FILE_MAX: usize = 20 << 20;
/// The most bytes of all other fields together, names included.
const FIELDS_MAX: usize = 64 << 10;
/// The most fields.
const FIELDS_COUNT_MAX: usize = 100;
/// The largest body: the file, the fields, and what stands around them.
const BODY_MAX: usize = FILE_MAX + (1 << 20);
/// How much the parser may hold back before it has found the end of what it reads: the head of a field. It
/// looks through all of it again with each piece.
const UNREAD_MAX: usize = 1 << 20;
/// The largest file of a request with an `Idempotency-Key`: with its answer, which may have most of it in
/// the file of errors, is kept for a day.
const KEYED_FILE_MAX: usize = 2 << 20;
/// How long a request with a file may take to arrive.
const TIME: Duration = Duration::from_secs(60);
/// The field with the file.
const FIELD: &str = "file";
const BAD: Failure = Failure::Malformed("multipart格式错误");

/// Whether the body is a form that may have a file in it.
pub(super) fn is_form(request: &HttpRequest) -> bool {
    request.content_type().eq_ignore_ascii_case("multipart/form-data")
}

/// The fields of a multipart form, and the file in it.
pub(super) async fn receive(request: &HttpRequest, payload: web::Payload) -> Result<(Params, Option<File>), Failure> {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(content_type).map_err(|_| BAD)?;
    let file_max = if request.headers().contains_key(crm_db::retry::HEADER) { KEYED_FILE_MAX } else { FILE_MAX };
    tokio::time::timeout(TIME, read(payload, boundary, file_max)).await.map_err(|_| Failure::Malformed("请求体超时"))?
}

/// The parser wants a stream that any thread may read, and a body is not one: it is fed through a
/// channel.
async fn read(mut payload: web::Payload, boundary: String, file_max: usize) -> Result<(Params, Option<File>), Failure> {
    let (sender, receiver) = channel::<std::io::Result<Bytes>>(2);
    let unread = Unread::default();
    let fed = unread.clone();
    let feed = async move {
        let mut size = 0;
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| std::io::Error::other("the body is incomplete")).and_then(|chunk| {
                size += chunk.len();
                let is_fine = size <= BODY_MAX && fed.add(chunk.len());
                is_fine.then_some(chunk).ok_or_else(|| std::io::Error::other("the body is too large"))
            });
            let is_last = chunk.is_err();
            if sender.send(chunk).await.is_err() || is_last {
                break;
            }
        }
        payload
    };
    let chunks = futures_util::stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|chunk| (chunk, receiver))
    });
    let (payload, outcome) =
        futures_util::future::join(feed, parse(multer::Multipart::new(chunks, boundary), &unread, file_max)).await;
    if outcome.is_err() {
        discard(payload).await;
    }
    outcome
}

/// How much has been given to the parser since it last gave something back.
#[derive(Clone, Default)]
struct Unread(Arc<AtomicUsize>);

impl Unread {
    /// Whether the parser may be given so much more.
    fn add(&self, bytes: usize) -> bool {
        self.0.fetch_add(bytes, Ordering::Relaxed) + bytes <= UNREAD_MAX
    }

    fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

async fn parse(
    mut form: multer::Multipart<'_>,
    unread: &Unread,
    file_max: usize,
) -> Result<(Params, Option<File>), Failure> {
    let (mut fields, mut size, mut file) = (Vec::new(), 0, None);
    while let Some(mut field) = form.next_field().await.map_err(|_| BAD)? {
        unread.clear();
        let name = field.name().ok_or(BAD)?.to_owned();
        size += name.len();
        if size > FIELDS_MAX || fields.len() >= FIELDS_COUNT_MAX {
            return Err(Failure::PayloadTooLarge);
        }
        if field.file_name().is_some() || name == FIELD {
            if name != FIELD || file.is_some() {
                return Err(Failure::Malformed("应有一个文件,字段名file"));
            }
            file = Some(store(&mut field, unread, file_max).await?);
            continue;
        }
        let mut value = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(|_| BAD)? {
            unread.clear();
            size += chunk.len();
            if size > FIELDS_MAX {
                return Err(Failure::PayloadTooLarge);
            }
            value.extend_from_slice(&chunk);
        }
        fields.push((name, String::from_utf8(value).map_err(|_| Failure::Malformed("不是有效的UTF-8"))?));
    }
    Ok((Params::from_fields(fields), file))
}

/// Small pieces into the cache of the system: written where they are read.
async fn store(field: &mut multer::Field<'_>, unread: &Unread, file_max: usize) -> Result<File, Failure> {
    let mut file = tempfile::tempfile().map_err(full)?;
    let mut size = 0usize;
    while let Some(chunk) = field.chunk().await.map_err(|_| BAD)? {
        unread.clear();
        size += chunk.len();
        if size > file_max {
            return Err(Failure::PayloadTooLarge);
        }
        file.write_all(&chunk).map_err(full)?;
    }
    file.seek(SeekFrom::Start(0)).map_err(full)?;
    Ok(file)
}

/// A disk that is full is no defect: it is told as the database's would be.
fn full(error: std::io::Error) -> Failure {
    tracing::error!(%error, "an upload could not be stored");
    Error::Unavailable.into()
}

/// Reads a body that nobody wants, so that the client gets to read why.
pub(super) async fn discard(mut payload: web::Payload) {
    let drained = async {
        let mut size = 0;
        while let Some(Ok(chunk)) = payload.next().await {
            size += chunk.len();
            if size > 2 * FILE_MAX {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(15), drained).await;
}
