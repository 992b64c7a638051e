//! Requests to Stripe, and what its answers mean.

use neustream_plugin::payment::{Failure, Status};
use neustream_plugin::{Content, Error, Field, Host, Problem, Request, Response, Value};
use serde::Deserialize;
use serde::de::DeserializeOwned;

const BASE: &str = "https://api.stripe.com/v1";
const NAME: &str = "Stripe";
/// The version whose objects this plugin reads, whatever the account's own is.
const VERSION: &str = "2024-06-20";

/// The manifest's names of the secrets.
pub const API_KEY: &str = "api-key";
pub const WEBHOOK_SECRET: &str = "webhook-secret";

/// What became of a request that moves money.
pub enum Outcome<T> {
    /// It was done.
    Done(T),
    /// It was refused, and will be.
    Refused(Status),
}

#[derive(Deserialize)]
struct Failed {
    error: Refusal,
}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default, rename = "type")]
    kind: String,
    code: Option<String>,
    decline_code: Option<String>,
    message: Option<String>,
}

/// Reads `path`; none where there is nothing.
pub fn get<T: DeserializeOwned>(
    host: &impl Host,
    path: &str,
    query: &[(&str, &str)],
) -> Result<Option<T>, Error> {
    let query = query.iter().map(|(name, value)| Field::new(*name, *value)).collect();
    let response = host.send(&request("GET", path, query, Vec::new(), Content::Empty))?;
    match response.status {
        200 => parsed(&response).map(Some),
        404 => Ok(None),
        _ => Err(response.error_of_status(NAME)),
    }
}

/// Posts a form that moves money, or begins to.
pub fn post<T: DeserializeOwned>(
    host: &impl Host,
    path: &str,
    key: &str,
    form: Vec<Field>,
) -> Result<Outcome<T>, Failure> {
    let headers = vec![Field::new("idempotency-key", key)];
    let sent = host.send(&request("POST", path, Vec::new(), headers, Content::Form(form)));
    let response = sent.map_err(|error| match error {
        // The host refused it: it did not leave.
        Error::Denied(_) | Error::InvalidConfig(_) => Failure::NotSent(error),
        _ => Failure::Unknown(error),
    })?;
    match response.status {
        200 => parsed(&response).map(Outcome::Done).map_err(Failure::Unknown),
        401 | 403 | 429 => Err(Failure::NotSent(response.error_of_status(NAME))),
        // 409: a request with this key is under way. 424: something behind Stripe failed.
        409 | 424 => Err(Failure::Unknown(response.error_of_status(NAME))),
        400..=499 => {
            let problem = failed(&response);
            if problem.kind == "idempotency_error" {
                // The key was used with other parameters: there is something under it.
                let message = "Stripe has another request under this key.";
                return Err(Failure::Unknown(Error::unavailable("key-in-use", message)));
            }
            Ok(Outcome::Refused(refusal(&response, problem)))
        }
        _ => Err(Failure::Unknown(response.error_of_status(NAME))),
    }
}

/// Whether `text` may stand in a path: Stripe's ids are letters, digits and `_`.
pub fn is_id(text: &str, prefix: &str) -> bool {
    text.len() <= 255
        && text.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
}

fn request(method: &str, path: &str, query: Vec<Field>, mut headers: Vec<Field>, body: Content) -> Request {
    let token = Value::Prefixed(("Bearer ".to_owned(), API_KEY.to_owned()));
    headers.insert(0, Field { name: "authorization".to_owned(), value: token });
    headers.insert(1, Field::new("stripe-version", VERSION));
    Request { method: method.to_owned(), url: format!("{BASE}{path}"), query, headers, body, timeout_ms: 0 }
}

fn parsed<T: DeserializeOwned>(response: &Response) -> Result<T, Error> {
    serde_json::from_slice(&response.body)
        .map_err(|_| Error::unavailable("malformed-answer", "Stripe's answer cannot be read."))
}

fn failed(response: &Response) -> Refusal {
    serde_json::from_slice::<Failed>(&response.body).map(|failed| failed.error).unwrap_or_default()
}

fn refusal(response: &Response, failed: Refusal) -> Status {
    let code = failed.decline_code.or(failed.code).unwrap_or_else(|| "refused".to_owned());
    let text: String =
        failed.message.unwrap_or_default().chars().filter(|c| !c.is_control()).take(300).collect();
    let message = if text.is_empty() { format!("Stripe answered {}.", response.status) } else { text };
    Status::Declined(Problem::new(code.replace('_', "-"), message))
}
