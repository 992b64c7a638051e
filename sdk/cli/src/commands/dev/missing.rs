//! What an installation lacks, and how to give it that; what to try when it lacks nothing.

use std::path::Path;

use neustream_contract::Kind;
use serde::Deserialize;
use serde_json::Value;

use crate::failure::{Diagnostic, Exit, Failure};
use crate::remote::{Client, Refusal, ServerAddress};
use crate::secrets;

#[derive(Deserialize)]
struct Problem {
    code: String,
    place: String,
    message: String,
}

/// What is wrong with a configuration.
#[derive(Deserialize)]
struct ConfigError {
    pointer: String,
    message: String,
}

/// A line for each thing that `installation` lacks.
pub(super) fn lines(installation: &Value, server: &ServerAddress) -> Vec<String> {
    let problems: Vec<Problem> = serde_json::from_value(installation["problems"].clone()).unwrap_or_default();
    let line = |Problem { code, place, message }: Problem| match code.as_str() {
        "config-invalid" => {
            format!("configuration {place}: {message}. Write a JSON file and say --config FILE.")
        }
        "secret-missing" => {
            format!("the secret {place}. {} Then say --secret {place}.", secrets::advice(&place))
        }
        "consent-missing" => format!("an account for {place}. Connect it at {server}."),
        _ => format!("{place}: {message}"),
    };
    let mut lines: Vec<String> = problems.into_iter().map(line).collect();
    if installation["enabled"] == false {
        let id = installation["id"].as_str().unwrap_or_default();
        lines.push(format!("being switched on: neustream-plugin api POST /api/installations/{id}/enable"));
    }
    lines
}

/// A configuration that does not fit, with the file that it is in.
pub(super) fn config_refused(client: &Client, refusal: &Refusal, file: &Path) -> Failure {
    let errors: Vec<ConfigError> = serde_json::from_value(refusal.details.clone()).unwrap_or_default();
    if errors.is_empty() {
        return client.failure(refusal);
    }
    let diagnostic = |error: ConfigError| {
        let pointer = if error.pointer.is_empty() { "/" } else { &error.pointer };
        Diagnostic::new("config-invalid", format!("{pointer}: {}.", error.message.trim_end_matches('.')))
            .at(file, None)
            .help("The plugin's config.schema.json says what fits.")
    };
    Failure { exit: Exit::Usage, diagnostics: errors.into_iter().map(diagnostic).collect() }
}

/// A first call of a plugin of this kind.
pub(super) fn first_call(kind: Kind, installation: &str) -> Option<String> {
    let (path, body) = match kind {
        Kind::Moderation => {
            ("/api/moderation/judge".to_owned(), r#"{"messages": [{"id": "1", "text": "hello"}]}"#)
        }
        Kind::Chat => (format!("/api/installations/{installation}/messages"), r#"{"text": "hello"}"#),
        Kind::Payment => (
            format!("/api/installations/{installation}/charges"),
            r#"{"reference": "order-1", "amount": {"minor": 1250, "currency": "EUR"}, "description": "A ticket", "payer_ref": "payer-1", "return_url": "https://example.com/thanks"}"#,
        ),
        Kind::Destination => return None,
    };
    Some(format!("neustream-plugin api POST {path} '{body}'"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn everything_that_is_missing_says_how_to_give_it() {
        let installation = json!({
            "id": "i",
            "enabled": false,
            "problems": [
                { "code": "config-invalid", "place": "/channel", "message": "is required" },
                { "code": "secret-missing", "place": "api-key", "message": "set the secret api-key" },
                { "code": "consent-missing", "place": "account", "message": "connect your account (account)" },
            ],
        });
        let server = "https://live.example.com".parse().unwrap();
        assert_eq!(
            lines(&installation, &server),
            [
                "configuration /channel: is required. Write a JSON file and say --config FILE.",
                "the secret api-key. Set NEUSTREAM_SECRET_API_KEY or write `api-key = \"...\"` in secrets.toml. Then say \
                 --secret api-key.",
                "an account for account. Connect it at https://live.example.com.",
                "being switched on: neustream-plugin api POST /api/installations/i/enable",
            ]
        );
    }

    #[test]
    fn a_first_call_is_one_that_a_shell_takes() {
        for kind in [Kind::Moderation, Kind::Chat, Kind::Payment] {
            let call = first_call(kind, "i").unwrap();
            let body = call.split_once('\'').and_then(|(_, rest)| rest.strip_suffix('\'')).unwrap();
            assert!(serde_json::from_str::<Value>(body).unwrap().is_object(), "{call}");
        }
    }
}
