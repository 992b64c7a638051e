//! The tenant's configuration, checked against the plugin's JSON Schema (2020-12).
//!
//! The schema comes from a plugin author, so it is bounded: 64 KiB, no
//! references to anything outside itself, patterns by a linear-time engine.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use serde_json::Value;

/// The largest schema.
pub const MAX_SCHEMA_BYTES: usize = 64 * 1024;
/// The largest configuration.
pub const MAX_CONFIG_BYTES: usize = 64 * 1024;
/// So many things that are wrong with a configuration are told at once.
pub const MAX_ERRORS: usize = 100;

/// A configuration that the plugin's schema refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", if .pointer.is_empty() { "configuration" } else { .pointer.as_str() })]
pub struct ConfigInvalid {
    /// JSON pointer (RFC 6901) to what is wrong; empty for the whole.
    pub pointer: String,
    /// What is wrong with it, in a sentence.
    pub message: String,
}

/// Why a schema cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// More than [`MAX_SCHEMA_BYTES`].
    #[error("the configuration schema has {0} bytes; {MAX_SCHEMA_BYTES} are allowed")]
    TooLarge(usize),
    /// Not JSON.
    #[error("the configuration schema is not JSON: {0}")]
    NotJson(String),
    /// Not a JSON Schema, or one that refers to something outside.
    #[error("the configuration schema is not usable{}: {problem}", at(.pointer))]
    NotSchema {
        /// JSON pointer (RFC 6901) into the schema; empty for the whole, or where the place is not known.
        pointer: String,
        /// What is wrong there.
        problem: String,
    },
}

fn at(pointer: &str) -> String {
    if pointer.is_empty() { String::new() } else { format!(" at {pointer}") }
}

/// A compiled JSON Schema.
#[derive(Debug)]
pub struct ConfigSchema {
    schema: Value,
    validator: Validator,
}

impl ConfigSchema {
    /// Reads a schema from JSON text.
    pub fn parse(text: &[u8]) -> Result<Self, SchemaError> {
        if text.len() > MAX_SCHEMA_BYTES {
            return Err(SchemaError::TooLarge(text.len()));
        }
        let schema: Value =
            serde_json::from_slice(text).map_err(|error| SchemaError::NotJson(error.to_string()))?;
        if !schema.is_object() {
            let problem = "it is not an object".to_owned();
            return Err(SchemaError::NotSchema { pointer: String::new(), problem });
        }
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_pattern_options(PatternOptions::regex())
            .build(&schema)
            .map_err(|error| SchemaError::NotSchema {
                pointer: error.instance_path().to_string(),
                problem: error.to_string(),
            })?;
        Ok(Self { schema, validator })
    }

