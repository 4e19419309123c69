//! The statistics against a naive model over random data, on both engines.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use crm_contracts::{ContractInput, Contracts};
use crm_core::{Caller, Error, Instant, Money, OrganizationId, Page, Patch, Role, Scope, StaffId, TimeRange};
use crm_db::schema::{contracts, demands, follows, potentials, satisfactions};
use crm_db::testing::{on_each_engine, rows};
use crm_db::{Db, Engine, Links};
use crm_stats::{Average, Stats, StatsFilter};
use diesel::prelude::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// A record as all four statistics see one: whose, when, how it stands, how much.
#[derive(Clone, Debug)]
struct Record {
    organization: Option<usize>,
    day: i64,
    operator: usize,
    follower: Option<usize>,
    live: bool,
    potential_live: bool,
    amount: Option<i64>,
    value: i16,
}

fn records() -> impl Strategy<Value = Vec<Record>> {
    let amount = prop_oneof![Just(None), Just(Some(Money::MAX.cents())), (0..=Money::MAX.cents()).prop_map(Some)];
    let record = (
        (proptest::option::weighted(0.8, 0usize..4), 0i64..6, 0usize..3, proptest::option::of(0usize..3)),
        (proptest::bool::weighted(0.8), proptest::bool::weighted(0.8), amount, -10i16..=10),
    );
    let record = record.prop_map(|((organization, day, operator, follower), (live, potential_live, amount, value))| {
        Record { organization, day, operator, follower, live, potential_live, amount, value }
    });
    proptest::collection::vec(record, 0..40)
}

#[derive(Clone, Debug)]
struct Question {
    scope: usize,
    organizations: Vec<usize>,
    from: i64,
    to: i64,
    page: (i64, i64),
}

fn questions() -> impl Strategy<Value = Question> {
    let organizations = prop_oneof![Just(vec![]), proptest::sample::subsequence(vec![0usize, 1, 2, 3], 1..4)];
    (0usize..4, organizations, 0i64..4, 2i64..6, (1i64..3, 1i64..6))
        .prop_map(|(scope, organizations, from, to, page)| Question { scope, organizations, from, to, page })
}

struct World {
    db: Db,
    stats: Stats,
    people: Vec<StaffId>,
    organizations: Vec<OrganizationId>,
    callers: Vec<(Caller, Vec<usize>)>,
}

fn at(day: i64) -> Instant {
    Instant::from_unix(1_700_000_000 + day * 86_400)
}

fn link(db: &Db, table: &'static str, column: &'static str, record: i64, person: StaffId) {
    let links: Links<crm_core::DemandId, StaffId> = Links::new(table, column, "staff_id");
    db.write(|conn| links.replace(conn, crm_core::DemandId(record), &[person])).expect("linked");
}

macro_rules! insert {
    ($db:expr, $table:ident, $($column:ident = $value:expr),* $(,)?) => {
        $db.write(|conn| {
            let now = $db.now();
            Ok(diesel::insert_into($table::table)
                .values((
                    $($table::$column.eq($value),)*
                    $table::version.eq(1i64),
                    $table::created_at.eq(now),
                    $table::updated_at.eq(now),
                ))
                .returning($table::id)
                .get_result::<i64>(conn)?)
        })
        .expect("inserted")
    };
}

impl World {
    fn new(db: &Db) -> Self {
        let (east, west) = (rows::department(db, "东"), rows::department(db, "西"));
        let person = |phone, department| rows::person(db, phone, "员工", Role::Staff, Some(department));
        let people = vec![person("20000", east), person("20001", east), person("20002", west)];
        let organizations = (0..4).map(|_| rows::organization(db, "单位", people[0])).collect();
        let me = |scope| Caller::new(people[0], Role::Staff, scope);
        let callers = vec![
            (Caller::administrator(people[0]), vec![0, 1, 2]),
            (me(Scope::Own), vec![0]),
            (me(Scope::Departments(vec![east])), vec![0, 1]),
            (me(Scope::Departments(vec![])), vec![0]),
        ];
        Self { db: db.clone(), stats: Stats::new(db), callers, organizations, people }
    }

    fn clear(&self) {
        let tables = [
            "contract_followers",
            "contracts",
            "demand_followers",
            "demands",
            "follow_followers",
            "follows",
            "potentials",
            "satisfaction_followers",
            "satisfactions",
        ];
        let clear = |conn: &mut crm_db::Conn| {
            for table in tables {
                diesel::sql_query(format!("DELETE FROM {table}")).execute(conn)?;
            }
            Ok(())
        };
        self.db.write(clear).expect("cleared");
    }

