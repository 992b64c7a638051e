//! Making and reading the interface's words: problems, errors, values, fields.

use crate::{Error, Field, Problem, Value};

impl Problem {
    /// A problem that says nothing about when to try again. `code` is kebab-case, for programs; `message` is one
    /// sentence for the tenant and never carries a secret.
    ///
    /// ```
    /// use neustream_plugin::Problem;
    ///
    /// let problem = Problem::new("chat-ended", "The broadcast's chat has ended.");
    /// assert_eq!(problem.retry_after_ms, None);
    /// ```
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), retry_after_ms: None }
    }

    /// The same problem, with the time after which trying again makes sense, in milliseconds from now.
    ///
    /// ```
    /// use neustream_plugin::Problem;
    ///
    /// let problem = Problem::new("quota", "The quota of the hour is used up.").after_ms(60_000);
    /// assert_eq!(problem.retry_after_ms, Some(60_000));
    /// ```
    #[must_use]
    pub fn after_ms(self, retry_after_ms: impl Into<Option<u32>>) -> Self {
        Self { retry_after_ms: retry_after_ms.into(), ..self }
    }
}

impl Error {
    /// Not in the manifest, or not granted. Mostly the host's own word; not tried again.
    ///
    /// ```
    /// use neustream_plugin::Error;
    ///
    /// assert_eq!(Error::denied("host-denied", "Not granted.").code(), "host-denied");
    /// ```
    pub fn denied(code: &str, message: impl Into<String>) -> Self {
        Self::Denied(Problem::new(code, message))
    }

    /// The configuration is wrong at `pointer` (a JSON pointer, RFC 6901): the dashboard shows the message at that
    /// field. Not tried again before a change.
    ///
    /// ```
    /// use neustream_plugin::Error;
    ///
    /// let error = Error::invalid_config("/channel", "unknown-channel", "there is no such channel");
    /// assert_eq!(error.problem().message, "/channel: there is no such channel");
    /// ```
    pub fn invalid_config(pointer: &str, code: &str, message: &str) -> Self {
        Self::InvalidConfig(Problem::new(code, format!("{pointer}: {message}")))
    }

    /// The platform refused the credentials. The tenant is asked for others; not tried again before.
    ///
    /// ```
    /// use neustream_plugin::Error;
    ///
    /// let error = Error::unauthorized("unauthorized", "The platform no longer takes the account.");
    /// assert!(matches!(error, Error::Unauthorized(_)));
    /// ```
    pub fn unauthorized(code: &str, message: impl Into<String>) -> Self {
        Self::Unauthorized(Problem::new(code, message))
    }

    /// The platform asks for patience.
    ///
    /// ```
    /// use neustream_plugin::Error;
    ///
    /// let error = Error::rate_limited("rate-limited", "The platform asks for patience.");
    /// assert!(matches!(error, Error::RateLimited(_)));
    /// ```
    pub fn rate_limited(code: &str, message: impl Into<String>) -> Self {
        Self::RateLimited(Problem::new(code, message))
    }

    /// The platform could not be reached or answered nonsense. Tried again later.
    ///
    /// ```
    /// use neustream_plugin::Error;
    ///
    /// let error = Error::unavailable("no-key", "The platform names no stream key.");
    /// assert!(matches!(error, Error::Unavailable(_)));
    /// ```
    pub fn unavailable(code: &str, message: impl Into<String>) -> Self {
        Self::Unavailable(Problem::new(code, message))
    }

    /// Anything else.
    ///
    /// ```
    /// use neustream_plugin::Error;
    ///
    /// let error = Error::other("account-needed", "Connect an account to change the title.");
    /// assert!(matches!(error, Error::Other(_)));
    /// ```
    pub fn other(code: &str, message: impl Into<String>) -> Self {
        Self::Other(Problem::new(code, message))
    }

    /// What went wrong, whatever the case.
    ///
    /// ```
    /// use neustream_plugin::Error;
    ///
    /// let error = Error::unavailable("timed-out", "No answer within 3 s.");
    /// assert_eq!(error.problem().message, "No answer within 3 s.");
    /// ```
    pub fn problem(&self) -> &Problem {
        match self {
            Self::Denied(problem)
            | Self::InvalidConfig(problem)
            | Self::Unauthorized(problem)
            | Self::RateLimited(problem)
            | Self::Unavailable(problem)
            | Self::Other(problem) => problem,
        }
    }

    /// The problem itself, for a place that has no case: a chat connector's status, a declined payment.
    ///
    /// ```
    /// use neustream_plugin::chat::Effect;
    /// use neustream_plugin::Error;
    ///
    /// let error = Error::unauthorized("unauthorized", "Connect the account again.");
    /// let status = Effect::Status(Some(error.into_problem()));
    /// ```
    pub fn into_problem(self) -> Problem {
        match self {
            Self::Denied(problem)
            | Self::InvalidConfig(problem)
            | Self::Unauthorized(problem)
            | Self::RateLimited(problem)
            | Self::Unavailable(problem)
            | Self::Other(problem) => problem,
        }
    }

    /// The problem's code.
    ///
    /// ```
    /// use neustream_plugin::Error;
    ///
    /// // The host answers so where a secret that is not required was not set.
    /// let error = Error::invalid_config("", "secret-missing", "the secret is not set");
    /// assert_eq!(error.code(), "secret-missing");
    /// ```
    pub fn code(&self) -> &str {
        &self.problem().code
    }
}

impl Value {
    /// The secret `name` of the manifest, alone.
    ///
    /// ```
    /// use neustream_plugin::Value;
    ///
    /// assert_eq!(Value::secret("stream-key"), Value::Secret("stream-key".to_owned()));
    /// ```
    pub fn secret(name: impl Into<String>) -> Self {
        Self::Secret(name.into())
    }

    /// `prefix` followed by the secret `name`.
    ///
    /// ```
    /// use neustream_plugin::Value;
    ///
    /// let login = Value::prefixed("PASS oauth:", "account");
    /// ```
    pub fn prefixed(prefix: impl Into<String>, name: impl Into<String>) -> Self {
        Self::Prefixed((prefix.into(), name.into()))
    }

    /// HTTP Basic credentials: `user` and the secret `name` as its password.
    ///
    /// ```
    /// use neustream_plugin::Value;
    ///
    /// let credentials = Value::basic("rzp_live_1", "key-secret");
    /// ```
    pub fn basic(user: impl Into<String>, name: impl Into<String>) -> Self {
        Self::Basic((user.into(), name.into()))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Plain(text.clone())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}

impl Field {
    /// A header, query parameter or form field. A text is a plain value.
    ///
    /// ```
    /// use neustream_plugin::{Field, Value};
    ///
    /// let accept = Field::new("accept", "application/json");
    /// let token = Field::new("authorization", Value::prefixed("Bearer ", "account"));
    /// ```
    pub fn new(name: impl Into<String>, value: impl Into<Value>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}
