//! Reads of one thread that belong together.

use std::cell::RefCell;

use diesel::RunQueryDsl;

use crate::lender::Lent;
use crate::{Conn, Db, Engine, Statement};

thread_local! {
    static TAKEN: RefCell<Option<(Db, Lent)>> = const { RefCell::new(None) };
}

impl Db {
    /// Runs `work`, whose reads on this thread see one state of the database on SQLite: they use one connection, and
    /// SQLite's locks are taken and given back once and not for each of them. On PostgreSQL, and where there is
    /// no connection, `work` runs as it would by itself.
    pub fn together<T>(&self, work: impl FnOnce() -> T) -> T {
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
            return work();
        }
        let Ok(mut lent) = self.reader().lend() else { return work() };
        if Statement::of("BEGIN").execute(lent.conn()).is_err() {
            lent.discard();
            return work();
        }
        TAKEN.set(Some((self.clone(), lent)));
        let _given_back = GivenBack;
        work()
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
