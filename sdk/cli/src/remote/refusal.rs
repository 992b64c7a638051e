//! What a server says instead of doing as it was asked.

use serde::Deserialize;
use serde_json::Value;

use super::ServerAddress;
use crate::failure::{Diagnostic, Exit, Failure};

/// An answer that is not a success: `{"error", "details", "code"}`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Refusal {
    /// The HTTP status.
    #[serde(skip)]
    pub status: u16,
    /// A sentence for people.
    #[serde(rename = "error")]
    pub message: String,
    /// What and where, from an open vocabulary of shapes.
    #[serde(default)]
    pub details: Value,
    /// A word for programs, such as `VERSION_NOT_HIGHER`.
    pub code: String,
}

impl Refusal {
    /// The refusal in an answer. Whatever stands before a Neustream answers in its own form, or something else is there.
    pub fn read(status: u16, body: &[u8]) -> Self {
        let refusal = serde_json::from_slice::<Self>(body);
        refusal.map_or_else(
            |_| Self {
                status,
                message: format!("it answered {status} and not in the words of a Neustream"),
                details: Value::Null,
                code: "NO_NEUSTREAM".to_owned(),
            },
            |refusal| Self { status, ..refusal },
        )
    }

    /// The kebab-case word for diagnostics: `version-not-higher`.
    pub fn word(&self) -> String {
        self.code.to_ascii_lowercase().replace('_', "-")
    }

    /// Message and details in one sentence.
    pub fn sentence(&self) -> String {
        let message = self.message.trim_end_matches('.');
        match &self.details {
            Value::String(details) if !message.contains(details.as_str()) => format!("{message}: {details}."),
            _ => format!("{message}."),
        }
    }
}

/// A refusal that needs no more than what can be said of any request.
pub(crate) fn failure(server: &ServerAddress, refusal: &Refusal) -> Failure {
    let message = format!("{server} refused: {}", refusal.sentence());
    let diagnostic = Diagnostic::new(&refusal.word(), message);
    let diagnostic = match advice(refusal) {
        Some(advice) => diagnostic.help(advice),
        None => diagnostic,
    };
    Failure::new(Exit::Server, diagnostic)
}

fn advice(refusal: &Refusal) -> Option<String> {
    let wait = || {
        let seconds = refusal.details["retry_after_s"].as_u64()?;
        Some(format!("Try again in {}.", minutes_and_seconds(seconds)))
    };
    match refusal.code.as_str() {
        "NO_NEUSTREAM" if (300..400).contains(&refusal.status) => Some(
            "It sends elsewhere: sign in at the address it sends to, https:// where there is one.".to_owned(),
        ),
        "NO_NEUSTREAM" => Some("Check the address: is a Neustream there?".to_owned()),
        "RATE_LIMITED" | "TOO_MANY_FAILED_LOGINS" => wait(),
        "UNAVAILABLE" | "REQUEST_TIMEOUT" => Some("Try again in a moment.".to_owned()),
        "INTERNAL" => Some("The server's own log says why; tell whoever runs it.".to_owned()),
        "LIMIT_REACHED" => {
            let (current, max) = (&refusal.details["current"], &refusal.details["max"]);
            let more = refusal.details["upgrade_url"].as_str();
            let more = more.map_or_else(
                || "ask whoever runs it for more".to_owned(),
                |url| format!("there is more at {url}"),
            );
            Some(format!("You have {current} of {max}: remove one, or {more}."))
        }
        _ => None,
    }
}

fn minutes_and_seconds(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, body: &str) -> String {
        let server = "https://live.example.com".parse().unwrap();
        failure(&server, &Refusal::read(status, body.as_bytes())).diagnostics[0].to_string()
    }

    #[test]
    fn a_refusal_says_what_the_server_said_and_what_to_do() {
        let limited = r#"{"error":"too many failed sign-ins for this account","details":{"retry_after_s":75},"code":"TOO_MANY_FAILED_LOGINS"}"#;
        assert_eq!(
            said(429, limited),
            "https://live.example.com refused: too many failed sign-ins for this account.\n  help: Try again in 1 min 15 s."
        );
        let invalid = r#"{"error":"a field of the request is not valid","details":"grant: no such permission","code":"VALIDATION_FAILED"}"#;
        assert_eq!(
            said(422, invalid),
            "https://live.example.com refused: a field of the request is not valid: grant: no such permission."
        );
    }

    #[test]
    fn what_is_no_neustream_is_said_to_be_none() {
        for (status, body) in [(404, "<html>not found</html>"), (302, ""), (502, "Bad gateway"), (400, "[]")]
        {
            assert!(said(status, body).contains("not in the words of a Neustream"), "{status}");
        }
    }
}
