//! Reading where one is.
//!
//! To hand a request to a thread that may block, and its answer back, costs more than to read one record of an
//! embedded database. So what reads a record and no more can be done on a thread that must not wait, if a
//! connection is free in this moment.

use std::cell::RefCell;

use diesel::RunQueryDsl;

use crate::lender::Lent;
use crate::{Conn, Db, Engine, Statement};

thread_local! {
    static TAKEN: RefCell<Option<(Db, Lent)>> = const { RefCell::new(None) };
}

impl Db {
    /// Runs `work`, all of whose reads see one state of the database, use one connection and never wait for one.
    /// Gives it back undone where that is not to be had: on PostgreSQL, which is another process, and while all
    /// connections are lent.
    ///
    /// # Errors
    /// `work` itself, which has not been run.
    pub fn at_once<T, W: FnOnce() -> T>(&self, work: W) -> Result<T, W> {
        /// The connection goes back, also after a panic.
        struct GivenBack;

        impl Drop for GivenBack {
            fn drop(&mut self) {
                if let Some((_, mut lent)) = TAKEN.take()
                    && Statement::of("COMMIT").execute(lent.conn()).is_err()
                {
                    lent.discard();
                }
            }
        }

        if self.engine() != Engine::Sqlite {
            return Err(work);
        }
        let Some(mut lent) = self.reader().try_lend() else { return Err(work) };
        // To take and give back SQLite's locks for each statement is a tenth of what a record costs.
        if Statement::of("BEGIN").execute(lent.conn()).is_err() {
            lent.discard();
            return Err(work);
        }
        TAKEN.set(Some((self.clone(), lent)));
        let _given_back = GivenBack;
        Ok(work())
    }
}

/// Reads on the connection this thread has taken; gives `work` back where it has none.
pub(crate) fn read<T, W>(db: &Db, work: W) -> Result<crm_core::Result<T>, W>
where
    W: FnOnce(&mut Conn) -> crm_core::Result<T>,
{
    // Taken out meanwhile: a read inside a read is lent a connection of its own.
    let Some((taken, mut lent)) = TAKEN.take() else { return Err(work) };
    if !taken.is(db) {
        TAKEN.set(Some((taken, lent)));
        return Err(work);
    }
    let result = work(lent.conn());
    lent.settle(&result);
    TAKEN.set(Some((taken, lent)));
    Ok(result)
}
