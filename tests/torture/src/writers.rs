//! Clients that write one after the other, and remember what they were told.
//!
//! Each works on customers of its own, so that it knows what the database must say of them; what it asked
//! for last and got no answer to is in doubt, and may have been done or not, but nothing in between.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::{Value, json};

use crate::wire::{Answer, Connection, Request};
use crate::world::{Seat, World};

/// How many of its customers a writer goes on working on.
const ACTIVE: usize = 30;
/// How long a writer waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A customer as the writer knows it.
#[derive(Clone, Debug)]
pub(crate) struct Customer {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) organizations: Vec<i64>,
    pub(crate) custom: String,
    pub(crate) note: Option<String>,
    pub(crate) version: i64,
    pub(crate) owner: Option<i64>,
    /// When it was acknowledged.
    pub(crate) at: Instant,
}

/// A contract, a follow-up or a contact that was acknowledged, and the text it is known by.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) kind: Kind,
    pub(crate) id: i64,
    pub(crate) text: String,
    pub(crate) customers: Vec<i64>,
    pub(crate) cents: i64,
    /// When it was acknowledged.
    pub(crate) at: Instant,
}

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Contact,
    Contract,
    Follow,
    Organization,
}

/// One write. Customers are named by their place among the writer's own.
#[derive(Clone, Debug)]
pub(crate) enum Write {
    Customer { name: String, organizations: Vec<i64>, custom: String },
    Update { at: usize, note: String },
    Record { kind: Kind, at: Vec<usize>, text: String, cents: i64 },
    Hands { act: &'static str, owner: Option<i64>, at: Vec<usize> },
}

/// A write without an answer.
#[derive(Clone, Debug)]
pub(crate) struct Doubt {
    pub(crate) write: Write,
    pub(crate) key: Option<String>,
    /// As it was sent: a request sent again must be the same.
    pub(crate) body: Value,
}

/// What one writer knows.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    pub(crate) name: String,
    pub(crate) seat: Seat,
    pub(crate) customers: Vec<Customer>,
    pub(crate) records: Vec<Record>,
    pub(crate) doubt: Option<Doubt>,
    pub(crate) acknowledged: usize,
    /// Answers 503.
    pub(crate) refused: usize,
    /// Answers nobody should get.
    pub(crate) improper: Vec<String>,
    /// Whether every write has a key, and is asked for until it is done.
    pub(crate) insists: bool,
    /// From asking to the answer, in milliseconds: of successes, and of answers 503.
    pub(crate) times: (Vec<f64>, Vec<f64>),
    /// When successes came.
    pub(crate) successes: Vec<Instant>,
    pub(crate) was_refused: bool,
    /// How its connection ended, if not by itself.
    pub(crate) cut_off: Option<String>,
    /// Whether the last success told of what had been done before.
    pub(crate) last_was_replayed: bool,
    pub(crate) count: usize,
    pub(crate) rng: Rng,
}

impl Journal {
    pub(crate) fn new(number: usize, seat: Seat, seed: u64) -> Self {
        Self {
            name: format!("w{number}"),
            seat,
            customers: Vec::new(),
            records: Vec::new(),
            doubt: None,
            acknowledged: 0,
            refused: 0,
            improper: Vec::new(),
            insists: false,
            times: (Vec::new(), Vec::new()),
            successes: Vec::new(),
            was_refused: false,
            cut_off: None,
            last_was_replayed: false,
            count: 0,
            rng: Rng::with_seed(seed ^ number as u64),
        }
    }

    /// The same, asking for every write under a key until it is done.
    pub(crate) fn insisting(self) -> Self {
        Self { insists: true, ..self }
    }

