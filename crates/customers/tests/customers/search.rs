//! The search against a plain reading of what it promises: every filter, column and sort, alone and
//! together, as every kind of caller, page by page.

use std::collections::BTreeSet;

use crm_core::{
    Caller, CategoryId, CustomerId, DepartmentId, Instant, Page, Patch, ProductLineId, Role, Scope, SourceId, StaffId,
    StageId, TimeRange, Zone, phone_key,
};
use crm_customers::search::{AddressColumn, Column, Found, PersonColumn, Sort, SortKey, Tab};
use crm_customers::{AddressInput, CustomerInput, CustomerSearch, SearchFilter};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::*;

const NAMES: &[&str] = &["王小伟", "Wang", "wANG_5%", "李\\四", "it's \"x\""];
const TEXTS: &[&str] = &["要装修", "Call 138", "100%_done", "wang", "[\"x\"]", "伟"];
const PHONES: &[&str] = &["13812341234", "138-1234-1234", "+86 13812341234", "0512-3667899", "12345"];
const HANDLES: &[&str] = &["wx_Wang", "10001", "a@b.cn", "1381"];
const QUERIES: &[&str] = &[
    "伟",
    "WANG",
    "wang",
    "%",
    "_",
    "\\",
    "\"",
    "138",
    "13812341234",
    "138-1234",
    "3667899",
    "12345",
    "+86",
    "b.cn",
    "10001",
    "1",
    "部",
    "苏省苏",
    "意向",
    "已",
    "批",
    "anna",
    "d2",
    "vip",
    "四\"",
    "Call",
    "[",
    ",",
    "没有的",
    "a",
];
const COMPANIES: &[&str] = &["工信部", "Wang & Co"];
const DAY: i64 = 86_400;
const YEAR_2026: i64 = 1_767_196_800; // 2026-01-01 in Shanghai

/// A customer as it was made.
#[derive(Clone, Debug, Default)]
struct Made {
    id: i64,
    name: &'static str,
    nick: Option<&'static str>,
    phone: Option<&'static str>,
    tel: Option<&'static str>,
    /// qq, email, wechat, fax, url
    handles: [Option<&'static str>; 5],
    note: Option<&'static str>,
    log: Option<&'static str>,
    has_region: bool,
    owner: Option<i64>,
    last_owner: Option<i64>,
    creator: i64,
    stage: i64,
    source: Option<i64>,
    category: Option<i64>,
    line: i64,
    /// created, updated, followed, next: seconds after the start of 2026
    times: [Option<i64>; 4],
    company: Option<usize>,
    deleted: bool,
    approval: &'static str,
    assistant: Option<i64>,
    label: bool,
    contact: Option<(&'static str, &'static str, &'static str)>,
    custom: Option<&'static str>,
    selected: Option<[&'static str; 2]>,
}

/// Small numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn id(&mut self, sides: u64) -> i64 {
        i64::try_from(self.below(sides)).expect("small") + 1
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).expect("small")]
    }

    fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) > 0).then(|| value(self))
    }
}

fn roll(dice: &mut Dice) -> Made {
    Made {
        name: dice.one(NAMES),
        nick: dice.maybe(|dice| dice.one(NAMES)),
        phone: dice.maybe(|dice| dice.one(PHONES)),
        tel: dice.maybe(|dice| dice.one(PHONES)),
        handles: [0; 5].map(|_| dice.maybe(|dice| dice.one(HANDLES))),
        note: dice.maybe(|dice| dice.one(TEXTS)),
        log: dice.maybe(|dice| dice.one(TEXTS)),
        has_region: dice.below(2) == 0,
        owner: dice.maybe(|dice| dice.id(6)),
        last_owner: dice.maybe(|dice| dice.id(6)),
        creator: dice.id(6),
        stage: dice.id(3),
        source: dice.maybe(|dice| dice.id(2)),
        category: dice.maybe(|dice| dice.id(2)),
        line: dice.id(2),
        times: [false, false, true, true].map(|nullable| {
            let at = dice.id(6) * DAY - 1 + i64::try_from(dice.below(3)).expect("small");
            if nullable && dice.below(2) == 0 { None } else { Some(at) }
        }),
        company: dice.maybe(|dice| usize::from(dice.below(2) == 0)),
        deleted: dice.below(8) == 0,
        approval: dice.one(&["approved", "pending", "rejected"]),
        assistant: dice.maybe(|dice| dice.id(6)),
        label: dice.below(2) == 0,
        contact: dice.maybe(|dice| (dice.one(NAMES), dice.one(PHONES), dice.one(HANDLES))),
        custom: dice.maybe(|dice| dice.one(TEXTS)),
        selected: dice.maybe(|dice| [dice.one(TEXTS), dice.one(NAMES)]),
        id: 0,
    }
}

