//! Customers in a table.

use crm_core::{Caller, CustomerId, Instant, Page, Patch, Problems, Result};
use crm_customers::{CustomerFilter, CustomerInput, CustomerListing, Customers, lookup};
use crm_db::Conn;
use crm_db::counters::Totals;

use super::{Column, Field, Names, Subject, YES_NO, custom, date, names, number, numbers, text, time, word};
use crate::Exchange;
use crate::write::Out;

const SEX: &[(&str, i64)] = &[("男", 1), ("女", 2), ("未知", 3)];
const INTENT: &[(&str, i64)] = &[("较强", 1), ("一般", 2), ("暂无", 3)];
/// What stands for the owner of a customer in the public pool.
const POOL: &str = "公海";

/// Customers (客户).
#[derive(Clone, Copy, Debug)]
pub struct CustomerTable;

#[allow(private_interfaces, reason = "only this crate says what its subjects do")]
impl Subject for CustomerTable {
    type Record = CustomerListing;
    type Input = CustomerInput;
    type Id = CustomerId;
    type Filter = CustomerFilter;
    type Place = CustomerId;

    const RECORD: &'static str = "customer";
    const REQUIRED: &'static [&'static str] = &["realName"];
    const KEYS: &'static [&'static str] = &["phoneNumber", "realName"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::<Self>::shown("客户编号", "id", |row, _| number(row.customer.id)),
            Column::<Self>::plain(
                "客户姓名",
                "realName",
                |row, _| Out::Text(row.customer.profile.real_name.clone()),
                |input, field| input.real_name = field.text(),
            ),
            Column::<Self>::plain(
                "昵称",
                "nickName",
                |row, _| text(&row.customer.profile.nick_name),
                |input, field| input.nick_name = field.text(),
            ),
            Column::<Self>::plain(
                "手机号",
                "phoneNumber",
                |row, _| text(&row.customer.profile.phone),
                |input, field| input.phone = field.text(),
            ),
            Column::<Self>::read("客户单位编号", "organization_id", |input, field| {
                input.organization_ids = field.ids();
                Ok(())
            }),
            Column::<Self>::both(
                "客户单位",
                "organization_name",
                |row, _| names(&row.organization_names),
                read_organizations,
            ),
            Column::<Self>::both("负责人", "owner_name", |row, _| owner(row), read_owner),
            Column::<Self>::both(
                "客户来源",
                "source_name",
                |row, _| text(&row.source.as_ref().map(|source| source.name.clone())),
                |input, field| {
                    input.source_id = field.named(Names::source)?;
                    Ok(())
                },
            ),
            Column::<Self>::both(
                "客户分类",
                "category_name",
                |row, _| text(&row.category.as_ref().map(|category| category.name.clone())),
                |input, field| {
                    input.category_id = field.named(Names::category)?;
                    Ok(())
                },
            ),
            Column::<Self>::plain(
                "产品线编号",
                "product_line_id",
                |row, _| number(row.customer.profile.product_line_id),
                |input, field| input.product_line_id = field.id(),
            ),
            Column::<Self>::read("产品线", "product_line_name", read_product_line),
            Column::<Self>::shown("客户阶段", "stage_name", |row, _| {
                text(&row.stage.as_ref().map(|stage| stage.name.clone()))
            }),
            Column::<Self>::plain(
                "客户类型",
                "type",
                |row, _| text(&row.customer.profile.kind),
                |input, field| input.kind = field.text(),
            ),
            Column::<Self>::plain(
                "职务",
                "job",
                |row, _| text(&row.customer.profile.job),
                |input, field| input.job = field.text(),
            ),
            Column::<Self>::plain(
                "性别",
                "sex",
                |row, shown| word(Some(row.customer.profile.sex), SEX, shown),
                |input, field| input.sex = field.word(SEX),
            ),
            Column::<Self>::plain(
                "等级",
                "level",
                |row, _| number(row.customer.profile.level),
                |input, field| input.level = field.int(),
            ),
            Column::<Self>::plain(
                "是否VIP",
                "isVip",
                |row, shown| word(Some(row.customer.profile.is_vip), YES_NO, shown),
                |input, field| input.is_vip = field.word(YES_NO),
            ),
            Column::<Self>::plain(
                "是否高级",
                "isSenior",
                |row, shown| word(Some(row.customer.profile.is_senior), YES_NO, shown),
                |input, field| input.is_senior = field.word(YES_NO),
            ),
            Column::<Self>::plain(
                "VIP到期时间",
                "vipDueTime",
                |row, shown| time(row.customer.profile.vip_due_time, shown),
                |input, field| input.vip_due_time = field.instant(),
            ),
            Column::<Self>::plain(
                "导航到期时间",
                "navigationDueTime",
                |row, shown| time(row.customer.profile.navigation_due_time, shown),
                |input, field| input.navigation_due_time = field.instant(),
            ),
            Column::<Self>::plain(
                "外部编号",
                "cid",
                |row, _| text(&row.customer.profile.cid),
                |input, field| input.cid = field.text(),
            ),
            Column::<Self>::plain(
                "微信OpenID",
                "openId",
                |row, _| text(&row.customer.profile.open_id),
                |input, field| input.open_id = field.text(),
            ),
            Column::<Self>::plain(
                "头像",
                "avatar",
                |row, _| text(&row.customer.profile.avatar),
                |input, field| input.avatar = field.text(),
            ),
            Column::<Self>::plain(
                "法人",
                "legal_person",
                |row, _| text(&row.customer.profile.legal_person),
                |input, field| input.legal_person = field.text(),
            ),
            Column::<Self>::plain(
                "注册资本",
                "register_capital",
                |row, _| text(&row.customer.profile.register_capital),
                |input, field| input.register_capital = field.text(),
            ),
            Column::<Self>::plain(
                "成立日期",
                "registerDate",
                |row, _| date(row.customer.profile.register_date),
                |input, field| input.register_date = field.date(),
            ),
            Column::<Self>::plain(
                "网站",
                "website",
                |row, _| text(&row.customer.profile.website),
                |input, field| input.website = field.text(),
            ),
            Column::<Self>::plain(
                "座机",
                "tel",
                |row, _| text(&row.address.tel),
                |input, field| input.address.tel = field.text(),
            ),
            Column::<Self>::plain(
                "电子邮箱",
                "email",
                |row, _| text(&row.address.email),
                |input, field| input.address.email = field.text(),
            ),
            Column::<Self>::plain(
                "QQ号",
                "qq",
                |row, _| text(&row.address.qq),
                |input, field| input.address.qq = field.text(),
            ),
            Column::<Self>::plain(
                "传真",
                "fax",
                |row, _| text(&row.address.fax),
                |input, field| input.address.fax = field.text(),
            ),
            Column::<Self>::plain(
                "微信号",
                "wechat",
                |row, _| text(&row.address.wechat),
                |input, field| input.address.wechat = field.text(),
            ),
            Column::<Self>::plain(
                "旺旺号",
                "wangwang",
                |row, _| text(&row.address.wangwang),
                |input, field| input.address.wangwang = field.text(),
            ),
            Column::<Self>::plain(
                "邮编",
                "zip",
                |row, _| text(&row.address.zip),
                |input, field| input.address.zip = field.text(),
            ),
            Column::<Self>::plain(
                "网页",
                "url",
                |row, _| text(&row.address.url),
                |input, field| input.address.url = field.text(),
            ),
            Column::<Self>::plain(
                "国家",
                "country",
                |row, _| text(&row.address.country),
                |input, field| input.address.country = field.text(),
            ),
            Column::<Self>::plain(
                "省",
                "province",
                |row, _| text(&row.address.province),
                |input, field| input.address.province = field.text(),
            ),
            Column::<Self>::plain(
                "市",
                "city",
                |row, _| text(&row.address.city),
                |input, field| input.address.city = field.text(),
            ),
            Column::<Self>::plain(
                "区县",
                "district",
                |row, _| text(&row.address.district),
                |input, field| input.address.district = field.text(),
            ),
            Column::<Self>::plain(
                "详细地址",
                "detail_address",
                |row, _| text(&row.address.detail_address),
                |input, field| input.address.detail_address = field.text(),
            ),
            Column::<Self>::plain(
                "纬度",
                "lat",
                |row, _| numbers(row.address.lat),
                |input, field| input.address.lat = field.number(),
            ),
            Column::<Self>::plain(
                "经度",
                "lng",
                |row, _| numbers(row.address.lng),
                |input, field| input.address.lng = field.number(),
            ),
            Column::<Self>::plain(
                "小区名称",
                "community_name",
                |row, _| text(&row.customer.project.community_name),
                |input, field| input.project.community_name = field.text(),
            ),
            Column::<Self>::plain(
                "门牌号",
                "room_number",
                |row, _| text(&row.customer.project.room_number),
                |input, field| input.project.room_number = field.text(),
            ),
            Column::<Self>::plain(
                "预算(万元)",
                "budget",
                |row, _| numbers(row.customer.project.budget),
                |input, field| input.project.budget = field.money(),
            ),
            Column::<Self>::plain(
                "意向",
                "intent",
                |row, shown| word(row.customer.project.intent, INTENT, shown),
                |input, field| input.project.intent = field.word(INTENT),
            ),
            Column::<Self>::plain(
                "是否线索",
                "is_clue",
                |row, shown| word(Some(row.customer.clue.is_clue), YES_NO, shown),
                |input, field| input.clue.is_clue = field.word(YES_NO),
            ),
            Column::<Self>::plain(
                "线索编号",
                "clue_id_unique",
                |row, _| text(&row.customer.clue.clue_id_unique),
                |input, field| input.clue.clue_id_unique = field.text(),
            ),
            Column::<Self>::plain(
                "线索平台",
                "api_platform",
                |row, _| text(&row.customer.clue.api_platform),
                |input, field| input.clue.api_platform = field.text(),
            ),
            Column::<Self>::plain(
                "接口设置编号",
                "api_setting_id",
                |row, _| number(row.customer.clue.api_setting_id),
                |input, field| input.clue.api_setting_id = field.int(),
            ),
            Column::<Self>::plain(
                "线索回传数据",
                "clue_ocpc_data",
                |row, _| text(&row.customer.clue.ocpc_data),
                |input, field| input.clue.ocpc = field.object(),
            ),
            Column::<Self>::plain(
                "下次跟进时间",
                "next_follow_at",
                |row, shown| time(row.customer.profile.next_follow_at, shown),
                |input, field| input.next_follow_at = field.instant(),
            ),
            Column::<Self>::plain(
                "备注",
                "note",
                |row, _| text(&row.customer.profile.note),
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
                time(Some(row.customer.created_at), shown)
            }),
            Column::<Self>::shown("更新时间", "updateTime", |row, shown| {
                time(Some(row.customer.updated_at), shown)
            }),
            Column::<Self>::shown("最近跟进时间", "last_follow_at", |row, shown| {
                time(row.customer.activity.last_follow_at, shown)
            }),
            Column::<Self>::shown("最近成交时间", "last_deal_at", |row, shown| {
                time(row.customer.activity.last_deal_at, shown)
            }),
            Column::<Self>::shown("累计成交金额", "order_money", |row, _| {
                number(row.customer.activity.order_money())
            }),
        ]
    }

    fn own_columns(exchange: &Exchange) -> Result<Vec<Column<Self>>> {
        custom::columns(exchange)
    }

    fn admit(_: &Caller) -> Result<()> {
        Ok(())
    }

    fn matching(conn: &mut Conn, caller: &Caller, key: &str, text: &str) -> Result<Vec<CustomerId>> {
        match key {
            "phoneNumber" => lookup::customers_with_phone(conn, caller, text),
            _ => lookup::customers_named(conn, caller, text),
        }
    }

    fn problems(input: &mut CustomerInput) -> &mut Problems {
        &mut input.problems
    }

    fn create(
        to: &Exchange,
        conn: &mut Conn,
        caller: &Caller,
        input: CustomerInput,
        now: Instant,
        totals: &mut Totals,
    ) -> Result<CustomerId> {
        to.customers.create_on_conn(conn, caller, input, now, totals)
    }

    fn update(
        to: &Exchange,
        conn: &mut Conn,
        caller: &Caller,
        id: CustomerId,
        input: CustomerInput,
        now: Instant,
        totals: &mut Totals,
    ) -> Result<()> {
        to.customers.update_on_conn(conn, caller, id, (None, input), now, totals)
    }

    fn total(from: &Exchange, caller: &Caller, filter: &CustomerFilter) -> Result<i64> {
        Ok(from.customers.list(caller, filter, Page::first())?.total)
    }

    fn rows(
        conn: &mut Conn,
        caller: &Caller,
        filter: &CustomerFilter,
        after: Option<CustomerId>,
        count: i64,
    ) -> Result<Vec<CustomerListing>> {
        Customers::list_after(conn, caller, filter, after, count)
    }

    fn only(id: CustomerId) -> CustomerFilter {
        CustomerFilter { id: Some(id), ..CustomerFilter::default() }
    }

    fn place(record: &CustomerListing) -> CustomerId {
        record.customer.id
    }
}

fn owner(row: &CustomerListing) -> Out {
    if row.customer.holding.is_pool() { Out::Text(POOL.to_owned()) } else { text(&row.owner_name) }
}

/// Names win over the ids in a column of their own.
fn read_organizations(input: &mut CustomerInput, field: &mut Field<'_>) -> Result<()> {
    let named = field.all_named(Names::organization)?;
    if !named.is_absent() {
        input.organization_ids = named;
    }
    Ok(())
}

fn read_owner(input: &mut CustomerInput, field: &mut Field<'_>) -> Result<()> {
    input.owner_id = match field.text.trim() {
        // An empty cell says nothing: only the word gives a customer to nobody.
        "" => Patch::Absent,
        POOL => Patch::Null,
        _ => field.named(Names::person)?,
    };
    Ok(())
}

fn read_product_line(input: &mut CustomerInput, field: &mut Field<'_>) -> Result<()> {
    let named = field.named(Names::product_line)?;
    if !named.is_absent() {
        input.product_line_id = named;
    }
    Ok(())
}
