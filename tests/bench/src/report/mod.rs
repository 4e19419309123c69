//! What a benchmark leaves: `report.md`, `report.json` and `chart.svg`.

mod chart;
mod goals;
mod page;

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::machine::Machine;
use crate::run::{Figures, Results};

pub(crate) use page::line;

/// A whole benchmark.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) seconds: f64,
    pub(crate) connections: usize,
    /// What could not be run.
    pub(crate) notes: Vec<String>,
    pub(crate) runs: Vec<Results>,
}

/// Writes the report and gives its text.
///
/// # Errors
/// When the folder cannot be written to.
pub(crate) fn write(report: &Report, folder: &Path) -> Result<String> {
    let text = page::write(report);
    fs::write(folder.join("report.md"), &text)?;
    fs::write(folder.join("report.json"), serde_json::to_vec_pretty(report)?)?;
    fs::write(folder.join("chart.svg"), chart::draw(report))?;
    Ok(text)
}

/// A figure with as many digits as mean something.
fn short(value: f64) -> String {
    match value.abs() {
        0.0..10.0 => format!("{value:.2}"),
        10.0..100.0 => format!("{value:.1}"),
        _ => whole(value),
    }
}

/// A whole number, its digits in groups of three.
fn whole(value: f64) -> String {
    let digits = format!("{value:.0}");
    let groups = digits.as_bytes().rchunks(3).rev().filter_map(|three| std::str::from_utf8(three).ok());
    groups.collect::<Vec<_>>().join(",")
}

fn percent(part: f64, of: f64) -> String {
    format!("{:.0} %", 100.0 * part / of.max(1e-9))
}

fn or_dash(value: Option<String>) -> String {
    value.unwrap_or_else(|| "–".to_owned())
}

/// How far an item is from a limit.
fn share(figures: &Figures, limit: Option<f64>) -> String {
    or_dash(limit.map(|limit| percent(figures.per_second, limit)))
}
