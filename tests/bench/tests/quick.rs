//! The benchmark works from end to end: on little data, for a blink per item, on both engines.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Whether the gateway has the route of this item at all.
fn is_served(item: &str) -> bool {
    let path = match item {
        "W8" => "/api/v2/customers",
        "W9" => "/CrmDashboard/getCustomerData",
        "W11" => "/api/customers/claim",
        _ => return true,
    };
    crm_gateway::endpoints().iter().any(|endpoint| endpoint.path.ends_with(path))
}

#[test]
fn every_work_item_is_measured_beside_its_limits_on_both_engines() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
    let program = env!("CARGO_BIN_EXE_crm-bench");
    let output = Command::new(program)
        .args(["--quick", "--seconds", "0.05", "--connections", "8", "--gateway", program, "--folder"])
        .arg(&folder)
        .output()
        .expect("the benchmark runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");

    let report = std::fs::read(folder.join("report.json")).expect("a report");
    let report: Value = serde_json::from_slice(&report).expect("the report is JSON");
    let runs = report["runs"].as_array().expect("runs");
    let must_have_postgres = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(runs.len() == 2 || (runs.len() == 1 && !must_have_postgres), "{said}");
    for run in runs {
        for figures in run["figures"].as_array().expect("figures") {
            let shown = format!("{} {figures}", run["engine"]);
            if !is_served(figures["item"].as_str().expect("an item")) {
                continue;
            }
            assert!(figures["skipped"].is_null(), "{shown}");
            assert!(figures["requests"].as_u64() > Some(0), "{shown}");
            assert_eq!(figures["errors"], 0, "{shown}");
            assert!(figures["fixed"].as_f64() > Some(0.0), "{shown}");
            assert!(figures["statements"].as_f64() > Some(0.0), "{shown}");
        }
        for looped in ["W1", "W2", "W5", "W6"] {
            let of = |figures: &&Value| figures["item"] == looped;
            let figures = run["figures"].as_array().and_then(|all| all.iter().find(of)).expect(looped);
            assert!(figures["looped"].as_f64() > Some(0.0), "{figures}");
        }
        assert!(run["flood"]["beside"].as_f64() > Some(0.0), "{run}");
        if run["engine"] == "PostgreSQL" {
            assert!(run["pgbench"][0].as_f64() > Some(0.0), "{}", run["pgbench_failed"]);
        }
    }
    let page = std::fs::read_to_string(folder.join("report.md")).expect("a page");
    assert!(page.contains("## Goals") && page.contains("W12"), "{page}");
    let chart = std::fs::read_to_string(folder.join("chart.svg")).expect("a chart");
    assert!(chart.starts_with("<svg") && chart.contains("W1 "), "{chart}");
}
