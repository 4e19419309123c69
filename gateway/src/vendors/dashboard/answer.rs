//! The dashboard as the vendor writes it.

use crm_stats::dashboard::{DashboardNumbers, Numbers, Period, PeriodKind};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Dashboard")]
pub(super) struct Answer {
    crm: Section,
    wechat: Section,
    graph: Graphs,
    old_name: &'static str,
    soon_loss_total: i64,
}

#[derive(JsonSchema, Serialize)]
struct Section {
    total: i64,
    loss: Compared,
    new: Compared,
}

/// A number and the one of the period before.
#[derive(JsonSchema, Serialize)]
struct Compared {
    value: i64,
    old_value: i64,
    is_up: bool,
}

#[derive(JsonSchema, Serialize)]
struct Graphs {
    crm: Graph,
    wechat: Graph,
}

#[derive(JsonSchema, Serialize)]
struct Graph {
    name: &'static str,
    series: [i64; 7],
    x_axis: [String; 7],
}

impl Answer {
    pub(super) fn new(numbers: &DashboardNumbers, kind: PeriodKind) -> Self {
        Self {
            crm: Section::new(&numbers.crm),
            wechat: Section::new(&numbers.wechat),
            graph: Graphs {
                crm: Graph::new("CRM客户", &numbers.crm, &numbers.periods),
                wechat: Graph::new("企微客户", &numbers.wechat, &numbers.periods),
            },
            old_name: old_name(kind, numbers.is_current),
            soon_loss_total: numbers.soon_lost,
        }
    }
}

impl Section {
    fn new(numbers: &Numbers) -> Self {
        let [.., before, came] = numbers.came;
        let [lost_before, lost] = numbers.went;
        Self { total: numbers.total, loss: Compared::new(lost, lost_before), new: Compared::new(came, before) }
    }
}

impl Compared {
    fn new(value: i64, old_value: i64) -> Self {
        Self { value, old_value, is_up: value >= old_value }
    }
}

impl Graph {
    fn new(name: &'static str, numbers: &Numbers, periods: &[Period; 7]) -> Self {
        Self { name, series: numbers.came, x_axis: periods.map(Period::label) }
    }
}

/// What the period before is called, seen from now or from another time.
fn old_name(kind: PeriodKind, is_current: bool) -> &'static str {
    match (kind, is_current) {
        (PeriodKind::Day, true) => "昨天",
        (PeriodKind::Week, true) => "上周",
        (PeriodKind::Month, true) => "上月",
        (PeriodKind::Day, false) => "前一天",
        (PeriodKind::Week, false) => "前一周",
        (PeriodKind::Month, false) => "前一月",
    }
}