fn sql(text: Option<&str>) -> String {
    text.map_or("NULL".to_owned(), |text| format!("'{}'", text.replace('\'', "''")))
}

fn number(id: Option<i64>) -> String {
    id.map_or("NULL".to_owned(), |id| id.to_string())
}

fn moment(at: Option<i64>) -> String {
    sql(at.map(|at| Instant::from_unix(YEAR_2026 + at).utc().format("%Y-%m-%d %H:%M:%S").to_string()).as_deref())
}

/// The options, the label and the fields the customers below have.
fn set_up(world: &World) {
    let at = "1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'";
    let mut script = String::new();
    for table in ["customer_sources", "customer_categories"] {
        for (id, name) in [(1, "展会"), (2, "Wang")] {
            script += &format!(
                "INSERT INTO {table} (id, name, color, sort_num, is_default, is_active, version, created_at, updated_at) \
                 VALUES ({id}, '{name}', '#fff', {id}, 0, {}, {at});",
                2 - id
            );
        }
    }
    script += &format!("INSERT INTO product_lines (id, name, version, created_at, updated_at) VALUES (2, 'b', {at});");
    script += &format!("INSERT INTO label_groups (id, name, version, created_at, updated_at) VALUES (1, 'g', {at});");
    script += "INSERT INTO labels (id, group_id, name, color, sort_num, status) VALUES (1, 1, 'VIP%', '#fff', 1, 1);";
    for (id, key, kind) in [(1, "input_1", "input"), (2, "select_2", "select")] {
        script += &format!(
            "INSERT INTO custom_fields (id, key, title, kind, options, required, sort_num, version, created_at, updated_at) \
             VALUES ({id}, '{key}', 't', '{kind}', '[]', 0, {id}, {at});"
        );
    }
    world.execute(&script);
}

/// Makes the customer as its parts say; what no service here writes is written beside them.
fn make(world: &World, companies: &[crm_core::OrganizationId], made: Made) -> Made {
    let text = |text: Option<&str>| text.map_or(Patch::Absent, |text| text.to_owned().into());
    let [qq, email, wechat, fax, url] = made.handles;
    let region = |text: &str| text_if(made.has_region, text);
    let input = CustomerInput {
        nick_name: text(made.nick),
        phone: text(made.phone),
        note: text(made.note),
        creator_id: StaffId(made.creator).into(),
        owner_id: made.owner.map_or(Patch::Null, |owner| StaffId(owner).into()),
        organization_ids: made.company.map_or(Patch::Absent, |company| vec![companies[company]].into()),
        address: AddressInput {
            tel: text(made.tel),
            qq: text(qq),
            email: text(email.filter(|email| email.contains('@'))),
            wechat: text(wechat),
            fax: text(fax),
            url: text(url.filter(|url| !url.contains('@'))),
            province: region("江苏省"),
            city: region("苏州市"),
            ..AddressInput::default()
        },
        ..named(made.name)
    };
    let id = world.enter(&admin(), input).0;
    let [created, updated, followed, next] = made.times.map(moment);
    let mut script = format!(
        "UPDATE customers SET created_at = {created}, updated_at = {updated}, last_follow_at = {followed}, \
         next_follow_at = {next}, stage_id = {}, source_id = {}, category_id = {}, product_line_id = {}, \
         last_owner_id = {}, last_follow_log = {}, approve_status = '{}', status = {} WHERE id = {id};",
        made.stage,
        number(made.source),
        number(made.category),
        made.line,
        number(made.last_owner),
        sql(made.log),
        made.approval,
        if made.deleted { -1 } else { 1 },
    );
    if let Some(person) = made.assistant {
        script +=
            &format!("INSERT INTO customer_assistants (customer_id, staff_id, position) VALUES ({id}, {person}, 0);");
    }
    if made.label {
        script += &format!("INSERT INTO customer_labels (customer_id, label_id, position) VALUES ({id}, 1, 0);");
    }
    if let Some((name, phone, wechat)) = made.contact {
        script += &format!(
            "INSERT INTO customer_contacts (customer_id, name, phone, wechat, is_primary, status, version, created_at, \
             updated_at) VALUES ({id}, {}, {}, {}, 1, 1, 1, {created}, {created});",
            sql(Some(name)),
            sql(Some(phone)),
            sql(Some(wechat))
        );
    }
    let selected = made.selected.map(|texts| serde_json::json!(texts).to_string());
    for (field, value) in [(1, made.custom.map(str::to_owned)), (2, selected)] {
        if value.is_some() {
            let value = sql(value.as_deref());
            script += &format!(
                "INSERT INTO customer_field_values (customer_id, field_id, value) VALUES ({id}, {field}, {value});"
            );
        }
    }
    world.execute(&script);
    let mut handles = made.handles;
    handles[1] = email.filter(|email| email.contains('@'));
    handles[4] = url.filter(|url| !url.contains('@'));
    Made { id, handles, ..made }
}

