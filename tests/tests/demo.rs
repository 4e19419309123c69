//! Demonstration data is real data: it obeys every rule, and the same seed gives the same.

use crm_core::{Caller, Clock, Page, StaffId, TimeRange, Zone};
use crm_customers::{CustomerFilter, Customers};
use crm_db::counters::{self, Counter};
use crm_db::schema::{audit, contracts, customers, follows};
use crm_db::testing::TestDb;
use crm_db::{Db, Engine, Options};
use crm_gateway::commands::seed_demo::{Made, Plan, fill};
use crm_staff::{Passwords, administrators};
use crm_stats::{Stats, StatsFilter};
use diesel::dsl::{max, min};
use diesel::prelude::*;

fn plan(seed: u64) -> Plan {
    let until = chrono::NaiveDate::from_ymd_opt(2026, 3, 2).expect("a date");
    Plan { customers: 60, seed, until, zone: Zone::default() }
}

fn filled(engine: Engine, seed: u64) -> Option<(TestDb, Made)> {
    let options = Options { clock: Clock::manual(crm_tests::start_of_time()), durable: false, ..Options::default() };
    let test = TestDb::with_options(engine, options)?;
    let passwords = Passwords::new(4);
    let access = administrators::create(&test.db, &passwords, "13800000000", None).expect("an administrator");
    let made = fill(&test.db, &passwords, &Caller::administrator(access.staff_id), "first password", plan(seed))
        .expect("it fills");
    Some((test, made))
}

/// Names, owners, times and amounts, in order.
fn content(db: &Db) -> Vec<String> {
    db.read(|conn| {
        let people: Vec<(String, Option<String>, Option<i64>, String)> = customers::table
            .order(customers::id)
            .select((customers::real_name, customers::phone, customers::owner_id, customers::order_money))
            .load(conn)?;
        let deals: Vec<(Option<String>, Option<i64>, chrono::NaiveDateTime)> = contracts::table
            .order(contracts::id)
            .select((contracts::code, contracts::amount, contracts::sign_time))
            .load(conn)?;
        Ok(people.iter().map(|row| format!("{row:?}")).chain(deals.iter().map(|row| format!("{row:?}"))).collect())
    })
    .expect("it can be read")
}

#[test]
fn two_years_are_made_once_per_seed_and_alike_on_both_engines() {
    let (one, made) = filled(Engine::Sqlite, 1).expect("SQLite is always there");
    assert_eq!((made.organizations, made.customers, made.contracts), (6, 60, 12));
    assert!(made.follows > 100 && made.demands > 10 && made.satisfactions > 10 && made.potentials == 10, "{made:?}");
    let (again, _) = filled(Engine::Sqlite, 1).expect("SQLite is always there");
    assert_eq!(content(&one.db), content(&again.db));
    let (other, _) = filled(Engine::Sqlite, 2).expect("SQLite is always there");
    assert_ne!(content(&one.db), content(&other.db));
    if let Some((postgres, same)) = filled(Engine::Postgres, 1) {
        assert_eq!((content(&postgres.db), same), (content(&one.db), made));
    }
}

#[test]
fn totals_stamps_and_statistics_agree_with_the_rows() {
    let (test, made) = filled(Engine::Sqlite, 3).expect("SQLite is always there");
    let administrator = Caller::administrator(StaffId(1));
    let listed = Customers::new(&test.db)
        .list(&administrator, &CustomerFilter::default(), Page::first())
        .expect("they are listed");
    assert_eq!(listed.total, i64::from(made.customers));
    let (kept, followed, first, last, deeds): (
        i64,
        i64,
        Option<chrono::NaiveDateTime>,
        Option<chrono::NaiveDateTime>,
        i64,
    ) = test
        .db
        .read(|conn| {
            let (first, last) =
                follows::table.select((min(follows::record_time), max(follows::record_time))).get_result(conn)?;
            Ok((
                counters::total(conn, &[Counter::CustomersLive])?,
                follows::table.count().get_result(conn)?,
                first,
                last,
                audit::table.count().get_result(conn)?,
            ))
        })
        .expect("it can be read");
    assert_eq!((kept, followed), (i64::from(made.customers), i64::from(made.follows)));
    let days = last.zip(first).map(|(last, first)| (last - first).num_days()).expect("there are visits");
    assert!((700..730).contains(&days), "{days}");
    assert!(deeds > i64::from(made.follows + made.customers), "every write is in the trail");
    let signed = Stats::new(&test.db)
        .sign(&administrator, &StatsFilter { organizations: Vec::new(), range: TimeRange::ALL }, Page::first())
        .expect("it adds up");
    let by_statistics: i128 = signed.rows.iter().map(|group| group.amount.cents()).sum();
    let by_customers: Vec<String> =
        test.db.read(|conn| Ok(customers::table.select(customers::order_money).load(conn)?)).expect("it can be read");
    assert_eq!(by_statistics, by_customers.iter().map(|cents| cents.parse::<i128>().expect("cents")).sum::<i128>());
}

#[test]
fn every_part_of_a_customers_life_is_shown() {
    let (test, made) = filled(Engine::Sqlite, 1).expect("SQLite is always there");
    assert_eq!(made.customers, 60);
    let counted = |sql: &str| -> i64 {
        #[derive(QueryableByName)]
        struct Counted {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            count: i64,
        }
        let sql = format!("SELECT COUNT(*) AS count FROM {sql}");
        let found: Counted =
            test.db.read(|conn| Ok(diesel::sql_query(sql).get_result(conn)?)).expect("it can be counted");
        found.count
    };
    for (what, least) in [
        ("customers WHERE owner_id IS NULL", 1),
        ("customers WHERE last_owner_id IS NOT NULL", 3),
        ("customers WHERE is_clue = 1 AND budget > 0", 3),
        ("customers WHERE next_follow_at IS NOT NULL AND last_called_at IS NOT NULL", 10),
        ("(SELECT DISTINCT stage_id FROM customers)", 5),
        ("(SELECT DISTINCT source_id FROM customers)", 3),
        ("(SELECT DISTINCT kind FROM customer_events)", 6),
        ("customer_addresses WHERE detail_address IS NOT NULL", 60),
        ("customer_field_values", 240),
        ("customer_labels", 10),
        ("customer_team", 1),
        ("customer_assistants", 1),
        ("customer_favourites", 1),
        ("customer_contacts", 1),
        ("wecom_contacts WHERE lost_at IS NULL", 3),
        ("wecom_contacts WHERE lost_at IS NOT NULL", 1),
        ("staff WHERE wecom_userid IS NOT NULL", 20),
    ] {
        assert!(counted(what) >= least, "{what}: {}", counted(what));
    }
}
