//! Whether an answer has the shape of a vendor's sample: every key, with a value of the same type.

use serde_json::Value;

/// Fails unless `live` has everything `sample` has, with the same types. `null` on either side goes
/// with anything: it says nothing about the type. An empty array in the sample goes with an object
/// too: these vendors show a relation that is not there so. The elements of an array must all have
/// the shape of the sample's first.
pub fn same(sample: &Value, live: &Value) {
    let mut differences = Vec::new();
    compare(sample, live, "", &mut differences);
    assert!(differences.is_empty(), "{}\n{live:#}", differences.join("\n"));
}

fn compare(sample: &Value, live: &Value, path: &str, differences: &mut Vec<String>) {
    match (sample, live) {
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Object(wanted), Value::Object(found)) => {
            for (name, value) in wanted {
                let path = format!("{path}.{name}");
                match found.get(name) {
                    Some(live) => compare(value, live, &path, differences),
                    None => differences.push(format!("{path} is missing")),
                }
            }
        }
        (Value::Array(wanted), Value::Array(found)) => {
            if let Some(first) = wanted.first() {
                for live in found {
                    compare(first, live, &format!("{path}[]"), differences);
                }
            }
        }
        (Value::Array(wanted), Value::Object(_)) | (Value::Object(_), Value::Array(wanted)) if wanted.is_empty() => {}
        (Value::Number(wanted), Value::Number(found)) => {
            let is_whole = |number: &serde_json::Number| number.is_i64() || number.is_u64();
            if is_whole(wanted) && !is_whole(found) {
                differences.push(format!("{path} is {found}, not a whole number"));
            }
        }
        _ if std::mem::discriminant(sample) == std::mem::discriminant(live) => {}
        _ => differences.push(format!("{path} is {live}, not like {sample}")),
    }
}
