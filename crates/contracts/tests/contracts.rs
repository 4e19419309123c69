//! The promises of `Contracts` on both engines.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;

use crm_contracts::{Contract, ContractFilter, ContractInput, Contracts};
use crm_core::{
    Caller, ContractId, CustomerId, Error, Instant, Money, MoneySum, OrganizationId, Page, Patch, Role, Scope, StaffId,
    StatusFilter,
};
use crm_db::Db;
use crm_db::schema::{audit, customers, organizations};
use crm_db::testing::{on_each_engine, rows};
use diesel::prelude::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

struct World {
    db: Db,
    contracts: Contracts,
    admin: Caller,
    organization: OrganizationId,
}

impl World {
    fn new(db: &Db) -> Self {
        let admin = rows::person(db, "10000", "管理员", Role::Administrator, None);
        let organization = rows::organization(db, "国务院", admin);
        Self { db: db.clone(), contracts: Contracts::new(db), admin: Caller::administrator(admin), organization }
    }

    fn input(&self, name: &str) -> ContractInput {
        ContractInput {
            name: Patch::Value(name.to_owned()),
            organization_id: Patch::Value(self.organization),
            sign_time: Patch::Value(self.db.now()),
            ..ContractInput::default()
        }
    }

    fn customer(&self) -> CustomerId {
        rows::customer(&self.db, "Jerry", self.admin.staff_id)
    }

    fn ids(&self, caller: &Caller, filter: &ContractFilter, page: Page) -> Vec<ContractId> {
        let found = self.contracts.list(caller, filter, page).expect("the list answers");
        found.rows.iter().map(|row| row.contract.id).collect()
    }

    fn read(&self, id: ContractId) -> Contract {
        let filter = ContractFilter { id: Some(id), status: StatusFilter::All, ..ContractFilter::default() };
        let found = self.contracts.list(&self.admin, &filter, Page::first()).expect("the list answers");
        found.rows[0].contract.clone()
    }

    /// `last_deal_at`, `last_deal_money`, `order_money` and `version` of a customer.
    fn stamps(&self, customer: CustomerId) -> (Option<Instant>, Option<Money>, String, i64) {
        let found = self.db.read(|conn| {
            Ok(customers::table
                .filter(customers::id.eq(customer))
                .select((
                    customers::last_deal_at,
                    customers::last_deal_money,
                    customers::order_money,
                    customers::version,
                ))
                .first(conn)?)
        });
        found.expect("the customer is there")
    }
}

/// Action, record, id, before and after.
type Audited = (String, String, Option<i64>, Option<String>, Option<String>);

fn money(text: &str) -> Money {
    text.parse().expect("the test's money is right")
}

fn fields(error: &Error) -> Vec<&str> {
    match error {
        Error::Invalid(problems) => problems.iter().map(|problem| problem.field.as_str()).collect(),
        other => panic!("{other:?}"),
    }
}

