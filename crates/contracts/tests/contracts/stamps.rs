//! The deal stamps contracts leave on customers.

use crm_contracts::ContractInput;
use crm_core::{ContractId, CustomerId, Error, Instant, Money, MoneySum, Patch};
use crm_db::testing::on_each_engine;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::*;

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
