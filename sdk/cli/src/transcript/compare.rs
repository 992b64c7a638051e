//! Whether what came is what was expected.
//!
//! An expectation may leave things open: `"*"` stands for anything, the key `"..."` lets an object have further ones,
//! and what is absent may be null or an empty list. Bytes may be written as `{"json": ...}` and are then compared as
//! JSON.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Map, Value};

const ANYTHING: &str = "*";
const FURTHER: &str = "...";

/// Whether `got` is what `expected` says.
pub fn matches(expected: &Value, got: &Value) -> bool {
    if expected == ANYTHING {
        return true;
    }
    match (expected, got) {
        (Value::Object(wanted), Value::Object(have)) => is_object(wanted, have),
        (Value::Object(wanted), got) => match written_bytes(wanted) {
            Some(Bytes::Json(json)) => json_of(got).is_some_and(|have| matches(json, &have)),
            Some(Bytes::Base64(text)) => BASE64_STANDARD
                .decode(text)
                .is_ok_and(|bytes| got.as_str().is_some_and(|got| bytes == got.as_bytes())),
            None => false,
        },
        (Value::Array(wanted), Value::Array(have)) => {
            wanted.len() == have.len() && wanted.iter().zip(have).all(|(wanted, have)| matches(wanted, have))
        }
        // The short form of an error or fault: its case alone.
        (Value::String(case), Value::Object(have)) => {
            have.len() == 1 && have.contains_key(case) && is_failure(have)
        }
        (expected, got) => expected == got,
    }
}

fn is_object(wanted: &Map<String, Value>, have: &Map<String, Value>) -> bool {
    if let (Some(Bytes::Base64(one)), Some(Bytes::Base64(other))) =
        (written_bytes(wanted), written_bytes(have))
    {
        return one == other;
    }
    let is_open = wanted.contains_key(FURTHER);
    let is_met = |(key, wanted): (&String, &Value)| match have.get(key) {
        _ if key == FURTHER => true,
        Some(have) => matches(wanted, have),
        None => wanted == ANYTHING || says_nothing(wanted),
    };
    let is_expected =
        |(key, have): (&String, &Value)| is_open || wanted.contains_key(key) || says_nothing(have);
    wanted.iter().all(is_met) && have.iter().all(is_expected)
}

fn says_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// Whether an object is an error with its problem, whose case may stand alone in an expectation.
fn is_failure(have: &Map<String, Value>) -> bool {
    have.values().all(|problem| problem.get("code").is_some_and(Value::is_string))
}

enum Bytes<'a> {
    Json(&'a Value),
    Base64(&'a str),
}

fn written_bytes(members: &Map<String, Value>) -> Option<Bytes<'_>> {
    let (key, value) = members.iter().next().filter(|_| members.len() == 1)?;
    match (key.as_str(), value) {
        ("json", json) => Some(Bytes::Json(json)),
        ("base64", Value::String(text)) => Some(Bytes::Base64(text)),
        _ => None,
    }
}

fn json_of(got: &Value) -> Option<Value> {
    serde_json::from_str(got.as_str()?).ok()
}

/// `expected` with what came in every place that it leaves open or that is met: what is left differs from `got`
/// exactly where the expectation is not met. For showing both side by side.
pub fn settled(expected: &Value, got: &Value) -> Value {
    if matches(expected, got) {
        return got.clone();
    }
    match (expected, got) {
        (Value::Object(wanted), Value::Object(have)) => {
            let is_open = wanted.contains_key(FURTHER);
            let mut members = Map::new();
            for (key, value) in wanted.iter().filter(|(key, _)| *key != FURTHER) {
                let value = have.get(key).map_or_else(|| value.clone(), |have| settled(value, have));
                members.insert(key.clone(), value);
            }
            let further = have
                .iter()
                .filter(|(key, value)| !wanted.contains_key(*key) && (is_open || says_nothing(value)));
            members.extend(further.map(|(key, value)| (key.clone(), value.clone())));
            Value::Object(members)
        }
        (Value::Object(wanted), got) => match (written_bytes(wanted), json_of(got)) {
            (Some(Bytes::Json(json)), Some(have)) => {
                let json = settled(json, &have);
                Value::Object(Map::from_iter([("json".to_owned(), json)]))
            }
            _ => expected.clone(),
        },
        (Value::Array(wanted), Value::Array(have)) => {
            let paired = wanted.iter().zip(have).map(|(wanted, have)| settled(wanted, have));
            paired.chain(wanted.iter().skip(have.len()).cloned()).collect()
        }
        _ => expected.clone(),
    }
}

