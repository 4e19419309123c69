//! A disk that fills up while clients write.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use crm_db::Engine;
use crm_tests::PASSWORD;
use serde_json::json;

use crate::books::Books;
use crate::ground::{Ground, Running, until};
use crate::report::Section;
use crate::whole;
use crate::wire::{Connection, Request, ask};
use crate::world::World;
use crate::writers::{Journal, all_write};

const PATIENCE: Duration = Duration::from_secs(10);
/// The size of the disk: a migrated database, its journal of 16 MiB and some more.
const SIZE: &str = "48m";

/// What runs out, and how there is room again.
enum Disk {
    /// A small file system of its own, filled to its end by a file beside the database.
    Mounted(PathBuf),
    /// Where nothing can be mounted: how large the gateway's files may get.
    Limited,
}

/// Plays it.
///
/// # Errors
/// When the scenario itself cannot be played.
pub(crate) fn play(ground: &mut Ground<'_>, section: &mut Section<'_>) -> Result<()> {
    let disk = Disk::make(ground)?;
    let (cluster, engine) = (ground.cluster, ground.engine);
    match (&disk, engine, cluster) {
        (Disk::Mounted(folder), Engine::Sqlite, _) => ground.url = format!("sqlite://{}/crm.db", folder.display()),
        (Disk::Mounted(folder), Engine::Postgres, Some(cluster)) => {
            cluster.programs().give(folder).map_err(|error| anyhow!(error))?;
            let space = format!("CREATE TABLESPACE small LOCATION '{}'", folder.display());
            let moved = "ALTER DATABASE disk SET TABLESPACE small";
            cluster.execute("postgres", &[&space, moved]).map_err(|error| anyhow!(error))?;
        }
        (Disk::Limited, Engine::Sqlite, _) => {}
        (Disk::Limited, ..) => {
            let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
            section.line("not played: no file system can be mounted here", "-", !ci);
            return Ok(());
        }
        _ => return Ok(()),
    }
    section.note("the disk", disk.shown());
    let result = fill(ground, &disk, section);
    if let (Disk::Mounted(_), Some(cluster)) = (&disk, cluster) {
        let drop = ["DROP DATABASE IF EXISTS disk WITH (FORCE)", "DROP TABLESPACE IF EXISTS small"];
        cluster.execute("postgres", &drop).map_err(|error| anyhow!(error))?;
    }
    result
}

fn fill(ground: &Ground<'_>, disk: &Disk, section: &mut Section<'_>) -> Result<()> {
    let running = disk.start(ground)?;
    let world = World::make(&running, 8)?;
    let mut journals: Vec<Journal> =
        (0..16).map(|number| Journal::new(number, world.seats[number % 8].clone(), 9).insisting()).collect();
    let refused = |journals: &[Journal]| journals.iter().map(|journal| journal.refused).sum::<usize>();
    let write = |journals: &mut [Journal], during: Duration| {
        all_write(journals, &[running.address], &world, || std::thread::sleep(during));
    };
    write(&mut journals, Duration::from_secs(1));
    section.line("answers 503 while there was room", refused(&journals), refused(&journals) == 0);
    disk.fill(&running)?;
    // There may be room for some more in what has been taken already.
    write(&mut journals, Duration::from_secs(4));
    let full = refused(&journals);
    section.line("writes answered 503 on the full disk", full, full > 0);
    let token = world.seats[0].token.as_str();
    beside(&running, token, section)?;
    disk.free(&running)?;
    let organization = json!({"groupName": "又有空间"});
    let again = Request::post("/api/customers/organization", token, &organization);
    let back = until(PATIENCE, || ask(running.address, &again, PATIENCE).is_ok_and(|answer| answer.status == 200));
    section.line("writes work again, without a restart, after", format!("{back:.1?}"), back.is_some());
    let acknowledged: usize = journals.iter().map(|journal| journal.acknowledged).sum();
    write(&mut journals, Duration::from_secs(1));
    let after: usize = journals.iter().map(|journal| journal.acknowledged).sum();
    section.line(
        "acknowledged writes before, and after",
        format!("{acknowledged}, {}", after - acknowledged),
        after > acknowledged,
    );
    let improper: Vec<String> = journals.iter().flat_map(|journal| journal.improper.clone()).collect();
    let cut_off: Vec<String> = journals.iter().filter_map(|journal| journal.cut_off.clone()).collect();
    section.none("improper answers", &improper);
    section.none("connections cut off", &cut_off);
    let found = Books::read(&ground.db()?)?.compare(&mut journals);
    section.none("acknowledged writes lost or changed", &found.lost);
    section.none("written twice, in part, or asked for by nobody", &found.wrong);
    section.none("broken rules (integrity among them)", &whole::check(&ground.db()?)?);
    Ok(())
}

