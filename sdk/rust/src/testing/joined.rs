//! What would leave the host: values with their secrets, URLs with their query.

use std::collections::BTreeMap;

use base64::prelude::{BASE64_STANDARD, Engine as _};

use crate::{Content, Error, Field, Problem, Request, Value};

/// The tenant's secrets by the manifest's names.
#[derive(Debug, Clone, Default)]
pub(super) struct Secrets(BTreeMap<String, String>);

impl Secrets {
    /// Sets the secret `name`.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// The secret `name`; without it, the error of the real host.
    pub(super) fn get(&self, name: &str) -> Result<&str, Error> {
        let missing = || {
            Error::InvalidConfig(Problem::new("secret-missing", format!("the secret `{name}` is not set")))
        };
        self.0.get(name).map(String::as_str).ok_or_else(missing)
    }

    /// `value` as it leaves.
    pub(super) fn join(&self, value: &Value) -> Result<String, Error> {
        Ok(match value {
            Value::Plain(text) => text.clone(),
            Value::Secret(name) => self.get(name)?.to_owned(),
            Value::Prefixed((prefix, name)) => format!("{prefix}{}", self.get(name)?),
            Value::Basic((user, name)) => {
                format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{}", self.get(name)?)))
            }
        })
    }

    fn join_all(&self, fields: &[Field]) -> Result<Vec<(String, String)>, Error> {
        fields.iter().map(|field| Ok((field.name.clone(), self.join(&field.value)?))).collect()
    }
}

/// A request as it would leave, secrets joined: what a platform of a test sees.
///
/// ```
/// use neustream_plugin::testing::{FakeHost, answer};
/// use neustream_plugin::{Host, Request};
///
/// let host = FakeHost::new("{}").with_secret("account", "t0ken").with_platform(|request| {
///     assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://api.example/v1"));
///     assert_eq!(request.header("Authorization"), Some("Bearer t0ken"));
///     answer(200, &[], "{}")
/// });
/// host.send(&Request::post("https://api.example/v1").bearer("account"))?;
/// # Ok::<(), neustream_plugin::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// Its method.
    pub method: String,
    /// The URL without the query that the host appends.
    pub url: String,
    /// The appended query, decoded.
    pub query: Vec<(String, String)>,
    /// Headers, names as the plugin wrote them.
    pub headers: Vec<(String, String)>,
    /// Fields of a form body, decoded.
    pub form: Vec<(String, String)>,
    /// A body of bytes.
    pub body: Vec<u8>,
}

impl Joined {
    /// A request of the world `connected`.
    pub(super) fn of_request(request: &Request, secrets: &Secrets) -> Result<Self, Error> {
        let (form, body) = match &request.body {
            Content::Empty => (Vec::new(), Vec::new()),
            Content::Bytes(bytes) => (Vec::new(), bytes.clone()),
            Content::Form(fields) => (secrets.join_all(fields)?, Vec::new()),
        };
        Ok(Self {
            method: request.method.clone(),
            url: request.url.clone(),
            query: secrets.join_all(&request.query)?,
            headers: secrets.join_all(&request.headers)?,
            form,
            body,
        })
    }

    /// A request of a chat connector.
    pub(super) fn of_chat(request: &crate::chat::Request, secrets: &Secrets) -> Result<Self, Error> {
        Ok(Self {
            method: request.method.clone(),
            url: request.url.clone(),
            query: secrets.join_all(&request.query)?,
            headers: secrets.join_all(&request.headers)?,
            form: Vec::new(),
            body: request.body.clone(),
        })
    }

    /// A question of a chat connector's poll.
    pub(super) fn of_poll(endpoint: &crate::chat::Endpoint, secrets: &Secrets) -> Result<Self, Error> {
        Ok(Self {
            method: "GET".to_owned(),
            url: endpoint.url.clone(),
            query: secrets.join_all(&endpoint.query)?,
            headers: secrets.join_all(&endpoint.headers)?,
            form: Vec::new(),
            body: Vec::new(),
        })
    }

    /// The value of a header, by its name in any case.
    ///
    /// ```
    /// use neustream_plugin::testing::{FakeHost, answer};
    /// use neustream_plugin::{Host, Request};
    ///
    /// let host = FakeHost::new("{}").with_platform(|request| {
    ///     assert_eq!(request.header("Accept"), Some("text/plain"));
    ///     answer(200, &[], "{}")
    /// });
    /// host.send(&Request::post("https://api.example/v1").header("accept", "text/plain"))?;
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, |other| other.eq_ignore_ascii_case(name))
    }

    /// The value of a query parameter that the host appends.
    ///
    /// ```
    /// use neustream_plugin::testing::{FakeHost, answer};
    /// use neustream_plugin::{Host, Request};
    ///
    /// let host = FakeHost::new("{}").with_platform(|request| {
    ///     assert_eq!(request.parameter("after"), Some("7"));
    ///     answer(200, &[], "{}")
    /// });
    /// host.send(&Request::post("https://api.example/v1").query("after", "7"))?;
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn parameter(&self, name: &str) -> Option<&str> {
        find(&self.query, |other| other == name)
    }

    /// The value of a form field.
    ///
    /// ```
    /// use neustream_plugin::testing::{FakeHost, answer};
    /// use neustream_plugin::{Host, Request};
    ///
    /// let host = FakeHost::new("{}").with_platform(|request| {
    ///     assert_eq!(request.field("text"), Some("hi"));
    ///     answer(200, &[], "{}")
    /// });
    /// host.send(&Request::post("https://api.example/v1").form("text", "hi"))?;
    /// # Ok::<(), neustream_plugin::Error>(())
    /// ```
    pub fn field(&self, name: &str) -> Option<&str> {
        find(&self.form, |other| other == name)
    }
}

fn find(pairs: &[(String, String)], is_it: impl Fn(&str) -> bool) -> Option<&str> {
    pairs.iter().find(|(name, _)| is_it(name)).map(|(_, value)| value.as_str())
}