    fn insert(&self, record: &Record) {
        let db = &self.db;
        let operator = self.people[record.operator];
        let status = if record.live { 0i16 } else { -1 };
        let (time, organization) = (at(record.day), record.organization.map(|index| self.organizations[index]));
        let satisfaction = insert!(
            db,
            satisfactions,
            organization_id = organization,
            value = record.value,
            record_time = time,
            operator_id = operator,
            status = status
        );
        let follower = record.follower.map(|index| self.people[index]);
        if let Some(follower) = follower {
            link(db, "satisfaction_followers", "satisfaction_id", satisfaction, follower);
        }
        // The other three always have an organization.
        let Some(organization) = organization else { return };
        let contract = insert!(
            db,
            contracts,
            organization_id = organization,
            name = "合同",
            amount = record.amount,
            sign_time = time,
            creator_id = operator,
            status = status
        );
        let demand = insert!(
            db,
            demands,
            organization_id = organization,
            content = "季报",
            record_time = time,
            operator_id = operator,
            status = status
        );
        let potential_status = if record.potential_live { 2i16 } else { -1 };
        let potential = insert!(
            db,
            potentials,
            organization_id = organization,
            director_id = operator,
            creator_id = operator,
            record_time = time,
            status = potential_status
        );
        let follow =
            insert!(db, follows, potential_id = potential, record_time = time, operator_id = operator, status = status);
        if let Some(follower) = follower {
            link(db, "contract_followers", "contract_id", contract, follower);
            link(db, "demand_followers", "demand_id", demand, follower);
            link(db, "follow_followers", "follow_id", follow, follower);
        }
    }
}

/// The groups of a model, in the contract's order: the key descending, then the organization
/// descending, the group without one last.
fn ordered<K: Ord + Copy, R>(mut groups: Vec<(K, Option<OrganizationId>, R)>) -> Vec<(Option<OrganizationId>, R)> {
    groups.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.cmp(&a.1)));
    groups.into_iter().map(|(_, organization, row)| (organization, row)).collect()
}

fn page_of<R: Clone>(rows: &[R], page: Page) -> Vec<R> {
    let skip = usize::try_from(page.offset()).expect("small");
    rows.iter().skip(skip).take(usize::try_from(page.count()).expect("small")).cloned().collect()
}

fn compare(world: &World, records: &[Record], question: &Question) -> Result<(), TestCaseError> {
    let (caller, whose) = &world.callers[question.scope];
    let filter = StatsFilter {
        organizations: question.organizations.iter().map(|index| world.organizations[*index]).collect(),
        range: TimeRange { start: Some(at(question.from)), end: Some(at(question.to)) },
    };
    let page = Page::new(question.page.0, question.page.1).expect("a page");
    let mut groups: BTreeMap<Option<OrganizationId>, Vec<&Record>> = BTreeMap::new();
    for record in records {
        let own = whose.contains(&record.operator) || record.follower.is_some_and(|person| whose.contains(&person));
        let asked = question.organizations.is_empty()
            || record.organization.is_some_and(|index| question.organizations.contains(&index));
        if record.live && own && asked && (question.from..=question.to).contains(&record.day) {
            let organization = record.organization.map(|index| world.organizations[index]);
            groups.entry(organization).or_default().push(record);
        }
    }
    let count = |records: &[&Record]| i64::try_from(records.len()).expect("small");
    let first = |records: &[&Record]| at(records.iter().map(|record| record.day).min().expect("a group has records"));
    let total = |len: usize| i64::try_from(len).expect("small");

    let expected: Vec<_> = groups
        .iter()
        .map(|(organization, records)| {
            let sum: i64 = records.iter().map(|record| i64::from(record.value)).sum();
            let min = records.iter().map(|record| record.value).min();
            let max = records.iter().map(|record| record.value).max();
            let row = (count(records), Average::of(sum, count(records)), min, max);
            (count(records), *organization, row)
        })
        .collect();
    let expected = ordered(expected);
    let found = world.stats.satisfy(caller, &filter, page).expect("the statistic answers");
    let rows: Vec<_> = found
        .rows
        .iter()
        .map(|row| (row.organization_id, (row.count, row.average, Some(row.min), Some(row.max))))
        .collect();
    prop_assert_eq!((found.total, rows), (total(expected.len()), page_of(&expected, page)));

    groups.remove(&None);
    let expected: Vec<_> =
        groups.iter().map(|(id, records)| (count(records), *id, (count(records), first(records)))).collect();
    let expected = ordered(expected);
    let found = world.stats.demand(caller, &filter, page).expect("the statistic answers");
    let rows: Vec<_> = found.rows.iter().map(|row| (row.organization_id, (row.count, row.earliest))).collect();
    prop_assert_eq!((found.total, rows), (total(expected.len()), page_of(&expected, page)));

    let expected: Vec<_> = groups
        .iter()
        .map(|(id, records)| {
            let cents: i128 = records.iter().filter_map(|record| record.amount).map(i128::from).sum();
            (first(records), *id, (count(records), first(records), cents))
        })
        .collect();
    let expected = ordered(expected);
    let found = world.stats.sign(caller, &filter, page).expect("the statistic answers");
    let rows: Vec<_> =
        found.rows.iter().map(|row| (row.organization_id, (row.count, row.earliest, row.amount.cents()))).collect();
    prop_assert_eq!((found.total, rows), (total(expected.len()), page_of(&expected, page)));

    for records in groups.values_mut() {
        records.retain(|record| record.potential_live);
    }
    groups.retain(|_, records| !records.is_empty());
    let expected: Vec<_> =
        groups.iter().map(|(id, records)| (count(records), *id, (count(records), first(records)))).collect();
    let expected = ordered(expected);
    let found = world.stats.follow(caller, &filter, page).expect("the statistic answers");
    let rows: Vec<_> = found.rows.iter().map(|row| (row.organization_id, (row.count, row.earliest))).collect();
    prop_assert_eq!((found.total, rows), (total(expected.len()), page_of(&expected, page)));
    Ok(())
}