fn text_if(wanted: bool, text: &str) -> Patch<String> {
    if wanted { text.to_owned().into() } else { Patch::Absent }
}

fn callers() -> Vec<Caller> {
    vec![
        admin(),
        sees_all(ANNA),
        own(ANNA),
        of_departments(BERT, &[2]),
        of_departments(LEA, &[1, 2]),
        own(LEA),
        of_departments(CARL, &[3]),
        correspondent(),
    ]
}

/// The department of each person of the test's world.
fn department(person: i64) -> Option<i64> {
    [None, Some(2), Some(2), Some(3), None, None][usize::try_from(person - 1).expect("small")]
}

fn person_name(person: i64) -> &'static str {
    ["admin", "anna", "bert", "carl", "lea", "cora"][usize::try_from(person - 1).expect("small")]
}

fn sees(caller: &Caller, made: &Made) -> bool {
    let is_theirs = |person: Option<i64>| match (&caller.scope, person) {
        (_, None) => false,
        (Scope::All, _) => true,
        (Scope::Own, Some(person)) => person == caller.staff_id.0,
        (Scope::Departments(seen), Some(person)) => {
            person == caller.staff_id.0 || department(person).is_some_and(|one| seen.contains(&DepartmentId(one)))
        }
    };
    let own = [made.owner, Some(made.creator), made.assistant].into_iter().any(is_theirs);
    match caller.role {
        Role::Correspondent => made.owner.is_some() && own,
        _ => own || made.owner.is_none() || caller.scope == Scope::All,
    }
}

fn in_tab(caller: &Caller, tab: Tab, made: &Made) -> bool {
    let me = caller.staff_id.0;
    match tab {
        Tab::All => true,
        Tab::Mine => made.owner == Some(me),
        // Only Lea leads: department 1 and, below it, 2.
        Tab::Subordinates => {
            caller.staff_id == LEA && made.owner.is_some_and(|owner| owner != me && department(owner) == Some(2))
        }
        Tab::Pool => made.owner.is_none() && caller.role != Role::Correspondent,
        Tab::Assisting => made.assistant == Some(me),
    }
}