/// What a test does to one of its contracts.
#[derive(Clone, Debug)]
enum Step {
    Create { customer: Option<usize>, amount: Option<i64>, day: i64 },
    Update { which: usize, customer: Patch<usize>, amount: Patch<i64>, day: Option<i64> },
    Delete { which: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let cents = || prop_oneof![0..=Money::MAX.cents(), Just(Money::MAX.cents()), Just(0)];
    let patched =
        |cents: BoxedStrategy<i64>| prop_oneof![Just(Patch::Absent), Just(Patch::Null), cents.prop_map(Patch::Value)];
    let customer = prop_oneof![Just(Patch::Absent), Just(Patch::Null), (0usize..2).prop_map(Patch::Value)];
    let step = prop_oneof![
        4 => (proptest::option::of(0usize..2), proptest::option::of(cents()), 0i64..5)
            .prop_map(|(customer, amount, day)| Step::Create { customer, amount, day }),
        3 => (any::<usize>(), customer, patched(cents().boxed()), proptest::option::of(0i64..5))
            .prop_map(|(which, customer, amount, day)| Step::Update { which, customer, amount, day }),
        1 => any::<usize>().prop_map(|which| Step::Delete { which }),
    ];
    proptest::collection::vec(step, 1..25)
}

#[derive(Clone, Debug)]
struct Modelled {
    id: ContractId,
    customer: Option<CustomerId>,
    amount: Option<Money>,
    signed: Instant,
    live: bool,
}

fn apply(world: &World, customers: &[CustomerId], model: &mut Vec<Modelled>, step: Step) {
    let at = |day: i64| Instant::from_unix(1_700_000_000 + day * 86_400);
    let cents = |cents: i64| Money::from_cents(cents).expect("cents in range");
    match step {
        Step::Create { customer, amount, day } => {
            let customer = customer.map(|index| customers[index]);
            let amount = amount.map(cents);
            let input = ContractInput {
                customer_id: customer.map_or(Patch::Null, Patch::Value),
                amount: amount.map_or(Patch::Absent, Patch::Value),
                sign_time: Patch::Value(at(day)),
                ..world.input("合同")
            };
            let id = world.contracts.create(&world.admin, input).expect("it is created");
            model.push(Modelled { id, customer, amount, signed: at(day), live: true });
        }
        Step::Update { which, customer, amount, day } => {
            if model.is_empty() {
                return;
            }
            let index = which % model.len();
            let known = &mut model[index];
            let customer = customer.map(|index| customers[index]);
            let amount = amount.map(cents);
            let input = ContractInput {
                customer_id: customer.clone(),
                amount: amount.clone(),
                sign_time: day.map_or(Patch::Absent, |day| Patch::Value(at(day))),
                ..ContractInput::default()
            };
            let result = world.contracts.update(&world.admin, known.id, None, input);
            if !known.live {
                assert!(matches!(result, Err(Error::NotFound(_))), "{result:?}");
                return;
            }
            result.expect("it is updated");
            known.customer = customer.apply(known.customer);
            known.amount = amount.apply(known.amount);
            known.signed = day.map_or(known.signed, at);
        }
        Step::Delete { which } => {
            if model.is_empty() {
                return;
            }
            let index = which % model.len();
            world.contracts.delete(&world.admin, model[index].id).expect("deleting, also twice, succeeds");
            model[index].live = false;
        }
    }
}

#[test]
fn deal_stamps_are_what_the_live_contracts_say_after_any_sequence_of_writes() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
        let outcome = runner.run(&steps(), |steps| {
            let customers = [world.customer(), world.customer()];
            let mut model = Vec::new();
            for step in steps {
                apply(&world, &customers, &mut model, step);
                for customer in customers {
                    let of = model.iter().filter(|known| known.live && known.customer == Some(customer));
                    let last = of.clone().max_by_key(|known| (known.signed, known.id));
                    let sum: MoneySum = of.filter_map(|known| known.amount).sum();
                    let expected = (
                        last.map(|known| known.signed),
                        last.and_then(|known| known.amount),
                        sum.cents().to_string(),
                        1,
                    );
                    prop_assert_eq!(world.stamps(customer), expected);
                }
            }
            Ok(())
        });
        outcome.expect("the stamps are true");
    });
}

#[test]
fn a_sum_beyond_64_bits_of_cents_is_exact() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let customer = world.customer();
        let mut last = ContractId(0);
        for _ in 0..95 {
            let input = ContractInput {
                customer_id: Patch::Value(customer),
                amount: Patch::Value(Money::MAX),
                ..world.input("最大")
            };
            last = world.contracts.create(&world.admin, input).expect("it is created");
        }
        let sum = 95 * i128::from(Money::MAX.cents());
        assert!(sum > i128::from(i64::MAX));
        assert_eq!(world.stamps(customer).2, sum.to_string());
        world.contracts.delete(&world.admin, last).expect("it is deleted");
        assert_eq!(world.stamps(customer).2, (sum - i128::from(Money::MAX.cents())).to_string());
    });
}

#[test]
fn contracts_written_at_once_for_the_same_customers_lose_no_stamp() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let customers = [world.customer(), world.customer()];
        std::thread::scope(|scope| {
            for thread in 0..8usize {
                let (world, customers) = (&world, &customers);
                scope.spawn(move || {
                    for round in 0..6 {
                        let input = ContractInput {
                            customer_id: Patch::Value(customers[thread % 2]),
                            amount: Patch::Value(money("1.01")),
                            ..world.input("合同")
                        };
                        let id = world.contracts.create(&world.admin, input).expect("it is created");
                        if round % 2 == 0 {
                            // To the other customer: both are locked, in opposite directions.
                            let moved = ContractInput {
                                customer_id: Patch::Value(customers[(thread + 1) % 2]),
                                ..ContractInput::default()
                            };
                            world.contracts.update(&world.admin, id, None, moved).expect("it is moved");
                        }
                    }
                });
            }
        });
        let sums: Vec<String> = customers.iter().map(|customer| world.stamps(*customer).2).collect();
        assert_eq!(sums, [(24 * 101).to_string(), (24 * 101).to_string()]);
    });
}

