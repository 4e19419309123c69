//! `copy-to`: a deployment moves from SQLite to PostgreSQL with every row, also when it is interrupted.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::io::{BufRead, BufReader};
use std::process::{Output, Stdio};

use crm_core::{Caller, Page, StaffId};
use crm_customers::{CustomerFilter, Customers};
use crm_db::testing::TestDb;
use crm_db::text_search::{self, Index};
use crm_db::{Db, Engine};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use support::{address, ask, folder, program, run, said, serve_with};
use tempfile::TempDir;

const PHONE: &str = "10000000000";
const PASSWORD: &str = "correct horse";

fn seeded() -> TempDir {
    let folder = folder();
    let seed = ["seed-demo", "--customers", "200", "--until", "2026-03-02", "--crm-admin-password", PASSWORD];
    let made = run(&folder, &seed);
    assert!(made.status.success(), "{}", said(&made));
    folder
}

fn target() -> Option<TestDb> {
    TestDb::new(Engine::Postgres)
}

fn copy(folder: &TempDir, target: &TestDb, more: &[&str]) -> Output {
    run(folder, &[&["copy-to", &target.url], more].concat())
}

fn source(folder: &TempDir) -> Db {
    Db::open(&format!("sqlite://{}", folder.path().join("data/crm.db").display())).expect("the source opens")
}

#[derive(QueryableByName)]
struct Done {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = BigInt)]
    row_count: i64,
    #[diesel(sql_type = Bool)]
    is_complete: bool,
}

/// How many customers each of these texts finds, by name and by what is written about them.
fn found(db: &Db) -> Vec<u64> {
    let everybody = Caller::administrator(StaffId(0));
    let by_name = ["王", "李", "有限", "明", "%", "旧名", "新名"].map(|name| {
        let filter = CustomerFilter { name: Some(name.to_owned()), ..CustomerFilter::default() };
        Customers::new(db).list(&everybody, &filter, Page::first()).expect("it lists").total
    });
    let by_text = ["138", "99", "0"].map(|text| {
        let found = text_search::contains(db.engine(), Index::CustomerTexts, "id", text);
        let all = crm_db::schema::customers::table.filter(found).count();
        let count: i64 = db.read(|conn| Ok(all.get_result(conn)?)).expect("it counts");
        u64::try_from(count).expect("a count")
    });
    by_name.into_iter().map(|total| u64::try_from(total).expect("a total")).chain(by_text).collect()
}

fn token(address: &str) -> String {
    let answer = support::sign_in(address, PHONE, PASSWORD);
    let token = answer.split("\"token\":\"").nth(1).and_then(|rest| rest.split('"').next());
    token.unwrap_or_else(|| panic!("no token: {answer}")).to_owned()
}

fn call(address: &str, token: &str, method: &str, path: &str, body: &str) -> String {
    let length = body.len();
    ask(
        address,
        &format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        ),
    )
}

/// What a careless copy would lose: marks of the formats on the way, fractions, an order of its own,
/// references to later rows, and names that are no more.
fn make_awkward(db: &Db) {
    let awkward = "\
        UPDATE customers SET note = 'a' || char(9) || '\\N \\t ''q\" {NULL,} ' || char(13, 10) || '😀' WHERE id = 3; \
        UPDATE customers SET note = '' WHERE id = 4; UPDATE customers SET note = 'NULL' WHERE id = 5; \
        UPDATE customers SET vip_due_time = '9999-12-31 23:59:59', register_date = '1000-01-01' WHERE id = 6; \
        UPDATE customers SET budget = 9223372036854775807, created_at = '2026-01-01 00:00:00.500' WHERE id = 7; \
        UPDATE customer_addresses SET lat = 0.1 + 0.2, lng = -1e-300 WHERE customer_id = 8; \
        UPDATE customer_addresses SET lat = 1.0, lng = -0.0 WHERE customer_id = 9; \
        UPDATE departments SET parent_id = 5 WHERE id = 1; UPDATE departments SET parent_id = NULL WHERE id = 5; \
        INSERT INTO leases VALUES ('a', '', '2026-01-01 00:00:00'), ('B', '', '2026-01-01 00:00:00'), \
        ('_', '', '2026-01-01 00:00:00'), ('é', '', '2026-01-01 00:00:00'), ('中', '', '2026-01-01 00:00:00')";
    let change = db.write(|conn| {
        conn.batch_execute(awkward)?;
        text_search::put(conn, Index::Customers, 3, &[Some("旧名"), None])?;
        text_search::put(conn, Index::Customers, 3, &[Some("新名"), Some("别名")])
    });
    change.expect("the source can be changed");
}