/// Whether the text is found in the column, by this caller.
fn finds(caller: &Caller, made: &Made, column: Option<&Column>, query: &str) -> bool {
    let contains = |text: &str| text.to_ascii_lowercase().contains(&query.to_ascii_lowercase());
    let any = |text: Option<&str>| text.is_some_and(contains);
    let is_masked = made.owner.is_none() && !caller.is_administrator();
    let unmasked = |text: Option<&str>| !is_masked && any(text);
    let phone = |phone: Option<&str>| {
        let is_number = query.chars().all(|c| c.is_ascii_digit() || "+- ".contains(c)) && !phone_key(query).is_empty();
        phone.map(phone_key).is_some_and(|key| {
            is_number && if is_masked { key == phone_key(query) } else { key.contains(&phone_key(query)) }
        })
    };
    let option = |id: Option<i64>| any(id.map(|id| if id == 1 { "展会" } else { "Wang" }));
    let [qq, email, wechat, fax, url] = made.handles;
    let name = any(Some(made.name)) || any(made.nick);
    let company = any(made.company.map(|company| COMPANIES[company]));
    let Some(column) = column else { return name || company || phone(made.phone) || phone(made.tel) };
    match column {
        Column::Name => name,
        Column::Company => company,
        Column::Phone => phone(made.phone),
        Column::Tel => phone(made.tel),
        Column::Address(AddressColumn::Qq) => unmasked(qq),
        Column::Address(AddressColumn::Email) => unmasked(email),
        Column::Address(AddressColumn::Wechat) => unmasked(wechat),
        Column::Address(AddressColumn::Fax) => any(fax),
        Column::Address(AddressColumn::Url) => any(url),
        Column::Address(AddressColumn::Region) => made.has_region && contains("江苏省苏州市"),
        Column::Address(_) | Column::Blank => false,
        Column::Note => any(made.note),
        Column::FollowLog => any(made.log),
        Column::Stage => any(Some(["意向", "定金", "量房"][usize::try_from(made.stage - 1).expect("small")])),
        Column::Source => option(made.source),
        Column::Category => option(made.category),
        Column::Approval => any(Some(match made.approval {
            "approved" => "已通过",
            "pending" => "待审批",
            _ => "已拒绝",
        })),
        Column::Labels => made.label && contains("VIP%"),
        Column::Contacts => made
            .contact
            .is_some_and(|(name, number, wechat)| contains(name) || phone(Some(number)) || unmasked(Some(wechat))),
        Column::Person(PersonColumn::Owner) => any(made.owner.map(person_name)),
        Column::Person(PersonColumn::LastOwner) => any(made.last_owner.map(person_name)),
        Column::Person(PersonColumn::Creator) => any(Some(person_name(made.creator))),
        Column::Assistants => any(made.assistant.map(person_name)),
        Column::Department(of) => {
            let person = match of {
                PersonColumn::Owner => made.owner,
                PersonColumn::LastOwner => made.last_owner,
                PersonColumn::Creator => Some(made.creator),
            };
            person.and_then(department).is_some_and(|department| contains(&format!("d{department}")))
        }
        Column::Custom(key) if key == "input_1" => any(made.custom),
        Column::Custom(_) => made.selected.is_some_and(|texts| texts.into_iter().any(contains)),
    }
}

fn columns() -> Vec<Column> {
    let mut columns = vec![
        Column::Name,
        Column::Company,
        Column::Phone,
        Column::Tel,
        Column::Note,
        Column::FollowLog,
        Column::Stage,
        Column::Source,
        Column::Category,
        Column::Approval,
        Column::Labels,
        Column::Contacts,
        Column::Assistants,
        Column::Custom("input_1".to_owned()),
        Column::Custom("select_2".to_owned()),
        Column::Blank,
    ];
    let address = [
        AddressColumn::Qq,
        AddressColumn::Email,
        AddressColumn::Wechat,
        AddressColumn::Fax,
        AddressColumn::Url,
        AddressColumn::Region,
        AddressColumn::Detail,
        AddressColumn::Zip,
        AddressColumn::Wangwang,
    ];
    columns.extend(address.map(Column::Address));
    for person in [PersonColumn::Owner, PersonColumn::LastOwner, PersonColumn::Creator] {
        columns.extend([Column::Person(person), Column::Department(person)]);
    }
    columns
}

/// What is asked for.
#[derive(Clone, Debug)]
struct Ask {
    caller: Caller,
    filter: SearchFilter,
    sort: Sort,
    count: i64,
}

