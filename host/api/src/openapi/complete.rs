//! Makes the document whole: what every operation of a shape answers is told here, once.
//!
//! A handler's annotations say what is particular to it. The rest follows from the operation's shape: who signs in can
//! be refused, who sends JSON can send none, everybody can be too many. An error answer gets its codes (those that its
//! description names in backticks, and those of its shape) as `x-error-codes`, and an example of each.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::error_codes::{self, ErrorCode};
use super::samples::Samples;

/// The document with everything that every operation of a shape has.
pub(crate) fn completed(mut document: Value) -> Value {
    let components = document["components"].clone();
    let samples = Samples::new(&components);
    document["components"]["headers"] = headers_of_answers();
    document["components"]["examples"] =
        error_codes::all().map(|code| (code.code.clone(), code.example())).collect();
    for (path, methods) in fields_mut(&mut document["paths"]) {
        for (method, operation) in fields_mut(methods) {
            let shape = Shape::of(path, method, operation);
            for common in shape.common_answers() {
                add_answer(operation, &common);
            }
            for (status, answer) in fields_mut(&mut operation["responses"]) {
                let common =
                    shape.common_answers().into_iter().find(|common| common.status == status.as_str());
                complete_answer(status, answer, common.as_ref(), &samples);
            }
            samples.add_to(&mut operation["requestBody"]["content"]);
            if operation["requestBody"]["content"].is_null() {
                remove(operation, "requestBody");
            }
        }
    }
    for (_, schema) in fields_mut(&mut document["components"]["schemas"]) {
        close_tuples(schema);
    }
    document
}

/// What the common answers of an operation depend on.
#[derive(Debug, Clone, Copy)]
struct Shape {
    is_api: bool,
    is_signed_in: bool,
    is_administration: bool,
    has_permission: bool,
    has_parameters: bool,
    takes_json: bool,
    takes_body: bool,
}

/// What every operation of some shape answers with a status.
struct Common {
    status: &'static str,
    description: &'static str,
    codes: Vec<&'static str>,
}

impl Shape {
    fn of(path: &str, method: &str, operation: &Value) -> Self {
        let schemes = || items(&operation["security"]).flat_map(fields);
        let scopes = || schemes().flat_map(|(_, scopes)| items(scopes)).filter_map(Value::as_str);
        let content = &operation["requestBody"]["content"];
        Self {
            is_api: path.starts_with("/api/"),
            is_signed_in: schemes().next().is_some(),
            is_administration: scopes().any(|scope| scope == "administrator"),
            has_permission: scopes().any(|scope| scope.contains(':')),
            has_parameters: items(&operation["parameters"]).next().is_some(),
            takes_json: content["application/json"].is_object(),
            takes_body: content.is_object() && method != "get",
        }
    }

    /// Why somebody who is signed in may not.
    fn refusals(self) -> (&'static str, &'static [&'static str]) {
        if self.is_administration {
            let codes =
                &["NOT_ADMINISTRATOR", "SUSPENDED", "ORGANISATION_FOREIGN", "APP_FOREIGN", "PEOPLE_ONLY"];
            return ("Only those who run this platform may do that.", codes);
        }
        if self.has_permission {
            let codes =
                &["PERMISSION_MISSING", "SUSPENDED", "ORGANISATION_FOREIGN", "APP_FOREIGN", "PEOPLE_ONLY"];
            return ("Your role, or the API key, does not have the permission.", codes);
        }
        ("This is not for you.", &["SUSPENDED", "ORGANISATION_FOREIGN", "APP_FOREIGN", "PEOPLE_ONLY"])
    }

    fn common_answers(self) -> Vec<Common> {
        let mut answers = Vec::new();
        let mut answer = |status, description, codes: &[&'static str]| {
            answers.push(Common { status, description, codes: codes.to_vec() });
        };
        match (self.takes_json, self.has_parameters) {
            (true, true) => {
                answer("400", "The request is malformed.", &["MALFORMED_REQUEST", "MALFORMED_JSON"]);
            }
            (true, false) => answer("400", "The body is not JSON.", &["MALFORMED_JSON"]),
            (false, true) => answer("400", "A parameter is malformed.", &["MALFORMED_REQUEST"]),
            (false, false) => {}
        }
        if self.is_signed_in {
            answer(
                "401",
                "There is no token, or it is not taken (any more).",
                &["UNAUTHENTICATED", "TOKEN_EXPIRED", "TOKEN_INVALID", "SIGN_IN_ENDED"],
            );
            let (description, codes) = self.refusals();
            answer("403", description, codes);
        }
        if self.takes_body {
            answer("413", "The body is too large.", &["PAYLOAD_TOO_LARGE"]);
        }
        if self.takes_json {
            answer("415", "The body is of another type.", &["UNSUPPORTED_MEDIA_TYPE"]);
            answer("422", "A field is not valid.", &["VALIDATION_FAILED"]);
        }
        if self.is_api {
            answer("408", "The request took too long.", &["REQUEST_TIMEOUT"]);
            answer("429", "Too many requests; `Retry-After` tells when to come back.", &["RATE_LIMITED"]);
            answer("503", "The host is busy, or its database is away.", &["UNAVAILABLE"]);
        }
        answer("500", "Something went wrong on this host.", &["INTERNAL"]);
        answers
    }
}

/// Puts `common` beside what the handler says itself.
fn add_answer(operation: &mut Value, common: &Common) {
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    let description = || json!({ "description": common.description });
    responses.entry(common.status).or_insert_with(description);
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
        "422" => Some("VALIDATION_FAILED"),
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

fn headers_of_answers() -> Value {
    json!({
        "RetryAfter": {
            "description": "Seconds until it is worth asking again (RFC 9110 §10.2.3).",
            "schema": { "type": "integer", "minimum": 0, "example": 12 },
        },
    })
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

fn remove(value: &mut Value, name: &str) {
    if let Some(object) = value.as_object_mut() {
        object.remove(name);
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn fields_mut(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flat_map(Map::iter_mut)
}
