//! `/api/v2/customers`: the customer list of another vendor's CRM (vendor-surfaces §4).
//!
//! What a customer of the list is made of, and which native route and parameter writes it. The
//! customers POST is `/api/customers/customers`.
//!
//! | field | source |
//! |---|---|
//! | `id` | the customer |
//! | `user_id`, `user_name` | the owner: customers POST `owner_id`, then claim, assign, release; `null` and `""` in the pool |
//! | `user_third_userid` | the owner's `wecom_userid`: `/api/user/user` POST |
//! | `name` | customers POST `realName` |
//! | `status`, `status_mapped` | the stage: `/api/customers/stage` `stage_id`; its name: `/api/customers/stages` POST |
//! | `category`, `category_mapped` | customers POST `category_id`; its name: `/api/customers/categories` POST |
//! | `need_hidden_dispose`, `is_invisible` | whether numbers are masked: in the pool for all but administrators |
//! | `created_at`, `updated_at` | when the customer was entered, and last changed |
//! | `last_revist_log_content`, `last_called_at` | the latest follow-up, and the latest by telephone: `/api/record/follow` POST |
//! | `revisit_remind_at` | customers POST `next_follow_at` |
//! | `will_flow_time` | the pool rule: `/api/customers/poolrule` POST |
//! | `approve_status`, `approve_status_i18n` | `/api/customers/approve` |
//! | `phones_data` | one entry per number: `address.tel` customers POST `tel`, `address.phone` `phoneNumber`, then those of the contacts (`entity_class` `Contact`, found by the column `contacts`) |
//! | `phones_data[].is_enable` | whether the number can be dialled as it is shown: it is not masked |
//! | `phones_data[].company_name`, `job` | the first of customers POST `organization_id`; `job` of the customer or contact |
//! | `is_user_self`, `is_creator_self` | whether the caller is the owner, and entered it |
//! | `labels` | `/api/customers/labels`; their texts: `/api/customers/labelgroups` POST |
//! | `address` | customers POST `tel`, `phoneNumber`, `email`, `qq`, `fax`, `wechat`, `wangwang`, `zip`, `url`, `detail_address`, `lat`, `lng` |
//! | `address.region_info` | customers POST `country`, `province`, `city`, `district` in one |
//! | `contacts` | `/api/customers/contact` POST |
//! | `input_…`, `select_…` and so on | customers POST `custom`; the fields: `/api/customers/fields` POST |
//!
//! These are marks of the vendor's format and never change: `custom_field_template_id` and `_i18n`,
//! `contacts_associate_with_traffic`; in `address` `country_id`, `province_id`, `city_id`, `district_id`,
//! `organization_id`, `mode`, `time_format`, `use_to_json`, `off_distance`, `snippet`.
//!
//! `custom_field_name` takes the columns of `column_list` that hold text, and custom fields. Columns that
//! hold moments are refused: the ranges are for them. Columns of things this system does not have
//! (industry, shop and so on) are empty for every customer, and so find nothing. Deleted customers are
//! in no list but that of `status=-1`, which administrators alone find full.

mod address_row;
mod columns;
mod customer_row;
mod envelope;
mod list;
mod options;
mod phone_row;

use crate::http::{Endpoint, Handler};
use envelope::Answer;

pub(in crate::vendors) use envelope::failure_body;

/// The endpoints under `/api/v2/customers`.
pub const ENDPOINTS: &[Endpoint] = &[
    v2("/api/v2/customers", list::list)
        .answering::<Answer<list::List>>()
        .says("A page of the customers the caller may see, in the form of the customer list v2 (003)"),
    v2("/api/v2/customers/filter_sort_group", options::filter_sort_group)
        .answering::<Answer<options::FilterSortGroup>>()
        .says("What the list can be ordered and narrowed by"),
    v2("/api/v2/customers/source/filter_options", options::sources)
        .answering::<Answer<Vec<options::Named>>>()
        .says("The sources a customer can be given"),
    v2("/api/v2/customers/status/filter_options", options::stages)
        .answering::<Answer<Vec<options::Named>>>()
        .says("The stages a customer can be given"),
];

const fn v2(path: &'static str, handler: Handler) -> Endpoint {
    Endpoint::get(path, handler).failing_as::<envelope::Failed>(failure_body)
}
