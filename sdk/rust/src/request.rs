//! Building requests: of a call ([`Request`]), of a chat connector, of a moderation filter.
//!
//! A builder's steps add to the record that WIT names; its fields stay public,
//! and a record may be written out as well.

use serde::Serialize;

use crate::chat::Endpoint;
use crate::moderation::Lookup;
use crate::{Content, Field, Request, Value, chat, json};

impl Request {
    /// A request of any method without anything else.
    ///
    /// ```
    /// use neustream_plugin::Request;
    ///
    /// let request = Request::new("OPTIONS", "https://api.example/v1");
    /// assert_eq!(request.method, "OPTIONS");
    /// ```
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Content::Empty,
            timeout_ms: 0,
        }
    }

    /// A form field (`application/x-www-form-urlencoded`); the host encodes it and sets the content type. Takes the
    /// place of another body.
    ///
    /// ```
    /// use neustream_plugin::{Content, Request, Value};
    ///
    /// let request = Request::post("https://api.example/v1/token")
    ///     .form("scope", "chat")
    ///     .form("client_secret", Value::secret("client-secret"));
    /// assert!(matches!(request.body, Content::Form(fields) if fields.len() == 2));
    /// ```
    #[must_use]
    pub fn form(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        let field = Field::new(name, value);
        match &mut self.body {
            Content::Form(fields) => fields.push(field),
            body => *body = Content::Form(vec![field]),
        }
        self
    }

    /// A body of JSON with its content type.
    ///
    /// ```
    /// use neustream_plugin::Request;
    /// use neustream_plugin::json::json;
    ///
    /// let request = Request::patch("https://api.example/v1/channel").json(&json!({"title": "Hi"}));
    /// ```
    #[must_use]
    pub fn json(self, value: &impl Serialize) -> Self {
        self.bytes("application/json", json::to(value))
    }

    /// A body of bytes with its content type.
    ///
    /// ```
    /// use neustream_plugin::Request;
    ///
    /// let request = Request::put("https://api.example/v1/motd").bytes("text/plain", *b"Welcome!");
    /// ```
    #[must_use]
    pub fn bytes(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Content::Bytes(body.into());
        self.header("content-type", content_type)
    }

    /// How long this request may take, in milliseconds, where that is less than the call's own time.
    ///
    /// ```
    /// use neustream_plugin::Request;
    ///
    /// // Nice to have, so it must not keep the broadcast waiting.
    /// let request = Request::get("https://api.example/v1/servers").timeout_ms(2000);
    /// ```
    #[must_use]
    pub fn timeout_ms(self, timeout_ms: u32) -> Self {
        Self { timeout_ms, ..self }
    }
}

/// One constructor a method, for [`Request`].
macro_rules! methods {
    ($($name:ident $method:literal),+) => {
        impl Request {$(
            #[doc = concat!("A ", $method, " request.")]
            ///
            /// ```
            /// use neustream_plugin::Request;
            ///
            #[doc = concat!("let request = Request::", stringify!($name), "(\"https://api.example/v1/broadcasts/7\");")]
            #[doc = concat!("assert_eq!(request.method, \"", $method, "\");")]
            /// ```
            pub fn $name(url: impl Into<String>) -> Self {
                Self::new($method, url)
            }
        )+}
    };
}

methods!(get "GET", post "POST", put "PUT", patch "PATCH", delete "DELETE");

impl chat::Request {
    /// A request of any method; `id` comes back in the event that answers it.
    ///
    /// ```
    /// use neustream_plugin::chat::{Effect, Request};
    ///
    /// let request = Request::new("remove-7", "DELETE", "https://api.example/v1/messages/7");
    /// let effect = Effect::Request(request.bearer("account"));
    /// ```
    pub fn new(id: impl Into<String>, method: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            method: method.into(),
            url: url.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A body of JSON with its content type.
    ///
    /// ```
    /// use neustream_plugin::chat::Request;
    /// use neustream_plugin::json::json;
    ///
    /// let request = Request::new("say-1", "POST", "https://api.example/v1/messages")
    ///     .bearer("account")
    ///     .json(&json!({"text": "hello"}));
    /// ```
    #[must_use]
    pub fn json(self, value: &impl Serialize) -> Self {
        self.bytes("application/json", json::to(value))
    }

    /// A body of bytes with its content type.
    ///
    /// ```
    /// use neustream_plugin::chat::Request;
    /// use neustream_plugin::query;
    ///
    /// let form = query::encode([("text", "hello")]);
    /// let request = Request::new("say-1", "POST", "https://api.example/v1/messages")
    ///     .bytes("application/x-www-form-urlencoded", form);
    /// ```
    #[must_use]
    pub fn bytes(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }
}

impl Endpoint {
    /// A place to connect to: `wss://...`, `tls://host:port`, or the `https:` URL of a poll.
    ///
    /// ```
    /// use neustream_plugin::chat::Endpoint;
    ///
    /// let endpoint = Endpoint::new("wss://chat.example/socket").bearer("account");
    /// ```
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), query: Vec::new(), headers: Vec::new(), interval_ms: 0 }
    }

    /// For a poll: milliseconds from an answer to the next question, at least 500.
    ///
    /// ```
    /// use neustream_plugin::chat::Endpoint;
    ///
    /// let endpoint = Endpoint::new("https://api.example/v1/messages").every_ms(2000);
    /// assert_eq!(endpoint.interval_ms, 2000);
    /// ```
    #[must_use]
    pub fn every_ms(self, interval_ms: u32) -> Self {
        Self { interval_ms, ..self }
    }
}

