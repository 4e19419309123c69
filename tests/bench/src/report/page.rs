//! The report as a page of Markdown.

use super::{Report, goals, or_dash, percent, share, short, whole};
use crate::run::{Figures, Results};

/// Tells the person who waits what an item came to.
pub(crate) fn line(engine: &str, figures: &Figures) {
    let Figures { item, title, .. } = figures;
    match &figures.skipped {
        Some(reason) => println!("{engine:>10} {item:<4} skipped: {reason}"),
        None => println!(
            "{engine:>10} {item:<4} {:>9}/s  p50 {:>7} ms  p99 {:>7} ms  {} errors  {title}",
            short(figures.per_second),
            short(figures.p50_ms),
            short(figures.p99_ms),
            figures.errors,
        ),
    }
}

pub(super) fn write(report: &Report) -> String {
    let mut page = head(report);
    page += &goals::table(report);
    for run in &report.runs {
        page += &section(run);
    }
    page + HOW
}

fn head(report: &Report) -> String {
    let machine = &report.machine;
    let mut head = format!(
        "# Benchmark\n\n\
         {} · commit {} · {} build · {} × {} · {:.1} GB · {} · {} syncs/s on the disk of the data\n\n\
         {} connections, {} s per item; default settings, durable, with sessions and audit.\n",
        machine.date,
        machine.commit,
        machine.build,
        machine.processors,
        machine.processor,
        machine.memory_gb,
        machine.system,
        short(machine.syncs_per_second),
        report.connections,
        report.seconds,
    );
    if machine.build == "debug" {
        head += "\n**A debug build: it shows that the benchmark works, and nothing else.**\n";
    }
    for note in &report.notes {
        head += &format!("\n{note}\n");
    }
    head + "\n![requests per second beside the limits](chart.svg)\n"
}

fn section(run: &Results) -> String {
    let plan = &run.plan;
    let mut text = format!(
        "\n## {}, {} customers\n\n{} organizations, {} staff, {} follow-ups, {} contracts, seed {}. \
         Start to first answer {} ms. Resident memory {} MB idle, {} MB at its highest.\n\n\
         | | | req/s | p50 ms | p99 ms | CPU µs | {}statements | bytes | memory MB | errors | fixed/s | of fixed | loop/s | of loop | generator µs |\n\
         |---|---|--:|--:|--:|--:|{}--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
        run.engine,
        whole(plan.customers as f64),
        whole(plan.organizations as f64),
        plan.staff,
        whole(plan.follows as f64),
        whole(plan.contracts as f64),
        plan.seed,
        short(run.start_ms),
        short(run.idle_mb),
        short(run.highest_mb),
        if run.pgbench.is_some() || run.engine == "PostgreSQL" { "database CPU µs | " } else { "" },
        if run.pgbench.is_some() || run.engine == "PostgreSQL" { "--:|" } else { "" },
    );
    for figures in &run.figures {
        text += &row(figures, run.engine == "PostgreSQL");
    }
    for figures in run.figures.iter().filter(|figures| figures.errors > 0) {
        let first = figures.first_error.as_deref().unwrap_or_default();
        text += &format!("\n{}: {} errors, the first: `{first}`\n", figures.item, figures.errors);
    }
    text + &beside(run)
}

fn row(figures: &Figures, with_database: bool) -> String {
    let Figures { item, title, .. } = figures;
    if let Some(reason) = &figures.skipped {
        return format!("| {item} | {title} | skipped: `{}` |\n", reason.replace('|', "/"));
    }
    let database = or_dash(figures.database_cpu_us.map(short));
    let database = if with_database { format!("{database} | ") } else { String::new() };
    format!(
        "| {item} | {title} | {} | {} | {} | {} | {database}{:.1} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
        short(figures.per_second),
        short(figures.p50_ms),
        short(figures.p99_ms),
        short(figures.cpu_us),
        figures.statements,
        figures.bytes,
        short(figures.memory_mb),
        figures.errors,
        or_dash(figures.fixed.map(short)),
        share(figures, figures.fixed),
        or_dash(figures.looped.map(short)),
        share(figures, figures.looped),
        short(figures.generator_cpu_us),
    )
}

fn beside(run: &Results) -> String {
    let mut text = String::new();
    if let Some(flood) = &run.flood {
        text += &format!(
            "\nW12: W1 alone {}/s (p99 {} ms), beside a sign-in flood {}/s (p99 {} ms): {}. The flood: {} signed in \
             and {} refused per second.\n",
            short(flood.alone),
            short(flood.p99_alone_ms),
            short(flood.beside),
            short(flood.p99_beside_ms),
            percent(flood.beside, flood.alone),
            short(flood.signed_in),
            short(flood.refused),
        );
    }
    text += &format!("\nW6 as plain SQL in a loop: {}/s.\n", short(run.plain_sign));
    if let Some((clients, connections)) = run.pgbench {
        text += &format!(
            "\nW5's statements by pgbench: {}/s with as many clients, {}/s with as many connections as the gateway.\n",
            short(clients),
            short(connections),
        );
    }
    if let Some(reason) = &run.pgbench_failed {
        text += &format!("\npgbench: {reason}\n");
    }
    text
}

const HOW: &str = "
## How to read it

- *fixed*: the same requests, answered by a bare actix server with a fixed text of the same length and as many workers.
- *loop*: the same statements on the same data, by the services in this program over a pool like the gateway's, session
  included, without HTTP and JSON; reads in as many threads as the gateway has connections, writes in as many as there
  are clients.
- *CPU*: processor time of the gateway's process per request, of all its threads, in hundredths of a second over the
  whole item; *database CPU*: of PostgreSQL's processes; *generator*: of the load generator, which shares the processors.
- *statements*: counted inside the benchmark's own process, over one connection, `BEGIN` and `COMMIT` included.
- W11 ends when the pool is empty. W2d and W2o are W2 by people of narrower scope; W8, W9 and W11 are asked by people of
  every scope, all others by people who see everything.
- W12's flood: 24 connections that sign in with right passwords without a pause, and 50 ms after a refusal.
";
