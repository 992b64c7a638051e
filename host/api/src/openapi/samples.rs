//! Examples of bodies, put together from the schemas.
//!
//! A property's own `example` comes first, then what its format or its name tells; so the same thing looks the same
//! wherever it is shown.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

/// How deep an example goes before it ends in empty objects: schemas may refer to themselves.
const MAX_DEPTH: usize = 40;

/// What a text of some name looks like.
static NAMED: LazyLock<HashMap<String, Value>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("samples.json")).expect("samples.json is an object; a test reads it")
});

/// Makes examples of the document's schemas.
pub(crate) struct Samples<'a> {
    components: &'a Value,
}

impl<'a> Samples<'a> {
    pub fn new(components: &'a Value) -> Self {
        Self { components }
    }

    /// Gives each JSON of a `content` an example, where it has none.
    pub fn add_to(&self, content: &mut Value) {
        let Some(json) = content.get_mut("application/json").and_then(Value::as_object_mut) else { return };
        let has_one = json.contains_key("example") || json.contains_key("examples");
        let Some(schema) = json.get("schema").filter(|_| !has_one) else { return };
        let example = self.of(schema, "", 0);
        json.insert("example".to_owned(), example);
    }

    /// An example of `schema`, which is the property `name` of something.
    fn of(&self, schema: &Value, name: &str, depth: usize) -> Value {
        for given in ["example", "default", "const"] {
            if let Some(given) = schema.get(given).filter(|given| !given.is_null()) {
                return given.clone();
            }
        }
        for given in ["examples", "enum"] {
            if let Some(given) = schema[given].get(0) {
                return given.clone();
            }
        }
        if depth > MAX_DEPTH {
            return json!({});
        }
        if let Some(reference) = schema["$ref"].as_str() {
            let place = reference.trim_start_matches("#/components");
            return self
                .components
                .pointer(place)
                .map_or(Value::Null, |found| self.of(found, name, depth + 1));
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut whole = self.object(schema, depth);
            for part in parts {
                if let Value::Object(fields) = self.of(part, name, depth + 1) {
                    whole.extend(fields);
                }
            }
            return Value::Object(whole);
        }
        if let Some(kinds) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
            let first = kinds.iter().find(|kind| kind["type"] != "null");
            return first.map_or(Value::Null, |kind| self.of(kind, name, depth + 1));
        }
        self.of_type(schema, name, depth)
    }

    fn of_type(&self, schema: &Value, name: &str, depth: usize) -> Value {
        match kind_of(schema) {
            Some("object") => Value::Object(self.object(schema, depth)),
            Some("array") => {
                let parts = schema["prefixItems"].as_array();
                let parts =
                    parts.map(|parts| parts.iter().map(|part| self.of(part, name, depth + 1)).collect());
                Value::Array(parts.unwrap_or_else(|| vec![self.of(&schema["items"], name, depth + 1)]))
            }
            Some("string") => text(schema, name),
            Some("integer") => {
                NAMED.get(name).filter(|value| value.is_u64()).cloned().unwrap_or_else(|| least(schema))
            }
            Some("number") => {
                NAMED.get(name).filter(|value| value.is_number()).cloned().unwrap_or(json!(1.5))
            }
            Some("boolean") => {
                NAMED.get(name).filter(|value| value.is_boolean()).cloned().unwrap_or(json!(true))
            }
            // Anything goes.
            _ => json!({}),
        }
    }

    fn object(&self, schema: &Value, depth: usize) -> Map<String, Value> {
        let properties = schema["properties"].as_object().into_iter().flatten();
        properties.map(|(name, property)| (name.clone(), self.of(property, name, depth + 1))).collect()
    }
}

/// The type of a schema, of several the first that is not null.
fn kind_of(schema: &Value) -> Option<&str> {
    match &schema["type"] {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        _ if schema["properties"].is_object() => Some("object"),
        _ => None,
    }
}

fn text(schema: &Value, name: &str) -> Value {
    match schema["format"].as_str() {
        Some("uuid") => json!("0199f3a0-c1d2-7b4e-8f00-112233445566"),
        Some("date-time") => json!("2026-11-20T18:30:00.000Z"),
        Some("date") => json!("2026-11-20"),
        Some("email") => json!("ada@example.com"),
        Some("binary") => json!(""),
        _ if name.ends_with("_at") => json!("2026-11-20T18:30:00.000Z"),
        _ => NAMED.get(name).filter(|value| value.is_string()).cloned().unwrap_or_else(|| json!("text")),
    }
}

fn least(schema: &Value) -> Value {
    schema.get("minimum").filter(|least| least.is_u64()).cloned().unwrap_or(json!(1))
}
