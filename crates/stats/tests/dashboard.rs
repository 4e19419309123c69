//! The dashboard against a naive model over random histories, on both engines.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::HashSet;

use crm_core::{Caller, Clock, CustomerId, DepartmentId, Error, Instant, Role, Scope, StaffId, Zone};
use crm_customers::events::{self, Event, Kind};
use crm_db::schema::{customer_events, customers, wecom_contacts, wecom_events};
use crm_db::testing::{TestDb, on_each_engine, rows};
use crm_db::{Db, Engine, Options};
use crm_stats::dashboard::{Dashboard, DashboardNumbers, DashboardQuery, Numbers, PeriodKind};
use diesel::prelude::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

/// Something that happened to a customer: which, what, from whom, to whom, when.
type Happening = (usize, Kind, Option<usize>, Option<usize>, i64);
/// Something that happened to the contact of a person.
type Contact = (usize, &'static str, i64);

#[derive(Clone, Debug)]
struct Story {
    owners: Vec<(Option<usize>, bool)>,
    happenings: Vec<Happening>,
    contacts: Vec<(Option<i64>, bool)>,
    changes: Vec<Contact>,
}

#[derive(Clone, Debug)]
struct Question {
    caller: usize,
    kind: PeriodKind,
    at: i64,
    department: Option<usize>,
    person: Option<usize>,
}

const CUSTOMERS: usize = 5;
const PEOPLE: usize = 3;
/// Hours the stories tell of.
const HOURS: i64 = 24 * 60;

fn stories() -> impl Strategy<Value = Story> {
    let person = || proptest::option::weighted(0.7, 0..PEOPLE);
    let happening = (0..CUSTOMERS, prop::sample::select(Kind::ALL.to_vec()), person(), person(), 0..HOURS);
    let change = (0..PEOPLE, prop::sample::select(vec!["added", "appeared", "lost"]), 0..HOURS);
    (
        proptest::collection::vec((person(), any::<bool>()), CUSTOMERS),
        proptest::collection::vec(happening, 0..40),
        proptest::collection::vec((proptest::option::of(0i64..9), any::<bool>()), PEOPLE),
        proptest::collection::vec(change, 0..30),
    )
        .prop_map(|(owners, mut happenings, contacts, changes)| {
            // A customer is created once, and first.
            let mut created = HashSet::new();
            happenings.retain(|(customer, kind, ..)| *kind != Kind::Created || created.insert(*customer));
            let all = happenings.clone();
            for (customer, kind, .., hour) in &mut happenings {
                let of_it = all.iter().filter(|(other, ..)| other == customer);
                if *kind == Kind::Created {
                    *hour = of_it.map(|(.., hour)| *hour).min().unwrap_or(*hour);
                }
            }
            Story { owners, happenings, contacts, changes }
        })
}

fn questions() -> impl Strategy<Value = Question> {
    let kind = prop::sample::select(vec![PeriodKind::Day, PeriodKind::Week, PeriodKind::Month]);
    let (department, person) = (proptest::option::of(0usize..2), proptest::option::of(0..PEOPLE));
    (0usize..5, kind, 0..HOURS, department, person).prop_map(|(caller, kind, at, department, person)| Question {
        caller,
        kind,
        at,
        department,
        person,
    })
}

/// A whole hour of the time the stories tell of, which goes over the end of a year.
fn at(hour: i64) -> Instant {
    Instant::from_unix(1_796_000_400 + hour * 3600)
}

struct World {
    db: Db,
    dashboard: Dashboard,
    people: Vec<StaffId>,
    departments: Vec<DepartmentId>,
    customers: Vec<CustomerId>,
    callers: Vec<(Caller, Vec<usize>)>,
}

impl World {
    fn new(db: &Db) -> Self {
        let departments = vec![rows::department(db, "东"), rows::department(db, "西")];
        let person = |phone, department| rows::person(db, phone, "员工", Role::Staff, Some(departments[department]));
        let people = vec![person("20000", 0), person("20001", 0), person("20002", 1)];
        let customers = (0..CUSTOMERS).map(|_| rows::customer(db, "客户", people[0])).collect();
        let me = |scope| Caller::new(people[0], Role::Staff, scope);
        let callers = vec![
            (Caller::administrator(people[0]), vec![0, 1, 2]),
            (me(Scope::All), vec![0, 1, 2]),
            (me(Scope::Own), vec![0]),
            (me(Scope::Departments(vec![departments[0]])), vec![0, 1]),
            (me(Scope::Departments(vec![departments[1]])), vec![0, 2]),
        ];
        let dashboard = Dashboard::new(db, Zone::default());
        Self { db: db.clone(), dashboard, people, departments, customers, callers }
    }

    fn tell(&self, story: &Story) {
        self.db
            .write(|conn| {
                diesel::delete(customer_events::table).execute(conn)?;
                diesel::delete(wecom_events::table).execute(conn)?;
                diesel::delete(wecom_contacts::table).execute(conn)?;
                for (index, (owner, deleted)) in story.owners.iter().enumerate() {
                    let status: i16 = if *deleted { -1 } else { 1 };
                    diesel::update(customers::table.filter(customers::id.eq(self.customers[index])))
                        .set((customers::owner_id.eq(owner.map(|o| self.people[o])), customers::status.eq(status)))
                        .execute(conn)?;
                }
                for (index, (lost, deleted)) in story.contacts.iter().enumerate() {
                    let id: i64 = diesel::insert_into(wecom_contacts::table)
                        .values((
                            wecom_contacts::external_userid.eq("wm"),
                            wecom_contacts::staff_id.eq(self.people[index]),
                            wecom_contacts::added_at.eq(at(0)),
                            wecom_contacts::lost_at.eq(lost.map(at)),
                            wecom_contacts::status.eq(if *deleted { -1i16 } else { 1 }),
                            wecom_contacts::version.eq(1i64),
                            wecom_contacts::created_at.eq(at(0)),
                            wecom_contacts::updated_at.eq(at(0)),
                        ))
                        .returning(wecom_contacts::id)
                        .get_result(conn)?;
                    let mine: HashSet<&Contact> = story.changes.iter().filter(|change| change.0 == index).collect();
                    for (_, kind, hour) in mine {
                        diesel::insert_into(wecom_events::table)
                            .values((
                                wecom_events::wecom_id.eq(id),
                                wecom_events::staff_id.eq(self.people[index]),
                                wecom_events::kind.eq(*kind),
                                wecom_events::happened_at.eq(at(*hour)),
                            ))
                            .execute(conn)?;
                    }
                }
                Ok(())
            })
            .expect("told");
        rows::recount_customers(&self.db);
        self.add(&story.happenings);
    }

    fn add(&self, happenings: &[Happening]) {
        let added = self.db.write(|conn| {
            for (customer, kind, from, to, hour) in happenings {
                let id = |person: &Option<usize>| person.map(|person| self.people[person].to_string());
                let (customer, kind, time) = (self.customers[*customer], *kind, at(*hour));
                let event = Event { customer, kind, actor: None, from: id(from), to: id(to), reason: None, at: time };
                events::record(conn, &event)?;
            }
            Ok(())
        });
        added.expect("added");
    }

    fn ask(&self, dashboard: &Dashboard, question: &Question) -> Result<DashboardNumbers, Error> {
        let query = DashboardQuery {
            kind: question.kind,
            at: Some(at(question.at)),
            department_id: question.department.map(|department| self.departments[department]),
            subordinate_id: question.person.map(|person| self.people[person]),
        };
        dashboard.read(&self.callers[question.caller].0, &query)
    }
}

fn department_of(person: usize) -> usize {
    usize::from(person == 2)
}

/// The same, counted one by one; `None` for a question that is refused.
fn counted(world: &World, story: &Story, question: &Question, found: &DashboardNumbers) -> Option<(Numbers, Numbers)> {
    let (caller, scope) = &world.callers[question.caller];
    if question.person.is_some_and(|person| !scope.contains(&person)) {
        return None;
    }
    if let Some(department) = question.department
        && caller.scope != Scope::All
        && !scope.iter().any(|person| department_of(*person) == department)
    {
        return None;
    }
    let selected = |person: usize| {
        scope.contains(&person)
            && question.person.is_none_or(|wanted| wanted == person)
            && question.department.is_none_or(|wanted| wanted == department_of(person))
    };
    let within = |place: usize, hour: i64| {
        let range = found.periods[place].range(Zone::default());
        range.start <= Some(at(hour)) && Some(at(hour)) <= range.end
    };
    let distinct = |things: Vec<usize>| i64::try_from(things.into_iter().collect::<HashSet<_>>().len()).expect("few");
    let customers = |place: usize, kinds: [Kind; 3], gained: bool| {
        let mut things = Vec::new();
        for (customer, kind, from, to, hour) in &story.happenings {
            let whose = if gained { to } else { from };
            if kinds.contains(kind) && whose.is_some_and(selected) && within(place, *hour) {
                things.push(*customer);
            }
        }
        distinct(things)
    };
    let contacts = |place: usize, kinds: &[&str]| {
        let changes = story
            .changes
            .iter()
            .filter(|(person, kind, hour)| kinds.contains(kind) && selected(*person) && within(place, *hour));
        distinct(changes.map(|change| change.0).collect())
    };
    let total = |things: usize| i64::try_from(things).expect("few");
    let crm = Numbers {
        total: total(story.owners.iter().filter(|(owner, deleted)| !deleted && owner.is_some_and(selected)).count()),
        came: std::array::from_fn(|place| customers(place, Kind::GAINS, true)),
        went: std::array::from_fn(|place| customers(place + 5, Kind::LOSSES, false)),
    };
    let current =
        |(person, (lost, deleted)): &(usize, &(Option<i64>, bool))| lost.is_none() && !deleted && selected(*person);
    let wechat = Numbers {
        total: total(story.contacts.iter().enumerate().filter(current).count()),
        came: std::array::from_fn(|place| contacts(place, &["added", "appeared"])),
        went: std::array::from_fn(|place| contacts(place + 5, &["lost"])),
    };
    Some((crm, wechat))
}

/// The answers to these questions are what one by one is counted.
fn check(world: &World, dashboard: &Dashboard, story: &Story, questions: &[Question]) -> Result<(), TestCaseError> {
    for question in questions {
        let open = Question { caller: 0, department: None, person: None, ..question.clone() };
        let periods = world.ask(dashboard, &open).expect("an administrator may ask");
        match (world.ask(dashboard, question), counted(world, story, question, &periods)) {
            (Ok(found), Some((crm, wechat))) => {
                prop_assert_eq!(&found.crm, &crm, "{:?}", question);
                prop_assert_eq!(&found.wechat, &wechat, "{:?}", question);
                prop_assert_eq!(found.soon_lost, 0);
            }
            (Err(Error::Invalid(_)), None) => {}
            (found, counted) => prop_assert!(false, "{question:?}: {found:?} and {counted:?}"),
        }
    }
    Ok(())
}

fn set(clock: &Clock, to: Instant) {
    clock.advance(to.unix() - clock.now().unix());
}

/// Half of what is told is past, of which the dashboard keeps the numbers: it is asked twice, when time has gone on, and
/// again when more of the past has come to light.
#[test]
fn every_number_is_what_one_by_one_is_counted() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let clock = Clock::manual(at(HOURS / 2));
        let options = Options { clock: clock.clone(), ..Options::default() };
        let Some(database) = TestDb::with_options(engine, options) else { continue };
        let world = World::new(&database.db);
        let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
        runner
            .run(&(stories(), proptest::collection::vec(questions(), 6), 0..200i64), |(story, questions, hours)| {
                set(&clock, at(HOURS / 2));
                let dashboard = Dashboard::new(&world.db, Zone::default());
                let (known, later) = story.happenings.split_at(story.happenings.len() / 2);
                let first = Story { happenings: known.to_vec(), ..story.clone() };
                world.tell(&first);
                check(&world, &dashboard, &first, &questions)?;
                check(&world, &dashboard, &first, &questions)?;
                set(&clock, at(HOURS / 2 + hours));
                check(&world, &dashboard, &first, &questions)?;
                world.add(later);
                check(&world, &dashboard, &story, &questions)
            })
            .expect("every case holds");
    }
}

