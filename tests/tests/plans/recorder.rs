//! The SQL that a database is sent, as it is sent.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crm_db::{Conn, Db, Engine};
use diesel::Connection;
use diesel::connection::InstrumentationEvent;

/// Every distinct text, and what was being asked when it was first sent.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<Recorded>>);

#[derive(Default)]
struct Recorded {
    request: String,
    texts: BTreeMap<String, String>,
}

impl Recorder {
    /// Records what all connections of this database are sent from here on.
    pub fn of(db: &Db) -> Self {
        let recorder = Self::default();
        let readers = db.pools().into_iter().map(|pool| pool.max).max().unwrap_or(1);
        recorder.listen(db, readers);
        if db.engine() == Engine::Sqlite {
            db.write(|conn| {
                recorder.attach(conn);
                Ok(())
            })
            .expect("the writer is there");
        }
        recorder
    }

    /// Takes so many connections at once, which are then all there are.
    fn listen(&self, db: &Db, connections: u32) {
        db.read(|conn| {
            self.attach(conn);
            if connections > 1 {
                self.listen(db, connections - 1);
            }
            Ok(())
        })
        .expect("a connection is there");
    }

    fn attach(&self, conn: &mut Conn) {
        let recorded = Arc::clone(&self.0);
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                let text = query.to_string();
                let text = text.split(" -- binds:").next().unwrap_or_default().trim().to_owned();
                let mut recorded = recorded.lock().unwrap_or_else(PoisonError::into_inner);
                let request = recorded.request.clone();
                recorded.texts.entry(text).or_insert(request);
            }
        });
    }

    /// What is sent from here on is for this.
    pub fn asking(&self, request: &str) {
        request.clone_into(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).request);
    }

    /// The queries and changes that were sent, and for what. New rows are not among them: SQLite explains what
    /// it would look for if a constraint waited for the end of the transaction, which none does.
    pub fn texts(&self) -> Vec<(String, String)> {
        let is_planned = |text: &str| {
            ["SELECT", "UPDATE", "DELETE", "WITH"].iter().any(|word| text.starts_with(word))
                || (text.starts_with("INSERT") && text.contains("SELECT"))
        };
        let recorded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let planned = recorded.texts.iter().filter(|(text, _)| is_planned(text));
        planned.map(|(text, request)| (text.clone(), request.clone())).collect()
    }
}