    /// The schema of a plugin that has nothing to configure.
    pub fn empty() -> Self {
        Self::parse(br#"{"type":"object","additionalProperties":false}"#)
            .expect("the literal above is a JSON Schema")
    }

    /// The schema itself.
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// Checks a configuration; tells the first thing that is wrong with it.
    pub fn validate(&self, config: &Value) -> Result<(), ConfigInvalid> {
        self.validator.validate(config).map_err(|error| ConfigInvalid {
            pointer: error.instance_path().to_string(),
            // The value itself is left out: people paste stream keys into the wrong field.
            message: error.masked().to_string(),
        })
    }

    /// Checks a configuration; tells everything that is wrong with it, at most [`MAX_ERRORS`]. What is missing is
    /// pointed at where it should be.
    pub fn validate_all(&self, config: &Value) -> Vec<ConfigInvalid> {
        self.validator.iter_errors(config).take(MAX_ERRORS).map(|error| error_at(&error)).collect()
    }

    /// Like [`ConfigSchema::validate_all`] for one part of a configuration that is completed elsewhere: what is
    /// merely missing is not an error.
    pub fn validate_part(&self, config: &Value) -> Vec<ConfigInvalid> {
        let errors = self.validator.iter_errors(config);
        let errors = errors.filter(|error| !matches!(error.kind(), ValidationErrorKind::Required { .. }));
        errors.take(MAX_ERRORS).map(|error| error_at(&error)).collect()
    }

    /// Checks a configuration given as JSON text.
    pub fn validate_text(&self, config: &str) -> Result<Value, ConfigInvalid> {
        let invalid = |message: String| ConfigInvalid { pointer: String::new(), message };
        if config.len() > MAX_CONFIG_BYTES {
            return Err(invalid(format!("it has {} bytes; {MAX_CONFIG_BYTES} are allowed", config.len())));
        }
        let value = serde_json::from_str(config).map_err(|error| invalid(format!("not JSON: {error}")))?;
        self.validate(&value)?;
        Ok(value)
    }
}

fn error_at(error: &ValidationError<'_>) -> ConfigInvalid {
    let pointer = error.instance_path().to_string();
    match error.kind() {
        ValidationErrorKind::Required { property: Value::String(name) } => ConfigInvalid {
            // RFC 6901, section 3.
            pointer: format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")),
            message: "is required".to_owned(),
        },
        // The value itself is left out: people paste stream keys into the wrong field.
        _ => ConfigInvalid { pointer, message: error.masked().to_string() },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_error_points_at_the_field_and_does_not_repeat_its_value() {
        let schema = ConfigSchema::parse(
            br#"{"type":"object","properties":{"ingest":{"type":"object","properties":{"port":{"type":"integer"}}}}}"#,
        )
        .unwrap();
        let error = schema.validate(&json!({"ingest": {"port": "live_123_secret"}})).unwrap_err();
        assert_eq!(error.pointer, "/ingest/port");
        assert!(!error.to_string().contains("live_123"), "{error}");
    }

    #[test]
    fn everything_that_is_wrong_is_told_with_its_place() {
        let schema = ConfigSchema::parse(
            br#"{"type":"object","required":["a/b"],"properties":{"port":{"type":"integer"},"tls":{"type":"boolean"}}}"#,
        )
        .unwrap();
        let config = json!({"port": "live_123_secret", "tls": "yes"});
        let errors = schema.validate_all(&config);
        let mut pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
        pointers.sort_unstable();
        assert_eq!(pointers, ["/a~1b", "/port", "/tls"]);
        assert!(errors.iter().all(|error| !error.to_string().contains("live_123")), "{errors:?}");
        assert_eq!(schema.validate_part(&config).len(), 2);
        assert_eq!(schema.validate_part(&json!({"port": 1})), []);
    }

    #[test]
    fn a_schema_that_refers_outside_is_refused() {
        let schema = br#"{"$ref":"https://example.com/schema.json"}"#;
        assert!(matches!(ConfigSchema::parse(schema), Err(SchemaError::NotSchema { .. })));
    }

    #[test]
    fn what_is_no_schema_is_told_with_its_place() {
        let schema = br#"{"type":"object","properties":{"port":{"type":"integr"}}}"#;
        let error = ConfigSchema::parse(schema).unwrap_err();
        let SchemaError::NotSchema { pointer, .. } = &error else { panic!("{error}") };
        assert_eq!(pointer, "/properties/port/type");
    }

    #[test]
    fn patterns_with_exponential_cost_answer_at_once() {
        let schema = ConfigSchema::parse(br#"{"properties":{"a":{"pattern":"^(a+)+$"}}}"#).unwrap();
        let hostile = format!("{}!", "a".repeat(60_000));
        assert!(schema.validate(&json!({ "a": hostile })).is_err());
    }

    #[test]
    fn a_plugin_without_a_schema_takes_no_settings() {
        assert_eq!(ConfigSchema::empty().validate(&json!({})), Ok(()));
        assert!(ConfigSchema::empty().validate(&json!({"a": 1})).is_err());
    }
}
