//! A customer as this surface answers it.

use crm_core::{Instant, StaffId, Zone};
use crm_customers::customer::{Approval, Ocpc};
use crm_customers::options::Choice;
use crm_customers::{Customer, CustomerDetail};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::openapi::shapes;
use crate::vendors::custom;

/// The groups in which the vendor keeps the options of stages and of sources.
const STAGE_GROUP: &str = "356016794198081536";
const SOURCE_GROUP: &str = "356019519744901120";
/// The step of the approval at which a customer waits.
const APPROVAL_STEP: &str = "管理员审批";

#[derive(JsonSchema, Serialize)]
pub(super) struct Item {
    id: String,
    title: String,
    created_id: OrEmpty<Person>,
    updated_id: OrEmpty<Person>,
    created_at: String,
    updated_at: String,
    own_id: OrEmpty<Person>,
    last_own_id: OrEmpty<Person>,
    is_public: u8,
    last_seas_at: Option<String>,
    move_seas_times: i64,
    move_seas_type: i16,
    last_follow_log: Option<String>,
    last_follow_at: Option<String>,
    last_deal_at: Option<String>,
    last_deal_money: Option<String>,
    assign_at: Option<String>,
    deleted_at: Option<String>,
    deleted_id: OrEmpty<Person>,
    deleted_reason: Option<String>,
    name: String,
    life_cycle_id: OrEmpty<OptionRow>,
    order_money: String,
    last_life_cycle_id: i64,
    source: OrEmpty<OptionRow>,
    note: String,
    phone: String,
    next_follow_at: Option<String>,
    product_line_id: i64,
    is_lock: i16,
    module_1688521860850: [(); 0],
    #[serde(flatten)]
    clue: ClueFields,
    /// The deployment's own fields under their keys.
    #[serde(flatten)]
    custom: Map<String, Value>,
    tags: Vec<Tag>,
    _team_info: bool,
    _can_edit: bool,
    _can_del: bool,
    is_favorite: bool,
    _coming_free: bool,
    _left_days: i64,
    client_position: &'static str,
    #[serde(rename = "clientListAndSeas")]
    client_list_and_seas: Option<()>,
    _flow: bool,
    _flow_node_name: Option<&'static str>,
    _flow_status: Option<&'static str>,
}

#[derive(JsonSchema, Serialize)]
struct ClueFields {
    is_clue: i16,
    clue_user: OrEmpty<Person>,
    clue_id_unique: String,
    api_setting_id: i64,
    api_platform: String,
    #[schemars(schema_with = "shapes::ocpc")]
    clue_ocpc_data: Ocpc,
    first_assign_diff: String,
    first_assign_time: Option<i64>,
    clue_is_black: i16,
    clue_is_assign: bool,
}

#[derive(JsonSchema, Serialize)]
struct Person {
    id: String,
    name: String,
    avatar_url: String,
}

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "DetailOption")]
struct OptionRow {
    id: String,
    name: String,
    group_id: &'static str,
    is_active: bool,
    color: String,
    sort_num: i64,
    is_default: i16,
}

#[derive(JsonSchema, Serialize)]
struct Tag {
    id: String,
    name: String,
    color: String,
    group_id: String,
}

/// What this vendor shows as an empty array where there is nothing.
struct OrEmpty<T>(Option<T>);

impl<T: JsonSchema> JsonSchema for OrEmpty<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("{}OrEmpty", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let some = generator.subschema_for::<T>();
        json_schema!({"anyOf": [some, {"type": "array", "maxItems": 0}]})
    }
}

impl<T: Serialize> Serialize for OrEmpty<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(value) => value.serialize(serializer),
            None => <[(); 0]>::default().serialize(serializer),
        }
    }
}

