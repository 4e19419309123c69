//! What the list can be ordered and narrowed by: `/api/v2/customers/filter_sort_group` and the
//! `filter_options` of stages and sources.

use crm_customers::options::Choice;
use schemars::JsonSchema;
use serde::Serialize;

use super::envelope::answer;
use super::list::{SORTS, TABS};
use crate::http::{Call, Outcome, Reader};

/// What a person chooses, and what is then sent.
#[derive(JsonSchema, Serialize)]
pub(super) struct Named {
    label: String,
    value: String,
}

/// A parameter the list is narrowed by.
#[derive(JsonSchema, Serialize)]
struct Filter {
    label: &'static str,
    /// The name of the parameter.
    value: &'static str,
    /// `text`; `select` with `options`; `id` of a record; `date_range`, sent twice as `value[]`.
    r#type: &'static str,
    options: Vec<Named>,
}

#[derive(JsonSchema, Serialize)]
pub(super) struct FilterSortGroup {
    sorts: Vec<Named>,
    filters: Vec<Filter>,
}

const TEXT: &str = "text";
const SELECT: &str = "select";
const ID: &str = "id";
const DATE_RANGE: &str = "date_range";

const FILTERS: &[(&str, &str, &str)] = &[
    ("客户范围", "tab_type", SELECT),
    ("搜索字段", "custom_field_name", TEXT),
    ("搜索关键字", "query", TEXT),
    ("所属部门", "department_id", ID),
    ("负责人", "user_id", ID),
    ("客户状态", "status", ID),
    ("客户分类", "category", ID),
    ("客户来源", "source", ID),
    ("产品线", "product_id", ID),
    ("创建时间", "created_at", DATE_RANGE),
    ("更新时间", "updated_at", DATE_RANGE),
    ("实际跟进时间", "real_revisit_at", DATE_RANGE),
    ("下次跟进时间", "revisit_remind_at", DATE_RANGE),
];

/// What the list can be ordered and narrowed by.
pub(super) fn filter_sort_group(_call: &Call<'_>, _input: &mut Reader) -> Outcome {
    answer(FilterSortGroup {
        sorts: named(SORTS),
        filters: FILTERS
            .iter()
            .map(|(label, value, kind)| Filter {
                label,
                value,
                r#type: kind,
                options: if *value == "tab_type" { named(TABS) } else { Vec::new() },
            })
            .collect(),
    })
}

/// The stages a customer can be given.
pub(super) fn stages(call: &Call<'_>, _input: &mut Reader) -> Outcome {
    answer(choices(call.services()?.customer_search.stages()?))
}

/// The sources a customer can be given.
pub(super) fn sources(call: &Call<'_>, _input: &mut Reader) -> Outcome {
    answer(choices(call.services()?.customer_search.sources()?))
}

fn choices(choices: Vec<Choice>) -> Vec<Named> {
    choices.into_iter().map(|choice| Named { label: choice.name, value: choice.id.to_string() }).collect()
}

fn named<T>(table: &[(&str, T, &str)]) -> Vec<Named> {
    table.iter().map(|(value, _, label)| Named { label: (*label).to_owned(), value: (*value).to_owned() }).collect()
}