/// `got` in the form of `expected`: bytes as JSON where the expectation has them so.
pub fn in_the_form_of(expected: &Value, got: &Value) -> Value {
    match (expected, got) {
        (Value::Object(wanted), Value::Object(have)) => {
            let formed = have.iter().map(|(key, value)| {
                let formed =
                    wanted.get(key).map_or_else(|| value.clone(), |wanted| in_the_form_of(wanted, value));
                (key.clone(), formed)
            });
            Value::Object(formed.collect())
        }
        (Value::Object(wanted), got) => match (written_bytes(wanted), json_of(got)) {
            (Some(Bytes::Json(_)), Some(have)) => Value::Object(Map::from_iter([("json".to_owned(), have)])),
            _ => got.clone(),
        },
        (Value::Array(wanted), Value::Array(have)) => {
            let formed = have.iter().enumerate().map(|(index, have)| match wanted.get(index) {
                Some(wanted) => in_the_form_of(wanted, have),
                None => have.clone(),
            });
            formed.collect()
        }
        _ => got.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_expectation_leaves_open_what_it_says_and_nothing_else() {
        for (expected, got, is_match) in [
            (json!("*"), json!({"a": 1}), true),
            (json!({"a": "*"}), json!({"a": [1]}), true),
            (json!({"a": 1}), json!({"a": 1, "b": 2}), false),
            (json!({"a": 1, "...": ""}), json!({"a": 1, "b": 2}), true),
            (json!({"a": 1, "...": ""}), json!({"b": 2}), false),
            (json!({"a": null}), json!({}), true),
            (json!({}), json!({"a": null, "b": []}), true),
            (json!({}), json!({"a": ""}), false),
            (json!(["*", 2]), json!([1, 2]), true),
            (json!(["*"]), json!([1, 2]), false),
            (json!({"json": {"b": 1, "a": "*"}}), json!("{\"a\": 2, \"b\": 1}"), true),
            (json!({"json": {"b": 1}}), json!("{\"b\":2}"), false),
            (json!({"json": {"b": 1}}), json!("no JSON"), false),
            (json!({"base64": "YQ=="}), json!("a"), true),
            (json!({"base64": "AP8="}), json!({"base64": "AP8="}), true),
            (json!("trap"), json!({"trap": {"code": "plugin-trap", "message": "x"}}), true),
            (json!("timeout"), json!({"trap": {"code": "plugin-trap", "message": "x"}}), false),
            (json!("replace"), json!({"replace": "text"}), false),
        ] {
            assert_eq!(matches(&expected, &got), is_match, "{expected} against {got}");
        }
    }

    #[test]
    fn what_is_shown_differs_only_where_the_expectation_is_not_met() {
        let expected = json!({"a": "*", "b": {"json": {"c": 1, "d": "*"}}, "e": [1, "*"]});
        let got = json!({"a": 7, "b": "{\"c\":2,\"d\":3}", "e": [1, 2, 3], "f": null});
        let settled = settled(&expected, &got);
        assert_eq!(settled, json!({"a": 7, "b": {"json": {"c": 1, "d": 3}}, "e": [1, 2], "f": null}));
        assert_eq!(in_the_form_of(&expected, &got)["b"], json!({"json": {"c": 2, "d": 3}}));
    }

    #[test]
    fn every_value_matches_itself() {
        proptest::proptest!(|(text in "[a-z*.]{0,5}", number in 0_u64..100)| {
            let value = json!({"k": [text, number, null], "n": {"x": text}});
            assert!(matches(&value, &value) && settled(&value, &value) == value);
        });
    }
}
