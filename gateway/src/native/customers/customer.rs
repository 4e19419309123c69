//! `/api/customers/customers` and `/api/customers/delcustomer`.

use crm_core::{CustomerId, Instant, Zone};
use crm_customers::{CustomerFilter, CustomerInput, CustomerListing};
use serde::Serialize;

use crate::http::{Call, Outcome, Reader};
use crate::native::envelope::DONE;
use crate::native::{list as answer_list, status, written};

#[derive(Serialize)]
#[allow(non_snake_case, reason = "the names of the contract")]
struct CustomerRow {
    id: i64,
    r#type: Option<String>,
    nickName: Option<String>,
    realName: String,
    avatar: Option<String>,
    phoneNumber: Option<String>,
    job: Option<String>,
    sex: i16,
    /// Customers do not sign in; the published sample has these two all the same.
    password: Option<()>,
    session: Option<()>,
    cid: Option<String>,
    openId: Option<String>,
    level: i64,
    isVip: i16,
    isSenior: i16,
    vipDueTime: Option<String>,
    navigationDueTime: Option<String>,
    createTime: String,
    updateTime: String,
    status: i16,
    note: Option<String>,
    organization_name: Vec<String>,
    organization_ids: Vec<i64>,
    legal_person: Option<String>,
    register_capital: Option<String>,
    registerDate: Option<String>,
    website: Option<String>,
    creator_id: i64,
    creator_name: Option<String>,
    #[serde(flatten)]
    holding: HoldingFields,
    #[serde(flatten)]
    activity: ActivityFields,
    deleted_at: Option<String>,
    deleted_by: Option<i64>,
    deleted_reason: Option<String>,
    version: i64,
}

#[derive(Serialize)]
struct HoldingFields {
    owner_id: Option<i64>,
    owner_name: Option<String>,
    last_owner_id: Option<i64>,
    assigned_at: Option<String>,
    pool_entered_at: Option<String>,
    pool_times: i64,
    pool_type: i16,
}

#[derive(Serialize)]
struct ActivityFields {
    last_follow_at: Option<String>,
    last_follow_log: Option<String>,
    last_deal_at: Option<String>,
    last_deal_money: Option<String>,
    order_money: String,
}

impl CustomerRow {
    fn new(listing: CustomerListing, zone: Zone) -> Self {
        let CustomerListing { customer, organization_ids, organization_names, creator_name, owner_name } = listing;
        let (profile, holding, activity) = (customer.profile, customer.holding, customer.activity);
        let time = |at: Option<Instant>| at.map(|at| zone.format(at));
        Self {
            id: customer.id.0,
            r#type: profile.kind,
            nickName: profile.nick_name,
            realName: profile.real_name,
            avatar: profile.avatar,
            phoneNumber: profile.phone,
            job: profile.job,
            sex: profile.sex,
            password: None,
            session: None,
            cid: profile.cid,
            openId: profile.open_id,
            level: profile.level,
            isVip: profile.is_vip,
            isSenior: profile.is_senior,
            vipDueTime: time(profile.vip_due_time),
            navigationDueTime: time(profile.navigation_due_time),
            createTime: zone.format(customer.created_at),
            updateTime: zone.format(customer.updated_at),
            status: customer.deletion.status,
            note: profile.note,
            organization_name: organization_names,
            organization_ids: organization_ids.into_iter().map(|id| id.0).collect(),
            legal_person: profile.legal_person,
            register_capital: profile.register_capital,
            registerDate: profile.register_date.map(|date| date.to_string()),
            website: profile.website,
            creator_id: profile.creator_id.0,
            creator_name,
            activity: ActivityFields {
                last_follow_at: time(activity.last_follow_at),
                last_deal_at: time(activity.last_deal_at),
                last_deal_money: activity.last_deal_money.map(|money| money.to_string()),
                order_money: activity.order_money().to_string(),
                last_follow_log: activity.last_follow_log,
            },
            holding: HoldingFields {
                owner_id: holding.owner_id.map(|id| id.0),
                owner_name,
                last_owner_id: holding.last_owner_id.map(|id| id.0),
                assigned_at: time(holding.assigned_at),
                pool_entered_at: time(holding.pool_entered_at),
                pool_times: holding.pool_times,
                pool_type: holding.pool_type,
            },
            deleted_at: time(customer.deletion.deleted_at),
            deleted_by: customer.deletion.deleted_by.map(|id| id.0),
            deleted_reason: customer.deletion.deleted_reason,
            version: customer.version,
        }
    }
}

/// The customers the caller may see.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.own_id("customer_id");
    let status = status::read(input, status::OF_CUSTOMERS, id.is_some());
    let filter = CustomerFilter {
        id,
        name: input.search("name"),
        organization_name: input.search("organization_name"),
        organization_id: input.own_id("organization_id"),
        phone: input.search("phoneNumber"),
        status,
        creator_id: input.own_id("creator_id"),
        owner_id: input.own_id("owner_id"),
    };
    let page = input.page();
    input.finish()?;
    let found = call.services.customers.list(call.caller()?, &filter, page)?;
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
        organization_ids: input.ids("organization_id"),
        creator_id: input.id("creator_id"),
        owner_id: input.id("owner_id"),
        problems: input.take_problems(),
    };
    let customers = &call.services.customers;
    let id = match id {
        Some(id) => customers.update(call.caller()?, id, version, customer).map(|()| id)?,
        None => customers.create(call.caller()?, customer)?,
    };
    written(DONE, id)
}

/// Deletes (`status` -1, the default) or restores (1), with the `reason`.
pub(super) fn set_status(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<CustomerId>("customer_id");
    let delete = input.choice("status", &[("-1", true), ("1", false)]);
    let reason = input.reason();
    let id = input.finish_with(id)?;
    match delete.unwrap_or(true) {
        true => call.services.customers.delete(call.caller()?, id, reason)?,
        false => call.services.customers.restore(call.caller()?, id, reason)?,
    }
    written(DONE, id)
}
