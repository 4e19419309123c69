//! A backup taken while clients write.

use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use crm_db::{Db, Engine};

use crate::books::Books;
use crate::ground::Ground;
use crate::kill::WRITERS;
use crate::report::Section;
use crate::whole;
use crate::world::World;
use crate::writers::{Journal, all_write};

/// Plays it: as the README says to do it on each engine.
///
/// # Errors
/// When the scenario itself cannot be played.
pub(crate) fn play(ground: &Ground<'_>, section: &mut Section<'_>) -> Result<()> {
    let running = ground.start(&[])?;
    let world = World::make(&running, 8)?;
    let mut journals: Vec<Journal> =
        (0..WRITERS).map(|number| Journal::new(number, world.seats[number % 8].clone(), 13)).collect();
    let (begun, url) = all_write(&mut journals, &[running.address], &world, || {
        std::thread::sleep(Duration::from_secs(2));
        let begun = Instant::now();
        let url = take(ground)?;
        section.note("it took", format!("{:.1} s", begun.elapsed().as_secs_f64()));
        std::thread::sleep(Duration::from_millis(500));
        anyhow::Ok((begun, url))
    })?;
    let backup = Db::open(&url)?;
    let books = Books::read(&backup)?;
    let acknowledged: usize = journals.iter().map(|journal| journal.customers.len() + journal.records.len()).sum();
    section.note("records in the backup, and acknowledged in the end", format!("{}, {acknowledged}", books.len()));
    section.none("acknowledged before it began and not in it", &books.missing(&journals, begun));
    section.none("broken rules in it", &whole::check(&backup)?);
    let improper: Vec<String> = journals.iter().flat_map(|journal| journal.improper.clone()).collect();
    let refused: usize = journals.iter().map(|journal| journal.refused).sum();
    section.none("improper answers meanwhile", &improper);
    section.line("answers 503 meanwhile", refused, refused == 0);
    Ok(())
}

/// Takes the backup and gives the URL of a database that was made of it.
fn take(ground: &Ground<'_>) -> Result<String> {
    let file = ground.folder.join(if ground.engine == Engine::Sqlite { "backup.db" } else { "backup.dump" });
    let Some(cluster) = ground.cluster else {
        let output = ground.command().arg("backup").arg(&file).output()?;
        ran("backup", &output)?;
        return Ok(format!("sqlite://{}", file.display()));
    };
    cluster.programs().give(&ground.folder).map_err(|error| anyhow!(error))?;
    cluster
        .execute("postgres", &["DROP DATABASE IF EXISTS restored WITH (FORCE)", "CREATE DATABASE restored"])
        .map_err(|error| anyhow!(error))?;
    let run = |command: &mut Command| command.stdout(Stdio::piped()).stderr(Stdio::piped()).output();
    let dump = format!("--file={}", file.display());
    let from = format!("--dbname={}", ground.url);
    ran("pg_dump", &run(cluster.programs().command("pg_dump").args(["--format=custom", &dump, &from]))?)?;
    let to = format!("--dbname={}", cluster.url("restored"));
    let restore = ["--clean", "--if-exists", "--no-owner", "--single-transaction", &to];
    ran("pg_restore", &run(cluster.programs().command("pg_restore").args(restore).arg(&file))?)?;
    Ok(cluster.url("restored"))
}

fn ran(what: &str, output: &Output) -> Result<()> {
    ensure!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
