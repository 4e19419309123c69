//! What is counted, in the text form Prometheus reads.
//!
//! Requests are counted by route pattern, never by path. Each route has its histograms at hand, so that
//! counting one is a few atomic additions: no lock and no label is made.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use anyhow::Context;
use crm_core::Error;
use crm_db::{Db, Engine};
use prometheus::core::Collector;
use prometheus::{
    CounterVec, Encoder, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder,
};

/// Upper ends of the buckets of durations, in seconds: from a cached read to the deadline.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
/// The statuses that are answered; any other is `other`.
const STATUSES: [(u16, &str); 16] = [
    (200, "200"),
    (204, "204"),
    (302, "302"),
    (304, "304"),
    (400, "400"),
    (401, "401"),
    (403, "403"),
    (404, "404"),
    (405, "405"),
    (409, "409"),
    (413, "413"),
    (415, "415"),
    (429, "429"),
    (500, "500"),
    (503, "503"),
    (0, "other"),
];

/// The counters of one application. Cloning it is cheap and shares them.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Registry,
    started: Instant,
    requests: HistogramVec,
    repeated: IntCounter,
    sign_ins: IntCounterVec,
    jobs: Jobs,
    pools: Pools,
    uptime: Gauge,
    memory: IntGauge,
}

#[derive(Debug)]
struct Jobs {
    runs: IntCounterVec,
    last_success: GaugeVec,
    last_duration: GaugeVec,
}

#[derive(Debug)]
struct Pools {
    connections: IntGaugeVec,
    max: IntGaugeVec,
    lent: IntCounterVec,
    waited: CounterVec,
    timeouts: IntCounterVec,
    /// What the database has counted is added by one reader at a time.
    reading: Mutex<()>,
}

/// What is counted of one route and method.
#[derive(Debug)]
pub(crate) struct Route {
    /// The pattern of its path.
    pub(crate) pattern: String,
    method: &'static str,
    requests: HistogramVec,
    by_status: [OnceLock<Histogram>; STATUSES.len()],
}

impl Route {
    /// Counts a request that was answered with this status after this long.
    pub(crate) fn served(&self, status: u16, after: Duration) {
        let known = STATUSES.iter().zip(&self.by_status).find(|((number, _), _)| *number == status || *number == 0);
        if let Some(((_, name), histogram)) = known {
            histogram
                .get_or_init(|| self.requests.with_label_values(&[self.pattern.as_str(), self.method, name]))
                .observe(after.as_secs_f64());
        }
    }
}

/// The methods there are; a client may send any word.
pub(crate) fn method_name(method: &str) -> &'static str {
    const METHODS: [&str; 7] = ["GET", "POST", "DELETE", "OPTIONS", "HEAD", "PUT", "PATCH"];
    METHODS.into_iter().find(|known| *known == method).unwrap_or("other")
}

impl Metrics {
    /// Nothing counted yet.
    ///
    /// # Errors
    /// When a name is given twice, which is a defect.
    pub fn new(db: &Db) -> anyhow::Result<Self> {
        let registry = Registry::new();
        let duration = HistogramOpts::new(
            "crm_http_request_duration_seconds",
            "How long requests took, by route pattern, method and status",
        );
        let requests = HistogramVec::new(duration.buckets(BUCKETS.to_vec()), &["route", "method", "status"])?;
        let repeated =
            IntCounter::new("crm_http_repeated_total", "Requests answered as they were before, by Idempotency-Key")?;
        let sign_ins =
            int_counters("crm_sign_ins_total", "Attempts to sign in: ok, refused, throttled or failed", "outcome")?;
        let uptime = Gauge::new("crm_uptime_seconds", "How long the process has been serving")?;
        let memory = IntGauge::new("process_resident_memory_bytes", "Resident memory")?;
        for outcome in ["ok", "refused", "throttled", "failed"] {
            sign_ins.with_label_values(&[outcome]);
        }
        let inner = Inner {
            started: Instant::now(),
            requests,
            repeated,
            sign_ins,
            jobs: Jobs::new()?,
            pools: Pools::new()?,
            uptime,
            memory,
            registry,
        };
        inner.register(db).context("metrics")?;
        Ok(Self(Arc::new(inner)))
    }

    /// What is counted of this route and method.
    pub(crate) fn route(&self, pattern: &str, method: &'static str) -> Arc<Route> {
        let by_status = std::array::from_fn(|_| OnceLock::new());
        Arc::new(Route { pattern: pattern.to_owned(), method, requests: self.0.requests.clone(), by_status })
    }

    /// Counts a request that was answered as it was before.
    pub(crate) fn repeated(&self) {
        self.0.repeated.inc();
    }

    /// Counts an attempt to sign in, and how it failed.
    pub(crate) fn sign_in(&self, failure: Option<&Error>) {
        let outcome = match failure {
            None => "ok",
            Some(Error::TooManyRequests { .. }) => "throttled",
            Some(Error::InvalidCredentials | Error::Invalid(_)) => "refused",
            Some(_) => "failed",
        };
        self.0.sign_ins.with_label_values(&[outcome]).inc();
    }

