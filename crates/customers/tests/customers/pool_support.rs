//! What the tests of the public pool share: a clock to move, and many customers at once.

use crm_core::{Caller, CustomerId, DayEdge, Error, Instant, StaffId, Zone};
use crm_customers::pool::{Pool, PoolRuleInput};
use crm_db::testing::{TestDb, rows};
use crm_db::{Engine, Options};

use crate::support::*;

/// 2026-03-02 10:00:00 in Shanghai, a Monday.
pub(crate) const START: i64 = 1_772_416_800;
pub(crate) const DAY: i64 = 86_400;

/// Runs `test` on each engine with a clock that stands at [`START`] until it is moved.
pub(crate) fn on_each_engine_in_time(test: impl Fn(&World, &Pool, &TestDb)) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let options =
            Options { clock: crm_core::Clock::manual(Instant::from_unix(START)), durable: false, pool_size: 16 };
        if let Some(database) = TestDb::with_options(engine, options) {
            let world = World::over(&database.db);
            test(&world, &Pool::new(&database.db, Zone::default()), &database);
        }
    }
}

/// An input that switches the rule on with these numbers: contact, deal, notice.
pub(crate) fn on(contact: i64, deal: i64, notice: i64) -> PoolRuleInput {
    PoolRuleInput {
        enabled: 1.into(),
        contact_days: contact.into(),
        deal_days: deal.into(),
        notice_days: notice.into(),
        ..PoolRuleInput::default()
    }
}

pub(crate) fn set(pool: &Pool, input: PoolRuleInput) {
    pool.set_rule(&admin(), None, input).expect("the rule is set");
}

/// The text of a conflict.
pub(crate) fn conflict<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Conflict { message, .. }) => message,
        other => panic!("not a conflict: {other:?}"),
    }
}

/// A local time in Shanghai.
pub(crate) fn at(text: &str) -> Instant {
    Zone::default().parse(text, DayEdge::Start).expect("a time")
}

/// Somebody who may do what their role may, whatever their groups.
pub(crate) fn anna() -> Caller {
    own(ANNA)
}

/// One customer as it is inserted without its service.
#[derive(Clone, Debug)]
pub(crate) struct Seed {
    pub(crate) id: i64,
    pub(crate) owner: Option<StaffId>,
    pub(crate) assigned: Instant,
    pub(crate) followed: Option<Instant>,
    pub(crate) deal: Option<Instant>,
    pub(crate) stage: i64,
    pub(crate) locked: bool,
    pub(crate) deleted: bool,
}

impl Seed {
    /// A live one of this person in the first stage.
    pub(crate) fn of(id: i64, owner: Option<StaffId>, assigned: Instant) -> Self {
        Self { id, owner, assigned, followed: None, deal: None, stage: 1, locked: false, deleted: false }
    }
}

fn time(at: Option<Instant>) -> String {
    at.map_or("NULL".to_owned(), |at| format!("'{}'", at.utc().format("%Y-%m-%d %H:%M:%S")))
}

/// Inserts these.
pub(crate) fn insert(world: &World, seeds: &[Seed]) -> Vec<CustomerId> {
    for seeds in seeds.chunks(500) {
        let values = seeds.iter().map(|seed| {
            let Seed { id, owner, assigned, followed, deal, stage, locked, deleted } = seed.clone();
            format!(
                "({id}, 'c{id}', 3, 0, 0, 0, 1, {}, {}, {}, {}, {}, 0, 0, '0', {}, 1, {}, {stage}, {}, {})",
                owner.map_or("NULL".to_owned(), |owner| owner.to_string()),
                time(owner.map(|_| assigned)),
                time(owner.is_none().then_some(assigned)),
                time(followed),
                time(deal),
                if deleted { -1 } else { 1 },
                i16::from(locked),
                time(Some(assigned)),
                time(Some(assigned)),
            )
        });
        let values: Vec<String> = values.collect();
        world.execute(&format!(
            "INSERT INTO customers (id, real_name, sex, level, is_vip, is_senior, creator_id, owner_id, assigned_at, \
             pool_entered_at, last_follow_at, last_deal_at, pool_times, pool_type, order_money, status, version, is_locked, stage_id, \
             created_at, updated_at) VALUES {}",
            values.join(", ")
        ));
    }
    rows::recount_customers(&world.db);
    seeds.iter().map(|seed| CustomerId(seed.id)).collect()
}

/// Numbers that look random and are the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number from 0 up to and without `sides`.
    pub(crate) fn roll(&mut self, sides: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 % u64::try_from(sides).expect("some sides")).expect("it fits")
    }
}
