//! How far a long command is: a bar for a person at a terminal, lines for a log.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use crm_db::operate::Progress;
use indicatif::{ProgressBar, ProgressStyle};

use super::say;

/// How often a log hears of a step that takes long.
const EVERY: Duration = Duration::from_secs(10);

/// Shows the progress of one command.
pub(super) struct Shown {
    /// `None` where nobody watches.
    bar: Option<ProgressBar>,
    step: String,
    said: Instant,
}

impl Shown {
    pub(super) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(ProgressBar::no_length);
        if let Some(bar) = &bar {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self { bar, step: String::new(), said: Instant::now() }
    }

    pub(super) fn on(&mut self, progress: Progress<'_>) {
        match progress {
            Progress::Said(text) => match &self.bar {
                Some(bar) => bar.suspend(|| say(text)),
                None => say(text),
            },
            Progress::Doing(text) => self.step(text),
            Progress::Rows { doing, table, done, of } => self.rows(&format!("{doing} {table}"), done, of),
        }
    }

    fn step(&mut self, text: &str) {
        text.clone_into(&mut self.step);
        match &self.bar {
            Some(bar) => {
                bar.unset_length();
                bar.set_style(style("{elapsed} {msg} {spinner}"));
                bar.set_message(text.to_owned());
            }
            None => say(text),
        }
    }

    /// So many of so many of a step that has a measure.
    pub(super) fn rows(&mut self, step: &str, done: u64, of: u64) {
        let is_new = self.step != step;
        step.clone_into(&mut self.step);
        match &self.bar {
            Some(bar) => {
                if is_new {
                    bar.set_style(style("{elapsed} {msg:40} {bar:30} {human_pos} of {human_len}, {eta} left"));
                    bar.set_message(step.to_owned());
                    bar.set_position(0);
                    bar.reset_eta();
                }
                bar.set_length(of);
                bar.set_position(done);
            }
            // The end of a step that had nothing to do is no news.
            None if (done == of && of > 0) || self.said.elapsed() >= EVERY => {
                self.said = Instant::now();
                say(&format!("{step}: {done} of {of}"));
            }
            None => {}
        }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
