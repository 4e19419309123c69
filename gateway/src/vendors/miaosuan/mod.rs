//! Miaosuan detail (`004`): `GET /miaosuan/customer/detail` (vendor-surfaces §5).
//!
//! Where each field of `data` comes from. Routes without a prefix are native ones under
//! `/api/customers`; *customers* is the POST of `customers`.
//!
//! | field | written by |
//! |---|---|
//! | `id` | the number of the customer, given by *customers* |
//! | `status`, `status_id` | `stage`; the names `stages` |
//! | `global_status` | `stage`; the outcome of a stage `stages` |
//! | `finance_status`, `finance_project_id` | `/api/contract/contract`, `/api/contract/delcontract` |
//! | `description` | *customers* `note` |
//! | `community_name`, `room_number` | *customers*, under these names |
//! | `customer_name`, `customer_phone` | *customers* `realName`, `phoneNumber` (masked in the public pool) |
//! | `customer_address` | *customers* `country`, `province`, `city`, `district`, `detail_address` |
//! | `customer_source`, `customer_source_id` | *customers* `source_id`; the names `sources` |
//! | `customer_budget`, `customer_type` | *customers* `budget` (万), `intent` |
//! | `follower_name`, `follower_id` | *customers* `owner_id` on create; `claim`, `assign`, `release` |
//! | `update_time` | every write of the customer |
//! | `role_types` | `roletypes`, `team`; names and numbers of people `/api/user/user` |

mod sheet;

use crm_core::{CustomerId, Error, StaffId};
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::{Call, Endpoint, Failure, Header, Outcome, Reader, Reply, status};
use sheet::Sheet;

/// The header in which this vendor's clients say who they are.
const USER: &str = "user_id";

/// The endpoint of this surface.
pub const ENDPOINTS: &[Endpoint] = &[Endpoint::get("/miaosuan/customer/detail", detail)
    .failing_as::<Envelope<Option<()>>>(failure_body)
    .reading(&[Header {
        name: USER,
        is_required: true,
        summary: "Who asks: the person of the session, or one whom they may stand for",
    }])
    .answering::<Envelope<Sheet>>()
    .says("One customer, in the form of miaosuan (004)")];

#[derive(JsonSchema, Serialize)]
#[schemars(inline)]
struct Envelope<T> {
    code: u16,
    msg: String,
    data: T,
}

/// The body of a failed request: its `code` is the HTTP status.
pub(super) fn failure_body(failure: &Failure, _request_id: &str) -> Vec<u8> {
    let body = Envelope { code: status(failure.code()).as_u16(), msg: failure.message(), data: None::<()> };
    // A number and a text: there is nothing in it that cannot be JSON.
    serde_json::to_vec(&body).unwrap_or_default()
}

fn detail(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let id = input.required_id::<CustomerId>("customer_id");
    let named = user(call.header(USER));
    if let Err(problem) = named {
        input.note(USER, problem);
    }
    let id = input.finish_with(id)?;
    let person = named.map_err(|problem| Error::invalid(USER, problem))?;
    let services = call.services()?;
    let caller = services.sessions.caller_as(call.caller()?, person)?;
    let found = services.details.one(&caller, id, None)?;
    let roles = services.teams.roles()?;
    let contract = services.contracts.newest_of(id)?;
    let sheet = Sheet::new(&found, &roles, contract, call.zone)?;
    Reply::json(&Envelope { code: 0, msg: "成功".to_owned(), data: sheet })
}

fn user(header: Option<&str>) -> Result<StaffId, &'static str> {
    let text = header.map(str::trim).filter(|text| !text.is_empty()).ok_or("请求头不能为空")?;
    text.parse().ok().filter(|id: &i64| *id > 0).map(StaffId).ok_or("应为正整数")
}
