//! Client detail (`002`): `POST /api/crm/client/detail` (vendor-surfaces §3).
//!
//! Where each field of `data.item` comes from. Routes without a prefix are native ones under
//! `/api/customers`; *customers* is the POST of `customers`.
//!
//! | field | written by |
//! |---|---|
//! | `id` | the number of the customer, given by *customers* |
//! | `title`, `name` | *customers* `realName` |
//! | `created_id`, `created_at` | *customers* on create (`creator_id`) |
//! | `updated_id`, `updated_at` | every later write of the customer |
//! | `own_id`, `assign_at` | *customers* `owner_id` on create; `claim`, `assign` |
//! | `last_own_id` | `release`, `assign`, the pool rule, `/api/user/deluser` |
//! | `is_public`, `client_position` | `claim`, `release`, the pool rule |
//! | `last_seas_at`, `move_seas_times`, `move_seas_type` | `release`, the pool rule |
//! | `last_follow_log`, `last_follow_at` | `/api/record/follow` |
//! | `last_deal_at`, `last_deal_money`, `order_money` | `/api/contract/contract` |
//! | `deleted_at`, `deleted_id`, `deleted_reason` | `delcustomer` |
//! | `life_cycle_id`, `last_life_cycle_id` | `stage`; their names and colours `stages` |
//! | `source` | *customers* `source_id`; its name and colour `sources` |
//! | `phone` | *customers* `phoneNumber`; masked in the public pool |
//! | `note`, `next_follow_at`, `product_line_id` | *customers*, under these names |
//! | `is_clue`, `clue_id_unique`, `api_setting_id`, `api_platform`, `clue_ocpc_data` | *customers*, under these names |
//! | `clue_user`, `clue_is_assign`, `first_assign_time`, `first_assign_diff` | the first `claim` or `assign` of a lead |
//! | `clue_is_black` | `blacklist` |
//! | `is_lock` | `lock`, `unlock` |
//! | `tags` | `labels`; their names and colours `labelgroups` |
//! | `_team_info` | `team` |
//! | `_can_edit`, `_can_del` | who calls: the rights of the session |
//! | `is_favorite` | `favourite` of the person calling |
//! | `_coming_free`, `_left_days` | `poolrule`, and what moves the date: follow-ups, contracts, `assign`, `lock`, `stage` |
//! | `_flow`, `_flow_status`, `_flow_node_name` | `CRM_CUSTOMER_APPROVAL` and `approve` |
//! | `input_…`, `textarea_…`, `select_…`, `date_…`, `number_…` | `fields`; *customers* `custom` |
//! | `group_id` of an option, `module_1688521860850`, `clientListAndSeas` | marks of the vendor's format, always the same |

mod item;

use crm_core::{CustomerId, ProductLineId};
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Call, Endpoint, Failure, Header, Outcome, Reader, Reply, status};
use item::Item;

/// What every request of this vendor's clients carries as `mid`.
const MODULE: i64 = 347_772_778_973_233_152;
/// The header that narrows the answer to one product line.
const PRODUCT_LINE: &str = "default-product-id";

/// The endpoint of this surface.
pub const ENDPOINTS: &[Endpoint] = &[Endpoint::post_or_query("/api/crm/client/detail", detail)
    .failing_as::<Envelope<Option<()>>>(failure_body)
    .reading(&[Header { name: PRODUCT_LINE, is_required: false, summary: "The product line the customer must be of" }])
    .answering::<Envelope<Data>>()
    .says("One customer, in the form of the client detail (002); mid is always 347772778973233152")];

#[derive(JsonSchema, Serialize)]
#[schemars(inline)]
struct Envelope<T> {
    code: u16,
    data: T,
    message: String,
}

#[derive(JsonSchema, Serialize)]
#[schemars(inline)]
struct Data {
    item: Item,
}

/// The body of a failed request: its `code` is the HTTP status.
pub(super) fn failure_body(failure: &Failure, _request_id: &str) -> Vec<u8> {
    let body = Envelope { code: status(failure.code()).as_u16(), data: None::<()>, message: failure.message() };
    // A number and a text: there is nothing in it that cannot be JSON.
    serde_json::to_vec(&body).unwrap_or_default()
}

fn detail(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<CustomerId>("id");
    let module = input.int("mid");
    if module.value() != Some(&MODULE) {
        input.note("mid", &format!("应为{MODULE}"));
    }
    let line = match call.header(PRODUCT_LINE).map(str::trim).filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => {
            let line = text.parse().ok().filter(|line: &i64| *line > 0).map(ProductLineId);
            if line.is_none() {
                input.note(PRODUCT_LINE, "应为正整数");
            }
            line
        }
    };
    let id = input.finish_with(id)?;
    let found = call.services()?.details.one(call.caller()?, id, line)?;
    Reply::json(&Envelope { code: 200, data: Data { item: Item::new(&found, call.zone) }, message: String::new() })
}
