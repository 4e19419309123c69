//! The benchmark: `make bench`.
//!
//! Makes the data once per size and seed and keeps it, starts the real gateway over a copy of it with default
//! settings, and measures each work item beside two limits taken in the same run: a fixed answer of the same
//! size from a bare server, and the same statements in a tight loop. Leaves `report.md`, `report.json` and
//! `chart.svg` in its folder.

mod client;
mod data;
mod fixed;
mod flood;
mod inside;
mod items;
mod load;
mod loops;
mod machine;
mod people;
mod pgbench;
mod postgres;
mod process;
mod report;
mod run;
mod store;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Parser;
use crm_db::Engine;

use data::Plan;
use machine::Machine;
use postgres::Cluster;
use report::Report;

/// Measures the gateway on this machine.
#[derive(Parser)]
#[command(name = "crm-bench")]
struct Bench {
    /// How many customers; several sizes, separated by commas, are measured one after the other
    #[arg(long, value_delimiter = ',', default_value = "100000")]
    customers: Vec<i64>,
    /// Scale organizations, follow-ups and contracts with the customers, instead of keeping them as they are
    /// at 100,000
    #[arg(long)]
    in_proportion: bool,
    /// The same seed gives the same data
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seconds each item is measured; by default 10, or 1 with --quick
    #[arg(long)]
    seconds: Option<f64>,
    /// Keep-alive connections
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// sqlite, postgres
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    engines: Vec<String>,
    /// Only these work items, such as W1,W5,W12
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Little data and cheap passwords: whether the benchmark works, not how fast the gateway is
    #[arg(long)]
    quick: bool,
    /// Where data is kept and the report is written
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
    /// The gateway; by default the one that was built beside this program
    #[arg(long)]
    gateway: Option<PathBuf>,
}

/// Customers of `--quick`.
const FEW: i64 = 1_000;

fn main() -> Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("fixed") => fixed::serve(),
        // The gateway as a part of this program, for tests that have not built the other.
        Some("serve") => crm_gateway::commands::Cli::parse().run(),
        _ => Bench::parse().run(),
    }
}

impl Bench {
    fn run(mut self) -> Result<()> {
        fs::create_dir_all(&self.folder)?;
        let folder = self.folder.canonicalize()?;
        if self.quick {
            self.customers = vec![FEW];
            self.in_proportion = true;
        }
        let time = Duration::from_secs_f64(self.seconds.unwrap_or(if self.quick { 1.0 } else { 10.0 }));
        let beside = std::env::current_exe()?.with_file_name("crm-gateway");
        let options = run::Options {
            gateway: self.gateway.clone().unwrap_or(beside),
            time,
            connections: self.connections,
            password_cost: self.quick.then_some(4),
            only: self.only.clone(),
            folder: folder.clone(),
        };
        let machine = Machine::look(&folder, time.min(Duration::from_secs(2)))?;
        let mut report = Report {
            machine,
            seconds: time.as_secs_f64(),
            connections: self.connections,
            notes: Vec::new(),
            runs: Vec::new(),
        };
        for engine in self.engines()? {
            // Not beside the other engine's runs: an idle server has tasks of its own.
            let cluster = match engine {
                Engine::Sqlite => None,
                Engine::Postgres => match Cluster::start(&folder) {
                    Ok(cluster) => Some(cluster),
                    Err(error) => {
                        report.notes.push(format!("Not on PostgreSQL: {error:#}"));
                        continue;
                    }
                },
            };
            for customers in &self.customers {
                let now = chrono::Utc::now().timestamp();
                let plan = Plan::of(*customers, self.in_proportion, self.seed, now);
                report.runs.push(run::measure(engine, cluster.as_ref(), &plan, &options)?);
            }
        }
        let text = report::write(&report, &folder).context("the report cannot be written")?;
        println!("\n{text}\nwritten to {}", folder.join("report.md").display());
        Ok(())
    }

    fn engines(&self) -> Result<Vec<Engine>> {
        let engine = |name: &String| match name.as_str() {
            "sqlite" => Ok(Engine::Sqlite),
            "postgres" => Ok(Engine::Postgres),
            other => bail!("{other} is neither sqlite nor postgres"),
        };
        self.engines.iter().map(engine).collect()
    }
}
