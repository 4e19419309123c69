//! Moves SQLite's journal into the database while others write.
//!
//! Whoever commits when the journal has become long moves it: in a large database that is thousands of pages far
//! from each other, and all who want to write wait for the disk. So a thread of its own moves what there is every
//! few hundred pages, beside the writers, and little is left for them to do.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use crm_core::Result;
use diesel::prelude::*;
use diesel::sql_types::Integer;

use crate::{Conn, Statement};

/// How often the journal is looked at while somebody writes …
const OFTEN: Duration = Duration::from_millis(25);
/// … and how often it is asked whether somebody does.
const SELDOM: Duration = Duration::from_millis(250);
/// How many pages of it are worth a sync of the database.
const PAGES: i32 = 1_000;

/// The thread; it ends when this is dropped.
pub(crate) struct Mover {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Mover {
    /// Starts it on a connection of its own. `commits` counts what is written.
    pub(crate) fn start(mut conn: Conn, commits: impl Fn() -> u64 + Send + 'static) -> Self {
        let (stop, stopped) = mpsc::channel::<()>();
        let work = move || {
            let (mut seen, mut pause) = (0, SELDOM);
            while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                let now = commits();
                pause = if now == seen { SELDOM } else { OFTEN };
                if now == seen {
                    continue;
                }
                seen = now;
                // What is not moved now is moved later, by this thread or by whoever commits.
                if let Err(error) = move_some(&mut conn) {
                    tracing::debug!(%error, "the journal was not moved");
                }
            }
        };
        // Without the thread all is as without this module.
        let thread = std::thread::Builder::new().name("journal".to_owned()).spawn(work).ok();
        Self { stop: Some(stop), thread }
    }
}

impl Drop for Mover {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn move_some(conn: &mut Conn) -> Result<()> {
    type Types = (Integer, Integer, Integer);
    let ask = |conn: &mut Conn, statement: &'static str| -> Result<(i32, i32, i32)> {
        Ok(Statement::of(statement).rows::<Types>().get_result(conn)?)
    };
    let (_, pages, moved) = ask(conn, "PRAGMA wal_checkpoint(NOOP)")?;
    if pages - moved >= PAGES {
        ask(conn, "PRAGMA wal_checkpoint(PASSIVE)")?;
    }
    Ok(())
}