impl Item {
    pub(super) fn new(found: &CustomerDetail, zone: Zone) -> Self {
        let listing = &found.listing;
        let Customer { profile, holding, activity, progress, deletion, .. } = &listing.customer;
        let customer = &listing.customer;
        let person = |id: Option<StaffId>| OrEmpty(id.and_then(|id| person(found, id)));
        let time = |at: Option<Instant>| at.map(|at| zone.format(at));
        let is_waiting = progress.approve_status == Approval::Pending;
        Self {
            id: customer.id.to_string(),
            title: profile.real_name.clone(),
            created_id: person(Some(profile.creator_id)),
            updated_id: person(customer.updated_by.or(Some(profile.creator_id))),
            created_at: zone.format(customer.created_at),
            updated_at: zone.format(customer.updated_at),
            own_id: person(holding.owner_id),
            last_own_id: person(holding.last_owner_id),
            is_public: u8::from(holding.is_pool()),
            last_seas_at: time(holding.pool_entered_at),
            move_seas_times: holding.pool_times,
            move_seas_type: holding.pool_type,
            last_follow_log: activity.last_follow_log.clone(),
            last_follow_at: time(activity.last_follow_at),
            last_deal_at: time(activity.last_deal_at),
            last_deal_money: activity.last_deal_money.map(four_decimals),
            assign_at: time(holding.assigned_at).filter(|_| !holding.is_pool()),
            deleted_at: time(deletion.deleted_at),
            deleted_id: person(deletion.deleted_by),
            deleted_reason: deletion.deleted_reason.clone(),
            name: profile.real_name.clone(),
            life_cycle_id: OrEmpty(listing.stage.as_ref().map(|stage| OptionRow::new(stage, STAGE_GROUP))),
            order_money: four_decimals(activity.order_money()),
            last_life_cycle_id: progress.last_stage_id.map_or(0, |stage| stage.0),
            source: OrEmpty(listing.source.as_ref().map(|source| OptionRow::new(source, SOURCE_GROUP))),
            note: profile.note.clone().unwrap_or_default(),
            phone: profile.phone.clone().unwrap_or_default(),
            next_follow_at: time(profile.next_follow_at),
            product_line_id: profile.product_line_id.0,
            is_lock: holding.is_locked,
            module_1688521860850: [],
            clue: ClueFields::new(found),
            custom: custom::by_key(&listing.custom),
            tags: found.labels.iter().map(Tag::new).collect(),
            _team_info: !found.team.is_empty(),
            _can_edit: found.is_writable,
            _can_del: found.is_writable,
            is_favorite: found.is_favourite,
            _coming_free: found.outlook.is_coming_free,
            _left_days: found.outlook.days_left,
            client_position: if holding.is_pool() { "seas" } else { "list" },
            client_list_and_seas: None,
            _flow: is_waiting,
            _flow_node_name: is_waiting.then_some(APPROVAL_STEP),
            _flow_status: Some(progress.approve_status.as_str())
                .filter(|_| progress.approve_status != Approval::Approved),
        }
    }
}

impl ClueFields {
    fn new(found: &CustomerDetail) -> Self {
        let customer = &found.listing.customer;
        let clue = &customer.clue;
        let waited = clue.first_claimed_at.map(|at| at.unix() - customer.created_at.unix());
        Self {
            is_clue: clue.is_clue,
            clue_user: OrEmpty(clue.first_claimer_id.and_then(|id| person(found, id))),
            clue_id_unique: clue.clue_id_unique.clone().unwrap_or_default(),
            api_setting_id: clue.api_setting_id,
            api_platform: clue.api_platform.clone().unwrap_or_default(),
            clue_ocpc_data: clue.ocpc(),
            first_assign_diff: waited.map_or_else(|| "-".to_owned(), in_words),
            first_assign_time: waited,
            clue_is_black: clue.is_blacklisted,
            clue_is_assign: clue.first_claimed_at.is_some(),
        }
    }
}

impl OptionRow {
    fn new(choice: &Choice, group_id: &'static str) -> Self {
        Self {
            id: choice.id.to_string(),
            name: choice.name.clone(),
            group_id,
            is_active: choice.is_active != 0,
            color: choice.color.clone(),
            sort_num: choice.sort_num,
            is_default: choice.is_default,
        }
    }
}

impl Tag {
    fn new(label: &crm_customers::label::Label) -> Self {
        Self {
            id: label.id.to_string(),
            name: label.name.clone(),
            color: label.color.clone(),
            group_id: label.group_id.to_string(),
        }
    }
}

fn person(found: &CustomerDetail, id: StaffId) -> Option<Person> {
    let card = found.people.get(&id)?;
    Some(Person { id: id.to_string(), name: card.name.clone(), avatar_url: card.avatar.clone().unwrap_or_default() })
}

/// Money with four decimals: what is kept has two.
fn four_decimals(money: impl std::fmt::Display) -> String {
    format!("{money}00")
}

/// A number of seconds in days, hours, minutes and seconds, without those that are zero.
fn in_words(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let parts =
        [(seconds / 86_400, "天"), (seconds / 3_600 % 24, "小时"), (seconds / 60 % 60, "分"), (seconds % 60, "秒")];
    let words: String = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    if words.is_empty() { "0秒".to_owned() } else { words }
}

#[cfg(test)]
mod tests {
    use crm_core::Money;

    use super::*;

    #[test]
    fn a_time_in_words_leaves_out_what_is_zero() {
        assert_eq!(in_words(0), "0秒");
        assert_eq!(in_words(59), "59秒");
        assert_eq!(in_words(3_600), "1小时");
        assert_eq!(in_words(90_061), "1天1小时1分1秒");
        assert_eq!(in_words(86_400 * 400), "400天");
    }

    #[test]
    fn money_has_four_decimals() {
        assert_eq!(four_decimals("1120.50".parse::<Money>().expect("money")), "1120.5000");
    }
}
