//! What the figures were measured on.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;

/// The machine, the moment and the program.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) processors: usize,
    pub(crate) memory_gb: f64,
    pub(crate) system: String,
    /// Of the disk the data is on: writes of 4 KB per second that each wait until they are on it.
    pub(crate) syncs_per_second: f64,
    pub(crate) date: String,
    pub(crate) commit: String,
    /// `release`, or `debug` for a run whose figures mean nothing.
    pub(crate) build: &'static str,
}

impl Machine {
    /// This one, now.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub(crate) fn look(folder: &Path, time: Duration) -> Result<Self> {
        let field = |file: &str, name: &str| {
            let text = fs::read_to_string(file).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.trim_start_matches([' ', '\t', ':']).trim_end_matches(" kB").to_owned()
        };
        Ok(Self {
            processor: field("/proc/cpuinfo", "model name"),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gb: field("/proc/meminfo", "MemTotal").parse::<f64>().unwrap_or(0.0) * 1024.0 / 1e9,
            system: said("uname", &["-sr"]),
            syncs_per_second: syncs(folder, time)?,
            date: chrono::Utc::now().format("%Y-%m-%d %H:%M UTC").to_string(),
            commit: said("git", &["describe", "--always", "--dirty", "--exclude", "*"]),
            build: if cfg!(debug_assertions) { "debug" } else { "release" },
        })
    }
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}

fn syncs(folder: &Path, time: Duration) -> Result<f64> {
    let path = folder.join("sync");
    let mut file = File::create(&path)?;
    let begun = Instant::now();
    let mut done = 0u32;
    while begun.elapsed() < time {
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        done += 1;
    }
    let rate = f64::from(done) / begun.elapsed().as_secs_f64();
    fs::remove_file(path)?;
    Ok(rate)
}
