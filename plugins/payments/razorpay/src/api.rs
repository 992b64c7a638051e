//! Requests to Razorpay, and what its answers mean.

use neustream_plugin::payment::{Failure, Status};
use neustream_plugin::{Content, Error, Field, Host, Problem, Request, Response, Value};
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

#[derive(Deserialize)]
struct Description {
    #[serde(default)]
    code: String,
    #[serde(default)]
    description: String,
}

impl<H: Host> Api<'_, H> {
    /// Reads `path`; none where there is nothing.
    pub fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<Option<T>, Error> {
        let query = query.iter().map(|(name, value)| Field::new(*name, *value)).collect();
        let response = self.host.send(&self.request("GET", path, query, Vec::new(), Content::Empty))?;
        match response.status {
            200 => parsed(&response).map(Some),
            404 => Ok(None),
            // What does not exist is also a 400 with this description.
            400 if description(&response).description.contains("does not exist") => Ok(None),
            _ => Err(response.error_of_status(NAME)),
        }
    }

    /// Posts JSON that moves money.
    pub fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        headers: Vec<Field>,
        body: &serde_json::Value,
    ) -> Result<Outcome<T>, Failure> {
        let content = Content::Bytes(body.to_string().into_bytes());
        let mut headers = headers;
        headers.push(Field::new("content-type", "application/json"));
        let sent = self.host.send(&self.request("POST", path, Vec::new(), headers, content));
        let response = sent.map_err(|error| match error {
            // The host refused it: it did not leave.
            Error::Denied(_) | Error::InvalidConfig(_) => Failure::NotSent(error),
            _ => Failure::Unknown(error),
        })?;
        match response.status {
            200 | 201 => parsed(&response).map(Outcome::Done).map_err(Failure::Unknown),
            401 | 403 | 429 => Err(Failure::NotSent(response.error_of_status(NAME))),
            // Another request with this key is under way.
            409 => Err(Failure::Unknown(response.error_of_status(NAME))),
            400..=499 => Ok(Outcome::Refused(refusal(&response))),
            _ => Err(Failure::Unknown(response.error_of_status(NAME))),
        }
    }

    fn request(
        &self,
        method: &str,
        path: &str,
        query: Vec<Field>,
        mut headers: Vec<Field>,
        body: Content,
    ) -> Request {
        let credentials = Value::Basic((self.key_id.to_owned(), KEY_SECRET.to_owned()));
        headers.insert(0, Field { name: "authorization".to_owned(), value: credentials });
        Request {
            method: method.to_owned(),
            url: format!("{BASE}{path}"),
            query,
            headers,
            body,
            timeout_ms: 0,
        }
    }
}

/// Whether `text` may stand in a path: Razorpay's ids are letters, digits and `_`.
pub fn is_id(text: &str, prefix: &str) -> bool {
    text.len() <= 64
        && text.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
}

fn parsed<T: DeserializeOwned>(response: &Response) -> Result<T, Error> {
    serde_json::from_slice(&response.body)
        .map_err(|_| Error::unavailable("malformed-answer", "Razorpay's answer cannot be read."))
}

fn description(response: &Response) -> Description {
    let failed: Option<Failed> = serde_json::from_slice(&response.body).ok();
    failed.map_or(Description { code: String::new(), description: String::new() }, |failed| failed.error)
}

fn refusal(response: &Response) -> Status {
    let Description { code, description } = description(response);
    let code =
        if code.is_empty() { "refused".to_owned() } else { code.to_ascii_lowercase().replace('_', "-") };
    let text: String = description.chars().filter(|c| !c.is_control()).take(300).collect();
    let message = if text.is_empty() { format!("Razorpay answered {}.", response.status) } else { text };
    Status::Declined(Problem::new(code, message))
}
