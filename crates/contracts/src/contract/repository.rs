//! Queries on contracts.

use crm_core::{Caller, ContractId, CustomerId, Instant, Page, Paged, Result, StaffId, StatusFilter};
use crm_db::schema::contracts;
use crm_db::text_search::{self, Index};
use crm_db::{Backend, Conn, Engine, Links, Literal, OnUnique, OwnBy, Predicate, Visibility};
use diesel::prelude::*;

use super::model::Linked;
use super::{Contract, ContractFilter};

/// Who looks after a contract.
pub(super) const FOLLOWERS: Links<ContractId, StaffId> = Links::new("contract_followers", "contract_id", "staff_id");

/// Whose contracts are. Correspondents see none, their own neither: that is for the service to refuse.
pub const VISIBLE: Visibility = Visibility::new(
    "contracts.id",
    &[
        OwnBy { table: "contracts", id: "id", person: "creator_id" },
        OwnBy { table: "contract_followers", id: "contract_id", person: "staff_id" },
    ],
);

/// The condition of the partial unique index on codes, word for word: with a bound value in it
/// neither engine would use the index.
fn may_bear_a_code() -> Predicate {
    Predicate::new("contracts.status <> -1")
}

const TAKEN: &str = "合同编号已存在";

/// Whether a live contract other than this one has the code.
pub(super) fn code_is_taken(conn: &mut Conn, code: &str, besides: ContractId) -> Result<bool> {
    let same = contracts::code.eq(code).and(contracts::id.ne(besides));
    let count: i64 = contracts::table.filter(same).filter(may_bear_a_code()).count().get_result(conn)?;
    Ok(count > 0)
}

/// The conflict about a code that another live contract has.
pub(super) fn taken() -> crm_core::Error {
    crm_core::Error::conflict("code", TAKEN)
}

pub(super) fn insert(conn: &mut Conn, linked: &Linked) -> Result<ContractId> {
    let id: ContractId = diesel::insert_into(contracts::table)
        .values(&linked.contract)
        .returning(contracts::id)
        .get_result(conn)
        .on_unique("code", TAKEN)?;
    FOLLOWERS.insert(conn, id, &linked.follower_ids)?;
    text_search::add(conn, Index::Contracts, id.0, &[Some(&linked.contract.name)])?;
    Ok(id)
}

/// Writes what differs from `before`.
pub(super) fn update(conn: &mut Conn, before: &Linked, after: &Linked) -> Result<()> {
    let id = after.contract.id;
    diesel::update(contracts::table.filter(contracts::id.eq(id)))
        .set(&after.contract)
        .execute(conn)
        .on_unique("code", TAKEN)?;
    if after.follower_ids != before.follower_ids {
        FOLLOWERS.replace(conn, id, &after.follower_ids)?;
    }
    if after.contract.name != before.contract.name {
        text_search::put(conn, Index::Contracts, id.0, &[Some(&after.contract.name)])?;
    }
    Ok(())
}

/// A contract the caller sees, deleted or not.
pub(super) fn find(conn: &mut Conn, caller: &Caller, id: ContractId) -> Result<Option<Linked>> {
    let filter = ContractFilter { id: Some(id), status: StatusFilter::All, ..ContractFilter::default() };
    let query = filtered(conn.engine(), caller, &filter);
    let Some(contract) = query.select(Contract::as_select()).first(conn).optional()? else { return Ok(None) };
    Ok(Some(Linked { contract, follower_ids: FOLLOWERS.of(conn, id)? }))
}

/// The newest live contract with this customer.
pub(super) fn newest_of(conn: &mut Conn, customer: CustomerId) -> Result<Option<ContractId>> {
    Ok(contracts::table
        .filter(contracts::customer_id.eq(customer).and(contracts::status.eq(Literal::LIVE)))
        .order((contracts::sign_time.desc(), contracts::id.desc()))
        .select(contracts::id)
        .first(conn)
        .optional()?)
}

pub(super) fn list(conn: &mut Conn, caller: &Caller, filter: &ContractFilter, page: Page) -> Result<Paged<Contract>> {
    let total = filtered(conn.engine(), caller, filter).count().get_result(conn)?;
    Paged::load(total, page, || {
        filtered(conn.engine(), caller, filter)
            .order((contracts::sign_time.desc(), contracts::id.desc()))
            .limit(page.count())
            .offset(page.offset())
            .select(Contract::as_select())
            .load(conn)
    })
}

/// The next rows of the list after the one that was signed then and has this id.
pub(super) fn list_after(
    conn: &mut Conn,
    caller: &Caller,
    filter: &ContractFilter,
    after: Option<(Instant, ContractId)>,
    count: i64,
) -> Result<Vec<Contract>> {
    let mut query = filtered(conn.engine(), caller, filter);
    if let Some((signed, id)) = after {
        let later = contracts::sign_time.eq(signed).and(contracts::id.lt(id));
        query = query.filter(contracts::sign_time.lt(signed).or(later));
    }
    let order = (contracts::sign_time.desc(), contracts::id.desc());
    Ok(query.order(order).limit(count).select(Contract::as_select()).load(conn)?)
}

fn filtered<'a>(engine: Engine, caller: &Caller, filter: &ContractFilter) -> contracts::BoxedQuery<'a, Backend> {
    let mut query = contracts::table.into_boxed::<Backend>();
    let visible = if filter.id.is_some() { VISIBLE.row(caller) } else { VISIBLE.rows(caller) };
    if let Some(visible) = visible {
        query = query.filter(visible);
    }
    if let Some(id) = filter.id {
        query = query.filter(contracts::id.eq(id));
    }
    if let Some(organization) = filter.organization_id {
        query = query.filter(contracts::organization_id.eq(organization));
    }
    if let Some(customer) = filter.customer_id {
        query = query.filter(contracts::customer_id.eq(customer));
    }
    if let Some(code) = filter.code.clone() {
        query = query.filter(contracts::code.eq(code));
        if filter.status == StatusFilter::Live {
            query = query.filter(may_bear_a_code());
        }
    }
    if let Some(name) = &filter.name {
        query = query.filter(text_search::contains(engine, Index::Contracts, "contracts.id", name));
    }
    if let Some(start) = filter.signed.start {
        query = query.filter(contracts::sign_time.ge(start));
    }
    if let Some(end) = filter.signed.end {
        query = query.filter(contracts::sign_time.le(end));
    }
    match filter.status {
        StatusFilter::Live => query.filter(contracts::status.eq(Literal::LIVE)),
        StatusFilter::All => query,
        StatusFilter::Exactly(status) => query.filter(contracts::status.eq(status)),
    }
}