/// A period that is over is not counted again, nor is what is over of one that goes on; the rest always is.
#[test]
fn what_is_over_is_counted_once() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let clock = Clock::manual(at(0));
        let Some(database) = TestDb::with_options(engine, Options { clock: clock.clone(), ..Options::default() })
        else {
            continue;
        };
        let world = World::new(&database.db);
        world.add(&[(0, Kind::Created, None, Some(0), -24 * 20)]);
        let came = |at| {
            let query = DashboardQuery { at: Some(at), ..DashboardQuery::default() };
            world.dashboard.read(&world.callers[0].0, &query).expect("read").crm.came
        };
        let before = came(at(0));
        assert_eq!(before.iter().sum::<i64>(), 1);
        // Past the services, and so that no new event tells of it.
        let write = |sql| world.db.write(|conn| Ok(diesel::sql_query(sql).execute(conn)?)).expect("written");
        write("UPDATE customer_events SET kind = 'stage'");
        assert_eq!(came(at(0)), before, "it is kept");
        world.add(&[(1, Kind::Created, None, Some(1), 0)]);
        assert_eq!(came(at(0)).iter().sum::<i64>(), 2, "what goes on is counted");
        world.add(&[(2, Kind::Created, None, Some(1), 0)]);
        assert_eq!(came(at(0)).iter().sum::<i64>(), 3, "each time");
        world.add(&[(3, Kind::Created, None, Some(1), -24 * 30)]);
        assert_eq!(came(at(0)).iter().sum::<i64>(), 3, "an older event: all is counted anew");
        // Some hours later, in the same week. Who came before does not come again.
        set(&clock, at(5));
        world.add(&[(1, Kind::Assigned, None, Some(0), 4)]);
        assert_eq!(came(at(5))[6], 2);
        write("UPDATE customer_events SET kind = 'stage'");
        world.add(&[(4, Kind::Created, None, Some(1), 5)]);
        assert_eq!(came(at(5))[6], 3, "what is over of the week is kept");
    }
}

