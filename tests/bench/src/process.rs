//! The programs under load as processes of their own, and what the kernel says of them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::client::{Connection, Request};

/// The kernel counts processor time in hundredths of a second for programs, whatever it does itself.
const TICKS_PER_SECOND: f64 = 100.0;
/// How long a server may take to answer for the first time.
const START_TIME: Duration = Duration::from_secs(60);

/// A server that is stopped when this is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// From its start to its first answer.
    pub(crate) started_in: Duration,
}

impl Server {
    /// Starts a program that says `listening on http://<address>` and waits until `path` answers 200.
    ///
    /// # Errors
    /// When it does not get that far.
    pub(crate) fn start(command: &mut Command, path: &str) -> Result<Self> {
        let shown = format!("{command:?}");
        let begun = Instant::now();
        // What it logs is formatted and written as always, and kept nowhere: a disk of its own for the
        // log is what production has, and the one disk here is the database's.
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {shown}"))?;
        let said = child.stdout.take().context("no output")?;
        let address = BufReader::new(said)
            .lines()
            .map_while(|line| line.ok())
            .find_map(|line| line.strip_prefix("listening on http://").and_then(|address| address.trim().parse().ok()));
        let Some(address) = address else {
            let _ = child.kill();
            let status = child.wait()?;
            bail!("{shown} ended with {status} before it listened: run it by hand to see why");
        };
        let mut server = Self { child, address, started_in: Duration::ZERO };
        server.wait_for(path, begun)?;
        server.started_in = begun.elapsed();
        Ok(server)
    }

    fn wait_for(&self, path: &str, begun: Instant) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let request = Request::get(path).bytes(None);
        while begun.elapsed() < START_TIME {
            let asked = runtime.block_on(async {
                let mut connection = Connection::open(self.address).await?;
                connection.send(&request).await.map(|answer| answer.status)
            });
            if matches!(asked, Ok(200)) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        bail!("{} does not answer {path}", self.address)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked to first, so that the next start finds a database that was closed.
        let asked = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.child.id())]).status();
        if asked.is_ok_and(|status| status.success()) {
            for _ in 0..200 {
                if matches!(self.child.try_wait(), Ok(Some(_))) {
                    return;
                }
                std::thread::sleep(Duration::from_millis(25));
            }
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The fields of `/proc/<pid>/stat` after the program's name.
fn stat(pid: &str) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

fn seconds(stat: &[String]) -> f64 {
    let ticks = |index: usize| stat.get(index).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / TICKS_PER_SECOND
}

/// Seconds of processor time a process has taken; 0 when there is none.
pub(crate) fn cpu(pid: u32) -> f64 {
    stat(&pid.to_string()).map_or(0.0, |stat| seconds(&stat))
}

/// Seconds of processor time this program has taken.
pub(crate) fn own_cpu() -> f64 {
    cpu(std::process::id())
}

/// Seconds of processor time a process and its living children have taken: a PostgreSQL server.
pub(crate) fn family_cpu(pid: u32) -> f64 {
    let parent = pid.to_string();
    let children = fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| {
        let stat = stat(entry.file_name().to_str().filter(|name| name.bytes().all(|b| b.is_ascii_digit()))?)?;
        (stat.get(1) == Some(&parent)).then(|| seconds(&stat))
    });
    cpu(pid) + children.sum::<f64>()
}

/// Resident memory of a process in MB (10⁶ bytes): now, or at its highest.
pub(crate) fn memory(pid: u32, highest: bool) -> f64 {
    let name = if highest { "VmHWM:" } else { "VmRSS:" };
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) * 1024.0 / 1e6
}
