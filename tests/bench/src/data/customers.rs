//! Organizations, and customers with their addresses, links, owners, pool and history.

use anyhow::Result;
use crm_db::Db;
use crm_db::text_search::{self, Index};
use crm_gateway::commands::seed_demo::names;
use diesel::connection::SimpleConnection;

use super::rows::{Rows, or_null, text, time};
use super::{DAY, Plan};

/// A customer as it is drawn, before anything is written.
pub(super) struct Drawn {
    pub(super) created: i64,
    creator: i64,
    name: String,
    phone: String,
    pub(super) organizations: Vec<i64>,
    /// Whose it is or last was; nobody's for those who never left the pool.
    pub(super) holder: Option<i64>,
    fate: Fate,
    /// When it was deleted.
    deleted: Option<i64>,
    pub(super) last_follow: Option<(i64, &'static str)>,
    pub(super) last_call: Option<i64>,
    pub(super) last_deal: Option<(i64, i64)>,
    pub(super) order_money: i64,
}

/// Something that happened to a customer.
struct Event {
    kind: &'static str,
    actor: i64,
    from: Option<i64>,
    to: Option<i64>,
    at: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Entered with an owner who still has it.
    Kept,
    /// Entered with an owner who released it then.
    Released(i64),
    /// Entered into the pool and claimed from it then.
    Claimed(i64),
    /// Entered into the pool, where it still is.
    Left,
}

impl Drawn {
    fn owner(&self) -> Option<i64> {
        if matches!(self.fate, Fate::Released(_)) { None } else { self.holder }
    }

    /// Who works with it.
    pub(super) fn worker(&self) -> i64 {
        self.holder.unwrap_or(self.creator)
    }

