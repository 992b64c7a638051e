//! What the document promises, held against what the API answers.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use neustream_api::openapi_document;
use serde_json::{Value, json};

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
