//! A few kills, one SIGTERM and one restart of PostgreSQL, each with everything checked that `make torture`
//! checks after many.

use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The scenarios that take seconds. The others wait for timeouts.
const ONLY: &str = "kill,sigterm,pgrestart,backup";

fn start(engine: &str) -> Child {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("torture-{engine}"));
    let program = env!("CARGO_BIN_EXE_crm-torture");
    Command::new(program)
        .args(["--quick", "--only", ONLY, "--engines", engine, "--gateway", program, "--folder"])
        .arg(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts")
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_half_done() {
    let running = ["sqlite", "postgres"].map(|engine| (engine, start(engine)));
    for (engine, child) in running {
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let played = said.contains("from restart to the first answer") && said.contains("until it ended, with 0");
        assert!(played || (engine == "postgres" && said.contains("not played")), "{said}");
    }
}