#[test]
fn of_many_who_enter_the_same_code_at_once_one_succeeds() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let outcomes: Vec<Result<ContractId, Error>> = std::thread::scope(|scope| {
            let create = |_| {
                scope.spawn(|| {
                    let input = ContractInput { code: Patch::Value("HT-1".into()), ..world.input("合同") };
                    world.contracts.create(&world.admin, input)
                })
            };
            let threads: Vec<_> = (0..12).map(create).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        for error in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
            assert!(matches!(error, Error::Conflict { field: "code", .. }), "{error:?}");
        }
    });
}

#[test]
fn a_code_is_free_again_when_its_contract_is_deleted_and_empty_codes_never_meet() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let with_code = |code: &str| ContractInput { code: Patch::Value(code.into()), ..world.input("合同") };
        let create = |code: &str| world.contracts.create(&world.admin, with_code(code));
        let first = create("A").expect("free");
        assert!(matches!(create("A"), Err(Error::Conflict { field: "code", .. })));
        let other = create("a").expect("codes are compared as they are");
        let rename = ContractInput { code: Patch::Value("A".into()), ..ContractInput::default() };
        let refused = world.contracts.update(&world.admin, other, None, rename.clone());
        assert!(matches!(refused, Err(Error::Conflict { field: "code", .. })));
        world.contracts.update(&world.admin, first, None, rename.clone()).expect("its own code is no conflict");
        world.contracts.delete(&world.admin, first).expect("deleted");
        world.contracts.update(&world.admin, other, None, rename).expect("the code is free again");
        for _ in 0..2 {
            let id = create("").expect("no code");
            assert_eq!(world.read(id).code, None);
        }
        let ids = |code: &str, status| {
            let filter = ContractFilter { code: Some(code.into()), status, ..ContractFilter::default() };
            world.ids(&world.admin, &filter, Page::first())
        };
        assert_eq!(ids("A", StatusFilter::Live), [other]);
        assert_eq!(ids("A", StatusFilter::All), [other, first]);
        assert_eq!(ids("A", StatusFilter::Exactly(-1)), [first]);
        assert_eq!(ids("%", StatusFilter::All), []);
    });
}

#[test]
fn every_bad_field_is_named_at_once_and_nothing_is_written() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let now = test.db.now();
        let deleted = rows::organization(&test.db, "已删除", world.admin.staff_id);
        test.db
            .write(|conn| {
                let gone = organizations::table.filter(organizations::id.eq(deleted));
                Ok(diesel::update(gone).set(organizations::status.eq(-1i16)).execute(conn)?)
            })
            .expect("deleted");
        let input = ContractInput {
            name: Patch::Value(" ".into()),
            organization_id: Patch::Value(deleted),
            customer_id: Patch::Value(CustomerId(99)),
            code: Patch::Value("x".repeat(256)),
            sign_time: Patch::Null,
            aging_start_time: Patch::Value(now),
            aging_end_time: Patch::Value(now.plus_seconds(-1)),
            note: Patch::Value("a\0".into()),
            creator_id: Patch::Value(StaffId(98)),
            editor_id: Patch::Value(StaffId(97)),
            follower_ids: Patch::Value(vec![world.admin.staff_id, world.admin.staff_id]),
            ..ContractInput::default()
        };
        let error = world.contracts.create(&world.admin, input).expect_err("all is wrong");
        let mut named = fields(&error);
        named.sort_unstable();
        let all = [
            "aging_end_time",
            "code",
            "creator_id",
            "customer_id",
            "editor_id",
            "follower_id",
            "name",
            "note",
            "organization_id",
            "sign_time",
        ];
        assert_eq!(named, all);
        let error = world.contracts.create(&world.admin, ContractInput::default()).expect_err("nothing is there");
        assert_eq!(fields(&error), ["name", "organization_id", "sign_time"]);
        let filter = ContractFilter { code: Some("a\0".into()), name: Some("x".repeat(101)), ..Default::default() };
        let error = world.contracts.list(&world.admin, &filter, Page::first()).expect_err("no such texts");
        assert_eq!(fields(&error), ["code", "name"]);
        assert_eq!(world.ids(&world.admin, &ContractFilter::default(), Page::first()), []);
        let deeds: i64 = test.db.read(|conn| Ok(audit::table.count().get_result(conn)?)).expect("counted");
        assert_eq!(deeds, 0);
    });
}

