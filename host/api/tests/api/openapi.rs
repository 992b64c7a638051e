//! The document is a contract: it changes on purpose or not at all.

use std::collections::HashSet;

use axum::http::{Method, StatusCode};
use neustream_api::{ApiSettings, openapi_document};
use serde_json::Value;

use crate::documented::Document;
use crate::kit::TestApi;

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

#[test]
fn the_document_is_the_committed_one() {
    let current = openapi_document() + "\n";
    if std::env::var_os("NEUSTREAM_UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(SNAPSHOT, &current).unwrap();
    }
    let committed = std::fs::read_to_string(SNAPSHOT).unwrap_or_default();
    assert!(
        current == committed,
        "the API's document changed. If that is meant, take it over with\n    \
         NEUSTREAM_UPDATE_SNAPSHOTS=1 cargo test -p neustream-api --test api openapi\n\
         then write the clients anew with `cargo xtask clients`, and commit host/api/openapi.json and sdk/client-*"
    );
}

#[tokio::test]
async fn the_document_and_its_page_are_served() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let answer = api.ask(None, Method::GET, "/api/openapi.json", None).await;
    assert_eq!(answer.status, StatusCode::OK);
    let document = answer.json();
    assert_eq!(document, serde_json::from_str::<Value>(&openapi_document()).unwrap());
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/api/sources/{id}"]["put"].is_object());

    let page = api.ask(None, Method::GET, "/api/docs", None).await;
    assert!(page.header("content-type").starts_with("text/html"));
    match page.status {
        StatusCode::OK => assert!(page.text().contains("id=\"reference\""), "{}", page.text()),
        // On a fresh clone the pages are not there yet.
        other => assert_eq!(other, StatusCode::SERVICE_UNAVAILABLE),
    }
}

#[test]
fn every_operation_has_a_name_words_and_a_tag_that_is_explained() {
    let document = Document::current();
    let explained: HashSet<_> =
        items(&document.root["tags"]).map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut names = HashSet::new();
    for (route, operation) in document.operations() {
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!(!summary.is_empty(), "{route} has no summary: the first line of its comment");
        assert!(!summary.ends_with('.'), "{route}: a summary is a title, without a full stop: {summary}");
        let name = operation["operationId"].as_str().unwrap_or_default();
        let is_camel = name.starts_with(|first: char| first.is_ascii_lowercase())
            && name.chars().all(|letter| letter.is_ascii_alphanumeric());
        assert!(is_camel, "{route}: the operation id `{name}` is not in camelCase");
        assert!(names.insert(name.to_owned()), "{route} shares its operation id {name} with another");
        for tag in items(&operation["tags"]) {
            assert!(explained.contains(tag.as_str().unwrap()), "{route}: {tag} is explained nowhere");
        }
        assert!(operation["tags"][0].is_string(), "{route} has no tag");
        for parameter in items(&operation["parameters"]) {
            let said = parameter["$ref"].is_string() || parameter["description"].is_string();
            assert!(said, "{route}: the parameter {} is not described", parameter["name"]);
        }
    }
}

#[test]
fn every_answer_is_described_and_every_error_has_codes_with_examples() {
    let document = Document::current();
    for (route, operation) in document.operations() {
        let is_guarded =
            items(&operation["security"]).any(|scheme| scheme.as_object().is_some_and(|it| !it.is_empty()));
        for (status, answer) in document.answers(operation) {
            let said = answer["description"].as_str().unwrap_or_default();
            assert!(!said.is_empty(), "{route}: {status} is not described");
            let is_error_body = answer["content"]["application/json"]["schema"]["$ref"]
                .as_str()
                .is_some_and(|name| name.ends_with("/ErrorBody"));
            if !is_error_body {
                continue;
            }
            let codes: Vec<_> = items(&answer["x-error-codes"]).collect();
            assert!(
                !codes.is_empty(),
                "{route}: {status} names no error code; write `THE_CODE` into its description: {said:?}"
            );
            for code in codes {
                let example = &answer["content"]["application/json"]["examples"][code.as_str().unwrap()];
                let example = document.resolved(example);
                assert_eq!(&example["value"]["code"], code, "{route}: {status} has no example of {code}");
            }
        }
        assert!(!is_guarded || operation["responses"]["401"].is_object(), "{route} never refuses");
        assert!(operation["responses"]["500"].is_object(), "{route} never fails");
    }
}

#[test]
fn every_error_code_that_a_description_names_exists_and_has_the_status_of_its_answer() {
    let document = Document::current();
    for (route, operation) in document.operations() {
        for (status, answer) in document.answers(operation) {
            let said = answer["description"].as_str().unwrap_or_default();
            let named = said.split('`').skip(1).step_by(2);
            let is_code = |word: &&str| {
                word.contains('_') && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
            };
            for code in named.filter(is_code) {
                let is_told = items(&answer["x-error-codes"]).any(|known| known == code);
                assert!(
                    is_told,
                    "{route}: {status} names {code}, which error_codes.json has not, or with another status"
                );
            }
        }
    }
}

#[test]
fn every_body_has_an_example_that_is_valid() {
    let document = Document::current();
    let mut examples = 0;
    for (route, operation) in document.operations() {
        let answers = document.answers(operation).map(|(status, answer)| (status.as_str(), answer));
        for (place, holder) in answers.chain([("the request", &operation["requestBody"])]) {
            let json = &holder["content"]["application/json"];
            let one = json.get("example").into_iter();
            let named = fields(&json["examples"]).map(|(_, example)| &document.resolved(example)["value"]);
            for example in one.chain(named) {
                examples += 1;
                if let Err(problem) = document.check(&json["schema"], example) {
                    panic!("{route}, {place}: the example {example:#} is not valid: {problem}");
                }
                if let Some(place_of_text) = untold(example, "") {
                    panic!(
                        "{route}, {place}: nothing tells what {place_of_text} looks like; give the field an `example`, \
                         or samples.json its name: {example:#}"
                    );
                }
            }
            assert!(
                json.is_null() || json.get("example").is_some() || json.get("examples").is_some(),
                "{route}, {place}: no example"
            );
        }
    }
    assert!(examples > 300, "only {examples} examples");
}

/// Where an example has the word that stands for want of a better one.
fn untold(example: &Value, place: &str) -> Option<String> {
    match example {
        Value::String(text) => (text == "text").then(|| place.to_owned()),
        Value::Array(items) => items.iter().find_map(|item| untold(item, &format!("{place}[]"))),
        Value::Object(fields) => {
            fields.iter().find_map(|(name, field)| untold(field, &format!("{place}/{name}")))
        }
        _ => None,
    }
}

#[test]
fn every_field_is_described() {
    let document = Document::current();
    let mut missing = Vec::new();
    for (name, schema) in fields(&document.root["components"]["schemas"]) {
        for part in items(&schema["allOf"]).chain([schema]) {
            for (field, property) in fields(&part["properties"]) {
                let kinds = items(&property["oneOf"]).chain([property, &property["items"]]);
                let is_said = |kind: &Value| kind["description"].is_string() || kind["$ref"].is_string();
                if !kinds.into_iter().any(is_said) {
                    missing.push(format!("{name}.{field}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "without a description: {missing:?}");
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}
