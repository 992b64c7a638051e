//! Rules for texts that people type.

use serde::Serialize;

use crate::error::ApiError;

const MAX_NAME_CHARS: usize = 100;
const MAX_DESCRIPTION_CHARS: usize = 2000;

/// A name: trimmed, 1 to 100 characters, none of them a control character.
pub(crate) fn name(field: &'static str, text: &str) -> Result<String, ApiError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(ApiError::Invalid { field, message: "must not be empty".to_owned() });
    }
    optional_name(field, text)
}

/// A name that may be empty.
pub(crate) fn optional_name(field: &'static str, text: &str) -> Result<String, ApiError> {
    let text = text.trim();
    let invalid = |message: String| Err(ApiError::Invalid { field, message });
    if text.chars().count() > MAX_NAME_CHARS {
        return invalid(format!("at most {MAX_NAME_CHARS} characters"));
    }
    if text.chars().any(char::is_control) {
        return invalid("must be one line without control characters".to_owned());
    }
    Ok(text.to_owned())
}

/// A longer text, of lines: at most 2000 characters.
pub(crate) fn description(field: &'static str, text: &str) -> Result<String, ApiError> {
    let text = text.trim();
    let invalid = |message: String| Err(ApiError::Invalid { field, message });
    if text.chars().count() > MAX_DESCRIPTION_CHARS {
        return invalid(format!("at most {MAX_DESCRIPTION_CHARS} characters"));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return invalid("must not hold control characters other than line ends and tabs".to_owned());
    }
    Ok(text.to_owned())
}

/// The word that a state without fields is written as in JSON.
pub(crate) fn word(state: impl Serialize) -> String {
    serde_json::to_value(state).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}
