//! `neustream:host/http`: requests as a guest named them, and what answers them.

use bytes::Bytes;
use neustream_contract::Value as Named;
use neustream_contract::moderation::Lookup;
use neustream_outbound::{HttpResponse, OutboundError};
use neustream_plugin_wasm::host;
use serde_json::{Map, Value, json};

use super::write::{bytes, fields, value};
use super::{At, Malformed, Read};

/// A request as the guest named it: secrets by name. What is empty is left out.
pub fn request(request: &host::Request) -> Value {
    let body = match &request.body {
        host::Content::Empty => Value::Null,
        host::Content::Bytes(body) => bytes(body),
        host::Content::Form(form) => json!({ "form": pairs(form) }),
    };
    without_defaults(json!({
        "method": request.method,
        "url": request.url,
        "query": pairs(&request.query),
        "headers": pairs(&request.headers),
        "body": body,
        "timeout-ms": request.timeout_ms,
    }))
}

/// A lookup as the request that the host makes of it.
pub fn lookup(lookup: &Lookup) -> Value {
    without_defaults(json!({
        "method": if lookup.body.is_empty() { "GET" } else { "POST" },
        "url": lookup.url,
        "headers": fields(&lookup.headers),
        "body": bytes(&lookup.body),
    }))
}

fn pairs(fields: &[host::Field]) -> Value {
    fields.iter().map(|field| json!([field.name, value(&Named::from(field.value.clone()))])).collect()
}

/// A request without what says nothing: empty lists, no body, no time limit of its own. Expectations are compared in
/// this form, too.
pub fn without_defaults(request: Value) -> Value {
    let Value::Object(members) = request else { return request };
    let says_nothing = |value: &Value| match value {
        Value::Null => true,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    };
    let members = members.into_iter().filter(|(key, value)| match key.as_str() {
        "body" => !says_nothing(value) && *value != "empty",
        "query" | "headers" | "timeout-ms" => !says_nothing(value),
        _ => true,
    });
    Value::Object(members.collect::<Map<_, _>>())
}

/// What a platform answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// An answer of any status.
    Response(HttpResponse),
    /// None: the word for why, and what is said about it.
    Fails {
        /// One of [`FAILURES`].
        code: String,
        /// The system's words, where it has some.
        message: String,
    },
}

/// Why a request may have no answer.
pub const FAILURES: [&str; 8] = [
    "dns-failed",
    "connect-refused",
    "connect-failed",
    "address-refused",
    "tls-failed",
    "timed-out",
    "http-failed",
    "too-large",
];

/// `{"status": 200, "headers": [...], "body": ...}`
pub fn response(at: &At<'_>) -> Read<Reply> {
    let at = at.clone().with_keys(&["status", "headers", "body"])?;
    let status = at.field("status")?;
    let code: u16 = status.number()?;
    if !(100..=599).contains(&code) {
        return Err(status.malformed("an HTTP status is from 100 to 599"));
    }
    let lower = |at: &At<'_>| at.texts().map(|(name, value)| (name.to_ascii_lowercase(), value));
    Ok(Reply::Response(HttpResponse {
        status: code,
        headers: at.optional_list("headers", lower)?,
        body: Bytes::from(at.optional_bytes("body")?),
    }))
}

/// `{"code": "timed-out", "message": "..."}`
pub fn fails(at: &At<'_>) -> Read<Reply> {
    let at = at.clone().with_keys(&["code", "message"])?;
    let code = at.field("code")?;
    let word = code.text()?;
    if !FAILURES.contains(&word.as_str()) {
        let known = FAILURES.join("`, `");
        return Err(code.malformed(format!("there is no failure `{word}`; there are `{known}`")));
    }
    let message = at.optional("message")?.map_or_else(|| Ok(String::new()), |message| message.text())?;
    Ok(Reply::Fails { code: word, message })
}

impl Reply {
    /// What the way out answers for a request to `host` within `timeout`. A failure says what the transcript says;
    /// where that is nothing, what the way out says.
    pub fn given(&self, host: &str, timeout: std::time::Duration) -> Result<HttpResponse, OutboundError> {
        let (code, detail) = match self {
            Self::Response(response) => return Ok(response.clone()),
            Self::Fails { code, message } => (code.as_str(), message.clone()),
        };
        if !detail.is_empty() {
            let code = FAILURES.into_iter().find(|known| *known == code).unwrap_or("http-failed");
            return Err(OutboundError::Recorded { code, message: detail });
        }
        let host = host.to_owned();
        let address = std::net::SocketAddr::from(([203, 0, 113, 1], 443));
        Err(match code {
            "dns-failed" => OutboundError::DnsFailed { host, detail },
            "connect-refused" => OutboundError::ConnectRefused { host, address },
            "connect-failed" => {
                OutboundError::ConnectFailed { host, address, kind: std::io::ErrorKind::NetworkUnreachable }
            }
            "address-refused" => {
                let address = std::net::IpAddr::from([127, 0, 0, 1]);
                OutboundError::AddressRefused {
                    host,
                    address,
                    class: neustream_outbound::AddressClass::Loopback,
                }
            }
            "tls-failed" => OutboundError::TlsFailed { host, detail },
            "timed-out" => OutboundError::TimedOut { host, after: timeout },
            "too-large" => OutboundError::BodyTooLarge { direction: "response", limit: 4 << 20 },
            _ => OutboundError::HttpFailed { host, detail },
        })
    }
}

/// Reads a reply from an exchange's `response` or `fails`.
///
/// # Errors
/// Neither is there, or both.
pub fn reply(exchange: &At<'_>) -> Result<Reply, Malformed> {
    match (exchange.optional("response")?, exchange.optional("fails")?) {
        (Some(at), None) => response(&at),
        (None, Some(at)) => fails(&at),
        _ => Err(exchange.malformed("expected `response` or `fails`")),
    }
}

/// A reply as an exchange has it.
pub fn recorded(result: &Result<HttpResponse, OutboundError>) -> (&'static str, Value) {
    match result {
        Ok(response) => {
            let headers: Value = response.headers.iter().map(|(name, value)| json!([name, value])).collect();
            let body = bytes(&response.body);
            ("response", json!({ "status": response.status, "headers": headers, "body": body }))
        }
        Err(error) => {
            let code = match error {
                OutboundError::BodyTooLarge { .. } => "too-large",
                other if FAILURES.contains(&other.code()) => other.code(),
                _ => "http-failed",
            };
            ("fails", json!({ "code": code, "message": error.to_string() }))
        }
    }
}