#[test]
fn a_contract_must_not_end_before_it_starts_whichever_end_is_moved() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let now = test.db.now();
        let input = ContractInput {
            aging_start_time: Patch::Value(now),
            aging_end_time: Patch::Value(now),
            ..world.input("合同")
        };
        let id = world.contracts.create(&world.admin, input).expect("one moment is a term");
        for (start, end) in
            [(Patch::Value(now.plus_seconds(1)), Patch::Absent), (Patch::Absent, Patch::Value(now.plus_seconds(-1)))]
        {
            let input = ContractInput { aging_start_time: start, aging_end_time: end, ..ContractInput::default() };
            let error = world.contracts.update(&world.admin, id, None, input).expect_err("it ends too early");
            assert_eq!(fields(&error), ["aging_end_time"]);
        }
        let open = ContractInput {
            aging_start_time: Patch::Value(now.plus_seconds(9)),
            aging_end_time: Patch::Null,
            ..ContractInput::default()
        };
        world.contracts.update(&world.admin, id, None, open).expect("an open end is never too early");
    });
}

#[test]
fn an_update_of_what_was_read_before_somebody_elses_is_stale() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let id = world.contracts.create(&world.admin, world.input("一")).expect("created");
        let name = |name: &str| ContractInput { name: Patch::Value(name.into()), ..ContractInput::default() };
        world.contracts.update(&world.admin, id, Some(1), name("二")).expect("version 1 it is");
        assert!(matches!(world.contracts.update(&world.admin, id, Some(1), name("三")), Err(Error::Stale)));
        let read = world.read(id);
        assert_eq!((read.name.as_str(), read.version, read.editor_id), ("二", 2, Some(world.admin.staff_id)));
        let found = |text: &str| {
            let filter = ContractFilter { name: Some(text.into()), ..ContractFilter::default() };
            world.ids(&world.admin, &filter, Page::first())
        };
        assert_eq!((found("二"), found("一")), (vec![id], vec![]));
    });
}

#[test]
fn each_write_leaves_one_audit_row_and_a_second_deletion_none() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let follower = rows::person(&test.db, "10001", "tom ai", Role::Staff, None);
        let id = world.contracts.create(&world.admin, world.input("合同")).expect("created");
        let input = ContractInput { follower_ids: Patch::Value(vec![follower]), ..ContractInput::default() };
        world.contracts.update(&world.admin, id, None, input).expect("updated");
        world.contracts.delete(&world.admin, id).expect("deleted");
        world.contracts.delete(&world.admin, id).expect("deleted already");
        let deeds: Vec<Audited> = test
            .db
            .read(|conn| {
                let columns = (audit::action, audit::record, audit::record_id, audit::before, audit::after);
                Ok(audit::table.order(audit::id).select(columns).load(conn)?)
            })
            .expect("audited");
        let actions: Vec<&str> = deeds.iter().map(|deed| deed.0.as_str()).collect();
        assert_eq!(actions, ["create", "update", "delete"]);
        assert!(deeds.iter().all(|deed| deed.1 == "contract" && deed.2 == Some(id.0)));
        assert!(deeds[0].4.as_ref().is_some_and(|after| after.contains("\"name\":\"合同\"")), "{deeds:?}");
        let followers = format!("\"follower_id\":[{}]", follower.0);
        assert!(deeds[1].4.as_ref().is_some_and(|after| after.contains(&followers)), "{deeds:?}");
        assert!(deeds[1].3.as_ref().is_some_and(|before| before.contains("\"follower_id\":[]")), "{deeds:?}");
    });
}

#[test]
fn each_role_and_scope_sees_and_changes_its_own_and_no_others() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let db = &test.db;
        let (east, west) = (rows::department(db, "东"), rows::department(db, "西"));
        let people: Vec<StaffId> = [east, east, west]
            .iter()
            .enumerate()
            .map(|(index, department)| {
                rows::person(db, &format!("2000{index}"), "员工", Role::Staff, Some(*department))
            })
            .collect();
        let made: Vec<ContractId> = people
            .iter()
            .map(|person| {
                let input = ContractInput { creator_id: Patch::Value(*person), ..world.input("合同") };
                world.contracts.create(&world.admin, input).expect("created")
            })
            .collect();
        let followed = ContractInput { follower_ids: Patch::Value(vec![people[0]]), ..world.input("跟进") };
        let followed = world.contracts.create(&world.admin, followed).expect("created");
        let seen = |caller: &Caller| -> BTreeSet<ContractId> {
            world.ids(caller, &ContractFilter::default(), Page::first()).into_iter().collect()
        };
        let staff = |scope| Caller::new(people[0], Role::Staff, scope);
        assert_eq!(seen(&staff(Scope::Own)), BTreeSet::from([made[0], followed]));
        assert_eq!(seen(&staff(Scope::Departments(vec![east]))), BTreeSet::from([made[0], made[1], followed]));
        assert_eq!(seen(&staff(Scope::Departments(vec![]))), BTreeSet::from([made[0], followed]));
        assert_eq!(seen(&staff(Scope::All)).len(), 4);
        let own = staff(Scope::Own);
        let rename = || ContractInput { name: Patch::Value("改".into()), ..ContractInput::default() };
        assert!(matches!(world.contracts.update(&own, made[2], None, rename()), Err(Error::NotFound(_))));
        assert!(matches!(world.contracts.delete(&own, made[2]), Err(Error::NotFound(_))));
        world.contracts.update(&own, followed, None, rename()).expect("followers work with it");
        let correspondent = Caller::new(people[0], Role::Correspondent, Scope::All);
        let refused = |result: Result<(), Error>| assert!(matches!(result, Err(Error::Forbidden)), "{result:?}");
        refused(world.contracts.list(&correspondent, &ContractFilter::default(), Page::first()).map(|_| ()));
        refused(world.contracts.create(&correspondent, world.input("合同")).map(|_| ()));
        refused(world.contracts.update(&correspondent, made[0], None, rename()));
        refused(world.contracts.delete(&correspondent, made[0]));
    });
}

