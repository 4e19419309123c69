//! Queries on option tables, for those who change them.

use crm_core::{Id, Instant, Result};
use crm_db::Conn;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, SmallInt, Text, Timestamp};

use super::{Choice, Found, OptionTable};

#[derive(QueryableByName)]
struct Last {
    #[diesel(sql_type = Nullable<BigInt>)]
    sort_num: Option<i64>,
}

impl<I: Id> OptionTable<I> {
    /// One of them, retired or not.
    pub(super) fn find(&self, conn: &mut Conn, id: I) -> Result<Option<Choice>> {
        Ok(self.of(conn, [id])?.remove(&id))
    }

    /// The place after all others.
    pub(super) fn next_place(&self, conn: &mut Conn) -> Result<i64> {
        let last: Last =
            diesel::sql_query(format!("SELECT MAX(sort_num) AS sort_num FROM {}", self.table)).get_result(conn)?;
        Ok(last.sort_num.unwrap_or(0).saturating_add(1))
    }

    pub(super) fn insert(&self, conn: &mut Conn, choice: &Choice, now: Instant) -> Result<I> {
        let (column, outcome) = match self.has_outcome() {
            true => ("outcome, ", format!("{}, ", choice.outcome)),
            false => ("", String::new()),
        };
        let text = format!(
            "INSERT INTO {} (name, color, sort_num, is_default, is_active, {column}version, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, {outcome}$6, $7, $7) RETURNING id",
            self.table
        );
        let made: Found = diesel::sql_query(text)
            .bind::<Text, _>(&choice.name)
            .bind::<Text, _>(&choice.color)
            .bind::<BigInt, _>(choice.sort_num)
            .bind::<SmallInt, _>(choice.is_default)
            .bind::<SmallInt, _>(choice.is_active)
            .bind::<BigInt, _>(choice.version)
            .bind::<Timestamp, _>(now)
            .get_result(conn)?;
        Ok(I::from_raw(made.id))
    }

    pub(super) fn update(&self, conn: &mut Conn, choice: &Choice, now: Instant) -> Result<()> {
        let outcome = if self.has_outcome() { format!("outcome = {}, ", choice.outcome) } else { String::new() };
        let text = format!(
            "UPDATE {} SET name = $1, color = $2, sort_num = $3, is_default = $4, is_active = $5, {outcome}\
             version = $6, updated_at = $7 WHERE id = $8",
            self.table
        );
        diesel::sql_query(text)
            .bind::<Text, _>(&choice.name)
            .bind::<Text, _>(&choice.color)
            .bind::<BigInt, _>(choice.sort_num)
            .bind::<SmallInt, _>(choice.is_default)
            .bind::<SmallInt, _>(choice.is_active)
            .bind::<BigInt, _>(choice.version)
            .bind::<Timestamp, _>(now)
            .bind::<BigInt, _>(choice.id)
            .execute(conn)?;
        Ok(())
    }
}
