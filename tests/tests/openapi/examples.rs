//! The examples of the document are real answers. `UPDATE_EXAMPLES=1` takes them again.

use std::collections::BTreeMap;
use std::path::Path;

use crm_db::Engine;
use crm_tests::contract::template;
use crm_tests::{Answer, Server, story};
use serde_json::{Value, json};

use super::operations;

/// These are too long to be shown, or the document itself.
const WITHOUT: &[&str] =
    &["/docs", "/docs/start.js", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "/openapi.json"];

/// What differs from run to run, and what it is shown as.
const CHANGING: &[(&str, &str)] = &[
    ("token", "25efdf06a1c3e7b2d4f6089b1a3c5d7e25efdf06a1c3e7b2d4f6089b1a3c5d7e"),
    ("initial_password", "5tqf5ynn8qqb"),
    ("user_agent", "Mozilla/5.0"),
];

fn steady(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match CHANGING.iter().find(|(changing, _)| changing == name) {
                    Some((_, shown)) if value.is_string() => *value = json!(shown),
                    _ => steady(value),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(steady),
        _ => {}
    }
}

fn shown(path: &str, answer: &Answer) -> Value {
    if path == "/metrics" {
        let lines = answer.text.lines().filter(|line| line.contains("crm_build_info"));
        return Value::from(lines.collect::<Vec<_>>().join("\n") + "\n");
    }
    let mut body = if answer.body.is_null() { Value::from(answer.text.as_str()) } else { answer.body.clone() };
    steady(&mut body);
    body
}

/// The first success of each operation, by its id.
fn answered() -> BTreeMap<String, Value> {
    let server = Server::start(Engine::Sqlite, story::FLAGS).expect("SQLite is always there");
    let mut found = BTreeMap::new();
    story::tell(&server, |method, path, answer| {
        let path = path.split('?').next().expect("a path");
        let path = template(path).expect("it is documented");
        let (.., operation) =
            operations().find(|(one, its, _)| *one == path && its == method).expect("it is documented");
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text);
        let id = operation["operationId"].as_str().expect("an id").to_owned();
        found.entry(id).or_insert_with(|| shown(path, answer));
    });
    found
}

#[test]
fn every_operation_has_an_example_that_is_a_real_answer() {
    let answered = answered();
    for (path, method, operation) in operations().filter(|(path, ..)| !WITHOUT.contains(path)) {
        let id = operation["operationId"].as_str().expect("an id");
        assert!(answered.contains_key(id), "{method} {path} is not in the story");
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway/src/openapi/examples.json");
    let text = format!("{:#}\n", json!(answered));
    if std::env::var_os("UPDATE_EXAMPLES").is_some() {
        std::fs::write(&file, &text).expect("the examples are written");
    }
    let kept: BTreeMap<String, Value> =
        serde_json::from_str(&std::fs::read_to_string(&file).expect("the examples")).expect("JSON");
    let changed: Vec<&String> =
        answered.iter().filter(|(id, value)| kept.get(*id) != Some(*value)).map(|(id, _)| id).collect();
    assert!(
        changed.is_empty() && kept.len() == answered.len(),
        "no longer what is answered: {changed:?}; UPDATE_EXAMPLES=1 takes them again"
    );
}
