//! Makes the document whole: what every operation of a shape answers is told here, once.
//!
//! A handler's annotations say what is particular to it; the rest follows from the operation's `shape`. An error
//! answer gets its codes (those that its description names in backticks, and those of its shape) as `x-error-codes`,
//! and an example of each. The same field at the root explains every code.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::error_codes::{self, ErrorCode};
use super::items;
use super::samples::Samples;
use super::shape::{Common, Shape, common_parameters, headers_of_answers};

/// The document with everything that every operation of a shape has.
pub(crate) fn completed(mut document: Value) -> Value {
    let components = document["components"].clone();
    let samples = Samples::new(&components);
    let mut shared = Map::new();
    for (path, methods) in fields_mut(&mut document["paths"]) {
        for (method, operation) in fields_mut(methods) {
            complete_operation(Shape::of(path, method, operation), operation, &samples, &mut shared);
        }
    }
    let components = &mut document["components"];
    components["responses"] = Value::Object(shared);
    components["headers"] = headers_of_answers();
    components["parameters"] = common_parameters();
    components["examples"] = error_codes::all().map(|code| (code.code.clone(), code.example())).collect();
    for (_, schema) in fields_mut(&mut components["schemas"]) {
        close_tuples(schema);
        tell_moments(schema);
    }
    document["x-error-codes"] =
        error_codes::all().map(|code| (code.code.clone(), code.explained())).collect();
    document
}

/// Completes one operation. Answers that it has in common with others go into `shared`, once.
fn complete_operation(
    shape: Shape,
    operation: &mut Value,
    samples: &Samples<'_>,
    shared: &mut Map<String, Value>,
) {
    if operation.get("requestBody").is_some() {
        let content = &mut operation["requestBody"]["content"];
        samples.add_to(content);
        tell_bytes(content);
    }
    for name in shape.common_parameters() {
        let parameter = json!({ "$ref": format!("#/components/parameters/{name}") });
        match operation["parameters"].as_array_mut() {
            Some(parameters) => parameters.push(parameter),
            None => operation["parameters"] = json!([parameter]),
        }
    }
    let common = shape.common_answers();
    let responses = &mut operation["responses"];
    for common in &common {
        let own = &mut responses[common.status];
        if own["description"].as_str().is_none_or(str::is_empty) {
            *own = json!({ "$ref": format!("#/components/responses/{}", common.name) });
            shared.entry(common.name).or_insert_with(|| {
                let mut answer = json!({ "description": common.description });
                complete_answer(common.status, &mut answer, Some(common), samples);
                answer
            });
        }
    }
    for (status, answer) in fields_mut(responses).filter(|(_, answer)| answer.get("$ref").is_none()) {
        let common = common.iter().find(|common| common.status == status.as_str());
        complete_answer(status, answer, common, samples);
    }
}

/// Gives an answer its description, the codes and headers of an error, and examples.
fn complete_answer(status: &str, answer: &mut Value, common: Option<&Common>, samples: &Samples<'_>) {
    let is_error = status.starts_with(['4', '5']);
    if answer["description"].as_str().is_none_or(str::is_empty) {
        let description = common.map_or_else(|| plain_description(status), |common| common.description);
        answer["description"] = json!(description);
    }
    if is_error && answer.get("content").is_none() {
        answer["content"] =
            json!({ "application/json": { "schema": { "$ref": "#/components/schemas/ErrorBody" } } });
    }
    if is_error && is_error_body(answer) {
        let codes = codes_of(status, answer, common);
        answer["x-error-codes"] = codes.iter().map(|code| code.code.clone()).collect();
        answer["content"]["application/json"]["examples"] =
            codes.iter().map(|code| (code.code.clone(), example_of(code))).collect();
    } else if let Some(content) = answer.get_mut("content") {
        samples.add_to(content);
        tell_bytes(content);
    }
    if let Some(headers) = headers_of(status) {
        for (name, header) in headers {
            answer["headers"][name] = json!({ "$ref": format!("#/components/headers/{header}") });
        }
    }
}

