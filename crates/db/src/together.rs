//! Reads of one thread that belong together.

use std::cell::RefCell;

use crm_core::Error;
use diesel::RunQueryDsl;

use crate::lender::Lent;
use crate::{Conn, Db, Engine, Statement};

thread_local! {
    /// The connection the thread has taken; `None` in it where there was none to be had.
    static TAKEN: RefCell<Option<(Db, Option<Lent>)>> = const { RefCell::new(None) };
}

impl Db {
    /// Runs `work`, whose reads on this thread see one state of the database on SQLite: they use one connection, and
    /// SQLite's locks are taken and given back once and not for each of them. Where no connection is free in time
    /// they are all [`Error::Unavailable`]. On PostgreSQL `work` runs as it would by itself.
    pub fn together<T>(&self, work: impl FnOnce() -> T) -> T {
        /// The connection goes back, also after a panic.
        struct GivenBack;

        impl Drop for GivenBack {
            fn drop(&mut self) {
                if let Some((_, Some(mut lent))) = TAKEN.take()
                    && Statement::of("COMMIT").execute(lent.conn()).is_err()
                {
                    lent.discard();
                }
            }
        }

        if self.engine() != Engine::Sqlite {
            return work();
        }
        TAKEN.set(Some((self.clone(), self.begun())));
        let _given_back = GivenBack;
        work()
    }

    fn begun(&self) -> Option<Lent> {
        let mut lent = self.reader().lend().ok()?;
        match Statement::of("BEGIN").execute(lent.conn()) {
            Ok(_) => Some(lent),
            Err(_) => {
                lent.discard();
                None
            }
        }
    }
}

/// Reads on the connection this thread has taken; gives `work` back where it has none.
pub(crate) fn read<T, W>(db: &Db, work: W) -> Result<crm_core::Result<T>, W>
where
    W: FnOnce(&mut Conn) -> crm_core::Result<T>,
{
    // Taken out meanwhile: a read inside a read is lent a connection of its own.
    let Some((taken, lent)) = TAKEN.take() else { return Err(work) };
    if !taken.is(db) {
        TAKEN.set(Some((taken, lent)));
        return Err(work);
    }
    let Some(mut lent) = lent else {
        TAKEN.set(Some((taken, None)));
        return Ok(Err(Error::Unavailable));
    };
    let result = work(lent.conn());
    lent.settle(&result);
    TAKEN.set(Some((taken, Some(lent))));
    Ok(result)
}
