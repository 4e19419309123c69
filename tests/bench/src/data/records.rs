//! Potentials, follow-ups and contracts, and what they stamp on customers.

use std::collections::HashSet;

use anyhow::Result;
use crm_db::Db;
use crm_db::text_search::{self, Index};
use crm_gateway::commands::seed_demo::names;

use super::customers::Drawn;
use super::rows::{Rows, or_null, text, time};
use super::{DAY, Plan};

/// The event of a follow-up by telephone.
const CALL: u8 = 3;

/// Records as they are drawn, the oldest first.
pub(super) struct Records {
    follows: Vec<Follow>,
    contracts: Vec<Contract>,
}

struct Follow {
    at: i64,
    potential: i64,
    event: u8,
    gain: &'static str,
    operator: i64,
    /// A colleague who came along.
    colleague: Option<i64>,
    customers: Vec<i64>,
}

struct Contract {
    at: i64,
    organization: i64,
    customer: Option<i64>,
    name: &'static str,
    amount: i64,
    creator: i64,
}

/// How many potentials an organization has.
const POTENTIALS: i64 = 2;

/// Draws all records, and stamps the customers with them.
pub(super) fn draw(plan: &Plan, customers: &mut [Drawn]) -> Records {
    Records { follows: follows(plan, customers), contracts: contracts(plan, customers) }
}

/// Some customer, and a moment since it is one.
fn moment(rng: &mut fastrand::Rng, plan: &Plan, customers: &[Drawn]) -> (i64, usize) {
    let index = rng.usize(0..customers.len());
    (rng.i64(customers[index].created..plan.until - DAY / 4), index)
}

fn follows(plan: &Plan, customers: &mut [Drawn]) -> Vec<Follow> {
    let mut rng = plan.rng(7);
    let mut moments: Vec<(i64, usize)> = (0..plan.follows).map(|_| moment(&mut rng, plan, customers)).collect();
    moments.sort_unstable();
    let drawn = moments.into_iter().map(|(at, index)| {
        let customer = &customers[index];
        let organization = customer.organizations.first().copied().unwrap_or_else(|| rng.i64(1..=plan.organizations));
        let operator = customer.worker();
        let colleague = (rng.u8(0..4) == 0).then(|| rng.i64(2..=plan.staff)).filter(|colleague| *colleague != operator);
        let mut about = vec![index as i64 + 1];
        // Now and then a second one takes part, who is a customer already.
        let second = rng.usize(0..=index);
        if rng.u8(0..5) == 0 && second != index {
            about.push(second as i64 + 1);
        }
        Follow {
            at,
            potential: organization + plan.organizations * rng.i64(0..POTENTIALS),
            event: rng.u8(1..6),
            gain: names::gain(&mut rng),
            operator,
            colleague,
            customers: about,
        }
    });
    let drawn: Vec<Follow> = drawn.collect();
    for follow in &drawn {
        for id in &follow.customers {
            let customer = &mut customers[*id as usize - 1];
            customer.last_follow = Some((follow.at, follow.gain));
            if follow.event == CALL {
                customer.last_call = Some(follow.at);
            }
        }
    }
    drawn
}

fn contracts(plan: &Plan, customers: &mut [Drawn]) -> Vec<Contract> {
    let mut rng = plan.rng(8);
    let mut moments: Vec<(i64, usize)> = (0..plan.contracts).map(|_| moment(&mut rng, plan, customers)).collect();
    moments.sort_unstable();
    let drawn = moments.into_iter().map(|(at, index)| {
        let customer = &mut customers[index];
        let amount = rng.i64(1_000..50_000_000);
        let with_customer = rng.u8(0..10) != 0;
        if with_customer {
            customer.last_deal = Some((at, amount));
            customer.order_money += amount;
        }
        Contract {
            at,
            organization: customer.organizations.first().copied().unwrap_or_else(|| rng.i64(1..=plan.organizations)),
            customer: with_customer.then_some(index as i64 + 1),
            name: names::contract(&mut rng),
            amount,
            creator: customer.worker(),
        }
    });
    drawn.collect()
}

/// Enters these records.
pub(super) fn fill(db: &Db, plan: &Plan, records: &Records) -> Result<()> {
    potentials(db, plan, &records.follows)?;
    db.write(|conn| {
        let mut rows = Rows::into(
            conn,
            "follows (id, potential_id, event, gain, record_time, operator_id, status, version, created_at, updated_at)",
        );
        for (follow, id) in records.follows.iter().zip(1i64..) {
            let at = time(follow.at);
            let Follow { potential, event, gain, operator, .. } = follow;
            rows.add(&[&id, potential, event, &text(gain), &at, operator, &0, &1, &at, &at])?;
        }
        rows.finish()?;
        let mut rows = Rows::into(conn, "follow_customers (follow_id, customer_id, position)");
        for (follow, id) in records.follows.iter().zip(1i64..) {
            for (position, customer) in follow.customers.iter().enumerate() {
                rows.add(&[&id, customer, &position])?;
            }
        }
        rows.finish()?;
        let mut rows = Rows::into(conn, "follow_followers (follow_id, staff_id, position)");
        for (follow, id) in records.follows.iter().zip(1i64..) {
            for (position, person) in [Some(follow.operator), follow.colleague].into_iter().flatten().enumerate() {
                rows.add(&[&id, &person, &position])?;
            }
        }
        rows.finish()
    })?;
    signed(db, &records.contracts)
}

fn potentials(db: &Db, plan: &Plan, follows: &[Follow]) -> Result<()> {
    let mut rng = plan.rng(9);
    let begun: HashSet<i64> = follows.iter().map(|follow| follow.potential).collect();
    db.write(|conn| {
        let mut rows = Rows::into(
            conn,
            "potentials (id, organization_id, director_id, creator_id, record_time, status, version, created_at, updated_at)",
        );
        for id in 1..=plan.organizations * POTENTIALS {
            let organization = (id - 1) % plan.organizations + 1;
            let person = rng.i64(2..=plan.staff);
            let at = time(plan.start() + id % DAY);
            // The first follow-up moved it on.
            let moved = i64::from(begun.contains(&id));
            rows.add(&[&id, &organization, &person, &person, &at, &moved, &(1 + moved), &at, &at])?;
        }
        rows.finish()
    })?;
    Ok(())
}

fn signed(db: &Db, contracts: &[Contract]) -> Result<()> {
    db.write(|conn| {
        let mut rows = Rows::into(
            conn,
            "contracts (id, organization_id, customer_id, name, code, amount, sign_time, creator_id, status, version, created_at, updated_at)",
        );
        for (contract, id) in contracts.iter().zip(1i64..) {
            let at = time(contract.at);
            let Contract { organization, customer, name, amount, creator, .. } = contract;
            let (name, code) = (text(name), format!("'HT{id:08}'"));
            rows.add(&[&id, organization, &or_null(*customer), &name, &code, amount, &at, creator, &0, &1, &at, &at])?;
        }
        rows.finish()?;
        let mut rows = Rows::into(conn, "contract_followers (contract_id, staff_id, position)");
        for (contract, id) in contracts.iter().zip(1i64..) {
            rows.add(&[&id, &contract.creator, &0])?;
        }
        rows.finish()?;
        for (contract, id) in contracts.iter().zip(1i64..) {
            text_search::put(conn, Index::Contracts, id, &[Some(contract.name)])?;
        }
        Ok(())
    })?;
    Ok(())
}
