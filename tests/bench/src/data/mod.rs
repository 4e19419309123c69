//! The data: made once per size and seed, in bulk and past the services, but true to every rule they
//! keep, to which it is held ([`RULES`]). Only audit rows are left out: no list reads them.

pub(crate) mod customers;
pub(crate) mod records;
mod rows;
pub(crate) mod staff;

use anyhow::{Result, bail};
use crm_db::{Conn, Db, Options};
use fastrand::Rng;
use serde::{Deserialize, Serialize};

/// A day in seconds.
pub(crate) const DAY: i64 = 86_400;
/// How long the team has been at work.
pub(crate) const TWO_YEARS: i64 = 730 * DAY;

/// How much data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) customers: i64,
    pub(crate) organizations: i64,
    pub(crate) staff: i64,
    pub(crate) follows: i64,
    pub(crate) contracts: i64,
    pub(crate) seed: u64,
    /// The moment up to which the team has worked, in Unix seconds.
    pub(crate) until: i64,
}

impl Plan {
    /// The data of the benchmark with so many customers. Everything else stays as large as it is, so that
    /// runs of different sizes differ in their customers alone, unless `in_proportion`.
    pub(crate) fn of(customers: i64, in_proportion: bool, seed: u64, until: i64) -> Self {
        let scaled =
            |at_100_000: i64| if in_proportion { (customers * at_100_000 / 100_000).max(40) } else { at_100_000 };
        Self {
            customers,
            organizations: scaled(10_000),
            staff: 300,
            follows: scaled(500_000),
            contracts: scaled(50_000),
            seed,
            until,
        }
    }

    /// When the team began.
    pub(crate) fn start(&self) -> i64 {
        self.until - TWO_YEARS
    }

    /// The name of the data, whenever it was made.
    pub(crate) fn name(&self) -> String {
        let Self { customers, organizations, follows, contracts, seed, .. } = self;
        format!("crm_{customers}_{organizations}_{follows}_{contracts}_{seed}")
    }

    /// What one part of the data is drawn from: the same in every run, whatever the other parts draw.
    fn rng(&self, of: u64) -> Rng {
        Rng::with_seed(self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ of)
    }
}

/// Fills a new SQLite database.
///
/// # Errors
/// What the database says.
pub(crate) fn fill(url: &str, plan: &Plan, password_cost: u32) -> Result<()> {
    let db = Db::open_with(url, Options { durable: false, ..Options::default() })?;
    db.migrate()?;
    staff::fill(&db, plan, password_cost)?;
    let mut people = customers::draw(plan);
    let records = records::draw(plan, &mut people);
    customers::fill(&db, plan, &people)?;
    records::fill(&db, plan, &records)?;
    check(&db)
}

