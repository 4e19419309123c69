//! Counting failed sign-ins, in the database so that it holds across gateways.
//!
//! Within 15 minutes: 5 failures of a phone number from one address; 30 from one address over all
//! phone numbers; 50 of a phone number over all addresses. From an address a phone number has
//! signed in from within 30 days only the first limit counts, so that strangers cannot lock a
//! person or an office out. Every attempt is counted before it is judged and withdrawn when it was
//! right; an attempt that is refused here is not counted.

use std::net::IpAddr;

use crm_core::{Error, Instant, Result};
use crm_db::schema::{known_addresses, sign_in_failures, sign_in_locks};
use crm_db::{Conn, Db};
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp};

const WINDOW: i64 = 15 * 60;
const KNOWN_FOR: i64 = 30 * 86_400;
const PHONE_FROM_ADDRESS: usize = 5;
const ADDRESS: usize = 30;
const PHONE: usize = 50;

/// An attempt that is counted as a failure until it is withdrawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt(i64);

/// Counts an attempt, unless one of the limits is reached.
pub(crate) fn begin(db: &Db, phone_key: &str, address: &str) -> Result<Attempt> {
    let now = db.now();
    let address = network(address);
    db.write(|conn| {
        lock(conn, &format!("address {address}"), now)?;
        lock(conn, &format!("phone {phone_key}"), now)?;
        let since = now.plus_seconds(-WINDOW);
        let known = known_addresses::table
            .filter(known_addresses::phone_key.eq(phone_key).and(known_addresses::address.eq(&address)))
            .filter(known_addresses::last_sign_in_at.gt(now.plus_seconds(-KNOWN_FOR)))
            .count()
            .get_result::<i64>(conn)?
            > 0;
        let recent = sign_in_failures::table
            .filter(sign_in_failures::failed_at.gt(since))
            .order(sign_in_failures::failed_at.desc());
        let of_phone: Vec<(Instant, String)> = recent
            .filter(sign_in_failures::phone_key.eq(phone_key))
            .select((sign_in_failures::failed_at, sign_in_failures::address))
            .load(conn)?;
        let of_both: Vec<Instant> = of_phone.iter().filter(|(_, from)| *from == address).map(|(at, _)| *at).collect();
        limit(&of_both, PHONE_FROM_ADDRESS, now)?;
        if !known {
            limit(&of_phone.iter().map(|(at, _)| *at).collect::<Vec<_>>(), PHONE, now)?;
            let of_address: Vec<Instant> =
                recent.filter(sign_in_failures::address.eq(&address)).select(sign_in_failures::failed_at).load(conn)?;
            limit(&of_address, ADDRESS, now)?;
        }
        let id = diesel::insert_into(sign_in_failures::table)
            .values((
                sign_in_failures::phone_key.eq(phone_key),
                sign_in_failures::address.eq(&address),
                sign_in_failures::failed_at.eq(now),
            ))
            .returning(sign_in_failures::id)
            .get_result(conn)?;
        Ok(Attempt(id))
    })
}

/// Takes an attempt out of the count.
pub(crate) fn withdraw(conn: &mut Conn, attempt: Attempt) -> Result<()> {
    diesel::delete(sign_in_failures::table.filter(sign_in_failures::id.eq(attempt.0))).execute(conn)?;
    Ok(())
}

/// Clears the failures of this phone number from this address, and remembers the address.
pub(crate) fn succeeded(conn: &mut Conn, phone_key: &str, address: &str, now: Instant) -> Result<()> {
    let address = network(address);
    diesel::delete(
        sign_in_failures::table
            .filter(sign_in_failures::phone_key.eq(phone_key).and(sign_in_failures::address.eq(&address))),
    )
    .execute(conn)?;
    diesel::sql_query(
        "INSERT INTO known_addresses (phone_key, address, last_sign_in_at) VALUES ($1, $2, $3) \
         ON CONFLICT (phone_key, address) DO UPDATE SET last_sign_in_at = excluded.last_sign_in_at",
    )
    .bind::<Text, _>(phone_key)
    .bind::<Text, _>(address)
    .bind::<Timestamp, _>(now)
    .execute(conn)?;
    Ok(())
}

/// `failures`, newest first, must be fewer than `allowed`; else says when they will be.
fn limit(failures: &[Instant], allowed: usize, now: Instant) -> Result<()> {
    match failures.get(allowed - 1) {
        None => Ok(()),
        Some(at) => {
            let wait = at.unix() + WINDOW - now.unix();
            Err(Error::TooManyRequests { retry_after: u32::try_from(wait.max(1)).unwrap_or(1) })
        }
    }
}

/// Attempts on the same key count one after the other: on PostgreSQL two at once would not see each
/// other's failure.
fn lock(conn: &mut Conn, key: &str, now: Instant) -> Result<()> {
    diesel::sql_query(
        "INSERT INTO sign_in_locks (lock_key, locked_at) VALUES ($1, $2) \
         ON CONFLICT (lock_key) DO UPDATE SET locked_at = excluded.locked_at",
    )
    .bind::<Text, _>(key)
    .bind::<Timestamp, _>(now)
    .execute(conn)?;
    Ok(())
}

/// Forgets what no limit asks about any more; the window itself is part of every query.
pub(crate) fn forget_old(conn: &mut Conn, now: Instant) -> Result<usize> {
    let since = now.plus_seconds(-2 * WINDOW);
    let failures =
        diesel::delete(sign_in_failures::table.filter(sign_in_failures::failed_at.lt(since))).execute(conn)?;
    let locks = diesel::delete(sign_in_locks::table.filter(sign_in_locks::locked_at.lt(since))).execute(conn)?;
    let known = known_addresses::last_sign_in_at.lt(now.plus_seconds(-KNOWN_FOR));
    let known = diesel::delete(known_addresses::table.filter(known)).execute(conn)?;
    Ok(failures + locks + known)
}

/// The address as it is counted: of IPv6 the first 64 bits, which are one customer's.
fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            None => {
                let [a, b, c, d, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        },
        _ => address.to_owned(),
    }
}
