//! Where the data is kept between runs, and the copy each run may write to.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, bail};
use crm_db::operate::{self, CopyOptions};
use crm_db::{Db, Engine};
use serde::{Deserialize, Serialize};

use crate::data::{self, Plan};
use crate::postgres::Cluster;

/// Grows when the same plan gives other data.
const EDITION: u32 = 3;
/// The database that runs write to.
const SCRATCH: &str = "crm_bench_run";

/// What was made, beside the data it is about.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Made {
    /// Of the schema and of the program that fills it.
    fingerprint: u64,
    plan: Plan,
}

/// A copy of the data that a run may write to; it goes when this is dropped.
pub(crate) struct Scratch<'a> {
    pub(crate) url: String,
    pub(crate) plan: Plan,
    keeper: Keeper<'a>,
}

enum Keeper<'a> {
    Sqlite(PathBuf),
    Postgres(&'a Cluster),
}

/// A copy of the data of this plan, which is made first when it is not there or the schema has changed.
/// Data that is there says itself up to when the team has worked.
///
/// # Errors
/// What the file system or the database says.
pub(crate) fn open<'a>(
    engine: Engine,
    cluster: Option<&'a Cluster>,
    folder: &Path,
    plan: &Plan,
    password_cost: u32,
) -> Result<Scratch<'a>> {
    let name = plan.name();
    let kind = if engine == Engine::Sqlite { "sqlite" } else { "postgres" };
    let marker = folder.join(format!("{name}.{kind}.json"));
    let fingerprint = fingerprint(password_cost);
    let made: Option<Made> = fs::read(&marker).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let kept =
        made.filter(|made| made.fingerprint == fingerprint && made.plan == Plan { until: made.plan.until, ..*plan });
    let plan = kept.as_ref().map_or(*plan, |made| made.plan);
    let scratch = match (engine, cluster) {
        (Engine::Sqlite, _) => sqlite(folder, &name, &plan, kept.is_some(), password_cost)?,
        (Engine::Postgres, Some(cluster)) if kept.is_some() && cluster.execute(&name, &["SELECT 1"]).is_ok() => {
            postgres(cluster, &name, &plan)?
        }
        (Engine::Postgres, Some(cluster)) => {
            // The file of the other engine is what moves: it is made first, under its own marker.
            let plan = open(Engine::Sqlite, None, folder, &plan, password_cost)?.plan;
            move_to(cluster, &name, &folder.join(format!("{name}.db")))?;
            postgres(cluster, &name, &plan)?
        }
        (Engine::Postgres, None) => bail!("there is no PostgreSQL"),
    };
    fs::write(marker, serde_json::to_vec(&Made { fingerprint, plan: scratch.plan })?)?;
    Ok(scratch)
}

fn fingerprint(password_cost: u32) -> u64 {
    let mut hasher = DefaultHasher::new();
    (include_str!("../../../schema.sql"), EDITION, password_cost).hash(&mut hasher);
    hasher.finish()
}

fn timed(what: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    let begun = Instant::now();
    println!("{what} …");
    work()?;
    println!("  … in {:.0} s", begun.elapsed().as_secs_f64());
    Ok(())
}

/// The file with the data, made when it is not there.
fn file(folder: &Path, name: &str, plan: &Plan, kept: bool, password_cost: u32) -> Result<PathBuf> {
    let data = folder.join(format!("{name}.db"));
    if !kept || !data.exists() {
        remove(&data);
        let what = format!("making {} customers, {} follow-ups", plan.customers, plan.follows);
        timed(&what, || data::fill(&format!("sqlite://{}", data.display()), plan, password_cost))?;
    }
    Ok(data)
}

fn sqlite<'a>(folder: &Path, name: &str, plan: &Plan, kept: bool, password_cost: u32) -> Result<Scratch<'a>> {
    let data = file(folder, name, plan, kept, password_cost)?;
    let copy = folder.join(format!("{SCRATCH}.db"));
    remove(&copy);
    // Nothing has it open, so it is all in the one file; and it is on the disk before anything is measured.
    fs::copy(&data, &copy)?;
    fs::File::open(&copy)?.sync_all()?;
    Ok(Scratch { url: format!("sqlite://{}", copy.display()), plan: *plan, keeper: Keeper::Sqlite(copy) })
}

/// Removes a SQLite database with what stands beside it.
fn remove(path: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{ending}", path.display()));
    }
}

/// Moves the data to PostgreSQL as a deployment that grew too large does.
fn move_to(cluster: &Cluster, name: &str, data: &Path) -> Result<()> {
    let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    cluster.execute("postgres", &[&drop, &format!("CREATE DATABASE {name}")])?;
    timed("copying the data to PostgreSQL, and comparing every row", || {
        operate::copy_to_postgres(data, &cluster.url(name), CopyOptions::default(), &mut |_| {})?;
        Ok(())
    })?;
    // What autovacuum would have done long before there were two years of data.
    cluster.execute(name, &["VACUUM ANALYZE", "CHECKPOINT"])
}

fn postgres<'a>(cluster: &'a Cluster, name: &str, plan: &Plan) -> Result<Scratch<'a>> {
    let copy = format!("CREATE DATABASE {SCRATCH} TEMPLATE {name} STRATEGY FILE_COPY");
    // Closing a connection takes the server a moment, and a database in use cannot be copied.
    let gone = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    let drop = format!("DROP DATABASE IF EXISTS {SCRATCH} WITH (FORCE)");
    cluster.execute("postgres", &[&drop, &gone])?;
    std::thread::sleep(std::time::Duration::from_millis(300));
    cluster.execute("postgres", &[&copy, "CHECKPOINT"])?;
    Ok(Scratch { url: cluster.url(SCRATCH), plan: *plan, keeper: Keeper::Postgres(cluster) })
}

impl Scratch<'_> {
    /// The database by its name, where it is one of a cluster's.
    pub(crate) fn cluster(&self) -> Option<(&Cluster, &'static str)> {
        match &self.keeper {
            Keeper::Sqlite(_) => None,
            Keeper::Postgres(cluster) => Some((cluster, SCRATCH)),
        }
    }

    /// Opens it in this program.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) fn open(&self, pool_size: u32) -> Result<Db> {
        Ok(Db::open_with(&self.url, crm_db::Options { pool_size, ..Default::default() })?)
    }
}

impl Drop for Scratch<'_> {
    fn drop(&mut self) {
        match &self.keeper {
            Keeper::Sqlite(path) => remove(path),
            Keeper::Postgres(cluster) => {
                let _ = cluster.execute("postgres", &[&format!("DROP DATABASE IF EXISTS {SCRATCH} WITH (FORCE)")]);
            }
        }
    }
}
