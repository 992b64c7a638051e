//! What a version changes against the one before it, noted when it is published.
//!
//! Whoever decides about an upgrade sees it; the decision itself is made for
//! each installation, with its own configuration and grant.

use std::collections::BTreeSet;

use neustream_contract::{Grant, Package, Permission};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// More are not told.
const MAX_BREAKS: usize = 20;
/// Words of a schema that say nothing about which values fit it.
const ANNOTATIONS: [&str; 6] = ["title", "description", "default", "examples", "$comment", "deprecated"];

/// What a version changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Difference {
    /// The version before; `None` for the first.
    pub before: Option<String>,
    /// Places of the configuration where something that fitted before may not fit any more: a JSON pointer into the
    /// schema and what changed. Empty when every configuration still fits.
    pub config_breaks: Vec<String>,
    /// The state schema of the version before, where it is another one: then there is no automatic way back.
    pub state_schema_before: Option<u32>,
    /// What it asks for beyond the version before.
    pub more_permissions: Vec<Permission>,
}

impl Difference {
    /// What `after` changes against `before`.
    pub fn between(before: &Package, after: &Package) -> Self {
        let mut breaks = Vec::new();
        compare(before.config_schema.schema(), after.config_schema.schema(), "", &mut breaks);
        breaks.truncate(MAX_BREAKS);
        let state_schema = before.manifest.state_schema;
        Self {
            before: Some(before.manifest.version.clone()),
            config_breaks: breaks,
            state_schema_before: (state_schema != after.manifest.state_schema).then_some(state_schema),
            more_permissions: after.manifest.permissions_beyond(&Grant::all_of(&before.manifest)),
        }
    }
}

/// Compares two schemas of one value. Errs on the side of telling: what it does not understand counts as a change.
fn compare(before: &Value, after: &Value, pointer: &str, breaks: &mut Vec<String>) {
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        if before != after {
            breaks.push(told(pointer, "changed"));
        }
        return;
    };
    let words: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for word in words {
        let is_silent = ANNOTATIONS.contains(&word.as_str()) || word.starts_with("x-");
        let (was, is) = (old.get(word), new.get(word));
        if is_silent || was == is {
            continue;
        }
        match word.as_str() {
            "properties" => compare_properties(was, is, new, pointer, breaks),
            "required" => {
                let names = |list: Option<&Value>| -> BTreeSet<String> {
                    let items = list.and_then(Value::as_array).into_iter().flatten();
                    items.filter_map(Value::as_str).map(str::to_owned).collect()
                };
                for name in names(is).difference(&names(was)) {
                    breaks.push(told(&format!("{pointer}/properties/{}", escaped(name)), "is required now"));
                }
            }
            // Taking a constraint away lets in more.
            _ if is.is_none() && is_constraint(word) => {}
            "enum" if is_superset(was, is) => {}
            "minimum" | "minLength" | "minItems" if is_below(is, was) => {}
            "maximum" | "maxLength" | "maxItems" if is_below(was, is) => {}
            "additionalProperties" if is == Some(&Value::Bool(true)) => {}
            _ => breaks.push(told(&format!("{pointer}/{}", escaped(word)), "changed")),
        }
    }
}

fn compare_properties(
    was: Option<&Value>,
    is: Option<&Value>,
    new: &serde_json::Map<String, Value>,
    pointer: &str,
    breaks: &mut Vec<String>,
) {
    let empty = serde_json::Map::new();
    let old = was.and_then(Value::as_object).unwrap_or(&empty);
    let now = is.and_then(Value::as_object).unwrap_or(&empty);
    let is_closed = new.get("additionalProperties").is_some_and(|more| *more != Value::Bool(true));
    for (name, schema) in old {
        let pointer = format!("{pointer}/properties/{}", escaped(name));
        match now.get(name) {
            Some(after) => compare(schema, after, &pointer, breaks),
            None if is_closed => breaks.push(told(&pointer, "is gone")),
            None => {}
        }
    }
}

fn is_constraint(word: &str) -> bool {
    matches!(
        word,
        "type"
            | "enum"
            | "const"
            | "pattern"
            | "format"
            | "minimum"
            | "maximum"
            | "exclusiveMinimum"
            | "exclusiveMaximum"
            | "multipleOf"
            | "minLength"
            | "maxLength"
            | "minItems"
            | "maxItems"
            | "uniqueItems"
            | "minProperties"
            | "maxProperties"
            | "additionalProperties"
            | "items"
    )
}

fn is_superset(was: Option<&Value>, is: Option<&Value>) -> bool {
    match (was.and_then(Value::as_array), is.and_then(Value::as_array)) {
        (Some(was), Some(is)) => was.iter().all(|value| is.contains(value)),
        _ => false,
    }
}

fn is_below(one: Option<&Value>, other: Option<&Value>) -> bool {
    let number = |value: Option<&Value>| value.and_then(Value::as_f64);
    matches!((number(one), number(other)), (Some(one), Some(other)) if one < other)
}

/// RFC 6901, 3.
fn escaped(word: &str) -> String {
    word.replace('~', "~0").replace('/', "~1")
}

fn told(pointer: &str, what: &str) -> String {
    let place: String =
        if pointer.is_empty() { "the schema".to_owned() } else { pointer.chars().take(200).collect() };
    format!("{place} {what}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn breaks(before: &Value, after: &Value) -> Vec<String> {
        let mut breaks = Vec::new();
        compare(before, after, "", &mut breaks);
        breaks
    }

    #[test]
    fn words_for_people_and_looser_rules_break_nothing() {
        let before = json!({
            "type": "object",
            "properties": {
                "server": { "type": "string", "title": "Server", "maxLength": 10 },
                "mode": { "enum": ["a", "b"] },
            },
            "required": ["server"],
            "additionalProperties": false,
        });
        let after = json!({
            "type": "object",
            "properties": {
                "server": { "type": "string", "title": "Address", "maxLength": 20 },
                "mode": { "enum": ["a", "b", "c"] },
                "more": { "type": "integer" },
            },
            "additionalProperties": false,
        });
        assert_eq!(breaks(&before, &after), Vec::<String>::new());
    }

    #[test]
    fn a_field_that_is_gone_tighter_or_required_is_told_with_its_place() {
        let before = json!({
            "properties": { "a": { "type": "string" }, "b": { "maximum": 10 }, "c/d": {} },
            "additionalProperties": false,
        });
        let after = json!({
            "properties": { "a": { "type": "integer" }, "b": { "maximum": 5 }, "new": {} },
            "required": ["new"],
            "additionalProperties": false,
        });
        assert_eq!(
            breaks(&before, &after),
            [
                "/properties/a/type changed",
                "/properties/b/maximum changed",
                "/properties/c~1d is gone",
                "/properties/new is required now",
            ]
        );
    }
}
