//! `neustream:host/http`: requests through the one way out.
//!
//! Order matters: the host is checked against the manifest, then each secret
//! against the hosts it is bound to, and only then are secrets joined. Method,
//! headers and sizes follow: a [`Network`](neustream_outbound::Network) sees
//! nothing that was not checked. What comes back has the secrets starred out. A
//! synchronous guest has one request in flight, so a call needs no further
//! ceiling than their number.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use neustream_contract::{Egress, Value};
use neustream_model::Secret;
use neustream_outbound::{Endpoint, HttpLimits, HttpRequest, HttpResponse, OutboundError};
use tokio_util::task::AbortOnDropHandle;

use crate::bindings::neustream::host::http::{Content, Host, Request, Response};
use crate::bindings::neustream::host::types::{Error, Field};
use crate::door::{HostAnswer, HostCall, diverged};
use crate::imports::{denied, percent_encoded, problem};
use crate::installation::Installation;
use crate::limits::{MAX_REQUEST_BODY_BYTES, MAX_REQUESTS, MAX_RESPONSE_BODY_BYTES};
use crate::state::CallState;
use crate::text::printable;

impl Host for CallState {
    async fn send(&mut self, request: Request) -> Result<Response, Error> {
        match self.pass(HostCall::HttpSend(request)).await {
            HostAnswer::Response(response) => response,
            _ => Err(diverged()),
        }
    }
}

pub(crate) async fn send(state: &mut CallState, request: &Request) -> Result<Response, Error> {
    let Some(allowed) = state.rules.http().cloned() else {
        return Err(denied("http-denied", "the manifest has no [capabilities.http]"));
    };
    state.requests += 1;
    if state.requests > MAX_REQUESTS {
        let message = format!("more than {MAX_REQUESTS} requests in one call");
        return Err(Error::Other(problem("too-many-requests", message)));
    }
    let endpoint = Endpoint::parse(&request.url).map_err(|error| failed(state, &error))?;
    if !allowed.permits(&endpoint) {
        let error = OutboundError::HostDenied { origin: endpoint.to_string() };
        return Err(failed(state, &error));
    }
    let (outgoing, secrets) = outgoing(state, request, &endpoint)?;
    let Some(network) = state.services.network.clone() else {
        return Err(Error::Unavailable(problem("offline", "there is no network while a plugin is tried")));
    };
    let bytes_out = bytes_of(&outgoing);
    let checked = outgoing.checked(&allowed, network.policy()).map_err(|error| failed(state, &error))?;
    // From here on a call that is cut off may have sent it.
    state.sent.begin();
    let mut noted = Noted {
        installation: Arc::clone(&state.installation),
        host: endpoint.host.to_string(),
        traffic: Egress { requests: 1, bytes_out, bytes_in: 0, secrets },
    };
    // On a task of its own: TLS and HTTP would otherwise run on the guest's stack and be charged to its CPU.
    let exchange = tokio::spawn(network.exchange(checked));
    match AbortOnDropHandle::new(exchange).await {
        Ok(Ok(response)) if response.body.len() > MAX_RESPONSE_BODY_BYTES => {
            let limit = MAX_RESPONSE_BODY_BYTES;
            Err(failed(state, &OutboundError::BodyTooLarge { direction: "response", limit }))
        }
        Ok(Ok(response)) => {
            state.sent.answered();
            let headers = response.headers.iter().map(|(name, value)| name.len() + value.len() + 4);
            noted.traffic.bytes_in = (headers.sum::<usize>() + response.body.len()) as u64;
            Ok(incoming(state, response))
        }
        Ok(Err(error)) => {
            if never_left(&error) {
                state.sent.take_back();
                noted.traffic = Egress::default();
            }
            Err(failed(state, &error))
        }
        Err(_) => Err(Error::Unavailable(problem("http-failed", "the request was given up"))),
    }
}

/// Notes what left the platform, also of a request whose call was cut off.
struct Noted {
    installation: Arc<Installation>,
    host: String,
    traffic: Egress,
}

impl Drop for Noted {
    fn drop(&mut self) {
        if self.traffic.requests > 0 {
            self.installation.sent(&self.host, &self.traffic);
        }
    }
}

