//! The program: see `crm-gateway --help`.

use std::process::ExitCode;

use clap::Parser;
use crm_gateway::commands::{Cli, exit_code};
use tikv_jemallocator::Jemalloc;

/// A request makes hundreds of small pieces of memory and lets them go again on another thread.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write;
            // A closed terminal must not hide the exit code.
            let _ = writeln!(std::io::stderr(), "crm-gateway: {error:#}");
            ExitCode::from(exit_code(&error))
        }
    }
}
