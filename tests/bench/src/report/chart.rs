//! The chart: for each item how fast it is, beside its limits, on a logarithmic scale.

use super::{Report, short, whole};
use crate::run::{Figures, Results};

const LEFT: f64 = 330.0;
const WIDTH: f64 = 560.0;
const BAR: f64 = 9.0;
/// Height of an item: three bars and a gap.
const ITEM: f64 = 3.0 * BAR + 9.0;
const HEAD: f64 = 46.0;
/// The scale runs from one to a million per second.
const DECADES: f64 = 6.0;

const KINDS: [(&str, &str); 3] = [("#1f6feb", "the gateway"), ("#e3a008", "loop"), ("#b6bcc4", "fixed answer")];

pub(super) fn draw(report: &Report) -> String {
    let heights: f64 = report.runs.iter().map(height).sum();
    let total = heights + 40.0;
    let right = LEFT + WIDTH + 80.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {right} {total}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for ((color, name), number) in KINDS.iter().zip(0u8..) {
        let x = LEFT + f64::from(number) * 190.0;
        svg += &format!("<rect x=\"{x}\" y=\"10\" width=\"12\" height=\"12\" fill=\"{color}\"/>\n");
        svg += &text(x + 18.0, 20.0, "start", &format!("{name}, per second"));
    }
    let mut y = 30.0;
    for run in &report.runs {
        svg += &panel(run, y);
        y += height(run);
    }
    svg + "</svg>\n"
}

fn measured(run: &Results) -> impl Iterator<Item = &Figures> {
    run.figures.iter().filter(|figures| figures.skipped.is_none())
}

fn height(run: &Results) -> f64 {
    HEAD + ITEM * measured(run).count() as f64
}

fn panel(run: &Results, top: f64) -> String {
    let title = format!("{}, {} customers", run.engine, whole(run.plan.customers as f64));
    let mut svg = format!("<g font-weight=\"bold\">{}</g>\n", text(10.0, top + 22.0, "start", &title));
    let bottom = top + height(run) - 6.0;
    for decade in 0u8..=6 {
        let x = LEFT + WIDTH * f64::from(decade) / DECADES;
        svg += &format!("<path d=\"M{x} {} V{bottom}\" stroke=\"#e6e8eb\"/>\n", top + 30.0);
        svg += &text(x, top + 26.0, "middle", &whole(10f64.powi(i32::from(decade))));
    }
    for (figures, number) in measured(run).zip(0u16..) {
        let y = top + HEAD - 10.0 + ITEM * f64::from(number);
        svg += &text(LEFT - 8.0, y + 18.0, "end", &format!("{} {}", figures.item, figures.title));
        let bars = [Some(figures.per_second), figures.looped, figures.fixed];
        for ((rate, (color, _)), place) in bars.iter().zip(KINDS).zip(0u8..) {
            let Some(rate) = rate else { continue };
            svg += &bar(y + BAR * f64::from(place), *rate, color);
        }
    }
    svg
}

fn bar(y: f64, rate: f64, color: &str) -> String {
    let width = WIDTH * (rate.max(1.0).log10() / DECADES).min(1.0);
    let rect =
        format!("<rect x=\"{LEFT}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{}\" fill=\"{color}\"/>\n", BAR - 1.0);
    rect + &format!("<g font-size=\"8\">{}</g>\n", text(LEFT + width + 4.0, y + BAR - 2.0, "start", &short(rate)))
}

fn text(x: f64, y: f64, anchor: &str, words: &str) -> String {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>\n")
}
