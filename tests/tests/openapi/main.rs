//! The document of the API against what is served. That every answer of every test is in it is held by the
//! client of the tests (`crm_tests::contract`).

mod examples;
mod parameters;

use std::collections::{BTreeMap, BTreeSet};

use crm_db::Engine;
use crm_gateway::openapi;
use crm_tests::Server;
use crm_tests::contract::DOCUMENT;
use serde_json::Value;

/// Every operation of the document: path, method and what is said of it.
fn operations() -> impl Iterator<Item = (&'static str, String, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().expect("methods");
        methods.iter().map(|(method, operation)| (path.as_str(), method.to_ascii_uppercase(), operation))
    })
}

#[test]
fn what_is_served_is_documented_and_what_is_documented_is_served() {
    let endpoints = crm_gateway::endpoints();
    let routes = endpoints.iter().flat_map(|one| one.verb.methods().iter().map(|method| (one.path, *method)));
    let system = crm_gateway::system_paths().map(|path| (path, "GET"));
    let served: BTreeSet<(&str, String)> =
        routes.chain(system).map(|(path, method)| (path, method.to_owned())).collect();
    let documented: BTreeSet<(&str, String)> = operations().map(|(path, method, _)| (path, method)).collect();
    assert_eq!(served, documented);
    assert!(served.len() > 110, "{}", served.len());
    // The tables are what the server makes its routes of; it is asked all the same.
    let Some(server) = Server::start(Engine::Sqlite, &[]) else { return };
    let methods: BTreeMap<&str, BTreeSet<String>> =
        documented.into_iter().fold(BTreeMap::new(), |mut all, (path, method)| {
            all.entry(path).or_insert_with(BTreeSet::new).insert(method);
            all
        });
    for (path, methods) in methods {
        let answer = server.anonymous().send("PUT", &path.replace("{uniacid}", "1"), &[], None);
        assert_eq!(answer.status, 405, "{path}");
        let allow = answer.headers["allow"].to_str().expect("text");
        assert_eq!(allow.split(", ").map(str::to_owned).collect::<BTreeSet<_>>(), methods, "{path}");
    }
}

#[test]
fn the_document_is_served_without_a_session_as_the_program_prints_it() {
    let Some(server) = Server::start(Engine::Sqlite, &[]) else { return };
    let answer = server.anonymous().get("/openapi.json");
    assert_eq!((answer.status, answer.text.as_str()), (200, openapi::text()));
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    assert_eq!(&answer.body, &*DOCUMENT);
}

#[test]
fn the_viewer_loads_nothing_from_elsewhere() {
    let Some(server) = Server::start(Engine::Sqlite, &[]) else { return };
    let page = server.anonymous().get("/docs");
    let policy = page.headers["content-security-policy"].to_str().expect("text");
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(!page.text.contains("//"), "{}", page.text);
    let sources = page.text.split(['"']).filter(|text| text.starts_with("docs/"));
    let mut loaded = 0;
    for source in sources {
        let file = server.anonymous().get(&format!("/{source}"));
        assert!(file.status == 200 && file.text.len() > 50, "{source}: {}", file.status);
        assert_eq!(file.headers["x-content-type-options"], "nosniff");
        loaded += 1;
    }
    assert_eq!(loaded, 3);
}

#[test]
fn every_operation_says_what_it_is_for_and_under_which_name() {
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations() {
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}");
        assert!(ids.insert(operation["operationId"].as_str().expect("an id")), "{method} {path}");
    }
    // Two types of one name would be told apart by numbers that change when a route comes in between.
    for name in DOCUMENT["components"]["schemas"].as_object().expect("schemas").keys() {
        let is_numbered = name.ends_with(|last: char| last.is_ascii_digit()) && !name.ends_with("V2");
        assert!(!is_numbered, "{name}: give it a name of its own with #[schemars(rename)]");
    }
}

#[test]
fn every_failure_has_an_example_that_is_one() {
    for (path, method, operation) in operations() {
        for (status, response) in operation["responses"].as_object().expect("responses") {
            let Some(content) = response["content"].get("application/json").filter(|_| status != "200") else {
                continue;
            };
            let status = status.parse().expect("a number");
            let wrong = crm_tests::contract::differences(path, &method, status, &content["example"]);
            assert!(wrong.is_empty(), "{method} {path} {status}: {wrong:?}");
        }
    }
}

#[test]
fn a_field_too_many_and_a_field_too_few_are_noticed() {
    let path = "/api/customers/customers";
    let example = &DOCUMENT["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["example"];
    let differences = |body: &Value| crm_tests::contract::differences(path, "GET", 200, body);
    assert!(differences(example).is_empty());
    let (mut more, mut less, mut nested) = (example.clone(), example.clone(), example.clone());
    more["data"][0]["surprise"] = Value::Null;
    less["data"][0].as_object_mut().expect("a row").remove("note");
    nested["data"][0]["team"][0]["surprise"] = Value::Null;
    for body in [more, less, nested] {
        assert_eq!(differences(&body).len(), 1, "{body}");
    }
}
