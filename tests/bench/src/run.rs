//! One run: every work item on one engine with one size of data, each beside its limits.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use crm_db::Engine;
use crm_gateway::{Services, Settings};
use fastrand::Rng;
use serde::Serialize;
use serde_json::Value;

use crate::client::{Connection, Request};
use crate::data::Plan;
use crate::flood::{self, Flood};
use crate::items::{self, ITEMS, Item, World};
use crate::load::{self, Measured, Target};
use crate::people::{self, Seat};
use crate::postgres::Cluster;
use crate::process::{self, Server};
use crate::store::{self, Scratch};
use crate::{inside, loops, pgbench};

/// How a benchmark is run.
pub(crate) struct Options {
    pub(crate) folder: PathBuf,
    pub(crate) gateway: PathBuf,
    /// How long each item is measured.
    pub(crate) time: Duration,
    pub(crate) connections: usize,
    /// `None`: the gateway's own.
    pub(crate) password_cost: Option<u32>,
    /// Only these items; all when empty.
    pub(crate) only: Vec<String>,
}

/// What one work item came to.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Figures {
    pub(crate) item: &'static str,
    pub(crate) title: &'static str,
    /// Why it was not measured.
    pub(crate) skipped: Option<String>,
    pub(crate) per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// Microseconds of processor time per request: of the gateway, of PostgreSQL, of the load generator.
    pub(crate) cpu_us: f64,
    pub(crate) database_cpu_us: Option<f64>,
    pub(crate) generator_cpu_us: f64,
    pub(crate) statements: f64,
    /// Bytes of an answer.
    pub(crate) bytes: usize,
    pub(crate) requests: usize,
    pub(crate) errors: usize,
    pub(crate) first_error: Option<String>,
    /// Resident memory of the gateway afterwards, in MB.
    pub(crate) memory_mb: f64,
    /// The limits: fixed answers of that size per second, rounds of the loop per second.
    pub(crate) fixed: Option<f64>,
    pub(crate) looped: Option<f64>,
}

/// What one run came to.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Results {
    pub(crate) engine: &'static str,
    pub(crate) plan: Plan,
    pub(crate) start_ms: f64,
    pub(crate) idle_mb: f64,
    pub(crate) highest_mb: f64,
    pub(crate) figures: Vec<Figures>,
    pub(crate) flood: Option<Flood>,
    /// W6 as plain SQL, per second.
    pub(crate) plain_sign: f64,
    /// W5's statements by `pgbench`, per second: with as many clients as the gateway has, and with as many
    /// as it has connections.
    pub(crate) pgbench: Option<(f64, f64)>,
    pub(crate) pgbench_failed: Option<String>,
}

impl Results {
    pub(crate) fn of(&self, item: &str) -> Option<&Figures> {
        self.figures.iter().find(|figures| figures.item == item && figures.skipped.is_none())
    }
}

/// All that the items of a run need.
pub(crate) struct Stage<'a> {
    pub(crate) options: &'a Options,
    pub(crate) gateway: &'a Server,
    fixed: &'a Server,
    pub(crate) seats: &'a [Seat],
    pub(crate) world: &'a World,
    services: &'a Services,
    settings: &'a Settings,
    counting: (std::net::SocketAddr, &'a crm_db::Db),
    /// The process of PostgreSQL.
    database: Option<u32>,
}

/// Measures one engine.
///
/// # Errors
/// When the data cannot be made, or the gateway does not start.
pub(crate) fn measure(engine: Engine, cluster: Option<&Cluster>, plan: &Plan, options: &Options) -> Result<Results> {
    let mut settings = inside::settings()?;
    settings.password_cost = options.password_cost.unwrap_or(settings.password_cost);
    let scratch = store::open(engine, cluster, &options.folder, plan, settings.password_cost)?;
    let start_ms = typical_start(options, &scratch)?;
    let gateway = start(options, &scratch)?;
    std::thread::sleep(options.time.min(Duration::from_secs(1)));
    let idle_mb = process::memory(gateway.pid(), false);
    let fixed = Server::start(Command::new(std::env::current_exe()?).arg("fixed"), "/1")?;
    let db = scratch.open(settings.pool_size())?;
    let world = World::of(&db, scratch.plan)?;
    let seats = people::sign_in(gateway.address, scratch.plan.staff)?;
    let stage = Stage {
        options,
        gateway: &gateway,
        fixed: &fixed,
        seats: &seats,
        world: &world,
        services: &Services::new(&db, &settings),
        settings: &settings,
        counting: (inside::serve(&settings, &db)?, &db),
        database: scratch.cluster().map(|(cluster, _)| cluster.pid()),
    };
    let wanted = |id: &str| options.only.is_empty() || options.only.iter().any(|only| only == id);
    let mut figures = Vec::new();
    for item in ITEMS.iter().filter(|item| wanted(item.id)) {
        let one = stage.item(item).with_context(|| format!("{} on {}", item.id, name(engine)))?;
        crate::report::line(name(engine), &one);
        figures.push(one);
    }
    let flood = if wanted("W12") { Some(flood::measure(&stage)?) } else { None };
    let plain_sign = loops::plain_sign(&db, &world, stage.readers(), options.time)?;
    let highest_mb = process::memory(gateway.pid(), true);
    let (pgbench, pgbench_failed) = match with_pgbench(&stage, &scratch).transpose() {
        Ok(rates) => (rates, None),
        Err(error) => (None, Some(format!("{error:#}"))),
    };
    Ok(Results {
        engine: name(engine),
        plan: scratch.plan,
        start_ms,
        idle_mb,
        highest_mb,
        figures,
        flood,
        plain_sign,
        pgbench,
        pgbench_failed,
    })
}

