//! Requests to Stripe, and what its answers mean.

use neustream_plugin::payment::{Failure, Status};
use neustream_plugin::{Error, Host, Problem, Request, Response};
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

/// A request to read `path`.
pub fn get(path: &str) -> Request {
    authorized(Request::get(format!("{BASE}{path}")))
}

/// A request to do something, once under `key`.
pub fn post(path: &str, key: &str) -> Request {
    authorized(Request::post(format!("{BASE}{path}"))).header("idempotency-key", key)
}

fn authorized(request: Request) -> Request {
    request.bearer(API_KEY).header("stripe-version", VERSION)
}

/// Reads; none where there is nothing.
pub fn found<T: DeserializeOwned>(host: &impl Host, request: &Request) -> Result<Option<T>, Error> {
    let response = host.send(request)?;
    match response.status {
        404 => Ok(None),
        _ => response.success(NAME)?.json().map(Some),
    }
}

/// Does what moves money, or begins to. What proves that nothing was done is told apart by `?`.
pub fn done<T: DeserializeOwned>(host: &impl Host, request: &Request) -> Result<Outcome<T>, Failure> {
    let response = host.send(request)?;
    match response.status {
        // 408: not all of it arrived. 409: a request with this key is under way. 424: something behind Stripe failed.
        408 | 409 | 424 => Err(Failure::Unknown(response.error_of_status(NAME))),
        401 | 403 | 429 => Err(response.error_of_status(NAME))?,
        400..=499 => {
            let refusal = response.json::<Failed>().map(|failed| failed.error).unwrap_or_default();
            if refusal.kind == "idempotency_error" {
                // The key was used with other parameters: there is something under it.
                let message = "Stripe has another request under this key.";
                return Err(Failure::Unknown(Error::unavailable("key-in-use", message)));
            }
            Ok(Outcome::Refused(refusal.status(&response)))
        }
        _ => Ok(Outcome::Done(response.success(NAME)?.json()?)),
    }
}

/// Whether `text` may stand in a path: Stripe's ids are letters, digits and `_`.
pub fn is_id(text: &str, prefix: &str) -> bool {
    text.len() <= 255
        && text.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
}

impl Refusal {
    fn status(self, response: &Response) -> Status {
        let code = self.decline_code.or(self.code).unwrap_or_else(|| "refused".to_owned());
        let said = self.message.unwrap_or_default();
        let text: String = said.chars().filter(|c| !c.is_control()).take(300).collect();
        let message = if text.is_empty() { format!("Stripe answered {}.", response.status) } else { text };
        Status::Declined(Problem::new(code.replace('_', "-"), message))
    }
}
