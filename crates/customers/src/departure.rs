//! What becomes of the customers of people who leave.

use crm_core::{Caller, CustomerId, DELETED, Instant, Result, StaffId};
use crm_db::counters::{self, Counter};
use crm_db::schema::customers;
use crm_db::{Conn, Db};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use serde_json::json;

use crate::events::Kind;

/// The reason every event of a departure gives.
const REASON: &str = "员工已删除";
/// How a customer came into the pool: by the system.
const RECYCLED: i16 = 1;

/// Deletes members of staff together with what was theirs alone.
#[derive(Clone, Debug)]
pub struct Departures {
    db: Db,
}

impl Departures {
    /// The departures of this database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// Deletes a member of staff and puts every customer they own into the public pool, in one
    /// transaction. Deleting twice changes nothing.
    ///
    /// The person is locked first, the customers after; whoever gives somebody a customer holds the
    /// person before ([`Conn::hold_row`]), so that nobody who is gone is given one.
    ///
    /// # Errors
    /// [`Error::Forbidden`](crm_core::Error::Forbidden) for everybody but administrators, and as
    /// [`crm_staff::member::delete`].
    pub fn delete(&self, caller: &Caller, person: StaffId) -> Result<()> {
        let now = self.db.now();
        self.db.write(|conn| {
            crm_staff::member::delete(conn, caller, person, now)?;
            release_all_of(conn, caller, person, REASON, now)
        })
    }
}

/// Puts every customer this person owns into the public pool, with an event and an audit row for
/// each, inside the transaction in which the person goes. Deleted customers lose their owner too,
/// so that a restore brings them into the pool. A fixed number of statements, however many
/// customers there are.
///
/// # Errors
/// What the database answers.
pub fn release_all_of(conn: &mut Conn, caller: &Caller, owner: StaffId, reason: &str, now: Instant) -> Result<()> {
    lock_all_of(conn, owner)?;
    record_events(conn, caller, owner, reason, now)?;
    record_deeds(conn, caller, owner, now)?;
    let live = customers::owner_id.eq(owner).and(customers::status.ne(DELETED));
    let live: i64 = customers::table.filter(live).count().get_result(conn)?;
    counters::add(conn, &[(Counter::CustomersOwned(owner), -live), (Counter::CustomersPooled, live)])?;
    diesel::update(customers::table.filter(customers::owner_id.eq(owner)))
        .set((
            customers::owner_id.eq(None::<StaffId>),
            customers::last_owner_id.eq(owner),
            customers::pool_entered_at.eq(now),
            customers::pool_times.eq(customers::pool_times + 1),
            customers::pool_type.eq(RECYCLED),
            customers::is_locked.eq(0),
            customers::version.eq(customers::version + 1),
            customers::updated_at.eq(now),
            customers::updated_by.eq(caller.staff_id),
        ))
        .execute(conn)?;
    Ok(())
}

/// Locks them in the order of their ids, like everybody who locks several: the update below takes
/// them in any order, and would deadlock with whoever writes about two of them.
fn lock_all_of(conn: &mut Conn, owner: StaffId) -> Result<()> {
    if let Conn::Pg(conn) = conn {
        customers::table
            .filter(customers::owner_id.eq(owner))
            .order(customers::id)
            .select(customers::id)
            .for_no_key_update()
            .load::<CustomerId>(conn)?;
    }
    Ok(())
}

/// The events of [`release_all_of`], written from the rows as they still are.
fn record_events(conn: &mut Conn, caller: &Caller, owner: StaffId, reason: &str, now: Instant) -> Result<()> {
    let (recycled, disowned) = (Kind::Recycled.as_str(), Kind::Disowned.as_str());
    diesel::sql_query(format!(
        "INSERT INTO customer_events (customer_id, kind, actor_id, from_value, from_owner_id, reason, created_at) \
         SELECT id, CASE WHEN status = -1 THEN '{disowned}' ELSE '{recycled}' END, $1, $2, owner_id, $3, $4 \
         FROM customers WHERE owner_id = $5 ORDER BY id"
    ))
    .bind::<BigInt, _>(caller.staff_id)
    .bind::<Text, _>(owner.to_string())
    .bind::<Text, _>(reason)
    .bind::<Timestamp, _>(now)
    .bind::<BigInt, _>(owner)
    .execute(conn)?;
    Ok(())
}

/// The audit rows of [`release_all_of`]: the same for every customer but for whose they are.
fn record_deeds(conn: &mut Conn, caller: &Caller, owner: StaffId, now: Instant) -> Result<()> {
    let before = json!({ "owner_id": owner });
    let after = json!({ "owner_id": null, "last_owner_id": owner, "pool_entered_at": now, "pool_type": RECYCLED });
    diesel::sql_query(
        "INSERT INTO audit (staff_id, address, action, record, record_id, before, after, created_at) \
         SELECT $1, $2, 'pool', 'customer', id, $3, $4, $5 FROM customers WHERE owner_id = $6 ORDER BY id",
    )
    .bind::<BigInt, _>(caller.staff_id)
    .bind::<Nullable<Text>, _>(caller.address.as_deref())
    .bind::<Text, _>(before.to_string())
    .bind::<Text, _>(after.to_string())
    .bind::<Timestamp, _>(now)
    .bind::<BigInt, _>(owner)
    .execute(conn)?;
    Ok(())
}