fn expected(all: &[Made], ask: &Ask) -> Vec<CustomerId> {
    let Ask { caller, filter, sort, .. } = ask;
    let ranges = [filter.created_at, filter.updated_at, filter.last_follow_at, filter.next_follow_at];
    let in_ranges = |made: &Made| {
        made.times.iter().zip(ranges).all(|(at, range)| {
            let at = at.map(|at| Instant::from_unix(YEAR_2026 + at));
            range.start.is_none_or(|start| at.is_some_and(|at| at >= start))
                && range.end.is_none_or(|end| at.is_some_and(|at| at <= end))
        })
    };
    let mut found: Vec<&Made> = all
        .iter()
        .filter(|made| {
            !made.deleted
                && sees(caller, made)
                && in_tab(caller, filter.tab, made)
                && filter.owner_id.is_none_or(|owner| made.owner == Some(owner.0))
                && filter.department_id.is_none_or(|wanted| {
                    let of = made.owner.and_then(department);
                    of == Some(wanted.0) || (wanted.0 == 1 && of == Some(2))
                })
                && filter.stage_id.is_none_or(|stage| made.stage == stage.0)
                && filter.source_id.is_none_or(|source| made.source == Some(source.0))
                && filter.category_id.is_none_or(|category| made.category == Some(category.0))
                && filter.product_line_id.is_none_or(|line| made.line == line.0)
                && in_ranges(made)
                && filter.text.as_ref().is_none_or(|text| finds(caller, made, filter.column.as_ref(), text))
        })
        .collect();
    let moment = |made: &Made, index: usize| made.times[index].map(|at| format!("{at:09}"));
    let key = |made: &Made| match sort.key {
        SortKey::CreatedAt => moment(made, 0),
        SortKey::UpdatedAt => moment(made, 1),
        SortKey::LastFollowAt => moment(made, 2),
        SortKey::NextFollowAt => moment(made, 3),
        SortKey::Name => Some(made.name.to_owned()),
    };
    found.sort_by(|a, b| {
        let (one, other) = (key(a), key(b));
        let order = one.cmp(&other).then(a.id.cmp(&b.id));
        let order = if sort.ascending { order } else { order.reverse() };
        one.is_none().cmp(&other.is_none()).then(order)
    });
    found.into_iter().map(|made| CustomerId(made.id)).collect()
}

fn rarely(values: Vec<i64>) -> impl Strategy<Value = Option<i64>> {
    prop::option::weighted(0.15, prop::sample::select(values))
}

fn asks() -> impl Strategy<Value = Ask> {
    let range = prop::option::weighted(0.12, (0i64..7, 0i64..4)).prop_map(|days| {
        days.map_or(TimeRange::ALL, |(first, more)| TimeRange {
            start: Some(Instant::from_unix(YEAR_2026 + first * DAY)),
            end: Some(Instant::from_unix(YEAR_2026 + (first + more + 1) * DAY - 1)),
        })
    });
    let sorts =
        vec![SortKey::CreatedAt, SortKey::UpdatedAt, SortKey::LastFollowAt, SortKey::NextFollowAt, SortKey::Name];
    let tabs = vec![Tab::Mine, Tab::Subordinates, Tab::Pool, Tab::Assisting];
    let text = prop::option::weighted(
        0.7,
        (prop::sample::select(QUERIES.to_vec()), prop::option::weighted(0.8, prop::sample::select(columns()))),
    );
    let ids = (
        rarely((1..=7).collect::<Vec<i64>>()),
        rarely((1..=4).collect::<Vec<i64>>()),
        rarely((1..=4).collect::<Vec<i64>>()),
        rarely((1..=3).collect::<Vec<i64>>()),
        rarely((1..=3).collect::<Vec<i64>>()),
        rarely((1..=3).collect::<Vec<i64>>()),
    );
    let ranges = (range.clone(), range.clone(), range.clone(), range);
    let order = (prop::sample::select(sorts), any::<bool>(), 1i64..9);
    (prop::sample::select(callers()), text, prop::option::weighted(0.3, prop::sample::select(tabs)), ids, ranges, order)
        .prop_map(|(caller, text, tab, ids, ranges, (key, ascending, count))| {
            let (owner, department, stage, category, source, line) = ids;
            let (text, column) = text.map_or((None, None), |(text, column)| (Some(text.to_owned()), column));
            let filter = SearchFilter {
                text,
                column,
                tab: tab.unwrap_or_default(),
                owner_id: owner.map(StaffId),
                department_id: department.map(DepartmentId),
                stage_id: stage.map(StageId),
                category_id: category.map(CategoryId),
                source_id: source.map(SourceId),
                product_line_id: line.map(ProductLineId),
                created_at: ranges.0,
                updated_at: ranges.1,
                last_follow_at: ranges.2,
                next_follow_at: ranges.3,
                ..SearchFilter::default()
            };
            Ask { caller, filter, sort: Sort { key, ascending }, count }
        })
}

