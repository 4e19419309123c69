//! The goals, each a ratio inside one run, and whether they are met.

use super::{Report, percent, short, whole};
use crate::run::Results;

/// The size the goals are about, where it was measured.
const SIZE: i64 = 100_000;
/// The resident memory of a gateway under load may differ this much between sizes and still be flat.
const FLAT: f64 = 1.3;

struct Goal {
    what: String,
    wanted: String,
    measured: String,
    met: bool,
}

/// The table of all goals this benchmark can tell of.
pub(super) fn table(report: &Report) -> String {
    let mut goals: Vec<Goal> = Vec::new();
    let at_size = report.runs.iter().any(|run| run.plan.customers == SIZE);
    for run in report.runs.iter().filter(|run| !at_size || run.plan.customers == SIZE) {
        goals.extend(of_run(run));
    }
    for engine in ["SQLite", "PostgreSQL"] {
        let mut runs: Vec<&Results> = report.runs.iter().filter(|run| run.engine == engine).collect();
        runs.sort_by_key(|run| run.plan.customers);
        if let [small, .., large] = runs[..] {
            goals.extend(growth(small, large));
        }
    }
    let mut text = "\n## Goals\n\n| goal | wanted | measured | |\n|---|---|---|---|\n".to_owned();
    for Goal { what, wanted, measured, met } in goals {
        text += &format!("| {what} | {wanted} | {measured} | {} |\n", if met { "met" } else { "**not met**" });
    }
    text
}

fn of_run(run: &Results) -> Vec<Goal> {
    let sqlite = run.engine == "SQLite";
    let rate = |item: &str| run.of(item).map(|figures| figures.per_second);
    let fixed = |item: &str| run.of(item).and_then(|figures| figures.fixed);
    let looped = |item: &str| run.of(item).and_then(|figures| figures.looped);
    let at_least = |what: &str, part: Option<f64>, of: Option<f64>, wanted: f64| {
        let (part, of) = (part?, of?);
        Some(Goal {
            what: format!("{}: {what}", run.engine),
            wanted: format!("≥ {}", percent(wanted, 1.0)),
            measured: format!("{} ({} of {})", percent(part, of), short(part), short(of)),
            met: part >= wanted * of,
        })
    };
    let (w1, w2) = if sqlite { (0.35, 0.20) } else { (0.15, 0.08) };
    let pgbench = run.pgbench.map(|(clients, _)| clients);
    let flood = run.flood.as_ref();
    let mut goals = vec![
        at_least("W1 of the fixed answer", rate("W1"), fixed("W1"), w1),
        at_least("W2 of the fixed answer", rate("W2"), fixed("W2"), w2),
        at_least("W3 of W2", rate("W3"), rate("W2"), 0.5),
        at_least("W4 of W2, one character", rate("W4a"), rate("W2"), 0.3),
        at_least("W4 of W2, two characters", rate("W4b"), rate("W2"), 0.3),
        at_least("W4 of W2, three characters", rate("W4c"), rate("W2"), 0.3),
        if sqlite { durable(run) } else { at_least("W5 of pgbench", rate("W5"), pgbench, 0.5) },
        at_least("W6 of the loop", rate("W6"), looped("W6"), 0.6),
        at_least(
            "the loop of W6 of plain SQL",
            looped("W6"),
            Some(run.plain_sign).filter(|_| rate("W6").is_some()),
            2.0,
        ),
        at_least(
            "W12: W1 beside sign-ins of W1 alone",
            flood.map(|flood| flood.beside),
            flood.map(|flood| flood.alone),
            0.6,
        ),
    ];
    let at_most = |what: &str, unit: &str, measured: f64, wanted: f64| {
        Some(Goal {
            what: format!("{}: {what}", run.engine),
            wanted: format!("≤ {wanted} {unit}"),
            measured: format!("{} {unit}", short(measured)),
            met: measured <= wanted,
        })
    };
    goals.push(at_most("resident memory, idle", "MB", run.idle_mb, 40.0));
    if sqlite {
        goals.push(at_most("resident memory under load", "MB", run.highest_mb, 200.0));
    }
    goals.push(at_most("start to first answer", "ms", run.start_ms, 300.0));
    let errors: usize = run.figures.iter().map(|figures| figures.errors).sum();
    goals.push(at_most("answers other than a success", "of all", errors as f64, 0.0));
    goals.into_iter().flatten().collect()
}

/// W5 on SQLite: so many a second, or so much of the loop.
fn durable(run: &Results) -> Option<Goal> {
    let w5 = run.of("W5")?;
    let looped = w5.looped.unwrap_or_default();
    Some(Goal {
        what: "SQLite: W5, durable".to_owned(),
        wanted: "≥ 5,000/s or ≥ 60 % of the loop".to_owned(),
        measured: format!("{}/s, {} of {}", short(w5.per_second), percent(w5.per_second, looped), short(looped)),
        met: w5.per_second >= 5_000.0 || w5.per_second >= 0.6 * looped,
    })
}

fn growth(small: &Results, large: &Results) -> Vec<Goal> {
    let sizes =
        format!("from {} to {} customers", whole(small.plan.customers as f64), whole(large.plan.customers as f64));
    let slower = |(item, wanted): &(&str, f64)| {
        let (before, after) = (small.of(item)?.per_second, large.of(item)?.per_second);
        let times = before / after.max(1e-9);
        Some(Goal {
            what: format!("{}: {item} {sizes}", small.engine),
            wanted: format!("≤ {wanted}× slower"),
            measured: format!("{times:.2}× ({} → {})", short(before), short(after)),
            met: times <= *wanted,
        })
    };
    let items = [
        ("W1", 1.3),
        ("W2", 1.3),
        ("W5", 1.3),
        ("W8", 1.3),
        ("W11", 1.3),
        ("W3", 2.0),
        ("W4a", 2.0),
        ("W4b", 2.0),
        ("W4c", 2.0),
        ("W7", 2.0),
        ("W9", 2.0),
    ];
    let mut goals: Vec<Goal> = items.iter().filter_map(slower).collect();
    goals.push(Goal {
        what: format!("{}: memory {sizes}", small.engine),
        wanted: format!("flat (≤ {FLAT}×)"),
        measured: format!("{} → {} MB", short(small.highest_mb), short(large.highest_mb)),
        met: large.highest_mb <= small.highest_mb * FLAT,
    });
    goals
}
