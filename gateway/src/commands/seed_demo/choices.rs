//! What the demonstration team's customers are given: options, labels, own fields and the pool rule.

use crm_core::{Caller, CategoryId, LabelId, Result, SourceId, Zone};
use crm_customers::field::FieldInput;
use crm_customers::label::{LabelGroupInput, LabelInput};
use crm_customers::options::{CATEGORIES, ChoiceInput, SOURCES};
use crm_customers::pool::{Pool, PoolRuleInput};
use crm_customers::product_line::ProductLineInput;
use crm_customers::{Choices, Fields, LabelGroups, ProductLines};
use crm_db::Db;

const SOURCE_NAMES: &[(&str, &str)] = &[
    ("线上流量", "#2da8aa"),
    ("转介绍", "#39b54a"),
    ("展会", "#ffcc00"),
    ("电话营销", "#606266"),
    ("老客户", "#f56c6c"),
];
const CATEGORY_NAMES: &[&str] = &["重点客户", "普通客户", "潜力客户"];
const LABEL_GROUPS: &[(&str, &[(&str, &str)])] = &[
    ("预算", &[("500万以下", "#606266"), ("1千万-1500万", "#2da8aa"), ("1500万以上", "#f56c6c")]),
    ("特点", &[("行业先进企业", "#ffcc00"), ("决策快", "#39b54a"), ("重视售后", "#409eff"), ("价格敏感", "#909399")]),
];
/// Kind, key, title, what may be selected.
const FIELDS: &[(&str, &str, &str, &[&str])] = &[
    ("select", HOUSE, "户型", HOUSES),
    ("number", AREA, "面积(平方米)", &[]),
    ("date", MOVE_IN, "预计入住", &[]),
    ("textarea", WISHES, "客户要求", &[]),
];

pub(super) const HOUSE: &str = "select_house";
pub(super) const HOUSES: &[&str] = &["平层", "复式", "别墅", "办公楼"];
pub(super) const AREA: &str = "number_area";
pub(super) const MOVE_IN: &str = "date_move_in";
pub(super) const WISHES: &str = "textarea_wishes";

/// What was made.
pub(super) struct Made {
    pub(super) sources: Vec<SourceId>,
    pub(super) categories: Vec<CategoryId>,
    pub(super) labels: Vec<LabelId>,
}

/// Makes them, and switches a pool rule on under which a good part of the customers is kept.
pub(super) fn make(db: &Db, administrator: &Caller, zone: Zone) -> Result<Made> {
    let sources = Choices::new(db, SOURCES);
    let sources = SOURCE_NAMES.iter().map(|(name, color)| {
        let input = ChoiceInput {
            name: (*name).to_owned().into(),
            color: (*color).to_owned().into(),
            ..ChoiceInput::default()
        };
        sources.create(administrator, input)
    });
    let sources: Vec<SourceId> = sources.collect::<Result<_>>()?;
    let categories = Choices::new(db, CATEGORIES);
    let categories = CATEGORY_NAMES.iter().map(|name| {
        categories.create(administrator, ChoiceInput { name: (*name).to_owned().into(), ..ChoiceInput::default() })
    });
    let categories: Vec<CategoryId> = categories.collect::<Result<_>>()?;
    ProductLines::new(db).create(
        administrator,
        &ProductLineInput { name: "软件与服务".to_owned().into(), ..ProductLineInput::default() },
    )?;
    for (kind, key, title, options) in FIELDS {
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        let input = FieldInput {
            key: (*key).to_owned().into(),
            title: (*title).to_owned().into(),
            kind: (*kind).to_owned().into(),
            options: if options.is_empty() { crm_core::Patch::Absent } else { options.into() },
            ..FieldInput::default()
        };
        Fields::new(db).create(administrator, &input)?;
    }
    let input = PoolRuleInput {
        enabled: 1.into(),
        contact_days: 240.into(),
        deal_days: 0.into(),
        notice_days: 7.into(),
        cooldown_days: 7.into(),
        ..PoolRuleInput::default()
    };
    Pool::new(db, zone).set_rule(administrator, None, input)?;
    Ok(Made { sources, categories, labels: labels(db, administrator)? })
}

fn labels(db: &Db, administrator: &Caller) -> Result<Vec<LabelId>> {
    let groups = LabelGroups::new(db);
    for (name, labels) in LABEL_GROUPS {
        let labels = labels.iter().map(|(name, color)| LabelInput {
            name: (*name).to_owned().into(),
            color: (*color).to_owned().into(),
            ..LabelInput::default()
        });
        let input = LabelGroupInput {
            name: (*name).to_owned().into(),
            labels: labels.collect::<Vec<_>>().into(),
            ..LabelGroupInput::default()
        };
        groups.create(administrator, &input)?;
    }
    let made = groups.list(None)?;
    Ok(made.into_iter().flat_map(|group| group.labels).map(|label| label.id).collect())
}