/// A request that reads an older state than another, which has looked at an event from the past since, keeps nothing.
#[test]
fn what_is_counted_in_an_older_state_is_not_kept() {
    let options = Options { clock: Clock::manual(at(0)), ..Options::default() };
    let Some(database) = TestDb::with_options(Engine::Sqlite, options) else { return };
    let world = World::new(&database.db);
    let came = |kind| {
        let query = DashboardQuery { kind, ..DashboardQuery::default() };
        world.dashboard.read(&world.callers[0].0, &query).expect("read").crm.came.iter().sum::<i64>()
    };
    came(PeriodKind::Day);
    let older = world.db.together(|| {
        // From here on one state is read.
        assert_eq!(world.db.read(|conn| Ok(customer_events::table.count().get_result::<i64>(conn)?)).ok(), Some(0));
        let other = std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                world.add(&[(0, Kind::Created, None, Some(0), -24 * 20)]);
                came(PeriodKind::Day)
            });
            other.join().expect("it ends")
        });
        assert_eq!(other, 0);
        came(PeriodKind::Week)
    });
    assert_eq!((older, came(PeriodKind::Week)), (0, 1));
}

#[test]
fn correspondents_and_those_who_ask_for_what_is_not_there_are_refused() {
    on_each_engine(|database| {
        let world = World::new(&database.db);
        let correspondent = Caller::new(world.people[0], Role::Correspondent, Scope::All);
        let refused = world.dashboard.read(&correspondent, &DashboardQuery::default());
        assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
        let admin = Caller::administrator(world.people[0]);
        let both = DashboardQuery {
            department_id: Some(DepartmentId(99)),
            subordinate_id: Some(StaffId(99)),
            ..DashboardQuery::default()
        };
        match world.dashboard.read(&admin, &both) {
            Err(Error::Invalid(problems)) => {
                let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
                assert_eq!(fields, ["department_id", "subordinate_id"]);
            }
            other => panic!("{other:?}"),
        }
    });
}
