//! `schema.sql` is the migrations; both engines have the same tables; diesel knows what they have.

use std::collections::BTreeMap;

use crm_db::testing::TestDb;
use crm_db::{Conn, Db, Engine};
use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::Text;

#[derive(QueryableByName)]
struct Statement {
    #[diesel(sql_type = Text)]
    sql: String,
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    nullable: String,
}

fn open(engine: Engine) -> Option<TestDb> {
    TestDb::new(engine)
}

fn sqlite_schema(db: &Db) -> String {
    const SCHEMA: &str = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name NOT LIKE '\\_\\_%' ESCAPE '\\' \
        AND name NOT LIKE '%\\_search\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rootpage = 0, rowid";
    let statements: Vec<Statement> =
        db.read(|conn| Ok(diesel::sql_query(SCHEMA).load(conn)?)).expect("the schema can be read");
    let intro = "-- The whole schema as SQLite has it after all migrations; PostgreSQL has the same tables and columns.\n\
        -- Written by `UPDATE_SCHEMA=1 cargo test --package crm-tests --test schema`; never by hand.\n";
    statements.iter().fold(intro.to_owned(), |text, statement| text + "\n" + &statement.sql + ";\n")
}

#[test]
fn schema_sql_is_what_the_migrations_make() {
    let test = open(Engine::Sqlite).expect("SQLite is always there");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.sql");
    let made = sqlite_schema(&test.db);
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, &made).expect("schema.sql can be written");
    }
    let kept = std::fs::read_to_string(path).expect("schema.sql can be read");
    assert!(kept == made, "schema.sql is not what the migrations make; see its first lines");
}

#[test]
fn down_and_up_again_is_the_same_schema() {
    let test = open(Engine::Sqlite).expect("SQLite is always there");
    let before = sqlite_schema(&test.db);
    test.db.revert_all().expect("down");
    assert_eq!(sqlite_schema(&test.db).matches("CREATE").count(), 0, "down leaves nothing");
    test.db.migrate().expect("up");
    assert_eq!(sqlite_schema(&test.db), before);
}

fn columns(db: &Db) -> BTreeMap<(String, String), String> {
    let query = match db.engine() {
        Engine::Sqlite => {
            "SELECT m.name AS table_name, c.name AS column_name, \
             CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN 'NO' ELSE 'YES' END AS nullable \
             FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
        }
        Engine::Postgres => {
            "SELECT table_name::text AS table_name, column_name::text AS column_name, is_nullable::text AS nullable \
             FROM information_schema.columns WHERE table_schema = 'public'"
        }
    };
    let rows: Vec<Column> = db.read(|conn| Ok(diesel::sql_query(query).load(conn)?)).expect("columns can be read");
    rows.into_iter()
        .filter(|column| {
            !column.table_name.contains("_search")
                && !column.table_name.starts_with("__")
                && !column.table_name.starts_with("sqlite_")
        })
        .map(|column| ((column.table_name, column.column_name), column.nullable))
        .collect()
}

#[test]
fn both_engines_have_the_same_columns() {
    let sqlite = open(Engine::Sqlite).expect("SQLite is always there");
    if let Some(postgres) = open(Engine::Postgres) {
        assert_eq!(columns(&sqlite.db), columns(&postgres.db));
    }
}

#[test]
fn diesel_reads_every_column_of_every_table_on_both_engines() {
    macro_rules! read {
        ($conn:expr, $($table:ident),*) => {{
            let mut names: Vec<&str> = Vec::new();
            $(
                let columns = crm_db::schema::$table::all_columns;
                let rows = crm_db::schema::$table::table.select(columns).limit(1).execute($conn);
                assert!(rows.is_ok(), "{}: {rows:?}", stringify!($table));
                names.push(stringify!($table));
            )*
            names
        }};
    }
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(test) = open(engine) else { continue };
        let known = test
            .db
            .read(|conn: &mut Conn| {
                Ok(read!(
                    conn,
                    audit,
                    contract_followers,
                    contracts,
                    counters,
                    custom_fields,
                    customer_addresses,
                    customer_assistants,
                    customer_categories,
                    customer_contacts,
                    customer_events,
                    customer_favourites,
                    customer_field_values,
                    customer_labels,
                    customer_organizations,
                    customer_sources,
                    customer_stages,
                    customer_team,
                    customers,
                    demand_customers,
                    demand_followers,
                    demands,
                    departments,
                    follow_customers,
                    follow_followers,
                    follows,
                    known_addresses,
                    label_groups,
                    labels,
                    leases,
                    menus,
                    organizations,
                    pool_rule,
                    potentials,
                    product_lines,
                    retries,
                    satisfaction_customers,
                    satisfaction_followers,
                    satisfactions,
                    sessions,
                    sign_in_failures,
                    sign_in_locks,
                    staff,
                    staff_group_members,
                    staff_groups,
                    staff_menus,
                    team_roles,
                    wecom_contacts,
                    wecom_events
                ))
            })
            .expect("every table can be read");
        let mut there: Vec<String> = columns(&test.db).into_keys().map(|(table, _)| table).collect();
        there.dedup();
        assert_eq!(there, known, "a table is missing here, or from the schema");
    }
}
