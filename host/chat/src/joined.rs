//! Secrets on their way out. On the way in they are starred by `neustream_outbound::Echoes`.
//!
//! Order matters: where something goes is checked first, then each secret
//! against the hosts it is bound to, and only then are bytes put together.

use std::collections::BTreeSet;

use neustream_contract::chat::Problem;
use neustream_contract::{Field, Secrets, Value};
use neustream_model::{Reason, Secret};
use neustream_outbound::{Endpoint, Rules};
use url::form_urlencoded;

/// A problem without advice when to try again.
pub(crate) fn problem(code: &str, message: impl Into<String>) -> Problem {
    Problem { reason: Reason::new(code, message), retry_after: None }
}

/// What may go to one endpoint.
pub(crate) struct Joiner<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) secrets: &'a Secrets,
    pub(crate) endpoint: &'a Endpoint,
}

impl Joiner<'_> {
    /// `value` with its secret, if that may go to the endpoint.
    pub(crate) fn value(&self, value: &Value) -> Result<Secret, Problem> {
        if let Some(name) = value.secret()
            && !self.rules.may_send(name, self.endpoint)
        {
            let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
            let message = format!("the secret `{name}` may not go to {}", self.endpoint);
            return Err(problem("secret-denied", message));
        }
        let missing = |unknown: neustream_contract::SecretUnknown| {
            problem("secret-missing", unknown.to_string().chars().take(100).collect::<String>())
        };
        self.secrets.join(value).map_err(missing)
    }

    /// All of `parts`, one after the other.
    pub(crate) fn parts(&self, parts: &[Value]) -> Result<Secret, Problem> {
        let mut text = String::new();
        for part in parts {
            text.push_str(self.value(part)?.expose());
        }
        Ok(Secret::new(text))
    }

    /// `url` with `query` behind it, percent-encoded.
    pub(crate) fn url(&self, url: &str, query: &[Field]) -> Result<String, Problem> {
        if url.contains('#') {
            return Err(problem("url-invalid", "a fragment in the URL"));
        }
        let mut url = url.to_owned();
        for field in query {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&percent_encoded(&field.name));
            url.push('=');
            url.push_str(&percent_encoded(self.value(&field.value)?.expose()));
        }
        Ok(url)
    }

    /// Headers with their secrets.
    pub(crate) fn headers(&self, headers: &[Field]) -> Result<Vec<(String, Secret)>, Problem> {
        headers.iter().map(|field| Ok((field.name.clone(), self.value(&field.value)?))).collect()
    }
}

/// The names of secrets in `values`.
pub(crate) fn secrets_in<'a>(values: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    values.into_iter().filter_map(|value| value.secret().map(str::to_owned)).collect()
}

/// `text` as `application/x-www-form-urlencoded` has it (URL standard, 5.2).
fn percent_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
