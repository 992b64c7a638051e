//! Every code that an error can have, as data: `error_codes.json`.
//!
//! Each code has one status, whoever answers it. A test compares the list with the mapping in `error` and `refusals`;
//! docs/API.md shows it to people.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};

/// One code.
#[derive(Debug, Deserialize)]
pub(crate) struct ErrorCode {
    /// The word for programs.
    #[serde(skip)]
    pub code: String,
    /// The one status that it comes with.
    pub status: u16,
    /// `error` of an answer with it, as an example.
    pub error: String,
    /// When it comes, and what to do.
    pub meaning: String,
    /// `details` of an answer with it, as an example.
    #[serde(default)]
    pub details: Value,
}

static CODES: LazyLock<BTreeMap<String, ErrorCode>> = LazyLock::new(|| {
    let mut codes: BTreeMap<String, ErrorCode> = serde_json::from_str(include_str!("error_codes.json"))
        .expect("error_codes.json holds codes; a test reads it");
    for (name, code) in &mut codes {
        code.code.clone_from(name);
    }
    codes
});

/// The code of this name.
pub(crate) fn find(name: &str) -> Option<&'static ErrorCode> {
    CODES.get(name)
}

/// All of them, by name.
pub(crate) fn all() -> impl Iterator<Item = &'static ErrorCode> {
    CODES.values()
}

impl ErrorCode {
    /// A whole answer, as an example of the document.
    pub fn example(&self) -> Value {
        let body = json!({ "error": self.error, "details": self.details, "code": self.code });
        json!({ "summary": self.meaning, "value": body })
    }

    /// When it comes, for the list of all.
    pub fn explained(&self) -> Value {
        json!({ "status": self.status, "description": self.meaning })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use axum::http::StatusCode;

    use super::*;

    /// The mapping, as text: codes stand beside their statuses there.
    const MAPPING: [&str; 2] = [include_str!("../error.rs"), include_str!("../refusals.rs")];

    #[test]
    fn the_list_has_every_code_of_the_mapping_with_its_status_and_no_other() {
        let mapped: BTreeSet<_> = MAPPING.iter().flat_map(|text| pairs(text)).collect();
        assert!(mapped.len() > 60, "the mapping is not read any more: {mapped:?}");
        for (status, code) in &mapped {
            let known = find(code);
            assert!(known.is_some(), "error_codes.json lacks {code} ({status})");
            let listed = known.map_or(0, |known| known.status);
            assert_eq!(listed, *status, "{code} has another status in error_codes.json");
        }
        // Some stand in a function of their own, without a status beside them.
        let quoted: BTreeSet<_> =
            MAPPING.iter().flat_map(|text| text.split('"').skip(1).step_by(2)).collect();
        for code in quoted.iter().filter(|word| is_code(word)) {
            assert!(find(code).is_some(), "error_codes.json lacks {code}");
        }
        for code in CODES.keys() {
            assert!(quoted.contains(code.as_str()), "nothing answers {code} any more");
        }
    }

    fn is_code(word: &str) -> bool {
        word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    }

    /// `(S::CONFLICT, "IN_USE"` as 409 and its code.
    fn pairs(text: &str) -> Vec<(u16, String)> {
        let places = text.match_indices("S::").map(|(at, _)| &text[at + 3..]);
        places
            .filter_map(|rest| {
                let (name, rest) = rest.split_once(',')?;
                let code = rest.trim_start().strip_prefix('"')?.split('"').next()?;
                Some((status(name)?, code.to_owned()))
            })
            .collect()
    }

    fn status(name: &str) -> Option<u16> {
        let words = name.replace('_', " ");
        let found = (400..600).find(|number| {
            let status = StatusCode::from_u16(*number).ok();
            let reason = status.and_then(|status| status.canonical_reason()).unwrap_or_default();
            reason.replace('-', " ").eq_ignore_ascii_case(&words)
        });
        assert!(
            found.is_some() || !name.bytes().all(|byte| byte.is_ascii_uppercase()),
            "{name} is no status"
        );
        found
    }
}
