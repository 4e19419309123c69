//! `/api/customers/customers` and `/api/customers/delcustomer`.

use crm_core::CustomerId;
use crm_customers::customer::{ClueInput, ProjectInput};
use crm_customers::{AddressInput, CustomerFilter, CustomerInput};

use crm_exchange::CustomerTable;

use super::custom;
use super::customer_row::CustomerRow;
use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{exchange, list as answer_list, status, written};

/// Which customers a list or an export shows.
fn filter(input: &mut Reader) -> CustomerFilter {
    let id = input.own_id("customer_id");
    let status = status::read(input, status::OF_CUSTOMERS, id.is_some());
    CustomerFilter {
        id,
        name: input.search("name"),
        organization_name: input.search("organization_name"),
        organization_id: input.own_id("organization_id"),
        phone: input.search("phoneNumber"),
        status,
        creator_id: input.own_id("creator_id"),
        owner_id: input.own_id("owner_id"),
        department_id: input.own_id("department_id"),
        owned: input.choice("owned", &[("1", true), ("0", false)]).unwrap_or(false),
    }
}

/// The customers the caller may see.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let filter = filter(input);
    let page = input.page();
    input.finish()?;
    let found = call.services()?.customers.list(call.caller()?, &filter, page)?;
    answer_list(found.rows.into_iter().map(|row| CustomerRow::new(row, call.zone)), found.total, page)
}

/// Creates a customer, or with `customer_id` changes one.
pub(super) fn save(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id::<CustomerId>("customer_id");
    let version = input.version();
    let customer = CustomerInput {
        kind: input.text("type"),
        nick_name: input.text("nickName"),
        real_name: input.text("realName"),
        avatar: input.text("avatar"),
        phone: input.text("phoneNumber"),
        job: input.text_or_number("job"),
        sex: input.int("sex"),
        cid: input.text("cid"),
        open_id: input.text_or_number("openId"),
        level: input.int("level"),
        is_vip: input.int("isVip"),
        is_senior: input.int("isSenior"),
        vip_due_time: input.instant("vipDueTime"),
        navigation_due_time: input.instant("navigationDueTime"),
        legal_person: input.text("legal_person"),
        register_capital: input.text("register_capital"),
        register_date: input.date("registerDate"),
        website: input.text("website"),
        note: input.text("note"),
        source_id: input.id("source_id"),
        category_id: input.id("category_id"),
        product_line_id: input.id("product_line_id"),
        next_follow_at: input.instant("next_follow_at"),
        address: address(input),
        project: ProjectInput {
            community_name: input.text("community_name"),
            room_number: input.text("room_number"),
            budget: input.money("budget"),
            intent: input.int("intent"),
        },
        clue: ClueInput {
            is_clue: input.int("is_clue"),
            clue_id_unique: input.text_or_number("clue_id_unique"),
            api_platform: input.text("api_platform"),
            api_setting_id: input.int("api_setting_id"),
            ocpc: input.object("clue_ocpc_data"),
            is_blacklisted: input.int("clue_is_black"),
        },
        custom: custom::read(input),
        organization_ids: input.ids("organization_id"),
        creator_id: input.id("creator_id"),
        owner_id: input.id("owner_id"),
        problems: input.take_problems(),
    };
    let customers = &call.services()?.customers;
    let id = match id {
        Some(id) => customers.update(call.caller()?, id, version, customer).map(|()| id)?,
        None => customers.create(call.caller()?, customer)?,
    };
    written(DONE, id)
}

fn address(input: &mut Reader) -> AddressInput {
    AddressInput {
        tel: input.text("tel"),
        email: input.text("email"),
        qq: input.text_or_number("qq"),
        fax: input.text("fax"),
        wechat: input.text("wechat"),
        wangwang: input.text("wangwang"),
        zip: input.text_or_number("zip"),
        url: input.text("url"),
        country: input.text("country"),
        province: input.text("province"),
        city: input.text("city"),
        district: input.text("district"),
        detail_address: input.text("detail_address"),
        lat: input.number("lat"),
        lng: input.number("lng"),
    }
}

/// Deletes (`status` -1, the default) or restores (1), with the `reason`.
pub(super) fn set_status(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<CustomerId>("customer_id");
    let delete = input.choice("status", &[("-1", true), ("1", false)]);
    let reason = input.reason();
    let id = input.finish_with(id)?;
    match delete.unwrap_or(true) {
        true => call.services()?.customers.delete(call.caller()?, id, reason)?,
        false => call.services()?.customers.restore(call.caller()?, id, reason)?,
    }
    written(DONE, id)
}

/// Enters or changes customers as a file says.
pub(super) fn import(call: &Call<'_>, input: &mut Reader) -> Outcome {
    exchange::import::<CustomerTable>(call, input)
}

/// The customers of a list as a file.
pub(super) fn export(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let filter = filter(input);
    exchange::export::<CustomerTable>(call, input, "customers", filter)
}