/// The list put together from its pages, each of which says rightly whether another follows.
fn paged(search: &CustomerSearch, ask: &Ask) -> Vec<CustomerId> {
    let mut ids = Vec::new();
    for number in 1.. {
        let page = Page::new(number, ask.count).expect("a page");
        let Found { rows, has_next_page, .. } =
            search.list(&ask.caller, &ask.filter, ask.sort, page).expect("the page is read");
        let size = i64::try_from(rows.len()).expect("small");
        assert!(if has_next_page { size == ask.count } else { size <= ask.count && (size > 0 || number == 1) });
        ids.extend(rows.iter().map(|row| row.listing.customer.id));
        if !has_next_page {
            break;
        }
    }
    ids
}

fn world_of(world: &World, customers: usize) -> Vec<Made> {
    set_up(world);
    let companies: Vec<_> = COMPANIES.iter().map(|name| world.organization(&admin(), name)).collect();
    let mut dice = Dice(7);
    (0..customers).map(|_| make(world, &companies, roll(&mut dice))).collect()
}

#[test]
fn any_filters_and_sort_give_what_a_plain_reading_gives_page_by_page() {
    on_each_engine(|world| {
        let all = world_of(world, 90);
        let search = CustomerSearch::new(&world.db, Zone::default());
        let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
        let found = std::cell::Cell::new(0usize);
        runner
            .run(&asks(), |ask| {
                let expected = expected(&all, &ask);
                found.set(found.get() + expected.len());
                prop_assert_eq!(paged(&search, &ask), expected);
                Ok(())
            })
            .expect("every case holds");
        assert!(found.get() > 1_000, "the cases must find something: {}", found.get());
    });
}

#[test]
fn every_column_finds_every_text_as_every_caller_and_nothing_masked() {
    on_each_engine(|world| {
        let all = world_of(world, 40);
        let search = CustomerSearch::new(&world.db, Zone::default());
        let mut hits = BTreeSet::new();
        for caller in [admin(), sees_all(ANNA), correspondent()] {
            for column in columns().into_iter().map(Some).chain([None]) {
                for query in QUERIES {
                    let filter = SearchFilter {
                        text: Some((*query).to_owned()),
                        column: column.clone(),
                        ..SearchFilter::default()
                    };
                    let ask = Ask { caller: caller.clone(), filter, sort: Sort::default(), count: 1000 };
                    let ids = paged(&search, &ask);
                    assert_eq!(ids, expected(&all, &ask), "{column:?} {query:?} as {:?}", caller.role);
                    if !ids.is_empty() {
                        hits.insert(format!("{column:?}"));
                    }
                }
            }
        }
        // Of all the columns only these have nothing in them here.
        assert_eq!(hits.len(), columns().len() + 1 - 4, "{hits:?}");
    });
}