#[test]
fn statistics_are_those_of_a_naive_model_for_every_scope() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let mut runner = TestRunner::new(Config { cases: 10, failure_persistence: None, ..Config::default() });
        let outcome = runner.run(&(records(), proptest::collection::vec(questions(), 12)), |(records, questions)| {
            world.clear();
            for record in &records {
                world.insert(record);
            }
            for question in &questions {
                compare(&world, &records, question)?;
            }
            Ok(())
        });
        outcome.expect("the statistics are the model's");
    });
}

#[test]
fn signed_sums_beyond_64_bits_of_cents_are_exact_and_cost_two_statements() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let admin = &world.callers[0].0;
        for _ in 0..93 {
            let input = ContractInput {
                name: Patch::Value("最大".into()),
                organization_id: Patch::Value(world.organizations[0]),
                sign_time: Patch::Value(test.db.now()),
                amount: Patch::Value(Money::MAX),
                ..ContractInput::default()
            };
            Contracts::new(&test.db).create(admin, input).expect("created");
        }
        let before = test.db.statements();
        let signed = world.stats.sign(admin, &StatsFilter::default(), Page::first()).expect("the statistic answers");
        // On SQLite what is read together is begun and ended.
        let framed = if test.db.engine() == Engine::Sqlite { 2 } else { 0 };
        assert_eq!(test.db.statements() - before, 2 + framed);
        assert_eq!(signed.rows[0].amount.to_string(), "92999999999999999.07");
        assert!(signed.rows[0].amount.cents() > i128::from(i64::MAX));
    });
}

/// To ask of each contract for the set of all that somebody sees takes PostgreSQL longer than a statement may run.
#[test]
fn many_contracts_seen_by_a_department_are_added_up_in_time() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let (organization, person) = (world.organizations[0].0, world.people[0].0);
        let time = match test.db.engine() {
            Engine::Sqlite => "datetime(1700000000 + n, 'unixepoch')",
            Engine::Postgres => "to_timestamp(1700000000 + n) AT TIME ZONE 'UTC'",
        };
        let contracts = format!(
            "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 29999) \
             INSERT INTO contracts (organization_id, name, amount, sign_time, creator_id, status, version, created_at, updated_at) \
             SELECT {organization} + n % 4, '合同', 1, {time}, {person} + n % 3, 0, 1, {time}, {time} FROM numbers"
        );
        test.db.write(|conn| Ok(diesel::sql_query(contracts).execute(conn)?)).expect("they are there");
        let (east, _) = &world.callers[2];
        let found = world.stats.sign(east, &StatsFilter::default(), Page::first()).expect("in time");
        assert_eq!(found.total, 4);
        assert_eq!(found.rows.iter().map(|row| row.count).sum::<i64>(), 20_000);
    });
}

#[test]
fn statistics_are_not_for_correspondents() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let correspondent = Caller::new(world.people[0], Role::Correspondent, Scope::All);
        let (filter, page) = (StatsFilter::default(), Page::first());
        let outcomes = [
            world.stats.sign(&correspondent, &filter, page).map(|_| ()),
            world.stats.demand(&correspondent, &filter, page).map(|_| ()),
            world.stats.follow(&correspondent, &filter, page).map(|_| ()),
            world.stats.satisfy(&correspondent, &filter, page).map(|_| ()),
        ];
        for outcome in outcomes {
            assert!(matches!(outcome, Err(Error::Forbidden)), "{outcome:?}");
        }
    });
}
