//! Every field of the samples of `002`, `003` and `004` is there with its type, and is moved by a native
//! route that is documented for it.

use std::collections::{BTreeMap, BTreeSet};

use crm_tests::{on_each_engine_with, shape};
use serde_json::{Value, json};

use crate::life::{APPROVAL, MODULE, live, sheet_as};

/// What `002` always answers alike: marks of the vendor's own format.
const MARKS_OF_002: &[&str] =
    &["module_1688521860850", "clientListAndSeas", "life_cycle_id.group_id", "source.group_id"];

/// The same of `003`. The two types say of what an address and a call are, which is always a customer.
const MARKS_OF_003: &[&str] = &[
    "custom_field_template_id",
    "custom_field_template_i18n",
    "contacts_associate_with_traffic",
    "address.country_id",
    "address.province_id",
    "address.city_id",
    "address.district_id",
    "address.organization_id",
    "address.mode",
    "address.time_format",
    "address.use_to_json",
    "address.off_distance",
    "address.snippet",
    "address.addressable_type",
    "phones_data.recordable_type",
];

/// The same of `004`: the parts in a team have fixed numbers.
const MARKS_OF_004: &[&str] = &["role_types.role_type"];

fn sample(text: &str) -> Value {
    serde_json::from_str(text).expect("the sample is JSON")
}

type Values = BTreeMap<String, BTreeSet<String>>;

/// The values at the end of each path.
fn leaves(value: &Value, path: &str, found: &mut Values) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                leaves(value, &if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, found);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                leaves(item, path, found);
            }
        }
        leaf => {
            found.entry(path.to_owned()).or_default().insert(leaf.to_string());
        }
    }
}

fn values(answer: &Value) -> Values {
    let mut found = Values::new();
    leaves(answer, "", &mut found);
    found
}

/// The paths of the sample at which all answers that have them say the same.
fn still(sample: &Value, answers: &[Value], marks: &[&str]) -> Vec<String> {
    let answers: Vec<Values> = answers.iter().map(values).collect();
    let moves = |path: &String| {
        let said: BTreeSet<_> = answers.iter().filter_map(|answer| answer.get(path)).collect();
        // What is empty in the sample and an object here, or the other way round, has moved.
        let within = format!("{path}.");
        said.len() > 1 || answers.iter().any(|answer| answer.keys().any(|other| other.starts_with(&within)))
    };
    values(sample).into_keys().filter(|path| !marks.contains(&path.as_str()) && !moves(path)).collect()
}

#[test]
fn every_field_of_the_samples_is_there_with_its_type_and_is_moved_by_a_native_route() {
    on_each_engine_with(APPROVAL, |server| {
        let life = live(server);
        let of_002 = &sample(include_str!("../fixtures/002.json"))["data"]["item"];
        let of_003 = &sample(include_str!("../fixtures/003.json"))["data"]["customers"];
        let of_004 = &sample(include_str!("../fixtures/004.json"))["data"];
        for (sample, answers, marks) in [
            (of_002, &life.items, MARKS_OF_002),
            (of_003, &life.rows, MARKS_OF_003),
            (of_004, &life.sheets, MARKS_OF_004),
        ] {
            let one = sample.get(0).unwrap_or(sample);
            for answer in answers {
                assert_eq!(shape::contradictions(one, answer), [] as [String; 0], "{answer:#}");
            }
            assert_eq!(still(sample, answers, marks), [] as [String; 0], "these say the same whatever is written");
        }
        // Deleted customers are the administrator's to read.
        let (team, id) = (&life.team, life.id);
        let refused = team.seller.post("/api/crm/client/detail", json!({"id": id, "mid": MODULE}));
        assert_eq!((refused.status, &refused.body["code"], &refused.body["data"]), (404, &json!(404), &Value::Null));
        assert_eq!(sheet_as(&team.seller, team.seller_id, id).status, 404);
        assert_eq!(team.seller.get("/api/v2/customers?status=-1").v2()["customers"], json!([]));
    });
}