fn example_of(code: &ErrorCode) -> Value {
    json!({ "$ref": format!("#/components/examples/{}", code.code) })
}

fn is_error_body(answer: &Value) -> bool {
    answer["content"]["application/json"]["schema"]["$ref"] == "#/components/schemas/ErrorBody"
}

/// The codes that an error answer can have: named ones, then those of the operation's shape, or the status' own.
fn codes_of(status: &str, answer: &Value, common: Option<&Common>) -> Vec<&'static ErrorCode> {
    let named = answer["description"].as_str().unwrap_or_default().split('`').skip(1).step_by(2);
    let by_shape = common.into_iter().flat_map(|common| common.codes.iter().copied());
    let mut seen = BTreeSet::new();
    let mut codes: Vec<_> = named
        .chain(by_shape)
        .filter_map(error_codes::find)
        .filter(|code| code.status.to_string() == status && seen.insert(code.code.as_str()))
        .collect();
    if codes.is_empty() {
        codes.extend(own_code(status).and_then(error_codes::find));
    }
    codes
}

/// What a status means where nothing more particular is said.
fn own_code(status: &str) -> Option<&'static str> {
    match status {
        "404" => Some("NOT_FOUND"),
        "413" => Some("PAYLOAD_TOO_LARGE"),
        "415" => Some("UNSUPPORTED_MEDIA_TYPE"),
        "422" => Some("VALIDATION_FAILED"),
        "429" => Some("RATE_LIMITED"),
        "503" => Some("UNAVAILABLE"),
        _ => None,
    }
}

fn plain_description(status: &str) -> &'static str {
    match status {
        "200" => "Done.",
        "201" => "Created.",
        "202" => "Taken on; it happens in a moment.",
        "204" => "Done; there is nothing to tell.",
        "404" => "There is no such thing here.",
        _ => "Refused.",
    }
}

/// The headers that answers of this status have, by name and component.
fn headers_of(status: &str) -> Option<&'static [(&'static str, &'static str)]> {
    match status {
        "429" | "503" => Some(&[("Retry-After", "RetryAfter")]),
        _ => None,
    }
}

/// A body that is no JSON is text or bytes, not an array of numbers.
fn tell_bytes(content: &mut Value) {
    for (kind, body) in fields_mut(content).filter(|(kind, _)| kind.as_str() != "application/json") {
        if body["schema"].is_null() || body["schema"]["type"] == "array" {
            let is_text = kind.starts_with("text/");
            let schema = json!({ "type": "string" });
            body["schema"] = if is_text { schema } else { json!({ "type": "string", "format": "binary" }) };
        }
    }
}

/// What happened `..._at` some time is a moment, everywhere.
fn tell_moments(schema: &mut Value) {
    for (name, property) in schema.get_mut("properties").into_iter().flat_map(fields_mut) {
        let is_text = property["type"] == "string" || items(&property["type"]).any(|kind| kind == "string");
        if name.ends_with("_at") && is_text && property.get("format").is_none() {
            property["format"] = json!("date-time");
        }
    }
    for part in schema.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
        tell_moments(part);
    }
}

/// Says a tuple's length in the words that generators of clients know as well: `items: false` is valid, but some of
/// them take an object only.
fn close_tuples(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if let (Some(prefix), Some(Value::Bool(false))) = (map.get("prefixItems"), map.get("items")) {
                let (length, parts) = (items(prefix).count(), prefix.clone());
                map.insert("items".to_owned(), json!({ "anyOf": parts }));
                map.insert("minItems".to_owned(), length.into());
                map.insert("maxItems".to_owned(), length.into());
            }
            map.values_mut().for_each(close_tuples);
        }
        Value::Array(parts) => parts.iter_mut().for_each(close_tuples),
        _ => {}
    }
}

fn fields_mut(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flat_map(Map::iter_mut)
}
