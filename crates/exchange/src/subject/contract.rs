//! Contracts in a table.

use crm_contracts::{ContractFilter, ContractInput, ContractListing, Contracts, contract};
use crm_core::{Caller, ContractId, Instant, Page, Problems, Result};
use crm_db::Conn;
use crm_db::counters::Totals;

use super::{Column, Field, Names, Subject, names, number, numbers, text, time};
use crate::Exchange;
use crate::write::Out;

/// Contracts (合同): for staff and administrators.
#[derive(Clone, Copy, Debug)]
pub struct ContractTable;

#[allow(private_interfaces, reason = "only this crate says what its subjects do")]
impl Subject for ContractTable {
    type Record = ContractListing;
    type Input = ContractInput;
    type Id = ContractId;
    type Filter = ContractFilter;
    type Place = (Instant, ContractId);

    const RECORD: &'static str = "contract";
    const REQUIRED: &'static [&'static str] = &["name", "sign_time"];
    const KEYS: &'static [&'static str] = &["code", "name"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::<Self>::shown("合同ID", "id", |row, _| number(row.contract.id)),
            Column::<Self>::plain(
                "合同名称",
                "name",
                |row, _| Out::Text(row.contract.name.clone()),
                |input, field| input.name = field.text(),
            ),
            Column::<Self>::plain(
                "合同编号",
                "code",
                |row, _| text(&row.contract.code),
                |input, field| input.code = field.text(),
            ),
            Column::<Self>::read("客户单位编号", "organization_id", |input, field| {
                input.organization_id = field.id();
                Ok(())
            }),
            Column::<Self>::both(
                "客户单位",
                "organization_name",
                |row, _| text(&row.organization_name),
                read_organization,
            ),
            Column::<Self>::plain(
                "客户编号",
                "customer_id",
                |row, _| numbers(row.contract.customer_id),
                |input, field| input.customer_id = field.id(),
            ),
            Column::<Self>::read("客户", "customer_name", read_customer),
            Column::<Self>::plain(
                "合同金额",
                "amount",
                |row, _| numbers(row.contract.amount),
                |input, field| input.amount = field.money(),
            ),
            Column::<Self>::plain(
                "签订时间",
                "sign_time",
                |row, shown| time(Some(row.contract.sign_time), shown),
                |input, field| input.sign_time = field.instant(),
            ),
            Column::<Self>::plain(
                "生效时间",
                "aging_start_time",
                |row, shown| time(row.contract.aging_start_time, shown),
                |input, field| input.aging_start_time = field.instant(),
            ),
            Column::<Self>::plain(
                "到期时间",
                "aging_end_time",
                |row, shown| time(row.contract.aging_end_time, shown),
                |input, field| input.aging_end_time = field.instant(),
            ),
            Column::<Self>::plain(
                "回款金额",
                "remit_amount",
                |row, _| numbers(row.contract.remit_amount),
                |input, field| input.remit_amount = field.money(),
            ),
            Column::<Self>::plain(
                "回款时间",
                "remit_time",
                |row, shown| time(row.contract.remit_time, shown),
                |input, field| input.remit_time = field.instant(),
            ),
            Column::<Self>::both(
                "跟进人",
                "follower",
                |row, _| names(&row.follower_names),
                |input, field| {
                    input.follower_ids = field.all_named(Names::person)?;
                    Ok(())
                },
            ),
            Column::<Self>::plain(
                "备注",
                "note",
                |row, _| text(&row.contract.note),
                |input, field| input.note = field.text(),
            ),
            Column::<Self>::plain(
                "创建人编号",
                "creator_id",
                |row, _| number(row.contract.creator_id),
                |input, field| input.creator_id = field.id(),
            ),
            Column::<Self>::plain(
                "编辑人编号",
                "editor_id",
                |row, _| numbers(row.contract.editor_id),
                |input, field| input.editor_id = field.id(),
            ),
            Column::<Self>::shown("创建时间", "createTime", |row, shown| {
                time(Some(row.contract.created_at), shown)
            }),
            Column::<Self>::shown("更新时间", "updateTime", |row, shown| {
                time(Some(row.contract.updated_at), shown)
            }),
        ]
    }

    fn admit(caller: &Caller) -> Result<()> {
        caller.require_staff()
    }

    fn matching(conn: &mut Conn, caller: &Caller, key: &str, text: &str) -> Result<Vec<ContractId>> {
        match key {
            "code" => contract::with_code(conn, caller, text),
            _ => contract::named(conn, caller, text),
        }
    }

    fn problems(input: &mut ContractInput) -> &mut Problems {
        &mut input.problems
    }

    fn create(
        to: &Exchange,
        conn: &mut Conn,
        caller: &Caller,
        input: ContractInput,
        now: Instant,
        _: &mut Totals,
    ) -> Result<ContractId> {
        to.contracts.create_on_conn(conn, caller, input, now)
    }

    fn update(
        to: &Exchange,
        conn: &mut Conn,
        caller: &Caller,
        id: ContractId,
        input: ContractInput,
        now: Instant,
        _: &mut Totals,
    ) -> Result<()> {
        to.contracts.update_on_conn(conn, caller, id, None, input, now)
    }

    fn total(from: &Exchange, caller: &Caller, filter: &ContractFilter) -> Result<i64> {
        Ok(from.contracts.list(caller, filter, Page::first())?.total)
    }

    fn rows(
        conn: &mut Conn,
        caller: &Caller,
        filter: &ContractFilter,
        after: Option<(Instant, ContractId)>,
        count: i64,
    ) -> Result<Vec<ContractListing>> {
        Contracts::list_after(conn, caller, filter, after, count)
    }

    fn only(id: ContractId) -> ContractFilter {
        ContractFilter { id: Some(id), ..ContractFilter::default() }
    }

    fn place(record: &ContractListing) -> (Instant, ContractId) {
        (record.contract.sign_time, record.contract.id)
    }
}

/// The name wins over the id in a column of its own.
fn read_organization(input: &mut ContractInput, field: &mut Field<'_>) -> Result<()> {
    let named = field.named(Names::organization)?;
    if !named.is_absent() {
        input.organization_id = named;
    }
    Ok(())
}

/// The name or phone number wins over the id in a column of its own.
fn read_customer(input: &mut ContractInput, field: &mut Field<'_>) -> Result<()> {
    let named = field.named(Names::customer)?;
    if !named.is_absent() {
        input.customer_id = named;
    }
    Ok(())
}
