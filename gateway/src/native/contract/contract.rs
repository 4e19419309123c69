//! `/api/contract/contract` and `/api/contract/delcontract`.

use crm_contracts::{ContractFilter, ContractInput, ContractListing};
use crm_core::{ContractId, Id, Money, Span, Zone};
use crm_exchange::ContractTable;
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{exchange, list as answer_list, status, written};
use crate::openapi::shapes;

#[derive(JsonSchema, Serialize)]
#[allow(non_snake_case, reason = "the names of the contract")]
pub(super) struct ContractRow {
    id: i64,
    organization_id: i64,
    organization_name: Option<String>,
    customer_id: Option<i64>,
    name: String,
    code: Option<String>,
    #[schemars(schema_with = "shapes::money_or_null")]
    amount: Option<Money>,
    sign_time: String,
    follower_id: Vec<i64>,
    follower: Vec<String>,
    status: i16,
    aging_start_time: Option<String>,
    aging_end_time: Option<String>,
    #[schemars(schema_with = "shapes::money_or_null")]
    remit_amount: Option<Money>,
    remit_time: Option<String>,
    creator_id: i64,
    editor_id: Option<i64>,
    createTime: String,
    updateTime: String,
    note: Option<String>,
    version: i64,
}

impl ContractRow {
    fn new(listing: ContractListing, zone: Zone) -> Self {
        let contract = listing.contract;
        Self {
            id: contract.id.0,
            organization_id: contract.organization_id.0,
            organization_name: listing.organization_name,
            customer_id: contract.customer_id.map(Id::raw),
            name: contract.name,
            code: contract.code,
            amount: contract.amount,
            sign_time: zone.format(contract.sign_time),
            follower_id: listing.follower_ids.into_iter().map(Id::raw).collect(),
            follower: listing.follower_names,
            status: contract.status,
            aging_start_time: contract.aging_start_time.map(|at| zone.format(at)),
            aging_end_time: contract.aging_end_time.map(|at| zone.format(at)),
            remit_amount: contract.remit_amount,
            remit_time: contract.remit_time.map(|at| zone.format(at)),
            creator_id: contract.creator_id.0,
            editor_id: contract.editor_id.map(Id::raw),
            createTime: zone.format(contract.created_at),
            updateTime: zone.format(contract.updated_at),
            note: contract.note,
            version: contract.version,
        }
    }
}

/// Which contracts a list or an export shows.
fn filter(input: &mut Reader) -> ContractFilter {
    let id = input.own_id("contract_id");
    let status = status::read(input, status::OF_RECORDS, id.is_some());
    ContractFilter {
        id,
        organization_id: input.own_id("organization_id"),
        customer_id: input.own_id("customer_id"),
        code: input.text("code").into_value(),
        name: input.search("name"),
        status,
        signed: input.range(Span::Year, id.is_some()),
    }
}

/// The contracts the caller may see.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let filter = filter(input);
    let page = input.page();
    input.finish()?;
    let found = call.services()?.contracts.list(call.caller()?, &filter, page)?;
    answer_list(found.rows.into_iter().map(|row| ContractRow::new(row, call.zone)), found.total, page)
}

/// Enters a contract, or with `contract_id` changes one.
pub(super) fn save(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id::<ContractId>("contract_id");
    let version = input.version();
    let contract = ContractInput {
        name: input.text("name"),
        organization_id: input.id("organization_id"),
        customer_id: input.id("customer_id"),
        code: input.text("code"),
        amount: input.money("amount"),
        sign_time: input.instant("sign_time"),
        aging_start_time: input.instant("aging_start_time"),
        aging_end_time: input.instant("aging_end_time"),
        remit_amount: input.money("remit_amount"),
        remit_time: input.instant("remit_time"),
        note: input.text("note"),
        creator_id: input.id("creator_id"),
        editor_id: input.id("editor_id"),
        follower_ids: input.ids("follower_id"),
        problems: input.take_problems(),
    };
    let contracts = &call.services()?.contracts;
    let id = match id {
        Some(id) => contracts.update(call.caller()?, id, version, contract).map(|()| id)?,
        None => contracts.create(call.caller()?, contract)?,
    };
    written(DONE, id)
}

/// Deletes a contract.
pub(super) fn delete(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<ContractId>("contract_id");
    let id = input.finish_with(id)?;
    call.services()?.contracts.delete(call.caller()?, id)?;
    written("删除成功", id)
}

/// Enters or changes contracts as a file says.
pub(super) fn import(call: &Call<'_>, input: &mut Reader) -> Outcome {
    exchange::import::<ContractTable>(call, input)
}

/// The contracts of a list as a file.
pub(super) fn export(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let filter = filter(input);
    exchange::export::<ContractTable>(call, input, "contracts", filter)
}