#[test]
fn every_row_arrives_and_the_server_goes_on_with_the_copy() {
    let Some(target) = target() else { return };
    let folder = seeded();
    make_awkward(&source(&folder));
    let output = copy(&folder, &target, &["--batch-rows", "4"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let text = said(&output);
    let customers = text.lines().find(|line| line.starts_with("customers ")).expect("a line for each table");
    let fields: Vec<&str> = customers.split_whitespace().collect();
    assert!(matches!(fields.as_slice(), ["customers", "200", checksum] if checksum.len() == 64), "{customers}");
    assert!(text.contains("the same on both sides"), "{text}");
    let (before, after) = (found(&source(&folder)), found(&target.db));
    assert_eq!(before, after);
    assert_eq!(before.get(5..7), Some(&[0_u64, 1][..]), "what was renamed is found by its new name: {before:?}");
    assert!(before.iter().filter(|found| **found > 0).count() >= 5, "{before:?}");

    let mut program = program(&folder);
    program.env("DATABASE_URL", &target.url);
    let (mut child, lines) = serve_with(program);
    let address = address(&lines);
    let token = token(&address);
    let chosen =
        format!(r#"{{"phoneNumber": "{PHONE}", "old_password": "{PASSWORD}", "new_password": "{PASSWORD} again"}}"#);
    assert!(call(&address, &token, "POST", "/api/user/password", &chosen).contains("\"status\":0"));
    for (path, body, id) in [
        ("/api/customers/organization", r#"{"groupName": "云南耳尖科技有限公司"}"#, "\"id\":21}"),
        (
            "/api/customers/customers",
            r#"{"realName": "李曦宁", "phoneNumber": "13800138000", "organization_id": [21]}"#,
            "\"id\":201}",
        ),
        ("/api/customers/customers", r#"{"customer_id": 7, "note": "搬到新的数据库"}"#, "\"id\":7}"),
    ] {
        let answer = call(&address, &token, "POST", path, body);
        assert!(answer.contains(id), "{path}: {answer}");
    }
    let all = call(&address, &token, "GET", "/api/customers/customers", "");
    assert!(all.contains("\"total\":201"), "{all}");
    child.kill().expect("it is there");
    child.wait().expect("it ends");

    let again = copy(&folder, &target, &[]);
    assert_eq!(again.status.code(), Some(1), "{}", said(&again));
    assert!(said(&again).contains("holds rows already"), "{}", said(&again));
}

/// Starts a copy and kills it while it waits for the table of contracts.
fn interrupted(folder: &TempDir, target: &TestDb) -> Vec<Done> {
    let mut child = program(folder)
        .args(["copy-to", &target.url, "--batch-rows", "40"])
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
    lines.find(|line| line.starts_with("copying staff:")).expect("it copies");
    let held = target.db.write(|conn| {
        conn.batch_execute("LOCK TABLE contracts IN ACCESS EXCLUSIVE MODE")?;
        lines.find(|line| line.starts_with("copying customers:")).expect("it goes on");
        // Long enough to come to the table that is locked, which it cannot pass.
        std::thread::sleep(std::time::Duration::from_millis(1_500));
        assert!(child.try_wait().expect("it can be asked").is_none(), "it waits");
        child.kill().expect("it is there");
        child.wait().expect("it ends");
        let done = "SELECT table_name, row_count, is_complete FROM copy_progress ORDER BY table_name";
        Ok(diesel::sql_query(done).load::<Done>(conn)?)
    });
    held.expect("the target can be read")
}

#[test]
fn a_copy_that_was_killed_goes_on_and_nobody_uses_the_half_of_it() {
    let Some(target) = target() else { return };
    let folder = seeded();
    let done = interrupted(&folder, &target);
    let of = |name: &str| done.iter().find(|done| done.table_name == name).expect("every table is known");
    assert!(of("customers").is_complete && of("customers").row_count == 200);
    assert!(!of("contracts").is_complete && of("contracts").row_count == 0);

    let serve = program(&folder).env("DATABASE_URL", &target.url).arg("serve").output().expect("the program runs");
    assert_eq!(serve.status.code(), Some(2), "{}", said(&serve));
    assert!(said(&serve).contains("unfinished copy"), "{}", said(&serve));
    let other = seeded();
    let mixed = copy(&other, &target, &[]);
    assert_eq!(mixed.status.code(), Some(1), "{}", said(&mixed));
    assert!(said(&mixed).contains("unfinished copy of another database"), "{}", said(&mixed));

    let output = copy(&folder, &target, &["--batch-rows", "40"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("going on with the copy") && !said(&output).contains("starting over"));
    assert_eq!(found(&source(&folder)), found(&target.db));
}

#[test]
fn a_copy_starts_over_when_its_source_has_changed() {
    let Some(target) = target() else { return };
    let folder = seeded();
    interrupted(&folder, &target);
    source(&folder)
        .write(|conn| Ok(conn.batch_execute("UPDATE customers SET note = '改过' WHERE id = 7")?))
        .expect("the source changes");
    let output = copy(&folder, &target, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("starting over"), "{}", said(&output));
    let note: Option<String> = target
        .db
        .read(|conn| {
            use crm_db::schema::customers::dsl::{customers, note};
            Ok(customers.find(crm_core::CustomerId(7)).select(note).first(conn)?)
        })
        .expect("it is there");
    assert_eq!(note.as_deref(), Some("改过"));
}

#[test]
fn the_first_row_that_differs_is_named() {
    let Some(target) = target() else { return };
    let folder = seeded();
    // A target that changes what it is given.
    let meddling = "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS \
        $$ BEGIN IF NEW.id >= 7 THEN NEW.note := 'other'; END IF; RETURN NEW; END $$; \
        CREATE TRIGGER meddle BEFORE INSERT ON customers FOR EACH ROW EXECUTE FUNCTION meddle()";
    target.db.write(|conn| Ok(conn.batch_execute(meddling)?)).expect("it meddles");
    let output = copy(&folder, &target, &[]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("customers: id 7 differs in note"), "{}", said(&output));
    assert!(!said(&output).contains("other;"), "values are nobody's business: {}", said(&output));
    target.db.write(|conn| Ok(conn.batch_execute("DROP TRIGGER meddle ON customers")?)).expect("it stops");
    let again = copy(&folder, &target, &["--start-over"]);
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
}

#[test]
fn what_cannot_be_copied_is_refused() {
    let Some(target) = target() else { return };
    let folder = seeded();
    let ends = |arguments: &[&str], code: i32, reason: &str| {
        let output = run(&folder, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(reason), "{arguments:?}: {}", said(&output));
    };
    ends(&["copy-to", "sqlite://other.db"], 2, "must be postgres://");
    ends(&["copy-to", &target.url, "--database-url", &target.url], 2, "copies from SQLite");
    ends(&["copy-to", &target.url, "--database-url", "sqlite://data/none.db"], 2, "no such file");
    ends(&["copy-to", "postgres://nobody:secret@127.0.0.1:1/none"], 3, "cannot be opened");
    let (mut child, _) = support::serve(&folder);
    ends(&["copy-to", &target.url], 3, "stop the server first");
    child.kill().expect("it is there");
    child.wait().expect("it ends");
    target
        .db
        .write(|conn| Ok(conn.batch_execute("UPDATE menus SET note = 'mine' WHERE id = 1")?))
        .expect("the target is used");
    ends(&["copy-to", &target.url], 1, "holds rows already (in menus)");
}
