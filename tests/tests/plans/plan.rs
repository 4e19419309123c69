//! What an engine would do for a statement, and what of that reads a whole table.

use crm_db::Engine;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};
use diesel::{PgConnection, SqliteConnection, sql_query};
use serde_json::Value;

/// Tables that stay small however many customers there are; all others grow.
const SMALL: &[&str] = &[
    "__diesel_schema_migrations",
    "custom_fields",
    "customer_categories",
    "customer_sources",
    "customer_stages",
    "departments",
    "label_groups",
    "labels",
    "leases",
    "menus",
    "pool_rule",
    "product_lines",
    "sign_in_locks",
    "staff",
    "staff_group_members",
    "staff_groups",
    "staff_menus",
    "team_roles",
];

/// Indexes of a few rows alone, which may be read whole.
const FEW: &[&str] = &["potentials_deleted"];

/// Asks an engine for plans, without what it may know of the data.
pub enum Planner {
    Sqlite { conn: SqliteConnection, tables: Vec<String> },
    Postgres(PgConnection),
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

/// A table that a plan reads whole, and the words of the plan.
pub struct WholeRead {
    pub table: String,
    pub words: String,
}

/// A line of `EXPLAIN QUERY PLAN`.
#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Integer)]
    parent: i32,
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct Explained {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    plan: String,
}

impl Planner {
    pub fn of(engine: Engine, url: &str) -> Self {
        match engine {
            Engine::Sqlite => {
                let path = url.strip_prefix("sqlite://").expect("a file");
                let mut conn = SqliteConnection::establish(path).expect("the database opens");
                let tables = sql_query("SELECT name FROM sqlite_schema WHERE type = 'table'").load::<Named>(&mut conn);
                let tables = tables.expect("tables").into_iter().map(|table| table.name).collect();
                Self::Sqlite { conn, tables }
            }
            Engine::Postgres => {
                let mut conn = PgConnection::establish(url).expect("the database opens");
                // A plan for any values, for tables that have grown, and reading one of them only where there is
                // no other way to its rows.
                conn.batch_execute(&format!(
                    "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; \
                     SET enable_hashjoin = off; SET enable_mergejoin = off; \
                     UPDATE pg_class SET relpages = 1, reltuples = 100000 WHERE relkind = 'r' \
                     AND relnamespace = 'public'::regnamespace AND relname NOT IN ('{}')",
                    SMALL.join("', '")
                ))
                .expect("the settings are there");
                Self::Postgres(conn)
            }
        }
    }