/// Whether the error proves that no byte of the request left: it was refused here, or there was no connection.
fn never_left(error: &OutboundError) -> bool {
    error.is_refusal()
        || matches!(
            error,
            OutboundError::DnsFailed { .. }
                | OutboundError::ConnectRefused { .. }
                | OutboundError::ConnectFailed { .. }
                | OutboundError::TlsFailed { .. }
                | OutboundError::BodyTooLarge { direction: "request", .. }
                | OutboundError::Recorded {
                    code: "dns-failed" | "connect-refused" | "connect-failed" | "tls-failed",
                    ..
                }
        )
}

/// What a request sends, roughly: the request line's and headers' punctuation included.
fn bytes_of(request: &HttpRequest) -> u64 {
    let headers = request.headers.iter().map(|(name, value)| name.len() + value.expose().len() + 4);
    (request.method.len() + request.url.len() + headers.sum::<usize>() + request.body.len() + 12) as u64
}

/// The request as it leaves, with secrets joined, and the names of those.
fn outgoing(
    state: &CallState,
    request: &Request,
    endpoint: &Endpoint,
) -> Result<(HttpRequest, BTreeSet<String>), Error> {
    let mut secrets = BTreeSet::new();
    let mut join = |field: &Field| {
        let value = Value::from(field.value.clone());
        secrets.extend(value.secret().map(str::to_owned));
        joined(state, &value, endpoint)
    };
    let mut url = request.url.clone();
    if url.contains('#') {
        return Err(Error::Other(problem("url-invalid", "a fragment in the URL")));
    }
    for field in &request.query {
        url.push(if url.contains('?') { '&' } else { '?' });
        push_pair(&mut url, &field.name, &join(field)?);
    }
    let mut headers = Vec::with_capacity(request.headers.len() + 1);
    for field in &request.headers {
        headers.push((field.name.clone(), join(field)?));
    }
    let body = match &request.body {
        Content::Empty => Bytes::new(),
        Content::Bytes(bytes) => Bytes::copy_from_slice(bytes),
        Content::Form(fields) => {
            let mut form = String::new();
            for field in fields {
                if !form.is_empty() {
                    form.push('&');
                }
                push_pair(&mut form, &field.name, &join(field)?);
            }
            headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
            headers.push(("content-type".to_owned(), Secret::new("application/x-www-form-urlencoded")));
            Bytes::from(form)
        }
    };
    // A twentieth of the time is left to the guest, so that it can say something better than nothing.
    let left = state.meter.time_left().mul_f32(0.95);
    let timeout = match request.timeout_ms {
        0 => left,
        ms => left.min(Duration::from_millis(ms.into())),
    };
    let limits = HttpLimits {
        request_body_bytes: MAX_REQUEST_BODY_BYTES,
        response_body_bytes: MAX_RESPONSE_BODY_BYTES,
        timeout,
    };
    Ok((HttpRequest { method: request.method.clone(), url, headers, body, limits }, secrets))
}

fn push_pair(out: &mut String, name: &str, value: &Secret) {
    out.push_str(&percent_encoded(name));
    out.push('=');
    out.push_str(&percent_encoded(value.expose()));
}

/// A value with its secret, if the manifest lets that secret go to `endpoint`.
fn joined(state: &CallState, value: &Value, endpoint: &Endpoint) -> Result<Secret, Error> {
    if let Some(name) = value.secret()
        && !state.rules.may_send(name, endpoint)
    {
        let message =
            format!("the manifest does not bind the secret `{}` to {endpoint}", printable(name, 64));
        return Err(denied("secret-denied", message));
    }
    state.call.secrets.join(value).map_err(|unknown| {
        Error::InvalidConfig(problem("secret-missing", printable(&unknown.to_string(), 100)))
    })
}

fn incoming(state: &CallState, response: HttpResponse) -> Response {
    let starred = |(name, value)| (state.starred(name), state.starred(value));
    let headers = response.headers.into_iter().map(starred).collect();
    let body = state.starred_bytes(Vec::from(response.body));
    Response { status: response.status, headers, body }
}

/// An error in the guest's words. Outbound errors name hosts, never a URL's query or a header's value.
fn failed(state: &CallState, error: &OutboundError) -> Error {
    let message = state.starred(printable(&error.to_string(), 300));
    let code = match error {
        OutboundError::BodyTooLarge { .. } => "too-large",
        other => other.code(),
    };
    match error {
        OutboundError::BodyTooLarge { direction: "request", .. } => Error::Other(problem(code, message)),
        _ if error.is_refusal() => denied(code, message),
        _ => Error::Unavailable(problem(code, message)),
    }
}