/// Reads and sign-ins while nothing can be written.
fn beside(running: &Running, token: &str, section: &mut Section<'_>) -> Result<()> {
    let mut connection = Connection::open(running.address, PATIENCE)?;
    let paths =
        ["/api/customers/customers?count=100", "/api/user/profile", "/api/contract/contract", "/healthz", "/readyz"];
    let mut failed = Vec::new();
    for path in paths.iter().cycle().take(50) {
        let answer = connection.send(&Request::get(path, token))?;
        if answer.status != 200 {
            failed.push(format!("{path}: {}", answer.shown()));
        }
    }
    section.none("of 50 reads on the full disk that failed", &failed);
    let sign_in = json!({"phoneNumber": "13900000001", "password": PASSWORD});
    let request = Request { token: None, ..Request::post("/api/user/login", token, &sign_in) };
    let answer = connection.send(&request)?;
    section.line("a sign-in on the full disk", answer.status, answer.is_proper_503() || answer.status == 200);
    let wrong = json!({"phoneNumber": "13900000001", "password": "another password"});
    let request = Request { token: None, ..Request::post("/api/user/login", token, &wrong) };
    let answer = connection.send(&request)?;
    section.line("one with a wrong password", answer.status, answer.is_proper_503() || answer.status == 401);
    Ok(())
}

impl Disk {
    fn make(ground: &Ground<'_>) -> Result<Self> {
        let folder = ground.folder.join("small");
        fs::create_dir_all(&folder)?;
        let size = if ground.engine == Engine::Sqlite { SIZE } else { "32m" };
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(&folder).output();
        Ok(match mounted {
            Ok(output) if output.status.success() => Self::Mounted(folder),
            _ => Self::Limited,
        })
    }

    fn shown(&self) -> &'static str {
        match self {
            Self::Mounted(_) => "a file system of its own",
            Self::Limited => "a limit on the size of files: nothing can be mounted here",
        }
    }

    fn start(&self, ground: &Ground<'_>) -> Result<Running> {
        let serve = ground.serve(&[]);
        if matches!(self, Self::Mounted(_)) {
            return Running::of(serve);
        }
        // A file that may not grow must be an error, as on a full disk, and not the end of the program.
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$0\" serve"]).arg(serve.get_program()).env_clear();
        command.envs(serve.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Running::of(command)
    }

    fn fill(&self, running: &Running) -> Result<()> {
        match self {
            Self::Mounted(folder) => {
                // Until nothing more fits; how that fails is the point.
                let _ = Command::new("dd").args(["if=/dev/zero", "bs=4096"]).arg(of(folder)).output();
                Ok(())
            }
            Self::Limited => limit(running, "65536:unlimited"),
        }
    }

    fn free(&self, running: &Running) -> Result<()> {
        match self {
            Self::Mounted(folder) => Ok(fs::remove_file(folder.join("filler"))?),
            Self::Limited => limit(running, "unlimited:unlimited"),
        }
    }
}

fn of(folder: &Path) -> String {
    format!("of={}", folder.join("filler").display())
}

fn limit(running: &Running, size: &str) -> Result<()> {
    let pid = running.gateway.pid().to_string();
    let status = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={size}")]).status();
    ensure!(status.context("prlimit (of util-linux)")?.success(), "the limit cannot be set");
    Ok(())
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Self::Mounted(folder) = self {
            // Nobody is in it any more, or will be when the gateway has ended.
            let _ = Command::new("umount").arg("-l").arg(folder).status();
        }
    }
}
