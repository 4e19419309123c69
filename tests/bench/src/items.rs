//! The work items: what is asked, and by whom.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use crm_core::CustomerId;
use crm_db::Db;
use crm_db::schema::customers;
use crm_gateway::commands::seed_demo::names;
use diesel::prelude::*;
use fastrand::Rng;
use serde_json::json;

use crate::client::Request;
use crate::data::staff::Sees;
use crate::data::{DAY, Plan};
use crate::people::{Seat, Who};

/// What the requests of a run are made from.
pub(crate) struct World {
    pub(crate) plan: Plan,
    /// Names that customers have.
    names: Vec<String>,
    deleted: HashSet<i64>,
    /// The customers in the public pool, and how many of them have been asked for.
    pool: Vec<i64>,
    claimed: AtomicUsize,
}

impl World {
    /// Looks around in the data.
    ///
    /// # Errors
    /// What the database answers.
    pub(crate) fn of(db: &Db, plan: Plan) -> anyhow::Result<Self> {
        let (names, deleted, pool) = db.read(|conn| {
            let names = customers::table.order(customers::id).limit(1_000).select(customers::real_name).load(conn)?;
            let deleted: Vec<CustomerId> =
                customers::table.filter(customers::status.eq(-1i16)).select(customers::id).load(conn)?;
            let in_pool = customers::owner_id.is_null().and(customers::status.ne(-1i16));
            let pool: Vec<CustomerId> =
                customers::table.filter(in_pool).order(customers::id).select(customers::id).load(conn)?;
            Ok((names, deleted, pool))
        })?;
        let deleted = deleted.into_iter().map(|id| id.0).collect();
        let pool = pool.into_iter().map(|id| id.0).collect();
        Ok(Self { plan, names, deleted, pool, claimed: AtomicUsize::new(0) })
    }

    /// Some customer that is not deleted.
    pub(crate) fn customer(&self, rng: &mut Rng) -> i64 {
        loop {
            let id = rng.i64(1..=self.plan.customers);
            if !self.deleted.contains(&id) {
                return id;
            }
        }
    }

    pub(crate) fn organization(&self, rng: &mut Rng) -> i64 {
        rng.i64(1..=self.plan.organizations)
    }

    /// Page 500, or one near the end of a list that does not go so far.
    pub(crate) fn deep(&self) -> i64 {
        (self.plan.customers * 9 / 200).clamp(1, 500)
    }

    /// So many characters of some customer's name.
    pub(crate) fn part_of_a_name(&self, rng: &mut Rng, characters: usize) -> String {
        loop {
            let name = rng.choice(&self.names).map_or("", String::as_str);
            let letters: Vec<char> = name.chars().collect();
            if letters.len() >= characters {
                let from = rng.usize(0..=letters.len() - characters);
                return letters[from..from + characters].iter().collect();
            }
        }
    }

    /// From when to when so many days of the last year are, in Unix seconds.
    pub(crate) fn days(&self, rng: &mut Rng, days: i64) -> (i64, i64) {
        let end = self.plan.until - rng.i64(0..365 - days.min(364)) * DAY;
        (end - days * DAY, end)
    }

    /// The next customer in the pool that nobody has been sent for yet.
    fn next_in_pool(&self) -> Option<i64> {
        self.pool.get(self.claimed.fetch_add(1, Ordering::Relaxed)).copied()
    }
}

/// A work item.
pub(crate) struct Item {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) who: Who,
    pub(crate) make: fn(&World, &Seat, &mut Rng) -> Option<Request>,
}

const ALL: Who = Who::Only(Sees::All);

