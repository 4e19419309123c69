//! Documents that are written when a transaction ends.
//!
//! SQLite's text index writes what it has gathered to its table at every savepoint, as a segment of its own that
//! is merged with others later. In a transaction of many ([`group`](crate::group)) each works under a savepoint:
//! so what they make findable is put off to the end, and becomes one segment.

use std::cell::RefCell;

use crm_core::{Error, Result};
use diesel::SqliteConnection;
use diesel::connection::{AnsiTransactionManager, TransactionManager};

use crate::Conn;
use crate::text_search::Document;

thread_local! {
    /// What the thread's work has put off; `None` where it puts nothing off.
    static LATER: RefCell<Option<Vec<Document>>> = const { RefCell::new(None) };
}

/// Runs `work`, a part of a transaction; what it made findable comes with its result, still to be written.
pub(crate) fn gathering<T>(work: impl FnOnce() -> T) -> (T, Vec<Document>) {
    /// The thread is used again, also after a panic.
    struct Ended;

    impl Drop for Ended {
        fn drop(&mut self) {
            LATER.take();
        }
    }

    LATER.set(Some(Vec::new()));
    let _ended = Ended;
    let result = work();
    (result, LATER.take().unwrap_or_default())
}

/// Takes the document to be written later; gives it back where it is to be written now.
///
/// # Errors
/// [`Error::Internal`] for a second one of the same row inside a part of the transaction that may be undone alone:
/// which of the two is to stay is not known before that part has ended.
pub(crate) fn put_off(conn: &mut Conn, document: Document) -> Result<Option<Document>> {
    let Conn::Sqlite(conn) = conn else { return Ok(Some(document)) };
    let in_a_part = is_in_a_part(conn);
    LATER.with_borrow_mut(|later| match later {
        Some(later) if in_a_part && later.iter().any(|earlier| earlier.place() == document.place()) => {
            Err(Error::internal("made findable again in a part of a transaction"))
        }
        Some(later) if !in_a_part => {
            later.push(document);
            Ok(None)
        }
        _ => Ok(Some(document)),
    })
}

/// Whether a part of a transaction that can be undone alone is open.
fn is_in_a_part(conn: &mut SqliteConnection) -> bool {
    let status = AnsiTransactionManager::transaction_manager_status_mut(conn);
    status.transaction_depth().ok().flatten().is_some_and(|depth| depth.get() > 1)
}

/// Writes what was put off.
pub(crate) fn write(conn: &mut Conn, mut documents: Vec<Document>) -> Result<()> {
    // In this order the index gathers them all; of two of one row the later stays.
    documents.sort_by_key(Document::place);
    documents.iter().try_for_each(|document| document.write(conn))
}