#[test]
fn the_customers_of_subordinates_follow_the_tree_of_departments() {
    on_each_engine(|world| {
        let of = |owner: StaffId| {
            world.enter(&admin(), CustomerInput { owner_id: owner.into(), ..named(person_name(owner.0)) })
        };
        let [annas, berts, carls, leas] = [ANNA, BERT, CARL, LEA].map(of);
        let search = CustomerSearch::new(&world.db, Zone::default());
        let subordinates = |caller: &Caller| {
            let filter = SearchFilter { tab: Tab::Subordinates, ..SearchFilter::default() };
            let ask = Ask { caller: caller.clone(), filter, sort: Sort::default(), count: 3 };
            paged(&search, &ask)
        };
        let lea = of_departments(LEA, &[1, 2]);
        assert_eq!(subordinates(&lea), [berts, annas]);
        assert_eq!(subordinates(&admin()), [], "an administrator leads no department by that alone");
        // A department that comes below hers is hers too; who leads is nobody's subordinate there.
        world.execute(
            "UPDATE departments SET parent_id = 2 WHERE id = 3; UPDATE staff SET department_id = 3 WHERE id = 5",
        );
        assert_eq!(subordinates(&of_departments(LEA, &[1, 2, 3])), [carls, berts, annas]);
        assert_eq!(subordinates(&lea), [berts, annas], "no more than the scope shows");
        world.execute("UPDATE departments SET leader_id = 2 WHERE id = 2");
        assert_eq!(subordinates(&sees_all(ANNA)), [leas, carls, berts]);
        world.execute("UPDATE departments SET status = -1 WHERE id = 1");
        assert_eq!(subordinates(&sees_all(LEA)), []);
        assert_eq!(subordinates(&correspondent()), []);
    });
}

#[test]
fn in_the_pool_everything_that_is_searched_for_is_shown_masked() {
    on_each_engine(|world| {
        let address = AddressInput {
            tel: "0512-3667899".to_owned().into(),
            qq: "10001".to_owned().into(),
            wechat: "wx_wang".to_owned().into(),
            email: "a@b.cn".to_owned().into(),
            ..AddressInput::default()
        };
        world.enter(&admin(), CustomerInput { address, ..pooled("王伟") });
        let search = CustomerSearch::new(&world.db, Zone::default());
        let found = |caller: &Caller, text: &str| {
            let filter = SearchFilter { text: Some(text.to_owned()), ..SearchFilter::default() };
            search.list(caller, &filter, Sort::default(), Page::first()).expect("read").rows.pop()
        };
        for text in ["13812341234", "138 1234-1234", "05123667899", "0512-3667899"] {
            let row = found(&sees_all(ANNA), text).expect("the exact number finds it");
            assert!(row.is_masked);
            assert_eq!(row.listing.customer.profile.phone.as_deref(), Some("138****1234"));
            let address = row.listing.address;
            for (shown, full) in
                [(address.tel, "3667"), (address.qq, "000"), (address.wechat, "x_wa"), (address.email, "@b")]
            {
                assert!(shown.is_some_and(|shown| shown.contains("****") && !shown.contains(full)));
            }
            assert!(found(&correspondent(), text).is_none());
        }
        for text in ["1381234123", "138", "3667899", "+8613812341234"] {
            assert!(found(&sees_all(ANNA), text).is_none(), "{text}");
        }
        assert!(found(&admin(), "3667899").is_some_and(|row| !row.is_masked));
    });
}

#[test]
fn a_page_of_a_search_costs_the_same_number_of_statements_whatever_its_size() {
    on_each_engine(|world| {
        let all = world_of(world, 40);
        let search = CustomerSearch::new(&world.db, Zone::default());
        let statements = |count: i64| {
            let before = world.db.statements();
            let page = Page::new(1, count).expect("a page");
            let found = search.list(&admin(), &SearchFilter::default(), Sort::default(), page).expect("read");
            (world.db.statements() - before, found.rows.len())
        };
        let live = all.iter().filter(|made| !made.deleted).count();
        let (few, many) = (statements(5), statements(200));
        assert_eq!((few.1, many.1), (5, live));
        assert_eq!(few.0, many.0);
    });
}

#[test]
fn what_cannot_be_searched_for_is_named() {
    on_each_engine(|world| {
        let search = CustomerSearch::new(&world.db, Zone::default());
        let mut filter = SearchFilter {
            text: Some("长".repeat(101)),
            column: Some(Column::Custom("input_9".to_owned())),
            ..SearchFilter::default()
        };
        filter.problems.push("sort", "x");
        let refused = search.list(&admin(), &filter, Sort::default(), Page::first());
        assert_eq!(bad_fields(refused.map(|_| ())), ["sort", "query", "custom_field_name"]);
    });
}
