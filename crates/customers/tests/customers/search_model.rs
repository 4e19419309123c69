//! What a search promises, read plainly: customers as they were made, and which of them a search must
//! find, in which order.

use crm_core::{Caller, CustomerId, DepartmentId, Instant, OrganizationId, Patch, Role, Scope, StaffId, phone_key};
use crm_customers::search::{AddressColumn, Column, PersonColumn, Sort, SortKey, Tab};
use crm_customers::{AddressInput, CustomerInput, SearchFilter};

use crate::support::*;

pub(crate) const NAMES: &[&str] = &["王小伟", "Wang", "wANG_5%", "李\\四", "it's \"x\""];
pub(crate) const TEXTS: &[&str] = &["要装修", "Call 138", "100%_done", "wang", "[\"x\"]", "伟"];
pub(crate) const PHONES: &[&str] = &["13812341234", "138-1234-1234", "+86 13812341234", "0512-3667899", "12345"];
pub(crate) const HANDLES: &[&str] = &["wx_Wang", "10001", "a@b.cn", "1381"];
pub(crate) const QUERIES: &[&str] = &[
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
pub(crate) const COMPANIES: &[&str] = &["工信部", "Wang & Co"];
pub(crate) const DAY: i64 = 86_400;
pub(crate) const YEAR_2026: i64 = 1_767_196_800; // 2026-01-01 in Shanghai

/// A customer as it was made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Made {
    pub(crate) id: i64,
    pub(crate) name: &'static str,
    pub(crate) nick: Option<&'static str>,
    pub(crate) phone: Option<&'static str>,
    pub(crate) tel: Option<&'static str>,
    /// qq, email, wechat, fax, url
    pub(crate) handles: [Option<&'static str>; 5],
    pub(crate) note: Option<&'static str>,
    pub(crate) log: Option<&'static str>,
    pub(crate) has_region: bool,
    pub(crate) owner: Option<i64>,
    pub(crate) last_owner: Option<i64>,
    pub(crate) creator: i64,
    pub(crate) stage: i64,
    pub(crate) source: Option<i64>,
    pub(crate) category: Option<i64>,
    pub(crate) line: i64,
    /// created, updated, followed, next: seconds after the start of 2026
    pub(crate) times: [Option<i64>; 4],
    pub(crate) company: Option<usize>,
    pub(crate) deleted: bool,
    pub(crate) approval: &'static str,
    pub(crate) assistant: Option<i64>,
    pub(crate) label: bool,
    pub(crate) contact: Option<(&'static str, &'static str, &'static str)>,
    pub(crate) custom: Option<&'static str>,
    pub(crate) selected: Option<[&'static str; 2]>,
}

/// Small numbers that look random and are the same in every run.
pub(crate) struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn id(&mut self, sides: u64) -> i64 {
        i64::try_from(self.below(sides)).expect("small") + 1
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(u64::try_from(of.len()).expect("small"))).expect("small")]
    }

    fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) > 0).then(|| value(self))
    }
}

pub(crate) fn roll(dice: &mut Dice) -> Made {
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

pub(crate) fn sql(text: Option<&str>) -> String {
    text.map_or("NULL".to_owned(), |text| format!("'{}'", text.replace('\'', "''")))
}

pub(crate) fn number(id: Option<i64>) -> String {
    id.map_or("NULL".to_owned(), |id| id.to_string())
}

pub(crate) fn moment(at: Option<i64>) -> String {
    sql(at.map(|at| Instant::from_unix(YEAR_2026 + at).utc().format("%Y-%m-%d %H:%M:%S").to_string()).as_deref())
}

/// The options, the label and the fields the customers below have.
pub(crate) fn set_up(world: &World) {
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
pub(crate) fn make(world: &World, companies: &[OrganizationId], made: Made) -> Made {
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
    let mut attached = String::new();
    if let Some((name, phone, wechat)) = made.contact {
        attached += &format!(
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
            attached += &format!(
                "INSERT INTO customer_field_values (customer_id, field_id, value) VALUES ({id}, {field}, {value});"
            );
        }
    }
    if !attached.is_empty() {
        world.execute(&attached);
    }
    // Any write through the service makes it findable by what is there now.
    world.customers.update(&admin(), CustomerId(id), None, CustomerInput::default()).expect("it is written");
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
    world.execute(&script);
    let mut handles = made.handles;
    handles[1] = email.filter(|email| email.contains('@'));
    handles[4] = url.filter(|url| !url.contains('@'));
    Made { id, handles, ..made }
}

pub(crate) fn text_if(wanted: bool, text: &str) -> Patch<String> {
    if wanted { text.to_owned().into() } else { Patch::Absent }
}

pub(crate) fn callers() -> Vec<Caller> {
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
pub(crate) fn department(person: i64) -> Option<i64> {
    [None, Some(2), Some(2), Some(3), None, None][usize::try_from(person - 1).expect("small")]
}

pub(crate) fn person_name(person: i64) -> &'static str {
    ["admin", "anna", "bert", "carl", "lea", "cora"][usize::try_from(person - 1).expect("small")]
}

pub(crate) fn sees(caller: &Caller, made: &Made) -> bool {
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

pub(crate) fn in_tab(caller: &Caller, tab: Tab, made: &Made) -> bool {
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
pub(crate) fn finds(caller: &Caller, made: &Made, column: Option<&Column>, query: &str) -> bool {
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
    let of_contact = phone(made.contact.map(|(_, number, _)| number));
    let Some(column) = column else {
        return name || company || phone(made.phone) || phone(made.tel) || of_contact;
    };
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

pub(crate) fn columns() -> Vec<Column> {
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
pub(crate) struct Ask {
    pub(crate) caller: Caller,
    pub(crate) filter: SearchFilter,
    pub(crate) sort: Sort,
    pub(crate) count: i64,
}

pub(crate) fn expected(all: &[Made], ask: &Ask) -> Vec<CustomerId> {
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

pub(crate) fn world_of(world: &World, customers: usize) -> Vec<Made> {
    set_up(world);
    let companies: Vec<_> = COMPANIES.iter().map(|name| world.organization(&admin(), name)).collect();
    let mut dice = Dice(7);
    (0..customers).map(|_| make(world, &companies, roll(&mut dice))).collect()
}
