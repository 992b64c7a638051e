//! Requests to Razorpay, and what its answers mean.

use neustream_plugin::payment::{Failure, Status};
use neustream_plugin::{Error, Host, Problem, Request, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;

const BASE: &str = "https://api.razorpay.com/v1";
const NAME: &str = "Razorpay";

/// The manifest's names of the secrets.
pub const KEY_SECRET: &str = "key-secret";
pub const WEBHOOK_SECRET: &str = "webhook-secret";

/// The account's public half of its credentials.
pub struct Api<'a, H> {
    pub host: &'a H,
    pub key_id: &'a str,
}

/// What became of a request that moves money.
pub enum Outcome<T> {
    /// It was done.
    Done(T),
    /// It was refused, and will be.
    Refused(Status),
}

#[derive(Deserialize)]
struct Failed {
    error: Description,
}

#[derive(Default, Deserialize)]
struct Description {
    #[serde(default)]
    code: String,
    #[serde(default)]
    description: String,
}

impl<H: Host> Api<'_, H> {
    /// A request to read `path`.
    pub fn get(&self, path: &str) -> Request {
        Request::get(format!("{BASE}{path}")).basic(self.key_id, KEY_SECRET)
    }

    /// A request to do something.
    pub fn post(&self, path: &str) -> Request {
        Request::post(format!("{BASE}{path}")).basic(self.key_id, KEY_SECRET)
    }

    /// Reads; none where there is nothing.
    pub fn found<T: DeserializeOwned>(&self, request: &Request) -> Result<Option<T>, Error> {
        let response = self.host.send(request)?;
        match response.status {
            404 => Ok(None),
            // What does not exist is also a 400 with this description.
            400 if Description::of(&response).description.contains("does not exist") => Ok(None),
            _ => response.success(NAME)?.json().map(Some),
        }
    }

    /// Does what moves money, or begins to. What proves that nothing was done is told apart by `?`.
    pub fn done<T: DeserializeOwned>(&self, request: &Request) -> Result<Outcome<T>, Failure> {
        let response = self.host.send(request)?;
        match response.status {
            // 408: not all of it arrived. 409: another request with this key is under way.
            408 | 409 => Err(Failure::Unknown(response.error_of_status(NAME))),
            401 | 403 | 429 => Err(response.error_of_status(NAME))?,
            400..=499 => Ok(Outcome::Refused(Description::of(&response).status(response.status))),
            _ => Ok(Outcome::Done(response.success(NAME)?.json()?)),
        }
    }
}

impl Description {
    fn of(response: &Response) -> Self {
        response.json::<Failed>().map(|failed| failed.error).unwrap_or_default()
    }

    fn status(self, answered: u16) -> Status {
        let code = self.code.to_ascii_lowercase().replace('_', "-");
        let code = if code.is_empty() { "refused".to_owned() } else { code };
        let text: String = self.description.chars().filter(|c| !c.is_control()).take(300).collect();
        let message = if text.is_empty() { format!("Razorpay answered {answered}.") } else { text };
        Status::Declined(Problem::new(code, message))
    }
}

/// Whether `text` may stand in a path: Razorpay's ids are letters, digits and `_`.
pub fn is_id(text: &str, prefix: &str) -> bool {
    text.len() <= 64
        && text.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
}
