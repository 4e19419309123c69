//! A limit on what is read between two marks and on what is read at all: one record of a CSV file or
//! one element of XML must not fill the memory, nor a small archive unfold into a huge one. Nor is
//! anything read on for which nobody waits any more.

use std::cell::Cell;
use std::io::{Error, ErrorKind, Read};
use std::rc::Rc;

use crate::until::nobody_waits;

/// How much has been read since the last mark.
#[derive(Clone, Debug, Default)]
pub(super) struct Mark(Rc<Cell<u64>>);

impl Mark {
    /// What was read so far is done with.
    pub(super) fn reset(&self) {
        self.0.set(0);
    }
}

/// Reads on, and fails where a limit is passed.
#[derive(Debug)]
pub(super) struct Meter<R> {
    inner: R,
    mark: Mark,
    piece_max: u64,
    left: u64,
}

/// Why reading failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Over {
    /// One piece is too long.
    #[error("one piece is too long")]
    Piece,
    /// All of it is too long.
    #[error("the whole is too long")]
    Whole,
    /// Nobody waits for it any more.
    #[error("time is up")]
    Late,
}

/// Fails when nobody waits any more.
pub(super) fn in_time() -> std::io::Result<()> {
    if nobody_waits() { Err(Error::new(ErrorKind::TimedOut, Over::Late)) } else { Ok(()) }
}

impl<R> Meter<R> {
    pub(super) fn new(inner: R, piece_max: u64, whole_max: u64) -> (Self, Mark) {
        let mark = Mark::default();
        (Self { inner, mark: mark.clone(), piece_max, left: whole_max }, mark)
    }

    fn count(&mut self, read: usize) -> std::io::Result<()> {
        let read = u64::try_from(read).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(read).ok_or_else(|| Error::new(ErrorKind::InvalidData, Over::Whole))?;
        let piece = self.mark.0.get().saturating_add(read);
        self.mark.0.set(piece);
        if piece > self.piece_max { Err(Error::new(ErrorKind::InvalidData, Over::Piece)) } else { Ok(()) }
    }
}

impl<R: Read> Read for Meter<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        in_time()?;
        let read = self.inner.read(into)?;
        self.count(read)?;
        Ok(read)
    }
}
