//! The program in a process of its own, for what a process alone shows: its log, and its death.
//!
//! The child is the test binary again, told to run one test, which serves. Every test file that starts
//! children has that test: `#[test] fn serves() { crm_tests::child::serve_if_asked() }`.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use clap::Parser;
use crm_gateway::commands::Cli;

const ASKED: &str = "CRM_TEST_SERVES";

/// A gateway in a process of its own. It is killed when this is dropped.
pub struct Gateway {
    child: Child,
    /// `http://127.0.0.1:port`
    pub url: String,
    log: Option<JoinHandle<String>>,
}

impl Gateway {
    /// Starts one over this database with these settings.
    pub fn start(database_url: &str, settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("the path of this program"));
        command
            .args(["--exact", "serves", "--nocapture", "--test-threads=1"])
            .envs([(ASKED, "1"), ("DATABASE_URL", database_url), ("CRM_LISTEN", "127.0.0.1:0")])
            .envs([("CRM_PASSWORD_COST", "4"), ("CRM_WORKERS", "2")])
            .envs(settings.iter().copied());
        Self::run(command)
    }

    /// Starts a program that serves and says where it listens.
    pub fn run(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut errors = child.stderr.take().expect("it is piped");
        let log = std::thread::spawn(move || {
            let mut text = Vec::new();
            errors.read_to_end(&mut text).expect("the log can be read");
            String::from_utf8_lossy(&text).into_owned()
        });
        let mut output = BufReader::new(child.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
        let url = output.find_map(|line| line.split_once("listening on ").map(|(_, url)| url.to_owned()));
        // What it prints after that is nobody's, but it must not be stopped by a full pipe.
        std::thread::spawn(move || output.for_each(drop));
        match url {
            Some(url) => Self { child, url, log: Some(log) },
            None => panic!("it never listened: {}", log.join().expect("the log is read")),
        }
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it SIGTERM.
    pub fn terminate(&self) {
        let status = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.pid())]).status();
        assert!(status.expect("a shell").success(), "it can be told to stop");
    }

    /// What it ended with, if it ends within this time.
    pub fn wait(&mut self, within: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + within;
        loop {
            match self.child.try_wait().expect("it can be asked") {
                Some(status) => return Some(status),
                None if Instant::now() > until => return None,
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// Ends it as `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Ends it, and gives what it has logged.
    pub fn stop(mut self) -> String {
        self.kill();
        self.log.take().expect("it was not stopped before").join().expect("the log is read")
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // One that has been killed before cannot be killed again.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves until it is killed, where this process was started for that.
pub fn serve_if_asked() {
    if std::env::var_os(ASKED).is_some() {
        Cli::parse_from(["crm-gateway", "serve"]).run().expect("it serves");
    }
}