    /// All that happened to it.
    fn history(&self) -> Vec<Event> {
        let event = |kind, actor, from, to, at| Event { kind, actor, from, to, at };
        let first = if matches!(self.fate, Fate::Claimed(_)) { None } else { self.holder };
        let mut history = vec![event("created", self.creator, None, first, self.created)];
        match self.fate {
            Fate::Released(at) => history.push(event("released", self.worker(), self.holder, None, at)),
            Fate::Claimed(at) => history.push(event("claimed", self.worker(), None, self.holder, at)),
            Fate::Kept | Fate::Left => {}
        }
        if let Some(at) = self.deleted {
            history.push(event("deleted", self.worker(), self.owner(), None, at));
        }
        history
    }
}

/// Draws all customers, the oldest first.
pub(super) fn draw(plan: &Plan) -> Vec<Drawn> {
    let mut rng = plan.rng(2);
    let working = plan.until - DAY - plan.start();
    (0..plan.customers)
        .map(|index| {
            let created = plan.start() + working * index / plan.customers;
            let holder = rng.i64(2..=plan.staff);
            let later = rng.i64(created..plan.until - DAY);
            let (fate, holder) = match rng.u8(0..100) {
                0..5 => (Fate::Left, None),
                5..20 => (Fate::Released(later), Some(holder)),
                20..30 => (Fate::Claimed(later), Some(holder)),
                _ => (Fate::Kept, Some(holder)),
            };
            let owned = matches!(fate, Fate::Kept | Fate::Claimed(_));
            let many = [1, 1, 1, 1, 1, 1, 2, 2, 3, 0][rng.usize(0..10)];
            let mut organizations: Vec<i64> = (0..many).map(|_| rng.i64(1..=plan.organizations)).collect();
            organizations.sort_unstable();
            organizations.dedup();
            Drawn {
                created,
                creator: holder.unwrap_or_else(|| rng.i64(2..=plan.staff)),
                name: names::person(&mut rng),
                phone: names::mobile(&mut rng),
                organizations,
                holder,
                fate,
                deleted: (owned && rng.u8(0..100) == 0).then_some(plan.until - DAY / 2),
                last_follow: None,
                last_call: None,
                last_deal: None,
                order_money: 0,
            }
        })
        .collect()
}

/// Enters organizations, and these customers with all that belongs to them.
pub(super) fn fill(db: &Db, plan: &Plan, customers: &[Drawn]) -> Result<()> {
    organizations(db, plan)?;
    db.write(|conn| {
        let mut rows = Rows::into(
            conn,
            "customers (id, real_name, phone, phone_key, job, sex, level, is_vip, is_senior, creator_id, owner_id, \
             last_owner_id, assigned_at, pool_entered_at, pool_times, pool_type, last_follow_at, last_follow_log, \
             last_called_at, last_deal_at, last_deal_money, order_money, deleted_at, deleted_by, status, version, \
             created_at, updated_at)",
        );
        let mut rng = plan.rng(3);
        for (customer, id) in customers.iter().zip(1i64..) {
            let (assigned, pooled) = match customer.fate {
                Fate::Kept => (Some(customer.created), None),
                Fate::Released(at) => (Some(customer.created), Some(at)),
                Fate::Claimed(at) => (Some(at), Some(customer.created)),
                Fate::Left => (None, Some(customer.created)),
            };
            let released = matches!(customer.fate, Fate::Released(_));
            let phone = text(&customer.phone);
            let changes = customer.history();
            let changed = changes.last().map_or(customer.created, |change| change.at);
            rows.add(&[
                &id,
                &text(&customer.name),
                &phone,
                &phone,
                &text(names::job(&mut rng)),
                &rng.u8(1..4),
                &0,
                &0,
                &0,
                &customer.creator,
                &or_null(customer.owner()),
                &or_null(customer.holder.filter(|_| released)),
                &or_null(assigned.map(time)),
                &or_null(pooled.map(time)),
                &u8::from(released),
                &(u8::from(released) * 2),
                &or_null(customer.last_follow.map(|(at, _)| time(at))),
                &or_null(customer.last_follow.map(|(_, log)| text(log))),
                &or_null(customer.last_call.map(time)),
                &or_null(customer.last_deal.map(|(at, _)| time(at))),
                &or_null(customer.last_deal.map(|(_, amount)| amount)),
                &format!("'{}'", customer.order_money),
                &or_null(customer.deleted.map(time)),
                &or_null(customer.deleted.map(|_| customer.worker())),
                &(if customer.deleted.is_some() { -1 } else { 1 }),
                &changes.len(),
                &time(customer.created),
                &time(changed),
            ])?;
        }
        rows.finish()
    })?;
    links(db, plan, customers)?;
    history(db, customers)?;
    addresses(db, plan, customers)?;
    let deleted = customers.iter().filter(|customer| customer.deleted.is_some()).count() as i64;
    db.write(|conn| {
        let mut rows = Rows::into(conn, "counters (name, shard, value)");
        rows.add(&[&"'customers.live'", &0, &(plan.customers - deleted)])?;
        rows.add(&[&"'customers.deleted'", &0, &deleted])?;
        rows.add(&[&"'organizations.live'", &0, &plan.organizations])?;
        rows.finish()?;
        // The others, as they were counted when they began to be kept.
        conn.batch_execute(include_str!("../../../../migrations/sqlite/000013_totals/up.sql"))?;
        Ok(())
    })?;
    Ok(())
}

fn organizations(db: &Db, plan: &Plan) -> Result<()> {
    let mut rng = plan.rng(4);
    let drawn = (1..=plan.organizations).map(|id| {
        let place = names::place(&mut rng);
        (id, names::organization(&mut rng, &place), place, rng.i64(2..=plan.staff))
    });
    let drawn: Vec<_> = drawn.collect();
    db.write(|conn| {
        let mut rows = Rows::into(
            conn,
            "organizations (id, name, type, provience, city, county, address, creator_id, status, version, created_at, updated_at)",
        );
        for (id, name, place, creator) in &drawn {
            let at = time(plan.start() + id % DAY);
            let (province, city, county) = (text(place.province), text(place.city), text(place.county));
            let (name, street) = (text(name), text(&place.street));
            rows.add(&[id, &name, &"'企业'", &province, &city, &county, &street, creator, &1, &1, &at, &at])?;
        }
        rows.finish()?;
        for (id, name, ..) in &drawn {
            text_search::put(conn, Index::Organizations, *id, &[Some(name)])?;
        }
        Ok(())
    })?;
    Ok(())
}

/// The organizations of customers, and for every twentieth customer somebody who assists (协作人).
fn links(db: &Db, plan: &Plan, customers: &[Drawn]) -> Result<()> {
    let mut rng = plan.rng(5);
    db.write(|conn| {
        let mut rows = Rows::into(conn, "customer_organizations (customer_id, organization_id, position)");
        for (customer, id) in customers.iter().zip(1i64..) {
            for (position, organization) in customer.organizations.iter().enumerate() {
                rows.add(&[&id, organization, &position])?;
            }
        }
        rows.finish()?;
        let mut rows = Rows::into(conn, "customer_assistants (customer_id, staff_id, position)");
        for id in (1..=plan.customers).step_by(20) {
            rows.add(&[&id, &rng.i64(2..=plan.staff), &0])?;
        }
        rows.finish()
    })?;
    Ok(())
}

fn history(db: &Db, customers: &[Drawn]) -> Result<()> {
    let events = customers.iter().zip(1i64..);
    let mut events: Vec<_> =
        events.flat_map(|(customer, id)| customer.history().into_iter().map(move |event| (id, event))).collect();
    events.sort_by_key(|(id, event)| (event.at, *id));
    db.write(|conn| {
        let mut rows = Rows::into(
            conn,
            "customer_events (id, customer_id, kind, actor_id, from_value, to_value, created_at, from_owner_id, to_owner_id)",
        );
        for ((customer, Event { kind, actor, from, to, at }), id) in events.iter().zip(1i64..) {
            let as_text = |owner: &Option<i64>| or_null(owner.map(|owner| format!("'{owner}'")));
            let (from_id, to_id) = (or_null(*from), or_null(*to));
            rows.add(&[&id, customer, &text(kind), actor, &as_text(from), &as_text(to), &time(*at), &from_id, &to_id])?;
        }
        rows.finish()
    })?;
    Ok(())
}

/// Addresses, and the documents by which customers are found.
fn addresses(db: &Db, plan: &Plan, customers: &[Drawn]) -> Result<()> {
    let mut rng = plan.rng(6);
    let drawn: Vec<_> = customers
        .iter()
        .map(|_| {
            let wechat = format!("wx{:07}", rng.u32(0..10_000_000));
            (names::place(&mut rng), (rng.u8(0..3) == 0).then_some(wechat))
        })
        .collect();
    db.write(|conn| {
        let mut rows = Rows::into(
            conn,
            "customer_addresses (id, customer_id, wechat, country, province, city, district, detail_address, created_at, updated_at)",
        );
        for (((place, wechat), customer), id) in drawn.iter().zip(customers).zip(1i64..) {
            let at = time(customer.created);
            let wechat = or_null(wechat.as_deref().map(text));
            let (province, city, district) = (text(place.province), text(place.city), text(place.county));
            rows.add(&[&id, &id, &wechat, &"'中国'", &province, &city, &district, &text(&place.street), &at, &at])?;
        }
        rows.finish()?;
        for (((place, wechat), customer), id) in drawn.iter().zip(customers).zip(1i64..) {
            text_search::put(conn, Index::Customers, id, &[Some(&customer.name)])?;
            let texts = [
                Some(customer.phone.as_str()),
                wechat.as_deref(),
                Some("中国"),
                Some(place.province),
                Some(place.city),
                Some(place.county),
                Some(&place.street),
            ];
            text_search::put(conn, Index::CustomerTexts, id, &texts)?;
        }
        Ok(())
    })?;
    Ok(())
}
