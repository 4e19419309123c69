//! The CRM dashboard (surface `000`, vendor-surfaces §2).
//!
//! Each number has a list that shows exactly what it counts. The period is its first and last second;
//! `department_id` and `subordinate_id` of the dashboard are, where they were sent, the parameters of the
//! second column.
//!
//! | number | list |
//! |---|---|
//! | `crm.total` | `/api/customers/customers?owned=1` with `department_id`, `owner_id` |
//! | `crm.new` | `/api/customers/history?kind=gained` with the period as `start_time`, `end_time`, and `department_id`, `staff_id`; each customer once |
//! | `crm.loss` | the same with `kind=lost` |
//! | `wechat.total` | `/api/customers/wecom` with `department_id`, `user_id` |
//! | `wechat.new` | `/api/customers/wecom?event=added` with the period, and `department_id`, `user_id` |
//! | `wechat.loss` | the same with `event=lost` |
//! | `soon_loss_total` | `/api/customers/due?days=1&owned=1` with `department_id`, `owner_id` |

mod answer;
mod envelope;
mod route;

use crate::http::Endpoint;

pub(in crate::vendors) use envelope::failure_body;

/// The endpoints of the dashboard.
pub const ENDPOINTS: &[Endpoint] =
    &[Endpoint::post_or_query("/business/{uniacid}/plugin/CrmDashboard/getCustomerData", route::read)
        .failing_as::<envelope::Envelope<[(); 0]>>(failure_body)
        .answering::<envelope::Envelope<answer::Answer>>()
        .says("The numbers of the dashboard (000), of the account in CRM_ACCOUNT_ID")];
