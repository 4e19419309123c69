//! Requests that are sent again: what a request wrote and what it was answered are kept in one
//! transaction, so that the same request sent again writes nothing and is answered the same, also
//! after a process died between the two.

use crm_core::{Error, Instant, Result, StaffId};
use diesel::prelude::*;

use crate::joined::{Ended, Run, undo};
use crate::schema::retries;
use crate::transaction::finish;
use crate::{Conn, Db, Statement};

/// The header that carries the key, as errors name it.
pub const HEADER: &str = "Idempotency-Key";
/// For how long an answer is kept, in seconds.
const KEPT_FOR: i64 = 24 * 3600;
/// How many rows are forgotten in one transaction.
const BATCH: usize = 1_000;

/// What a request is known by when it is sent again.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who sends it.
    pub staff_id: StaffId,
    /// A hash of the key.
    pub key_hash: String,
    /// A hash of all that must be the same.
    pub request_hash: String,
}

/// What became of a request.
#[derive(Debug)]
pub enum Once<T> {
    /// It was done now.
    Now(T),
    /// It had been done before, and was answered this.
    Before(String),
}

impl Db {
    /// Does `work` once: its writes are one transaction, and `answer` of its result is kept in it. When
    /// the same request was done before, what was kept then is returned instead, and when it is being
    /// done at this moment by another thread or process, that one is waited for. An answer under which
    /// nothing was written is not kept, and neither is a failure: the request runs again.
    ///
    /// `work` must use this database on this thread alone.
    ///
    /// # Errors
    /// [`Error::Conflict`] for another request under the same key, [`Error::Unavailable`] when the one
    /// who is at it takes too long; what `work` returns, with nothing written.
    pub fn once<T>(
        &self,
        request: &Request,
        work: impl FnOnce() -> Result<T>,
        answer: impl FnOnce(&T) -> &[u8],
    ) -> Result<Once<T>> {
        if let Some(before) = self.kept(request)? {
            return Ok(Once::Before(before));
        }
        let run = Run::start(self, request);
        let result = work();
        match (run.end(), result) {
            (Ended::Lost, _) => self.kept(request)?.map(Once::Before).ok_or(Error::Unavailable),
            (Ended::Nothing, Ok(value)) => Ok(Once::Now(value)),
            (Ended::Broken, Ok(_)) => Err(Error::Unavailable),
            (Ended::Written(mut lent), Ok(value)) => {
                let kept = keep(lent.conn(), request, answer(&value));
                let result = finish(lent.conn(), kept);
                lent.settle(&result);
                result.map(|()| Once::Now(value))
            }
            (ended, Err(error)) => {
                if let Ended::Written(lent) = ended {
                    undo(lent);
                }
                self.done_meanwhile(request, error)
            }
        }
    }

    /// What another has just done may be the reason why this one failed.
    fn done_meanwhile<T>(&self, request: &Request, error: Error) -> Result<Once<T>> {
        if matches!(error, Error::Unavailable | Error::Internal(_)) {
            return Err(error);
        }
        match self.kept(request) {
            Ok(Some(before)) => Ok(Once::Before(before)),
            _ => Err(error),
        }
    }

    fn kept(&self, request: &Request) -> Result<Option<String>> {
        let since = oldest(self.now());
        let found: Option<(String, String)> = self.read(|conn| {
            Ok(retries::table
                .filter(retries::staff_id.eq(request.staff_id.0).and(retries::key_hash.eq(&request.key_hash)))
                .filter(retries::created_at.gt(since))
                .select((retries::request_hash, retries::answer))
                .first(conn)
                .optional()?)
        })?;
        match found {
            Some((hash, _)) if hash != request.request_hash => {
                Err(Error::conflict(HEADER, "Idempotency-Key已用于另一个请求"))
            }
            found => Ok(found.map(|(_, answer)| answer)),
        }
    }

    /// Forgets answers that are no longer given. For a background task.
    ///
    /// # Errors
    /// What the database answers.
    pub fn forget_retries(&self) -> Result<usize> {
        let until = oldest(self.now());
        let mut forgotten = 0usize;
        loop {
            let batch = self.write(|conn| {
                let old: Vec<i64> = retries::table
                    .filter(retries::created_at.le(until))
                    .order(retries::created_at)
                    .limit(i64::try_from(BATCH).unwrap_or(i64::MAX))
                    .select(retries::id)
                    .load(conn)?;
                // One that was taken again meanwhile is not old any more.
                let old = retries::table.filter(retries::id.eq_any(old)).filter(retries::created_at.le(until));
                Ok(diesel::delete(old).execute(conn)?)
            })?;
            forgotten = forgotten.saturating_add(batch);
            if batch < BATCH {
                return Ok(forgotten);
            }
        }
    }
}

fn oldest(now: Instant) -> Instant {
    now.plus_seconds(-KEPT_FOR)
}

/// Takes the key, unless somebody has it: one who has not committed yet is waited for.
pub(crate) fn claim(conn: &mut Conn, request: &Request, now: Instant) -> Result<bool> {
    let taken = Statement::of(
        "INSERT INTO retries (staff_id, key_hash, request_hash, answer, created_at) VALUES (?, ?, ?, '', ?) \
         ON CONFLICT (staff_id, key_hash) DO UPDATE SET request_hash = excluded.request_hash, \
         created_at = excluded.created_at WHERE retries.created_at <= ?",
    )
    .int(request.staff_id.0)
    .text(&request.key_hash)
    .text(&request.request_hash)
    .instant(now)
    .instant(oldest(now))
    .execute(conn)?;
    Ok(taken == 1)
}

fn keep(conn: &mut Conn, request: &Request, answer: &[u8]) -> Result<()> {
    let answer = std::str::from_utf8(answer).map_err(Error::internal)?;
    let of = retries::staff_id.eq(request.staff_id.0).and(retries::key_hash.eq(&request.key_hash));
    match diesel::update(retries::table.filter(of)).set(retries::answer.eq(answer)).execute(conn)? {
        1 => Ok(()),
        _ => Err(Error::internal("the key of a request is not in its transaction")),
    }
}
