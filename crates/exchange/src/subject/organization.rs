//! Organizations in a table.

use crm_core::{Caller, Instant, OrganizationId, Page, Problems, Result};
use crm_customers::organization::OrganizationListing;
use crm_customers::{OrganizationFilter, OrganizationInput, Organizations, lookup};
use crm_db::Conn;
use crm_db::counters::Totals;

use super::{Column, Names, Subject, date, number, text, time};
use crate::Exchange;
use crate::write::Out;

/// Organizations (客户单位).
#[derive(Clone, Copy, Debug)]
pub struct OrganizationTable;

#[allow(private_interfaces, reason = "only this crate says what its subjects do")]
impl Subject for OrganizationTable {
    type Record = OrganizationListing;
    type Input = OrganizationInput;
    type Id = OrganizationId;
    type Filter = OrganizationFilter;
    type Place = OrganizationId;

    const RECORD: &'static str = "organization";
    const REQUIRED: &'static [&'static str] = &["groupName"];
    const KEYS: &'static [&'static str] = &["groupName"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::<Self>::shown("单位编号", "id", |row, _| number(row.organization.id)),
            Column::<Self>::plain(
                "单位名称",
                "groupName",
                |row, _| Out::Text(row.organization.name.clone()),
                |input, field| input.name = field.text(),
            ),
            Column::<Self>::plain(
                "单位简介",
                "groupDetail",
                |row, _| text(&row.organization.detail),
                |input, field| input.detail = field.text(),
            ),
            Column::<Self>::plain(
                "单位类型",
                "type",
                |row, _| text(&row.organization.kind),
                |input, field| input.kind = field.text(),
            ),
            Column::<Self>::plain(
                "省",
                "provience",
                |row, _| text(&row.organization.provience),
                |input, field| input.provience = field.text(),
            ),
            Column::<Self>::plain(
                "市",
                "city",
                |row, _| text(&row.organization.city),
                |input, field| input.city = field.text(),
            ),
            Column::<Self>::plain(
                "区县",
                "county",
                |row, _| text(&row.organization.county),
                |input, field| input.county = field.text(),
            ),
            Column::<Self>::plain(
                "地址",
                "address",
                |row, _| text(&row.organization.address),
                |input, field| input.address = field.text(),
            ),
            Column::<Self>::plain(
                "法人",
                "legal_person",
                |row, _| text(&row.organization.legal_person),
                |input, field| input.legal_person = field.text(),
            ),
            Column::<Self>::plain(
                "注册资本",
                "register_capital",
                |row, _| text(&row.organization.register_capital),
                |input, field| input.register_capital = field.text(),
            ),
            Column::<Self>::plain(
                "成立日期",
                "registerDate",
                |row, _| date(row.organization.register_date),
                |input, field| input.register_date = field.date(),
            ),
            Column::<Self>::plain(
                "网站",
                "website",
                |row, _| text(&row.organization.website),
                |input, field| input.website = field.text(),
            ),
            Column::<Self>::plain(
                "备注",
                "note",
                |row, _| text(&row.organization.note),
                |input, field| input.note = field.text(),
            ),
            Column::<Self>::both(
                "创建人",
                "creator_name",
                |row, _| text(&row.creator_name),
                |input, field| {
                    input.creator_id = field.named(Names::person)?;
                    Ok(())
                },
            ),
            Column::<Self>::shown("创建时间", "createTime", |row, shown| {
                time(Some(row.organization.created_at), shown)
            }),
            Column::<Self>::shown("更新时间", "updateTime", |row, shown| {
                time(Some(row.organization.updated_at), shown)
            }),
        ]
    }

    fn admit(_: &Caller) -> Result<()> {
        Ok(())
    }

    fn matching(conn: &mut Conn, caller: &Caller, _: &str, text: &str) -> Result<Vec<OrganizationId>> {
        lookup::organizations_named(conn, caller, text)
    }

    fn problems(input: &mut OrganizationInput) -> &mut Problems {
        &mut input.problems
    }

    fn create(
        to: &Exchange,
        conn: &mut Conn,
        caller: &Caller,
        input: OrganizationInput,
        now: Instant,
        totals: &mut Totals,
    ) -> Result<OrganizationId> {
        to.organizations.create_on_conn(conn, caller, input, now, totals)
    }

    fn update(
        to: &Exchange,
        conn: &mut Conn,
        caller: &Caller,
        id: OrganizationId,
        input: OrganizationInput,
        now: Instant,
        _: &mut Totals,
    ) -> Result<()> {
        to.organizations.update_on_conn(conn, caller, id, None, input, now)
    }

    fn total(from: &Exchange, caller: &Caller, filter: &OrganizationFilter) -> Result<i64> {
        Ok(from.organizations.list(caller, filter, Page::first())?.total)
    }

    fn rows(
        conn: &mut Conn,
        caller: &Caller,
        filter: &OrganizationFilter,
        after: Option<OrganizationId>,
        count: i64,
    ) -> Result<Vec<OrganizationListing>> {
        Organizations::list_after(conn, caller, filter, after, count)
    }

    fn only(id: OrganizationId) -> OrganizationFilter {
        OrganizationFilter { id: Some(id), ..OrganizationFilter::default() }
    }

    fn place(record: &OrganizationListing) -> OrganizationId {
        record.organization.id
    }
}