/// What the engine is called in reports.
fn name(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    }
}

/// The real program, with its default settings.
fn start(options: &Options, scratch: &Scratch<'_>) -> Result<Server> {
    let mut command = Command::new(&options.gateway);
    command.env_clear().args(["serve", "--listen", "127.0.0.1:0", "--database-url", &scratch.url]);
    if let Some(cost) = options.password_cost {
        command.args(["--crm-password-cost", &cost.to_string()]);
    }
    Server::start(&mut command, "/readyz")
}

/// The median of a few starts, in milliseconds.
fn typical_start(options: &Options, scratch: &Scratch<'_>) -> Result<f64> {
    let mut times = Vec::new();
    for _ in 0..5 {
        times.push(start(options, scratch)?.started_in.as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

fn with_pgbench(stage: &Stage<'_>, scratch: &Scratch<'_>) -> Option<Result<(f64, f64)>> {
    let (cluster, database) = scratch.cluster()?;
    let measure = || {
        let seats = people::of(stage.seats, items::item("W5").context("no W5")?.who)?;
        let script = pgbench::script(cluster, database, stage.settings, &stage.world.plan, seats[0])?;
        let seconds = stage.options.time.as_secs().max(1);
        let many = cluster.pgbench(database, &script, stage.options.connections, seconds)?;
        Ok((many, cluster.pgbench(database, &script, stage.readers(), seconds)?))
    };
    Some(measure())
}

impl Stage<'_> {
    /// How many connections the gateway reads with.
    fn readers(&self) -> usize {
        usize::try_from(self.settings.pool_size()).unwrap_or(4)
    }

    /// Measures an item, if its first answer is a success, and then its limits.
    fn item(&self, item: &Item) -> Result<Figures> {
        let seats = people::of(self.seats, item.who)?;
        let figures = Figures { item: item.id, title: item.title, ..Figures::default() };
        let first = match self.first_answer(item, seats[0])? {
            Ok(first) => first,
            Err(refusal) => return Ok(Figures { skipped: Some(refusal), ..figures }),
        };
        let (address, db) = self.counting;
        let statements = inside::statements(address, db, item, self.world, seats[0])?;
        let target = Target {
            address: self.gateway.address,
            seats: &seats,
            connections: self.options.connections,
            success: &first,
        };
        let make = |seat: &Seat, rng: &mut Rng| (item.make)(self.world, seat, rng);
        load::drive(target, &make, self.options.time / 10)?;
        let before = (process::cpu(self.gateway.pid()), self.database_cpu());
        let measured = load::drive(target, &make, self.options.time)?;
        let after = (process::cpu(self.gateway.pid()), self.database_cpu());
        let memory_mb = process::memory(self.gateway.pid(), false);
        let each = |seconds: f64| seconds * 1e6 / (measured.successes + measured.errors).max(1) as f64;
        let counts = (self.readers(), self.options.connections);
        Ok(Figures {
            per_second: measured.rate(),
            p50_ms: measured.p50_ms,
            p99_ms: measured.p99_ms,
            cpu_us: each(after.0 - before.0),
            database_cpu_us: self.database.map(|_| each(after.1 - before.1)),
            generator_cpu_us: each(measured.own_cpu),
            statements,
            bytes: measured.bytes,
            requests: measured.successes,
            errors: measured.errors,
            first_error: measured.first_error.clone(),
            memory_mb,
            fixed: Some(self.fixed(item, &seats, &measured)?),
            looped: loops::rate(item.id, self.services, &seats, self.world, counts, self.options.time / 2)?,
            ..figures
        })
    }

    fn database_cpu(&self) -> f64 {
        self.database.map_or(0.0, process::family_cpu)
    }

    /// How the first answer begins when it is a success, up to its first comma; else what was answered.
    fn first_answer(&self, item: &Item, seat: &Seat) -> Result<Result<String, String>> {
        let Some(request) = (item.make)(self.world, seat, &mut Rng::with_seed(1)) else {
            return Ok(Err("there is nothing to ask for".to_owned()));
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut connection = Connection::open(self.gateway.address).await?;
            let answer = connection.send(&request.bytes(Some(&seat.token))).await?;
            let text = String::from_utf8_lossy(answer.body).into_owned();
            let body: Value = serde_json::from_slice(answer.body).unwrap_or(Value::Null);
            let success = body["status"] == 0 || body["code"] == 0 || body["result"] == 1;
            Ok(match success && answer.status == 200 {
                true => Ok(text.split(',').next().unwrap_or_default().to_owned()),
                false => Err(format!("{} {}", answer.status, text.chars().take(200).collect::<String>())),
            })
        })
    }

    /// The same requests answered with a fixed text as long as the gateway's answers were.
    fn fixed(&self, item: &Item, seats: &[&Seat], measured: &Measured) -> Result<f64> {
        let target = Target { address: self.fixed.address, seats, connections: self.options.connections, success: "x" };
        let path = format!("/{}", measured.bytes.max(1));
        let plain = Request::get(path.clone());
        let question = (item.make)(self.world, seats[0], &mut Rng::with_seed(1)).map_or(plain, |asked| asked.at(path));
        let make = |_: &Seat, _: &mut Rng| Some(question.clone());
        load::drive(target, &make, self.options.time / 20)?;
        Ok(load::drive(target, &make, self.options.time / 2)?.rate())
    }
}