#[test]
fn naming_somebody_else_as_creator_or_editor_is_the_administrators() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        let staff = |phone| rows::person(&test.db, phone, "员工", Role::Staff, None);
        let (me, other) = (staff("20000"), staff("20001"));
        let caller = Caller::new(me, Role::Staff, Scope::All);
        let creator = |id| ContractInput { creator_id: Patch::Value(id), ..ContractInput::default() };
        let editor = |id| ContractInput { editor_id: Patch::Value(id), ..ContractInput::default() };
        let made = ContractInput { creator_id: Patch::Value(me), editor_id: Patch::Value(me), ..world.input("合同") };
        let id = world.contracts.create(&caller, made).expect("oneself");
        for input in [creator(other), editor(other)] {
            let made = ContractInput {
                creator_id: input.creator_id.clone(),
                editor_id: input.editor_id.clone(),
                ..world.input("合同")
            };
            assert!(matches!(world.contracts.create(&caller, made), Err(Error::Forbidden)));
            assert!(matches!(world.contracts.update(&caller, id, None, input), Err(Error::Forbidden)));
        }
        world.contracts.update(&world.admin, id, None, creator(other)).expect("an administrator may");
        assert_eq!(world.read(id).editor_id, Some(world.admin.staff_id));
        world.contracts.update(&world.admin, id, None, editor(other)).expect("an administrator may");
        let kept = ContractInput { creator_id: Patch::Value(other), ..editor(other) };
        world.contracts.update(&caller, id, None, kept).expect("a form saved as it was read");
        let read = world.read(id);
        assert_eq!((read.creator_id, read.editor_id), (other, Some(other)));
        world.contracts.update(&caller, id, None, ContractInput::default()).expect("changed");
        assert_eq!(world.read(id).editor_id, Some(me));
    });
}

#[test]
fn pages_follow_each_other_without_gap_or_overlap_and_cost_the_same() {
    on_each_engine(|test| {
        let world = World::new(&test.db);
        for number in 0..23i64 {
            let input = ContractInput {
                sign_time: Patch::Value(test.db.now().plus_seconds(-(number * 7 % 5))),
                follower_ids: Patch::Value(vec![world.admin.staff_id]),
                ..world.input("合同")
            };
            world.contracts.create(&world.admin, input).expect("created");
        }
        let filter = ContractFilter::default();
        let page = |number, count| Page::new(number, count).expect("a page");
        let whole = world.contracts.list(&world.admin, &filter, page(1, 1000)).expect("the list answers");
        let keys: Vec<_> = whole.rows.iter().map(|row| (row.contract.sign_time, row.contract.id)).collect();
        assert!(keys.windows(2).all(|pair| pair[0] > pair[1]), "newest first, then the larger id");
        assert_eq!(whole.rows[0].follower_names, ["管理员"]);
        for count in [1, 4, 23, 24] {
            let mut pieces = Vec::new();
            for number in 1..=24 {
                pieces.extend(world.ids(&world.admin, &filter, page(number, count)));
            }
            assert_eq!(pieces, whole.rows.iter().map(|row| row.contract.id).collect::<Vec<_>>());
        }
        let past = world.contracts.list(&world.admin, &filter, page(i64::MAX, 1000)).expect("the list answers");
        assert_eq!((past.rows.len(), past.total), (0, 23));
        let cost = |count| {
            let before = test.db.statements();
            world.ids(&world.admin, &filter, page(1, count));
            test.db.statements() - before
        };
        assert_eq!(cost(2), cost(20));
    });
}
