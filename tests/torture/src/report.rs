//! What the scenarios found, line by line.

use std::fs;
use std::path::Path;

use anyhow::Result;

/// One figure, and whether it is what it must be.
struct Line {
    scenario: &'static str,
    engine: &'static str,
    what: String,
    figure: String,
    holds: bool,
}

/// The lines so far.
#[derive(Default)]
pub(crate) struct Report {
    lines: Vec<Line>,
}

/// The scenario and the engine that lines are about.
pub(crate) struct Section<'a> {
    report: &'a mut Report,
    scenario: &'static str,
    engine: &'static str,
}

impl Report {
    pub(crate) fn section(&mut self, scenario: &'static str, engine: &'static str) -> Section<'_> {
        Section { report: self, scenario, engine }
    }

    /// Whether every line holds, and there is one.
    pub(crate) fn holds(&self) -> bool {
        !self.lines.is_empty() && self.lines.iter().all(|line| line.holds)
    }

    /// Writes the table to `report.md` in this folder, and gives it.
    pub(crate) fn write(&self, folder: &Path) -> Result<String> {
        let mut text = String::from("| scenario | engine | what | figure | |\n|---|---|---|---|---|\n");
        for line in &self.lines {
            let mark = if line.holds { "holds" } else { "**FAILS**" };
            let Line { scenario, engine, what, figure, .. } = line;
            text += &format!("| {scenario} | {engine} | {what} | {figure} | {mark} |\n");
        }
        fs::write(folder.join("report.md"), &text)?;
        Ok(text)
    }
}

impl Section<'_> {
    /// A figure that must be as `holds` says.
    pub(crate) fn line(&mut self, what: impl Into<String>, figure: impl ToString, holds: bool) {
        let (what, figure) = (what.into(), figure.to_string());
        let mark = if holds { "" } else { "  FAILS" };
        println!("{:10} {:10} {what}: {figure}{mark}", self.scenario, self.engine);
        self.report.lines.push(Line { scenario: self.scenario, engine: self.engine, what, figure, holds });
    }

    /// A figure that may be anything.
    pub(crate) fn note(&mut self, what: impl Into<String>, figure: impl ToString) {
        self.line(what, figure, true);
    }

    /// Something that must not have happened: what did is told, as far as there is room.
    pub(crate) fn none(&mut self, what: impl Into<String>, found: &[String]) {
        let shown = found.iter().take(3).map(String::as_str).collect::<Vec<_>>().join("; ");
        let figure = if found.is_empty() { "0".to_owned() } else { format!("{}: {shown}", found.len()) };
        self.line(what, figure.replace(['\n', '|'], " "), found.is_empty());
    }
}

/// The highest, the median and the 99th of a hundred of these milliseconds.
pub(crate) fn spread(times: &[f64]) -> String {
    if times.is_empty() {
        return "none".to_owned();
    }
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    format!("median {:.0} ms, p99 {:.0} ms, highest {:.0} ms", at(0.5), at(0.99), at(1.0))
}
