//! `/api/v2/customers`.

use crm_core::{DELETED, Page, StageId, TimeRange};
use crm_customers::SearchFilter;
use crm_customers::search::{Found, Sort, SortKey, Tab};
use schemars::JsonSchema;
use serde::Serialize;

use super::columns::{self, COLUMN_LIST};
use super::customer_row::CustomerRow;
use super::envelope::answer;
use crate::http::{Call, Outcome, Reader};

/// The most rows a page may have.
const PER_PAGE_MAX: i64 = 200;
/// Rows per page when the request does not say.
const PER_PAGE: i64 = 15;

/// What `sort` may be, and what people call it; the first is the default.
pub(super) const SORTS: &[(&str, SortKey, &str)] = &[
    ("created_at", SortKey::CreatedAt, "创建时间"),
    ("updated_at", SortKey::UpdatedAt, "更新时间"),
    ("real_revisit_at", SortKey::LastFollowAt, "实际跟进时间"),
    ("revisit_remind_at", SortKey::NextFollowAt, "下次跟进时间"),
    ("name", SortKey::Name, "客户名称"),
];

/// What `tab_type` may be, and what people call it.
pub(super) const TABS: &[(&str, Tab, &str)] = &[
    ("my", Tab::Mine, "我的客户"),
    ("sub", Tab::Subordinates, "下属客户"),
    ("common", Tab::Pool, "公海客户"),
    ("assist", Tab::Assisting, "我协作的客户"),
];

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ListV2")]
pub(super) struct List {
    customers: Vec<CustomerRow>,
    column_list: Vec<String>,
    has_next_page: bool,
    per_page: i64,
    page: i64,
}

/// The customers the caller may see.
pub(super) fn list(call: &Call<'_>, input: &mut Reader) -> Outcome {
    let sort = sort(input);
    let page = page(input);
    let filter = filter(input);
    let caller = call.caller()?;
    let Found { rows, has_next_page, fields } = call.services()?.customer_search.list(caller, &filter, sort, page)?;
    let keys = fields.iter().map(|field| field.key.clone());
    answer(List {
        column_list: COLUMN_LIST.iter().map(|column| (*column).to_owned()).chain(keys).collect(),
        customers: rows.into_iter().map(|row| CustomerRow::new(row, caller, call.zone)).collect(),
        has_next_page,
        per_page: page.count(),
        page: page.number(),
    })
}

fn filter(input: &mut Reader) -> SearchFilter {
    let column = match input.text("custom_field_name").into_value() {
        Some(name) => {
            let column = columns::column(&name);
            if column.is_none() {
                input.note("custom_field_name", "该字段不是文本,不能按关键字搜索");
            }
            column
        }
        None => None,
    };
    let (stage_id, deleted) = status(input);
    SearchFilter {
        deleted,
        column,
        text: input.search("query"),
        tab: input.choice("tab_type", &words(TABS)).unwrap_or_default(),
        owner_id: input.own_id("user_id"),
        department_id: input.own_id("department_id"),
        stage_id,
        category_id: input.own_id("category"),
        source_id: input.own_id("source"),
        product_line_id: input.own_id("product_id"),
        created_at: days(input, "created_at"),
        updated_at: days(input, "updated_at"),
        last_follow_at: days(input, "real_revisit_at"),
        next_follow_at: days(input, "revisit_remind_at"),
        problems: input.take_problems(),
    }
}

/// A stage, or -1 for the deleted customers, as `status` has it on the native routes.
fn status(input: &mut Reader) -> (Option<StageId>, bool) {
    match input.int("status").into_value() {
        None => (None, false),
        Some(status) if status == i64::from(DELETED) => (None, true),
        Some(id) if id > 0 => (Some(StageId(id)), false),
        Some(_) => {
            input.note("status", "应为正整数");
            (None, false)
        }
    }
}

fn days(input: &mut Reader, name: &str) -> TimeRange {
    input.days(name).unwrap_or(TimeRange::ALL)
}

fn sort(input: &mut Reader) -> Sort {
    Sort {
        key: input.choice("sort", &words(SORTS)).unwrap_or_default(),
        ascending: input.choice("order", &[("asc", true), ("desc", false)]).unwrap_or_default(),
    }
}

/// The page wanted; what is wrong with it is noted and refused with the filter.
fn page(input: &mut Reader) -> Page {
    let number = input.int_in("page", 1, i64::MAX).into_value().unwrap_or(1);
    let count = input.int_in("per_page", 1, PER_PAGE_MAX).into_value().unwrap_or(PER_PAGE);
    Page::new(number, count).unwrap_or_else(|_| Page::first())
}

fn words<T: Copy>(table: &[(&'static str, T, &str)]) -> Vec<(&'static str, T)> {
    table.iter().map(|(word, value, _)| (*word, *value)).collect()
}
