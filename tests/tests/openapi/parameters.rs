//! The parameters of the document are those the served routes read.

use std::collections::BTreeSet;

use crm_db::Engine;
use crm_gateway::http::{Access, Endpoint, Kind, Parameter, Reader, Verb};
use crm_tests::{Answer, Client, Server};
use serde_json::{Map, Value, json};

/// What is no value of any kind.
fn wrong_in_json(parameter: &Parameter) -> Value {
    if parameter.kind == Kind::Object { json!("nonsense") } else { json!({"wrong": true}) }
}

/// In a query everything is text: a single value is wrong when it comes twice.
fn wrong_in_query(parameter: &Parameter) -> String {
    let name = &parameter.name;
    match parameter.kind {
        Kind::Ids(_) | Kind::Days => format!("{name}=x"),
        _ => format!("{name}=1&{name}=1"),
    }
}

fn send(client: &Client, endpoint: &Endpoint, parameters: &[Parameter]) -> Answer {
    let path = endpoint.path.replace("{uniacid}", "1");
    match endpoint.verb {
        Verb::Get => {
            let wrong = parameters.iter().map(wrong_in_query).collect::<Vec<_>>().join("&");
            client.get(&format!("{path}?{wrong}"))
        }
        Verb::Post | Verb::PostOrQuery | Verb::Delete => {
            let wrong: Map<String, Value> =
                parameters.iter().map(|one| (one.name.clone(), wrong_in_json(one))).collect();
            client.post(&path, Value::Object(wrong))
        }
    }
}

/// The parameters this refusal names, whatever its dialect.
fn named<'a>(answer: &Answer, parameters: &'a [Parameter]) -> BTreeSet<&'a str> {
    let said = |member: &str| answer.body[member].as_str().unwrap_or_default().to_owned();
    let said = said("msg") + &said("message");
    let is_named = |name: &str| said.contains(&format!(":{name} ")) || said.contains(&format!(";{name} "));
    parameters.iter().map(|one| one.name.as_str()).filter(|name| is_named(name)).collect()
}

fn names(parameters: &[Parameter]) -> BTreeSet<&str> {
    parameters.iter().map(|one| one.name.as_str()).collect()
}

/// Every endpoint that refuses what is wrong: WeCom's callback only looks at the signature.
fn endpoints() -> impl Iterator<Item = (&'static Endpoint, Vec<Parameter>)> {
    let all = crm_gateway::endpoints().iter().filter(|endpoint| !endpoint.path.starts_with("/wecom/"));
    all.map(|endpoint| (endpoint, Reader::describe(endpoint.handler)))
}

fn client(server: &Server, endpoint: &Endpoint) -> Client {
    match endpoint.access {
        Access::Public | Access::Optional => server.anonymous(),
        Access::Pending | Access::Session => server.admin(),
    }
}

#[test]
fn every_documented_parameter_is_read_and_all_that_are_wrong_are_told_at_once() {
    let Some(server) = Server::start(Engine::Sqlite, &[]) else { return };
    let mut read = 0;
    for (endpoint, parameters) in endpoints() {
        if parameters.is_empty() {
            continue;
        }
        let what = format!("{:?} {}", endpoint.verb, endpoint.path);
        let answer = send(&client(&server, endpoint), endpoint, &parameters);
        assert_eq!(answer.status, 400, "{what}: {}", answer.text);
        let told = named(&answer, &parameters);
        assert_eq!(told, names(&parameters), "{what}: {}", answer.text);
        read += told.len();
    }
    assert!(read > 300, "{read}");
}

#[test]
fn what_is_documented_as_required_is_what_is_missed() {
    let Some(server) = Server::start(Engine::Sqlite, &[]) else { return };
    for (endpoint, parameters) in endpoints() {
        let required: Vec<Parameter> = parameters.into_iter().filter(|one| one.is_required).collect();
        if required.is_empty() {
            continue;
        }
        let answer = send(&client(&server, endpoint), endpoint, &[]);
        assert_eq!(answer.status, 400, "{}: {}", endpoint.path, answer.text);
        assert_eq!(named(&answer, &required), names(&required), "{}: {}", endpoint.path, answer.text);
    }
}

#[test]
fn what_a_new_record_is_said_to_need_is_what_its_service_misses() {
    let Some(server) = Server::start(Engine::Sqlite, &[]) else { return };
    let admin = server.admin();
    let mut needed = 0;
    for (endpoint, parameters) in endpoints() {
        let is_write = endpoint.verb == Verb::Post && endpoint.access == Access::Session && !endpoint.takes_file;
        if !is_write || parameters.iter().any(|one| one.is_required) {
            assert!(endpoint.creation_needs.is_empty(), "{}", endpoint.path);
            continue;
        }
        let answer = send(&admin, endpoint, &[]);
        let missed = if answer.status == 200 { Vec::new() } else { answer.bad_fields() };
        assert_eq!(missed, endpoint.creation_needs, "{}", endpoint.path);
        needed += missed.len();
    }
    assert!(needed > 20, "{needed}");
}
