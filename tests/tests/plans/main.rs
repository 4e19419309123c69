//! No request makes a database read a whole table that grows: every statement the application sends is
//! explained on the engine it was sent to.
//!
//! SQLite plans without statistics here as everywhere, so its plans are those of a database of any size.
//! PostgreSQL is asked whether there is a way other than reading the table: for the values not known and
//! with such a read as the last resort.

mod plan;
mod recorder;
mod requests;

use std::collections::HashSet;
use std::sync::Mutex;

use crm_db::Engine;
use crm_tests::{on_each_engine_with, story};

use plan::Planner;
use recorder::Recorder;

/// Statements that have to read all of a table.
struct Whole {
    table: &'static str,
    /// A part of their text by which they are known. Quotes are left out; a text ends with a line break.
    part: &'static str,
    /// Where they do.
    engines: &'static [Engine],
    #[allow(dead_code, reason = "for the reader")]
    reason: &'static str,
}

const SQLITE: &[Engine] = &[Engine::Sqlite];
const POSTGRES: &[Engine] = &[Engine::Postgres];
const BOTH: &[Engine] = &[Engine::Sqlite, Engine::Postgres];

const POOL: &str = "the customers in the pool are everybody's: what a scope shows is a large part of all";
const SETS: &str = "PostgreSQL joins no indexes for several sets of ids";
const TOTAL: &str = "an exact total that is not kept, asked for seldom or of a small table";
const DELETED: &str = "few are deleted, and one index finds those";

const WHOLE: &[Whole] = &[
    Whole {
        table: "customers",
        part: "(customers.owner_id IS NULL AND customers.status <> -1)",
        engines: POSTGRES,
        reason: SETS,
    },
    Whole {
        table: "organizations",
        part: "JOIN customers ON customers.id = l.customer_id",
        engines: BOTH,
        reason: POOL,
    },
    Whole {
        table: "contracts",
        part: "EXISTS (SELECT 1 FROM contracts c WHERE c.organization_id",
        engines: POSTGRES,
        reason: SETS,
    },
    Whole {
        table: "customer_events",
        part: "customer_events.from_owner_id IN (SELECT",
        engines: POSTGRES,
        reason: SETS,
    },
    Whole {
        table: "customer_events",
        part: "customer_events.customer_id IN (SELECT customers.id",
        engines: POSTGRES,
        reason: SETS,
    },
    Whole {
        table: "customers",
        part: "FROM customers WHERE customers.status = -1 ORDER BY",
        engines: SQLITE,
        reason: DELETED,
    },
    Whole {
        table: "organizations",
        part: "FROM organizations WHERE (organizations.status = ?)\n",
        engines: SQLITE,
        reason: DELETED,
    },
    Whole { table: "wecom_contacts", part: "FROM wecom_contacts\n", engines: BOTH, reason: TOTAL },
    Whole {
        table: "wecom_contacts",
        part: "FROM wecom_contacts WHERE ((wecom_contacts.status != -1) AND (wecom_contacts.lost_at IS",
        engines: SQLITE,
        reason: TOTAL,
    },
    Whole {
        table: "wecom_contacts",
        part: "FROM wecom_contacts WHERE status <> -1 AND lost_at IS NULL)\n",
        engines: SQLITE,
        reason: TOTAL,
    },
    Whole { table: "customer_events", part: "FROM customer_events\n", engines: BOTH, reason: TOTAL },
    Whole { table: "audit", part: "FROM audit\n", engines: BOTH, reason: TOTAL },
    Whole { table: "audit", part: "FROM audit WHERE (audit.action = ", engines: BOTH, reason: TOTAL },
    Whole { table: "audit", part: "FROM audit WHERE (audit.record_id = ", engines: SQLITE, reason: TOTAL },
];

#[test]
fn no_statement_reads_a_whole_table_that_grows() {
    let asked = Mutex::new(HashSet::new());
    let needed = Mutex::new(HashSet::new());
    let failed = Mutex::new(Vec::new());
    on_each_engine_with(story::FLAGS, |server| {
        let recorder = Recorder::of(&server.database.db);
        let succeeded = requests::send_all(server, &recorder);
        assert!(succeeded > 500, "{succeeded} requests of lists succeeded");
        let texts = recorder.texts();
        let changes = texts.iter().filter(|(text, _)| !text.starts_with("SELECT")).count();
        println!("{} statements, {changes} of them change something; {succeeded} lists", texts.len());
        assert!(texts.len() > 500 && changes > 30, "{} statements, {changes} that change something", texts.len());
        let engine = server.database.db.engine();
        asked.lock().expect("one thread").insert(engine);
        let mut planner = Planner::of(engine, &server.database.url);
        for (text, request) in &texts {
            let plain = text.replace(['`', '"'], "") + "\n";
            for read in planner.whole_reads(text) {
                let is_known = |whole: &Whole| {
                    whole.table == read.table && whole.engines.contains(&engine) && plain.contains(whole.part)
                };
                let known: Vec<(Engine, usize)> =
                    (0..WHOLE.len()).filter(|index| is_known(&WHOLE[*index])).map(|index| (engine, index)).collect();
                if known.is_empty() {
                    failed.lock().expect("one thread").push(format!("{request}\n  {plain}  {}", read.words));
                }
                needed.lock().expect("one thread").extend(known);
            }
        }
    });
    let failed = failed.into_inner().expect("one thread");
    assert!(failed.is_empty(), "{} read whole tables:\n{}", failed.len(), failed.join("\n\n"));
    let needed = needed.into_inner().expect("one thread");
    for engine in asked.into_inner().expect("one thread") {
        let all = (0..WHOLE.len()).filter(|index| WHOLE[*index].engines.contains(&engine));
        let idle: Vec<&str> =
            all.filter(|index| !needed.contains(&(engine, *index))).map(|index| WHOLE[index].part).collect();
        assert!(idle.is_empty(), "no longer needed on {engine:?}: {idle:?}");
    }
}
