//! What the document promises, held against what the API answers.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, LazyLock, Mutex};

use axum::http::{Method, StatusCode};
use jsonschema::Validator;
use neustream_api::openapi_document;
use serde_json::{Value, json};

use crate::kit::Answer;

/// The OpenAPI document.
pub struct Document {
    pub root: Value,
    /// By the text of their schemas.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Document {
    /// The document of the API as it is.
    pub fn current() -> &'static Self {
        static CURRENT: LazyLock<Document> = LazyLock::new(|| Document {
            root: serde_json::from_str(&openapi_document()).unwrap(),
            validators: Mutex::default(),
        });
        &CURRENT
    }

    /// Whether an answer is one that the document tells of; what it does not describe (pages, wrong addresses) passes.
    pub fn allows(
        &self,
        method: &Method,
        path: &str,
        status: StatusCode,
        kind: &str,
        bytes: &[u8],
    ) -> Result<(), String> {
        let Some((route, operation)) = self.operation(method, path) else { return Ok(()) };
        let answers = &operation["responses"];
        let Some(answer) = answers.get(status.as_str()).map(|answer| self.resolved(answer)) else {
            let text = String::from_utf8_lossy(bytes);
            return Err(format!("{route} answers {status}, which is not documented: {text}"));
        };
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let Some(content) = answer.get("content").filter(|_| !bytes.is_empty()) else { return Ok(()) };
        if kind != "application/json" {
            let is_told = content.get(kind).is_some() || content.get("*/*").is_some();
            return if is_told {
                Ok(())
            } else {
                Err(format!("{route}: {status} as {kind:?} is not documented"))
            };
        }
        let body: Value = serde_json::from_slice(bytes).map_err(|error| format!("{route}: {error}"))?;
        if let (Some(codes), Some(code)) = (answer["x-error-codes"].as_array(), body["code"].as_str())
            && !codes.iter().any(|known| known == code)
        {
            return Err(format!(
                "{route}: {status} does not tell of {code}: write `{code}` into its description"
            ));
        }
        let schema = &content["application/json"]["schema"];
        self.check(schema, &body)
            .map_err(|problem| format!("{route}: {status} is not as documented: {problem}"))
    }

    /// The operation that takes this path; of several the one with the most fixed words.
    fn operation(&self, method: &Method, path: &str) -> Option<(String, &Value)> {
        let asked: Vec<_> = path.split('?').next().unwrap_or_default().split('/').collect();
        let fits = |template: &str| {
            let parts: Vec<_> = template.split('/').collect();
            parts.len() == asked.len()
                && parts.iter().zip(&asked).all(|(part, asked)| part.starts_with('{') || part == asked)
        };
        let paths = self.root["paths"].as_object().unwrap().iter().filter(|(template, _)| fits(template));
        let (template, methods) = paths.min_by_key(|(template, _)| template.matches('{').count())?;
        let operation = methods.get(method.as_str().to_lowercase())?;
        Some((format!("{method} {template}"), operation))
    }

    /// Every operation, as `GET /path`.
    pub fn operations(&self) -> impl Iterator<Item = (String, &Value)> {
        let paths = self.root["paths"].as_object().unwrap();
        paths.iter().flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap();
            methods
                .iter()
                .map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
        })
    }

    /// The answers of an operation by status.
    pub fn answers<'a>(&'a self, operation: &'a Value) -> impl Iterator<Item = (&'a String, &'a Value)> {
        let answers = operation["responses"].as_object().unwrap();
        answers.iter().map(|(status, answer)| (status, self.resolved(answer)))
    }

    /// What `value` refers to, or itself.
    pub fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let place = value["$ref"].as_str().map(|reference| reference.trim_start_matches('#'));
        place.map_or(value, |place| {
            self.root.pointer(place).unwrap_or_else(|| panic!("nothing is at {place}"))
        })
    }

    /// Whether `value` is as `schema` says.
    pub fn check(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let problems: Vec<_> = self
            .validator(schema)
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap();
        let validator = validators.entry(schema.to_string()).or_insert_with(|| {
            // References begin at the root.
            let whole = json!({ "allOf": [schema], "components": self.root["components"] });
            let built = jsonschema::draft202012::options().build(&whole);
            Arc::new(built.unwrap_or_else(|error| panic!("{schema} is no schema: {error}")))
        });
        validator.clone()
    }
}

/// Expects that an answer is one that the document tells of.
///
/// `NEUSTREAM_UNDOCUMENTED=FILE` gathers what is not, instead.
pub fn expect(method: &Method, path: &str, answer: &Answer) {
    let kind = answer.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let Err(problem) = Document::current().allows(method, path, answer.status, kind, &answer.bytes) else {
        return;
    };
    match std::env::var_os("NEUSTREAM_UNDOCUMENTED") {
        None => panic!("{problem}"),
        Some(file) => {
            let mut file = std::fs::File::options().append(true).create(true).open(file).unwrap();
            writeln!(file, "{problem}").unwrap();
        }
    }
}