    /// Counts a run of a background task.
    pub(crate) fn job(&self, name: &str, ok: bool, took: Duration) {
        let jobs = &self.0.jobs;
        jobs.runs.with_label_values(&[name, if ok { "ok" } else { "failed" }]).inc();
        jobs.last_duration.with_label_values(&[name]).set(took.as_secs_f64());
        if ok {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            jobs.last_success.with_label_values(&[name]).set(now.as_secs_f64());
        }
    }

    /// Everything, as text.
    ///
    /// # Errors
    /// When it cannot be written as text, which is a defect.
    pub(crate) fn text(&self, db: &Db) -> prometheus::Result<String> {
        self.0.pools.read(db);
        self.0.uptime.set(self.0.started.elapsed().as_secs_f64());
        if let Some(bytes) = resident_memory() {
            self.0.memory.set(bytes);
        }
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.0.registry.gather(), &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

impl Inner {
    fn register(&self, db: &Db) -> prometheus::Result<()> {
        let engine = match db.engine() {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        };
        let build = int_gauges(
            "crm_build_info",
            "The version of the program and the database it runs on",
            &["version", "engine"],
        )?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION"), engine]).set(1);
        let Jobs { runs, last_success, last_duration } = &self.jobs;
        let Pools { connections, max, lent, waited, timeouts, reading: _ } = &self.pools;
        let mut all: Vec<Box<dyn Collector>> = vec![
            Box::new(build),
            Box::new(self.requests.clone()),
            Box::new(self.repeated.clone()),
            Box::new(self.sign_ins.clone()),
            Box::new(runs.clone()),
            Box::new(last_success.clone()),
            Box::new(last_duration.clone()),
            Box::new(connections.clone()),
            Box::new(max.clone()),
            Box::new(lent.clone()),
            Box::new(waited.clone()),
            Box::new(timeouts.clone()),
            Box::new(self.uptime.clone()),
        ];
        // Where the system does not tell, there is no such number: 0 would be a lie.
        if resident_memory().is_some() {
            all.push(Box::new(self.memory.clone()));
        }
        all.into_iter().try_for_each(|metric| self.registry.register(metric))
    }
}

impl Jobs {
    fn new() -> prometheus::Result<Self> {
        Ok(Self {
            runs: IntCounterVec::new(
                Opts::new("crm_job_runs_total", "Runs of background tasks in this process"),
                &["job", "outcome"],
            )?,
            last_success: gauges(
                "crm_job_last_success_timestamp_seconds",
                "When a task last succeeded here",
                &["job"],
            )?,
            last_duration: gauges("crm_job_last_duration_seconds", "How long a task took the last time", &["job"])?,
        })
    }
}

impl Pools {
    fn new() -> prometheus::Result<Self> {
        let pool: &[&str] = &["pool"];
        Ok(Self {
            connections: int_gauges(
                "crm_db_pool_connections",
                "Open database connections, in_use or idle",
                &["pool", "state"],
            )?,
            max: int_gauges("crm_db_pool_max_connections", "Database connections that may be open", pool)?,
            lent: int_counters("crm_db_pool_lent_total", "Times a connection was lent", "pool")?,
            waited: CounterVec::new(
                Opts::new("crm_db_pool_wait_seconds_total", "How long was waited for connections"),
                pool,
            )?,
            timeouts: int_counters("crm_db_pool_timeouts_total", "Times no connection was free in time", "pool")?,
            reading: Mutex::new(()),
        })
    }

    fn read(&self, db: &Db) {
        let _one_at_a_time = self.reading.lock();
        for pool in db.pools() {
            let name = &[pool.name];
            self.connections.with_label_values(&[pool.name, "in_use"]).set(pool.in_use.into());
            self.connections.with_label_values(&[pool.name, "idle"]).set(pool.idle.into());
            self.max.with_label_values(name).set(pool.max.into());
            let (lent, timeouts) = (self.lent.with_label_values(name), self.timeouts.with_label_values(name));
            lent.inc_by(pool.lent.saturating_sub(lent.get()));
            timeouts.inc_by(pool.timeouts.saturating_sub(timeouts.get()));
            let waited = self.waited.with_label_values(name);
            waited.inc_by((pool.waited.as_secs_f64() - waited.get()).max(0.0));
        }
    }
}

fn int_counters(name: &str, help: &str, label: &str) -> prometheus::Result<IntCounterVec> {
    IntCounterVec::new(Opts::new(name, help), &[label])
}

fn int_gauges(name: &str, help: &str, labels: &[&str]) -> prometheus::Result<IntGaugeVec> {
    IntGaugeVec::new(Opts::new(name, help), labels)
}

fn gauges(name: &str, help: &str, labels: &[&str]) -> prometheus::Result<GaugeVec> {
    GaugeVec::new(Opts::new(name, help), labels)
}

/// What the process holds in memory, in bytes, where the system tells it as Linux does.
fn resident_memory() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: i64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}