    /// What reads a whole growing table in the plan of this statement; nothing when all is well.
    pub fn whole_reads(&mut self, text: &str) -> Vec<WholeRead> {
        match self {
            Self::Sqlite { conn, tables } => {
                let lines: Vec<Line> = sql_query(format!("EXPLAIN QUERY PLAN {text}"))
                    .load(conn)
                    .unwrap_or_else(|error| panic!("{error}: {text}"));
                of_sqlite(text, tables, &lines)
            }
            Self::Postgres(conn) => {
                let mut found = Vec::new();
                of_postgres(&explained(conn, text), false, &mut found);
                found
            }
        }
    }
}

fn of_sqlite(text: &str, tables: &[String], lines: &[Line]) -> Vec<WholeRead> {
    let limited = text.contains(" LIMIT ");
    let plain = text.replace('`', "");
    let in_group = |line: &Line, start: &str| {
        lines.iter().any(|other| other.parent == line.parent && other.detail.starts_with(start))
    };
    let reads = |line: &&Line| line.detail.starts_with("SCAN ") || line.detail.starts_with("SEARCH ");
    let mut found = Vec::new();
    for line in lines.iter().filter(reads) {
        let mut words = line.detail.split(' ');
        let (verb, name) = (words.next(), words.next().unwrap_or_default());
        let is_exempt = line.detail.contains("VIRTUAL TABLE") || FEW.iter().any(|index| line.detail.ends_with(index));
        let table = table_of(text, tables, name).into_iter().find(|table| grows(table));
        let Some(table) = table.filter(|_| !is_exempt) else { continue };
        let first = lines.iter().find(|other| other.parent == line.parent && reads(other));
        let is_first = first.is_some_and(|first| std::ptr::eq(first, line));
        let sorts = in_group(line, "USE TEMP B-TREE");
        // A walk along an index that ends with the page.
        let ends_early = limited && is_first && !sorts;
        let terms = terms(&line.detail);
        let only_states = !terms.is_empty() && terms.iter().all(|term| *term == "status=?");
        // One customer's events, found by another index than theirs: all there are of a kind, perhaps.
        let of_one = format!("{table}.customer_id = ");
        let beside = plain.contains(&of_one) && terms.first().is_some_and(|term| ["kind=?", "status=?"].contains(term));
        let is_whole = verb == Some("SCAN") || only_states || beside;
        if line.detail.contains("AUTOMATIC") || (is_whole && !ends_early) {
            found.push(WholeRead { table: table.to_owned(), words: line.detail.clone() });
        }
    }
    found
}

/// What a search looks for: `status=?` and `id>?` of `… (status=? AND id>?)`.
fn terms(detail: &str) -> Vec<&str> {
    let inside = detail.rsplit_once('(').and_then(|(_, inside)| inside.strip_suffix(')'));
    inside.map(|inside| inside.split(" AND ").collect()).unwrap_or_default()
}

/// The tables that have this name or alias in the statement; none for a subquery.
fn table_of<'a>(text: &str, tables: &'a [String], name: &str) -> Vec<&'a str> {
    let words: Vec<&str> = text.split([' ', '(', ')', ',', '`', '"']).filter(|word| !word.is_empty()).collect();
    let is_named = |table: &&String| {
        table.as_str() == name
            || words.windows(2).any(|pair| pair[0] == table.as_str() && pair[1] == name)
            || words.windows(3).any(|three| three[0] == table.as_str() && three[1] == "AS" && three[2] == name)
    };
    tables.iter().filter(is_named).map(String::as_str).collect()
}

fn grows(table: &str) -> bool {
    !SMALL.contains(&table)
}

fn explained(conn: &mut PgConnection, text: &str) -> Value {
    let values = (1..).take_while(|number| text.contains(&format!("${number}"))).count();
    let nulls = vec!["NULL"; values].join(", ");
    let nulls = if values == 0 { String::new() } else { format!("({nulls})") };
    conn.batch_execute(&format!("DEALLOCATE ALL; PREPARE looked_at AS {text}"))
        .unwrap_or_else(|error| panic!("{error}: {text}"));
    let explained: Explained = sql_query(format!("EXPLAIN (FORMAT JSON, COSTS OFF) EXECUTE looked_at{nulls}"))
        .get_result(conn)
        .unwrap_or_else(|error| panic!("{error}: {text}"));
    let plan: Value = serde_json::from_str(&explained.plan).expect("a plan");
    plan[0]["Plan"].clone()
}

/// Adds what reads a whole growing table at and below this node. `ends_early`: the rows of the node are
/// asked for one by one, and no more than a page of them.
fn of_postgres(node: &Value, ends_early: bool, found: &mut Vec<WholeRead>) {
    let said = |member: &str| node[member].as_str().unwrap_or_default();
    let (kind, table) = (said("Node Type"), said("Relation Name"));
    let walks_an_index =
        kind.starts_with("Index") && node["Index Cond"].is_null() && !FEW.contains(&said("Index Name"));
    if grows(table) && (kind == "Seq Scan" || (walks_an_index && !ends_early)) {
        let words = format!("{kind} on {table} by {} filtered by {}", said("Index Name"), said("Filter"));
        found.push(WholeRead { table: table.to_owned(), words });
    }
    let children = node["Plans"].as_array().into_iter().flatten();
    for (place, child) in children.enumerate() {
        let child_ends_early = match kind {
            "Limit" => true,
            // The rows of the other table are looked for once for each of this one's.
            "Nested Loop" => ends_early && place == 0,
            "Append" | "Merge Append" | "Result" | "LockRows" | "Subquery Scan" | "Incremental Sort" => ends_early,
            _ => false,
        };
        of_postgres(child, child_ends_early, found);
    }
}