    /// Writes over one connection until that breaks, an answer is 503, or it is told to stop; one that
    /// insists asks again after a 503. What is in doubt in the end may have been done or not.
    pub(crate) fn write(&mut self, address: SocketAddr, world: &World, stop: &AtomicBool) {
        let Ok(mut connection) = Connection::open(address, PATIENCE) else { return };
        while !stop.load(Ordering::Relaxed) {
            if self.doubt.is_none() {
                let write = self.choose(world);
                let key = (self.insists || self.rng.bool()).then(|| format!("{}-{}", self.name, self.count));
                let body = self.body(&write, world);
                self.doubt = Some(Doubt { write, key, body });
            }
            if self.settle(&mut connection) {
                continue;
            }
            if !self.insists || !self.was_refused {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks for what is in doubt. Whether it is not any more.
    pub(crate) fn settle(&mut self, connection: &mut Connection) -> bool {
        let Some(doubt) = self.doubt.clone() else { return true };
        let token = self.seat.token.clone();
        let body = Some(doubt.body.to_string());
        let request =
            Request { method: "POST", path: path(&doubt.write), token: Some(&token), key: doubt.key.as_deref(), body };
        let begun = Instant::now();
        let answer = match connection.send(&request) {
            Ok(answer) => answer,
            Err(error) => {
                self.cut_off = Some(error.to_string());
                self.was_refused = false;
                return false;
            }
        };
        let took = begun.elapsed().as_secs_f64() * 1000.0;
        match answer.status {
            200 => {
                self.doubt = None;
                self.acknowledged += 1;
                self.times.0.push(took);
                self.successes.push(Instant::now());
                self.was_refused = false;
                self.last_was_replayed = answer.replayed;
                self.apply(&doubt.write, &answer);
                true
            }
            503 => {
                self.refused += 1;
                self.was_refused = true;
                self.times.1.push(took);
                if !answer.is_proper_503() {
                    self.improper.push(answer.shown());
                }
                false
            }
            _ => {
                self.improper.push(format!("{} {} {}", path(&doubt.write), doubt.body, answer.shown()));
                self.doubt = None;
                true
            }
        }
    }

    fn choose(&mut self, world: &World) -> Write {
        self.count += 1;
        let text = format!("{}n{}", self.name, self.count);
        let cents = self.rng.i64(1..1_000_000);
        let mine: Vec<usize> = self.active().filter(|at| self.customers[*at].owner.is_some()).collect();
        let some = |rng: &mut Rng| mine[rng.usize(0..mine.len())];
        if mine.is_empty() {
            return self.customer(world, text);
        }
        match self.rng.u8(0..10) {
            0..=2 => self.customer(world, text),
            3 | 4 => Write::Update { at: some(&mut self.rng), note: format!("备注{text}") },
            5 => Write::Record { kind: Kind::Contract, at: vec![some(&mut self.rng)], text, cents },
            6 => {
                let (one, two) = (some(&mut self.rng), some(&mut self.rng));
                let at = if one == two { vec![one] } else { vec![one, two] };
                Write::Record { kind: Kind::Follow, at, text, cents }
            }
            7 => Write::Record { kind: Kind::Contact, at: vec![some(&mut self.rng)], text, cents },
            8 if self.rng.bool() => Write::Record { kind: Kind::Organization, at: Vec::new(), text, cents },
            _ => self.hands(world),
        }
    }

    fn customer(&mut self, world: &World, text: String) -> Write {
        let place = self.rng.usize(0..world.organizations.len() - 1);
        let organizations = world.organizations[place..place + 1 + self.rng.usize(0..2)].to_vec();
        Write::Customer { name: format!("李{text}伟"), organizations, custom: format!("编号{text}") }
    }

    /// Up to three customers that are in the pool or are somebody's, changing hands.
    fn hands(&mut self, world: &World) -> Write {
        let me = self.seat.id;
        let pooled: Vec<usize> = self.active().filter(|at| self.customers[*at].owner.is_none()).take(3).collect();
        if !pooled.is_empty() && self.rng.bool() {
            return Write::Hands { act: "claim", owner: Some(me), at: pooled };
        }
        let held: Vec<usize> = self.active().filter(|at| self.customers[*at].owner.is_some()).take(3).collect();
        if self.seat.is_administrator && self.rng.bool() {
            let others = world.seats.iter().map(|seat| seat.id);
            let owned = |id: &i64| held.iter().any(|at| self.customers[*at].owner == Some(*id));
            let others: Vec<i64> = others.filter(|id| !owned(id)).collect();
            let owner = others[self.rng.usize(0..others.len())];
            return Write::Hands { act: "assign", owner: Some(owner), at: held };
        }
        Write::Hands { act: "release", owner: None, at: held }
    }

    fn active(&self) -> impl Iterator<Item = usize> + use<> {
        self.customers.len().saturating_sub(ACTIVE)..self.customers.len()
    }

    fn body(&self, write: &Write, world: &World) -> Value {
        let ids = |at: &[usize]| at.iter().map(|at| self.customers[*at].id).collect::<Vec<_>>();
        let now = "2026-03-02 10:00:00";
        match write {
            Write::Customer { name, organizations, custom } => {
                json!({"realName": name, "organization_id": organizations, "custom": {&world.field: custom}})
            }
            Write::Update { at, note } => {
                let customer = &self.customers[*at];
                json!({"customer_id": customer.id, "version": customer.version, "note": note})
            }
            Write::Hands { owner, at, .. } => json!({"customer_id": ids(at), "owner_id": owner, "reason": "换人"}),
            Write::Record { kind: Kind::Organization, text, .. } => json!({"groupName": text}),
            Write::Record { kind: Kind::Contact, at, text, .. } => json!({"customer_id": ids(at)[0], "name": text}),
            Write::Record { kind: Kind::Contract, at, text, cents } => {
                let customer = &self.customers[at[0]];
                let amount = format!("{}.{:02}", cents / 100, cents % 100);
                json!({"organization_id": customer.organizations[0], "customer_id": customer.id, "name": text,
                    "code": text, "amount": amount, "sign_time": now, "follower_id": [self.seat.id]})
            }
            Write::Record { kind: Kind::Follow, at, text, .. } => {
                json!({"potential_id": self.seat.potential, "follower_id": [self.seat.id], "customers_id": ids(at),
                    "record_time": now, "event": 1, "event_note": text})
            }
        }
    }

    /// Takes note of what was acknowledged.
    fn apply(&mut self, write: &Write, answer: &Answer) {
        let (id, now) = (answer.body["data"]["id"].as_i64().unwrap_or_default(), Instant::now());
        match write.clone() {
            Write::Customer { name, organizations, custom } => {
                let owner = Some(self.seat.id);
                self.customers.push(Customer {
                    id,
                    name,
                    organizations,
                    custom,
                    note: None,
                    version: 1,
                    owner,
                    at: now,
                });
            }
            Write::Update { at, note } => {
                self.customers[at].version += 1;
                self.customers[at].note = Some(note);
            }
            Write::Record { kind, at, text, cents } => {
                let customers = at.iter().map(|at| self.customers[*at].id).collect();
                self.records.push(Record { kind, id, text, customers, cents, at: now });
            }
            Write::Hands { owner, at, .. } => {
                let results = answer.body["data"]["results"].as_array().cloned().unwrap_or_default();
                for at in at {
                    let customer = &mut self.customers[at];
                    let result = results.iter().find(|result| result["id"] == customer.id);
                    match result {
                        Some(result) if result["ok"] == true => {
                            customer.version += 1;
                            customer.owner = owner;
                        }
                        // What there was no time left for.
                        Some(result) if result["code"] == "unavailable" => self.refused += 1,
                        _ => self.improper.push(format!("{write:?} {}", answer.shown())),
                    }
                }
            }
        }
    }
}

fn path(write: &Write) -> &'static str {
    match write {
        Write::Customer { .. } | Write::Update { .. } => "/api/customers/customers",
        Write::Hands { act: "claim", .. } => "/api/customers/claim",
        Write::Hands { act: "assign", .. } => "/api/customers/assign",
        Write::Hands { .. } => "/api/customers/release",
        Write::Record { kind: Kind::Contact, .. } => "/api/customers/contact",
        Write::Record { kind: Kind::Contract, .. } => "/api/contract/contract",
        Write::Record { kind: Kind::Follow, .. } => "/api/record/follow",
        Write::Record { kind: Kind::Organization, .. } => "/api/customers/organization",
    }
}

/// Lets these writers work until `during` is done, each at one of these gateways in turn.
pub(crate) fn all_write<T>(
    journals: &mut [Journal],
    addresses: &[SocketAddr],
    world: &World,
    during: impl FnOnce() -> T,
) -> T {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for (number, journal) in journals.iter_mut().enumerate() {
            let (address, stop) = (addresses[number % addresses.len()], &stop);
            scope.spawn(move || journal.write(address, world, stop));
        }
        let done = during();
        stop.store(true, Ordering::Relaxed);
        done
    })
}
