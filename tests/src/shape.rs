//! Whether an answer has the shape of a published sample: the same names, and values of the same types.

use std::collections::BTreeSet;

use serde_json::Value;

/// Where an answer differs in shape from a sample, each as `path: what`; nothing when it does not.
///
/// The elements of an array are held to all elements the sample has there together: a field may be of
/// any type it has in one of them. `null` in the sample says nothing about the type.
pub fn differences(sample: &Value, answer: &Value) -> Vec<String> {
    compared(sample, answer, false)
}

/// The same, but a vendor's page is read as it is written: what is `null` in an answer is not there just
/// now, a relation that is not there may be an empty array in place of an object, and an answer may have
/// fields of its own.
pub fn contradictions(sample: &Value, answer: &Value) -> Vec<String> {
    compared(sample, answer, true)
}

fn compared(sample: &Value, answer: &Value, lenient: bool) -> Vec<String> {
    let mut found = BTreeSet::new();
    compare(&[sample], answer, lenient, "", &mut found);
    found.into_iter().collect()
}

fn compare(samples: &[&Value], answer: &Value, lenient: bool, path: &str, found: &mut BTreeSet<String>) {
    if samples.is_empty() || samples.iter().any(|sample| sample.is_null()) {
        return;
    }
    if lenient && (answer.is_null() || samples.iter().any(|sample| is_other_relation(sample, answer))) {
        return;
    }
    let types: BTreeSet<&str> = samples.iter().map(|sample| type_of(sample)).collect();
    if !types.contains(type_of(answer)) {
        found.insert(format!("{path}: {} instead of {types:?}", type_of(answer)));
        return;
    }
    match answer {
        Value::Array(elements) => {
            let samples: Vec<&Value> = samples.iter().filter_map(|sample| sample.as_array()).flatten().collect();
            for element in elements {
                compare(&samples, element, lenient, &format!("{path}[]"), found);
            }
        }
        Value::Object(fields) => {
            let samples: Vec<_> = samples.iter().filter_map(|sample| sample.as_object()).collect();
            let names: BTreeSet<&String> = samples.iter().flat_map(|sample| sample.keys()).collect();
            for name in names.iter().filter(|name| !fields.contains_key(**name)) {
                found.insert(format!("{path}.{name}: missing"));
            }
            for (name, value) in fields {
                let samples: Vec<&Value> = samples.iter().filter_map(|sample| sample.get(name)).collect();
                if samples.is_empty() && !lenient {
                    found.insert(format!("{path}.{name}: not in the sample"));
                }
                compare(&samples, value, lenient, &format!("{path}.{name}"), found);
            }
        }
        _ => {}
    }
}

/// One of the two is an object and the other an empty array.
fn is_other_relation(sample: &Value, answer: &Value) -> bool {
    match (sample, answer) {
        (Value::Array(empty), Value::Object(_)) | (Value::Object(_), Value::Array(empty)) => empty.is_empty(),
        _ => false,
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_difference_in_names_and_types_is_told() {
        let sample =
            json!({"a": 1, "b": "x", "c": null, "d": [{"e": 1, "f": null}, {"e": "1", "f": 2}], "g": [], "h": 1.5});
        let same =
            json!({"a": 2, "b": "", "c": [1], "d": [{"e": "2", "f": true}, {"e": 3, "f": null}], "g": [1], "h": 0.5});
        assert_eq!(differences(&sample, &same), Vec::<String>::new());
        let other = json!({"a": "1", "b": null, "c": 1, "d": [{"e": null}, {"e": 1, "f": 1, "x": 1}], "h": 2, "g": {}});
        assert_eq!(
            differences(&sample, &other),
            [
                ".a: string instead of {\"integer\"}",
                ".b: null instead of {\"string\"}",
                ".d[].e: null instead of {\"integer\", \"string\"}",
                ".d[].f: missing",
                ".d[].x: not in the sample",
                ".g: object instead of {\"array\"}",
                ".h: integer instead of {\"number\"}",
            ]
        );
        assert_eq!(
            contradictions(&sample, &other),
            [".a: string instead of {\"integer\"}", ".d[].f: missing", ".h: integer instead of {\"number\"}",]
        );
    }
}