/// The work items that are measured one after the other. W12 is W1 again, beside a flood.
pub(crate) const ITEMS: &[Item] = &[
    Item { id: "W1", title: "one customer by id", who: ALL, make: |world, _, rng| Some(by_id(world, rng)) },
    Item { id: "W2", title: "first page of 20 customers, with total", who: ALL, make: |_, _, _| Some(page(1)) },
    Item {
        id: "W2d",
        title: "the same, seen by a region",
        who: Who::Only(Sees::DepartmentTree),
        make: |_, _, _| Some(page(1)),
    },
    Item { id: "W2o", title: "the same, one's own", who: Who::Only(Sees::Own), make: |_, _, _| Some(page(1)) },
    Item { id: "W3", title: "page 500 of customers", who: ALL, make: |world, _, _| Some(page(world.deep())) },
    Item {
        id: "W4a",
        title: "name search, one character",
        who: ALL,
        make: |world, _, rng| Some(search(world, rng, 1)),
    },
    Item {
        id: "W4b",
        title: "name search, two characters",
        who: ALL,
        make: |world, _, rng| Some(search(world, rng, 2)),
    },
    Item {
        id: "W4c",
        title: "name search, three characters",
        who: ALL,
        make: |world, _, rng| Some(search(world, rng, 3)),
    },
    Item {
        id: "W5",
        title: "create a customer with an organization",
        who: ALL,
        make: |world, _, rng| Some(create(world.organization(rng), rng)),
    },
    Item {
        id: "W6",
        title: "stats/sign over half a year, first page",
        who: ALL,
        make: |world, _, rng| Some(sign(world, rng)),
    },
    Item {
        id: "W7",
        title: "follow-ups of one week, first page",
        who: ALL,
        make: |world, _, rng| Some(week(world, rng)),
    },
    Item {
        id: "W8",
        title: "customers v2, tab my, newest first",
        who: Who::Everybody,
        make: |_, _, _| {
            Some(Request::get("/api/v2/customers?tab_type=my&sort=created_at&order=desc&page=1&per_page=20"))
        },
    },
    Item { id: "W9", title: "dashboard, week", who: Who::Everybody, make: |world, _, _| Some(dashboard(world)) },
    Item {
        id: "W10",
        title: "mixed: 70 % reads, 10 % search, 20 % writes",
        who: ALL,
        make: |world, seat, rng| Some(mixed(world, seat, rng)),
    },
    Item {
        id: "W11",
        title: "claim from the pool",
        who: Who::Everybody,
        make: |world, _, _| Some(Request::post("/api/customers/claim", &json!({"customer_id": world.next_in_pool()?}))),
    },
];

/// The item with this id.
pub(crate) fn item(id: &str) -> Option<&'static Item> {
    ITEMS.iter().find(|item| item.id == id)
}

fn by_id(world: &World, rng: &mut Rng) -> Request {
    Request::get(format!("/api/customers/customers?customer_id={}", world.customer(rng)))
}

fn page(number: i64) -> Request {
    Request::get(format!("/api/customers/customers?page={number}&count=20"))
}

fn search(world: &World, rng: &mut Rng, characters: usize) -> Request {
    let name = world.part_of_a_name(rng, characters);
    let name: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    Request::get(format!("/api/customers/customers?name={name}"))
}

/// Enters a customer with this organization.
pub(crate) fn create(organization: i64, rng: &mut Rng) -> Request {
    let customer = json!({
        "realName": names::person(rng),
        "phoneNumber": names::mobile(rng),
        "job": names::job(rng),
        "organization_id": [organization],
    });
    Request::post("/api/customers/customers", &customer)
}

fn sign(world: &World, rng: &mut Rng) -> Request {
    Request::get(format!("/api/stats/sign?{}", range(world.days(rng, 182))))
}

fn week(world: &World, rng: &mut Rng) -> Request {
    Request::get(format!("/api/record/follow?{}", range(world.days(rng, 7))))
}

fn dashboard(world: &World) -> Request {
    let body = json!({"date_type": "week", "date_time": world.plan.until});
    Request::post("/business/1/plugin/CrmDashboard/getCustomerData", &body)
}

fn mixed(world: &World, seat: &Seat, rng: &mut Rng) -> Request {
    match rng.u8(0..100) {
        0..30 => page(1),
        30..60 => by_id(world, rng),
        60..70 => week(world, rng),
        70..80 => {
            let characters = rng.usize(1..4);
            search(world, rng, characters)
        }
        80..90 => create(world.organization(rng), rng),
        _ => follow(world, seat, rng),
    }
}

fn follow(world: &World, seat: &Seat, rng: &mut Rng) -> Request {
    let follow = json!({
        "protent_id": rng.i64(1..=world.plan.organizations),
        "follower_id": [seat.id],
        "customers_id": [world.customer(rng)],
        "record_time": utc(world.plan.until),
        "event": rng.u8(1..6),
        "gain": names::gain(rng),
    });
    Request::post("/api/record/follow", &follow)
}

fn range((start, end): (i64, i64)) -> String {
    format!("start_time={}&end_time={}", utc(start), utc(end))
}

fn utc(unix: i64) -> String {
    chrono::DateTime::from_timestamp(unix, 0).map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default()
}
