//! What follow-ups leave on their customers: the time and the words of the latest (native-api §5).

use std::collections::HashMap;

use crm_core::{CustomerId, Instant, PotentialId, Result};
use crm_customers::stamps::{self, LastFollow};
use crm_db::schema::{follow_customers, follows};
use crm_db::{Conn, Literal, Predicate, Statement};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};

#[derive(QueryableByName)]
struct Latest {
    #[diesel(sql_type = BigInt)]
    customer_id: CustomerId,
    #[diesel(sql_type = Timestamp)]
    record_time: Instant,
    #[diesel(sql_type = Nullable<Text>)]
    gain: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    note: Option<String>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    called_at: Option<Instant>,
}

/// The event of a follow-up by telephone (电话拜访).
const CALL: i16 = 3;

/// The customers that the live follow-ups of a potential are about.
pub(crate) fn customers_of(conn: &mut Conn, potential: PotentialId) -> Result<Vec<CustomerId>> {
    Ok(follow_customers::table
        .inner_join(follows::table.on(follows::id.eq(follow_customers::follow_id)))
        .filter(follows::potential_id.eq(potential).and(follows::status.eq(Literal::LIVE)))
        .select(follow_customers::customer_id)
        .distinct()
        .load(conn)?)
}

/// Works the stamps of these (locked) customers out again from what is live now. A follow-up that
/// is dated in the future counts as if it were now.
pub(crate) fn renew(conn: &mut Conn, customers: &[CustomerId], now: Instant) -> Result<()> {
    if !customers.is_empty() {
        let latest = latest(conn, customers)?;
        for customer in customers {
            let follow = latest.get(customer).map_or_else(LastFollow::default, |latest| LastFollow {
                at: Some(latest.record_time.min(now)),
                log: latest.gain.clone().or_else(|| latest.note.clone()),
                called_at: latest.called_at.map(|at| at.min(now)),
            });
            stamps::last_follow(conn, *customer, &follow)?;
        }
    }
    Ok(())
}

/// The latest live follow-up of each of these customers, of equal times the one entered last, and when
/// the latest call was. One statement: each customer's follow-ups are found by the index on `follow_customers`.
fn latest(conn: &mut Conn, customers: &[CustomerId]) -> Result<HashMap<CustomerId, Latest>> {
    let ranked = format!(
        "SELECT customer_id, record_time, gain, note, called_at FROM (\
             SELECT l.customer_id, f.record_time, f.gain, f.note, \
                 MAX(CASE WHEN f.event = {CALL} THEN f.record_time END) OVER (PARTITION BY l.customer_id) AS called_at, \
                 ROW_NUMBER() OVER (PARTITION BY l.customer_id ORDER BY f.record_time DESC, f.id DESC) AS place \
             FROM follow_customers l \
             JOIN follows f ON f.id = l.follow_id AND f.status = 0 \
             JOIN potentials p ON p.id = f.potential_id AND p.status <> -1 \
             WHERE l.customer_id"
    );
    let query = Predicate::new(ranked).among(customers.iter().copied()).sql(") AS ranked WHERE place = 1");
    let rows: Vec<Latest> = Statement::new(query).load(conn)?;
    Ok(rows.into_iter().map(|latest| (latest.customer_id, latest)).collect())
}