impl Lookup {
    /// A question by GET; `id` comes back with the answer.
    ///
    /// ```
    /// use neustream_plugin::moderation::Lookup;
    ///
    /// let lookup = Lookup::get("m-1", "https://reputation.example/v1/authors/42").bearer("api-key");
    /// ```
    pub fn get(id: impl Into<String>, url: impl Into<String>) -> Self {
        Self { id: id.into(), url: url.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// A question by POST, with JSON.
    ///
    /// ```
    /// use neustream_plugin::json::json;
    /// use neustream_plugin::moderation::Lookup;
    ///
    /// let url = "https://classifier.example/v1/judge";
    /// let lookup = Lookup::post_json("batch", url, &json!({"texts": ["hello"]}));
    /// assert_eq!(lookup.body, br#"{"texts":["hello"]}"#);
    /// ```
    pub fn post_json(id: impl Into<String>, url: impl Into<String>, value: &impl Serialize) -> Self {
        Self { body: json::to(value), ..Self::get(id, url) }.header("content-type", "application/json")
    }
}

/// Headers, for whatever has some. `$new` makes one in the examples.
macro_rules! with_headers {
    ($type:ty, $new:literal) => {
        impl $type {
            /// Adds a header.
            ///
            /// ```
            #[doc = concat!("let it = ", $new, ";")]
            /// let it = it.header("accept", "application/json");
            /// assert_eq!(it.headers.len(), 1);
            /// ```
            #[must_use]
            pub fn header(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
                self.headers.push(Field::new(name, value));
                self
            }

            /// Adds `authorization: Bearer` with the secret `name`, such as a connected account.
            ///
            /// ```
            /// use neustream_plugin::{Field, Value};
            ///
            #[doc = concat!("let it = ", $new, ";")]
            /// let it = it.bearer("account");
            /// let token = Value::prefixed("Bearer ", "account");
            /// assert_eq!(it.headers, [Field::new("authorization", token)]);
            /// ```
            #[must_use]
            pub fn bearer(self, name: impl Into<String>) -> Self {
                self.header("authorization", Value::prefixed("Bearer ", name))
            }

            /// Adds HTTP Basic credentials: `user` and the secret `name` as its password.
            ///
            /// ```
            /// use neustream_plugin::{Field, Value};
            ///
            #[doc = concat!("let it = ", $new, ";")]
            /// let it = it.basic("me", "password");
            /// let credentials = Value::basic("me", "password");
            /// assert_eq!(it.headers, [Field::new("authorization", credentials)]);
            /// ```
            #[must_use]
            pub fn basic(self, user: impl Into<String>, name: impl Into<String>) -> Self {
                self.header("authorization", Value::basic(user, name))
            }
        }
    };
}

/// Query parameters, for whatever has some.
macro_rules! with_query {
    ($type:ty, $new:literal) => {
        impl $type {
            /// Adds a query parameter; the host encodes it.
            ///
            /// ```
            #[doc = concat!("let it = ", $new, ";")]
            /// let it = it.query("after", "page 2");
            /// assert_eq!(it.query.len(), 1);
            /// ```
            #[must_use]
            pub fn query(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
                self.query.push(Field::new(name, value));
                self
            }
        }
    };
}

with_headers!(Request, "neustream_plugin::Request::get(\"https://api.example/v1\")");
with_headers!(
    chat::Request,
    "neustream_plugin::chat::Request::new(\"r\", \"GET\", \"https://api.example/v1\")"
);
with_headers!(Endpoint, "neustream_plugin::chat::Endpoint::new(\"wss://chat.example/socket\")");
with_headers!(Lookup, "neustream_plugin::moderation::Lookup::get(\"l\", \"https://api.example/v1\")");
with_query!(Request, "neustream_plugin::Request::get(\"https://api.example/v1\")");
with_query!(
    chat::Request,
    "neustream_plugin::chat::Request::new(\"r\", \"GET\", \"https://api.example/v1\")"
);
with_query!(Endpoint, "neustream_plugin::chat::Endpoint::new(\"wss://chat.example/socket\")");
