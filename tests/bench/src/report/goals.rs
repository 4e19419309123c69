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
    /// `None`: not measured.
    met: Option<bool>,
}

impl Goal {
    fn new(engine: &str, what: &str, wanted: String, measured: Option<(String, bool)>) -> Self {
        let (measured, met) = measured.unzip();
        Self { what: format!("{engine}: {what}"), wanted, measured: measured.unwrap_or_default(), met }
    }
}

/// The table of all goals this benchmark can tell of.
pub(super) fn table(report: &Report) -> String {
    let mut goals: Vec<Goal> = Vec::new();
    let grows = report.runs.iter().any(|run| run.plan.customers != report.runs[0].plan.customers);
    // A benchmark of growth is about that alone, unless the size of the other goals is among its sizes.
    for run in report.runs.iter().filter(|run| !grows || run.plan.customers == SIZE) {
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
        text += &format!(
            "| {what} | {wanted} | {measured} | {} |\n",
            match met {
                Some(true) => "met",
                Some(false) => "**not met**",
                None => "not measured",
            }
        );
    }
    text
}

fn of_run(run: &Results) -> Vec<Goal> {
    let sqlite = run.engine == "SQLite";
    let rate = |item: &str| run.of(item).map(|figures| figures.per_second);
    let fixed = |item: &str| run.of(item).and_then(|figures| figures.fixed);
    let looped = |item: &str| run.of(item).and_then(|figures| figures.looped);
    let at_least = |what: &str, part: Option<f64>, of: Option<f64>, wanted: f64| {
        let told = |part: f64, of: f64| format!("{} ({} of {})", percent(part, of), short(part), short(of));
        let measured = part.zip(of).map(|(part, of)| (told(part, of), part >= wanted * of));
        Goal::new(run.engine, what, format!("≥ {}", percent(wanted, 1.0)), measured)
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
        let told = (format!("{} {unit}", short(measured)), measured <= wanted);
        Goal::new(run.engine, what, format!("≤ {wanted} {unit}"), Some(told))
    };
    goals.push(at_most("resident memory, idle", "MB", run.idle_mb, 40.0));
    if sqlite {
        goals.push(at_most("resident memory under load", "MB", run.highest_mb, 200.0));
    }
    goals.push(at_most("start to first answer", "ms", run.start_ms, 300.0));
    let errors: usize = run.figures.iter().map(|figures| figures.errors).sum();
    goals.push(at_most("answers other than a success", "of all", errors as f64, 0.0));
    goals
}

/// W5 on SQLite: so many a second, or so much of the loop.
fn durable(run: &Results) -> Goal {
    let measured = run.of("W5").map(|w5| {
        let (rate, looped) = (w5.per_second, w5.looped.unwrap_or_default());
        let told = format!("{}/s, {} of {}", short(rate), percent(rate, looped), short(looped));
        (told, rate >= 5_000.0 || rate >= 0.6 * looped)
    });
    Goal::new(run.engine, "W5, durable", "≥ 5,000/s or ≥ 60 % of the loop".to_owned(), measured)
}

fn growth(small: &Results, large: &Results) -> Vec<Goal> {
    let sizes =
        format!("from {} to {} customers", whole(small.plan.customers as f64), whole(large.plan.customers as f64));
    let slower = |(item, wanted): &(&str, f64)| {
        let measured = small.of(item).zip(large.of(item)).map(|(before, after)| {
            let times = before.per_second / after.per_second.max(1e-9);
            let told = format!("{times:.2}× ({} → {})", short(before.per_second), short(after.per_second));
            (told, times <= *wanted)
        });
        Goal::new(small.engine, &format!("{item} {sizes}"), format!("≤ {wanted}× slower"), measured)
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
    let mut goals: Vec<Goal> = items.iter().map(slower).collect();
    let (before, after) = (small.highest_mb, large.highest_mb);
    let told = (format!("{} → {} MB", short(before), short(after)), after <= before * FLAT);
    goals.push(Goal::new(small.engine, &format!("memory {sizes}"), format!("flat (≤ {FLAT}×)"), Some(told)));
    goals
}