/// What a database must not have: each is a count of rows that break a rule of the services.
const RULES: &[(&str, &str)] = &[
    (
        "the kept totals are the numbers of rows",
        "SELECT CAST((SELECT SUM(value) FROM counters WHERE name = 'customers.live') - (SELECT COUNT(*) FROM customers WHERE status <> -1) AS BIGINT) AS broken",
    ),
    (
        "owners and the pool are counted",
        "SELECT CAST((SELECT SUM(value) FROM counters WHERE name = 'customers.pooled' OR name LIKE 'customers.owned.%') - (SELECT COUNT(*) FROM customers WHERE status <> -1) AS BIGINT) AS broken",
    ),
    (
        "deleted customers are counted",
        "SELECT CAST((SELECT SUM(value) FROM counters WHERE name = 'customers.deleted') - (SELECT COUNT(*) FROM customers WHERE status = -1) AS BIGINT) AS broken",
    ),
    (
        "organizations are counted",
        "SELECT CAST((SELECT SUM(value) FROM counters WHERE name = 'organizations.live') - (SELECT COUNT(*) FROM organizations WHERE status <> -1) AS BIGINT) AS broken",
    ),
    (
        "every customer has one address",
        "SELECT COUNT(*) AS broken FROM customers c LEFT JOIN customer_addresses a ON a.customer_id = c.id WHERE a.id IS NULL",
    ),
    (
        "every customer was created once, in its history",
        "SELECT COUNT(*) AS broken FROM customers c WHERE (SELECT COUNT(*) FROM customer_events e WHERE e.customer_id = c.id AND e.kind || '' = 'created') <> 1",
    ),
    (
        "a customer in the pool is there since some moment",
        "SELECT COUNT(*) AS broken FROM customers WHERE owner_id IS NULL AND pool_entered_at IS NULL",
    ),
    (
        "a customer with an owner was assigned",
        "SELECT COUNT(*) AS broken FROM customers WHERE owner_id IS NOT NULL AND assigned_at IS NULL",
    ),
    (
        "a deleted customer says when",
        "SELECT COUNT(*) AS broken FROM customers WHERE (status = -1) <> (deleted_at IS NOT NULL)",
    ),
    (
        "the last follow-up is stamped",
        "SELECT COUNT(*) AS broken FROM customers c WHERE COALESCE(c.last_follow_at, '1970-01-01 00:00:00') <> \
         COALESCE((SELECT MAX(f.record_time) FROM follow_customers l JOIN follows f ON f.id = l.follow_id WHERE l.customer_id = c.id), '1970-01-01 00:00:00')",
    ),
    (
        "the last call is stamped",
        "SELECT COUNT(*) AS broken FROM customers c WHERE COALESCE(c.last_called_at, '1970-01-01 00:00:00') <> \
         COALESCE((SELECT MAX(f.record_time) FROM follow_customers l JOIN follows f ON f.id = l.follow_id WHERE l.customer_id = c.id AND f.event = 3), '1970-01-01 00:00:00')",
    ),
    (
        "order_money is the sum of the contracts",
        "SELECT COUNT(*) AS broken FROM customers c WHERE CAST(c.order_money AS BIGINT) <> COALESCE((SELECT SUM(k.amount) FROM contracts k WHERE k.customer_id = c.id AND k.status = 0), 0)",
    ),
    (
        "the last deal is stamped",
        "SELECT COUNT(*) AS broken FROM customers c WHERE COALESCE(c.last_deal_at, '1970-01-01 00:00:00') <> \
         COALESCE((SELECT MAX(k.sign_time) FROM contracts k WHERE k.customer_id = c.id AND k.status = 0), '1970-01-01 00:00:00')",
    ),
    (
        "a potential with a follow-up has moved on",
        "SELECT COUNT(*) AS broken FROM potentials p WHERE p.status = 0 AND EXISTS (SELECT 1 FROM follows f WHERE f.potential_id = p.id)",
    ),
    (
        "everybody is in a group",
        "SELECT COUNT(*) AS broken FROM staff s WHERE NOT EXISTS (SELECT 1 FROM staff_group_members m WHERE m.staff_id = s.id)",
    ),
    (
        "every customer is found by its name",
        "SELECT CAST((SELECT COUNT(*) FROM customers) - (SELECT COUNT(*) FROM customers_search) AS BIGINT) AS broken",
    ),
    (
        "every customer is found by what is written about it",
        "SELECT CAST((SELECT COUNT(*) FROM customers) - (SELECT COUNT(*) FROM customer_texts_search) AS BIGINT) AS broken",
    ),
];

/// Holds the data to [`RULES`].
fn check(db: &Db) -> Result<()> {
    for (rule, sql) in RULES {
        let broken = db.read(|conn| number(conn, sql))?;
        if broken != 0 {
            bail!("the data breaks a rule: {rule} ({broken})");
        }
    }
    Ok(())
}

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    broken: i64,
}

fn number(conn: &mut Conn, sql: &str) -> crm_core::Result<i64> {
    let rows: Vec<Number> = diesel::RunQueryDsl::load(diesel::sql_query(sql), conn)?;
    Ok(rows.first().map_or(0, |row| row.broken))
}
