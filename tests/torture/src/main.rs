//! What a deployment survives: `make torture`.
//!
//! Starts the real gateway over a database of its own, on each engine, drives it over HTTP with real
//! sessions, and takes things away from it: itself, its database, its connections, its disk. Prints what it
//! found, line by line, and ends with 1 when a line does not hold.

mod backup;
mod books;
mod disk;
mod ground;
mod kill;
mod pg_restart;
mod pool;
mod report;
mod sigterm;
mod slow;
mod whole;
mod wire;
mod world;
mod writers;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use clap::Parser;
use crm_db::testing::own::OwnCluster;
use crm_db::testing::programs::Programs;

use ground::Ground;
use report::Report;

/// Takes things away from the gateway, and sees what is left.
#[derive(Parser)]
#[command(name = "crm-torture")]
struct Torture {
    /// Only these scenarios: kill, sigterm, pgrestart, pool, slow, disk, backup
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// How many times the gateway is killed; by default 50, or 2 with --quick
    #[arg(long)]
    rounds: Option<u32>,
    /// Fewer of everything: whether the scenarios work
    #[arg(long)]
    quick: bool,
    /// sqlite, postgres
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    engines: Vec<String>,
    /// Where databases are kept and the report is written
    #[arg(long, default_value = "target/torture")]
    folder: PathBuf,
    /// The gateway; by default the one that was built beside this program
    #[arg(long)]
    gateway: Option<PathBuf>,
}

fn main() -> Result<ExitCode> {
    match std::env::args().nth(1).as_deref() {
        // The gateway as a part of this program, for tests that have not built the other.
        Some("serve" | "backup") => crm_gateway::commands::Cli::parse().run().map(|()| ExitCode::SUCCESS),
        _ => Torture::parse().run(),
    }
}

impl Torture {
    fn run(&self) -> Result<ExitCode> {
        fs::create_dir_all(&self.folder)?;
        let folder = self.folder.canonicalize()?;
        let program = match &self.gateway {
            Some(program) => program.clone(),
            None => std::env::current_exe()?.with_file_name("crm-gateway"),
        };
        let mut report = Report::default();
        for engine in &self.engines {
            let cluster = match engine.as_str() {
                "sqlite" => None,
                "postgres" => match Programs::find() {
                    Ok(_) => Some(OwnCluster::start(&folder.join("postgres"), SERVER).map_err(|error| anyhow!(error))?),
                    Err(reason) => {
                        let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
                        report.section("all", "PostgreSQL").line("not played", reason, !ci);
                        continue;
                    }
                },
                other => bail!("{other} is neither sqlite nor postgres"),
            };
            for scenario in SCENARIOS.iter().filter(|scenario| self.wants(scenario.of)) {
                if !scenario.engines.contains(&engine.as_str()) {
                    continue;
                }
                let begun = Instant::now();
                let folder = folder.join(engine);
                let mut ground = Ground::new(scenario.name, &folder, cluster.as_ref(), &program)?;
                let shown = if cluster.is_some() { "PostgreSQL" } else { "SQLite" };
                let mut section = report.section(scenario.name, shown);
                (scenario.play)(self, &mut ground, &mut section)
                    .with_context(|| format!("{} on {shown}", scenario.name))?;
                section.note("the scenario took", format!("{:.0} s", begun.elapsed().as_secs_f64()));
            }
        }
        let text = report.write(&folder)?;
        println!("\n{text}\nwritten to {}", folder.join("report.md").display());
        Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn wants(&self, scenario: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == scenario)
    }

    fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.quick { 2 } else { 50 })
    }
}

type Play = fn(&Torture, &mut Ground<'_>, &mut report::Section<'_>) -> Result<()>;

/// A scenario, the name it is chosen by, and the engines it is about.
struct Scenario {
    name: &'static str,
    of: &'static str,
    engines: &'static [&'static str],
    play: Play,
}

/// A stop that is like a crash ends the server's processes and not the machine, so that nothing is lost of what
/// the kernel has; a commit waits until the kernel has it.
const SERVER: &str = "-c fsync=off -c synchronous_commit=on";

const BOTH: &[&str] = &["sqlite", "postgres"];

const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "kill",
        of: "kill",
        engines: BOTH,
        play: |torture, ground, section| kill::play(ground, torture.rounds(), false, section),
    },
    Scenario {
        name: "kill_one_of_two",
        of: "kill",
        engines: &["postgres"],
        play: |torture, ground, section| kill::play(ground, torture.rounds().div_ceil(2), true, section),
    },
    Scenario {
        name: "sigterm",
        of: "sigterm",
        engines: BOTH,
        play: |torture, ground, section| {
            let (rounds, requests) = if torture.quick { (1, 60) } else { (5, 200) };
            sigterm::play(ground, rounds, requests, section)
        },
    },
    Scenario {
        name: "pgrestart",
        of: "pgrestart",
        engines: &["postgres"],
        play: |torture, ground, section| pg_restart::play(ground, if torture.quick { 1 } else { 20 }, section),
    },
    Scenario {
        name: "pool",
        of: "pool",
        engines: BOTH,
        play: |_, ground, section| pool::play(ground, Duration::from_secs(8), section),
    },
    Scenario {
        name: "slow",
        of: "slow",
        engines: BOTH,
        play: |torture, ground, section| {
            let of = |many: usize| if torture.quick { many / 10 } else { many };
            slow::play(ground, slow::Many { heads: of(500), bodies: of(500), deaf: of(200) }, section)
        },
    },
    Scenario { name: "disk", of: "disk", engines: BOTH, play: |_, ground, section| disk::play(ground, section) },
    Scenario { name: "backup", of: "backup", engines: BOTH, play: |_, ground, section| backup::play(ground, section) },
];
