//! Contracts one after the other, for exports, and by what people call them, for imports.

use crm_core::{Caller, ContractId, Instant, Result};
use crm_db::schema::contracts;
use crm_db::text_search::{self, Index};
use crm_db::{Backend, Conn, Literal};
use diesel::prelude::*;

use super::{ContractFilter, ContractListing, Contracts, check, listing, repository};

/// Enough to tell one from several.
const FEW: i64 = 2;

impl Contracts {
    /// The next `count` rows of [`Contracts::list`] after the contract that was signed then, as lists
    /// show them. One that is entered or deleted meanwhile moves no others, as it would move pages.
    /// A transaction sees what it has written itself.
    ///
    /// # Errors
    /// As [`Contracts::list`].
    pub fn list_after(
        conn: &mut Conn,
        caller: &Caller,
        filter: &ContractFilter,
        after: Option<(Instant, ContractId)>,
        count: i64,
    ) -> Result<Vec<ContractListing>> {
        caller.require_staff()?;
        check::filter(filter)?;
        let rows = repository::list_after(conn, caller, filter, after, count)?;
        listing::of(conn, rows)
    }
}

/// The contracts of exactly this number that the caller sees, two at most; deleted ones aside.
///
/// # Errors
/// What the database answers.
pub fn with_code(conn: &mut Conn, caller: &Caller, code: &str) -> Result<Vec<ContractId>> {
    let query = contracts::table.filter(contracts::code.eq(code.to_owned())).into_boxed::<Backend>();
    few(conn, caller, query)
}

/// The contracts of exactly this name that the caller sees, two at most; deleted ones aside.
///
/// # Errors
/// What the database answers.
pub fn named(conn: &mut Conn, caller: &Caller, name: &str) -> Result<Vec<ContractId>> {
    let query = contracts::table
        .filter(text_search::contains(conn.engine(), Index::Contracts, "contracts.id", name))
        .filter(contracts::name.eq(name.to_owned()))
        .into_boxed::<Backend>();
    few(conn, caller, query)
}

fn few(conn: &mut Conn, caller: &Caller, mut query: contracts::BoxedQuery<'_, Backend>) -> Result<Vec<ContractId>> {
    if let Some(visible) = repository::VISIBLE.row(caller) {
        query = query.filter(visible);
    }
    query = query.filter(contracts::status.ne(Literal::DELETED));
    Ok(query.order(contracts::id).limit(FEW).select(contracts::id).load(conn)?)
}
