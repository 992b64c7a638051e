//! What the driver would make of a step, told without opening or sending anything: for an author's tests.

use std::time::Duration;

use bytes::Bytes;
use neustream_contract::Secrets;
use neustream_contract::chat::{Effect, Endpoint, Event, Payload, Problem, Request, Step, Transport};
use neustream_model::UnixMillis;
use neustream_outbound::{AddressPolicy, Endpoint as Place, HttpLimits, HttpRequest, OutboundError, Rules};

use super::StepInvalid;
use super::memory::{Kept, check};
use super::request::{MAX_REQUEST_BODY, MAX_RESPONSE_BODY};
use crate::joined::{Joiner, problem};

/// What is kept after a step, as the driver reckons it.
///
/// # Errors
/// The step breaks the contract, and the driver would refuse it as a whole.
pub fn kept_after(kept: &Kept, events: &[Event], step: &Step, now: UnixMillis) -> Result<Kept, StepInvalid> {
    check(step)?;
    kept.after(events, &step.effects, now)
}

/// The effects of a step that the driver would not carry out, by their place in it: what manifest and grant do not
/// allow, secrets that are not bound to where they would go, frames for connections that are not there. `kept` is
/// what was kept before the step.
pub fn denied_effects(
    rules: &Rules,
    secrets: &Secrets,
    kept: &Kept,
    effects: &[Effect],
) -> Vec<(usize, Problem)> {
    let mut connections = kept.connections.clone();
    let mut denied = Vec::new();
    for (index, effect) in effects.iter().enumerate() {
        let done = match effect {
            Effect::Reopen(one) => {
                connections.insert(one.id.clone(), one.transport.clone());
                opened(rules, secrets, &one.transport)
            }
            Effect::Close(id) => {
                connections.remove(id);
                Ok(())
            }
            Effect::Transmit(id, payload) => match connections.get(id) {
                Some(transport) => transmitted(rules, secrets, transport, payload),
                None => Err(problem("connection-unknown", format!("there is no connection `{id}`"))),
            },
            Effect::Request(request) => requested(rules, secrets, request),
            _ => Ok(()),
        };
        denied.extend(done.err().map(|problem| (index, problem)));
    }
    denied
}

fn opened(rules: &Rules, secrets: &Secrets, transport: &Transport) -> Result<(), Problem> {
    match transport {
        Transport::Websocket(endpoint) => socket(rules, secrets, endpoint, "wss"),
        Transport::Line(endpoint) => socket(rules, secrets, endpoint, "tls"),
        Transport::Poll(endpoint) => {
            let Endpoint { url, query, headers, .. } = endpoint.clone();
            let (id, method, body) = (String::new(), "GET".to_owned(), Vec::new());
            requested(rules, secrets, &Request { id, method, url, query, headers, body })
        }
        Transport::Webhook(_) if rules.has_webhook() => Ok(()),
        Transport::Webhook(_) => Err(problem("webhook-denied", "webhooks are not among what was granted")),
    }
}

fn socket(rules: &Rules, secrets: &Secrets, endpoint: &Endpoint, scheme: &str) -> Result<(), Problem> {
    let place = Place::parse(&endpoint.url).map_err(|error| refused(&error))?;
    if place.scheme != scheme {
        return Err(problem("url-invalid", format!("its scheme is `{}`, not `{scheme}`", place.scheme)));
    }
    if !rules.may_connect(&place) {
        return Err(refused(&OutboundError::HostDenied { origin: place.to_string() }));
    }
    let joiner = Joiner { rules, secrets, endpoint: &place };
    joiner.url(&endpoint.url, &endpoint.query)?;
    joiner.headers(&endpoint.headers).map(|_| ())
}

fn transmitted(
    rules: &Rules,
    secrets: &Secrets,
    transport: &Transport,
    payload: &Payload,
) -> Result<(), Problem> {
    let endpoint = match (transport, payload) {
        (Transport::Line(_), Payload::Binary(_)) => {
            return Err(problem("unsendable", "bytes on a connection of lines"));
        }
        (Transport::Websocket(endpoint) | Transport::Line(endpoint), _) => endpoint,
        (Transport::Poll(_) | Transport::Webhook(_), _) => {
            return Err(problem("unsendable", "a poll or a webhook carries nothing outward"));
        }
    };
    let Payload::Parts(parts) = payload else { return Ok(()) };
    let place = Place::parse(&endpoint.url).map_err(|error| refused(&error))?;
    Joiner { rules, secrets, endpoint: &place }.parts(parts).map(|_| ())
}

fn requested(rules: &Rules, secrets: &Secrets, request: &Request) -> Result<(), Problem> {
    let place = Place::parse(&request.url).map_err(|error| refused(&error))?;
    let allowed = rules.http().filter(|allowed| allowed.permits(&place));
    let denied = || refused(&OutboundError::HostDenied { origin: place.to_string() });
    let allowed = allowed.ok_or_else(denied)?;
    let joiner = Joiner { rules, secrets, endpoint: &place };
    let request = HttpRequest {
        method: request.method.clone(),
        url: joiner.url(&request.url, &request.query)?,
        headers: joiner.headers(&request.headers)?,
        body: Bytes::copy_from_slice(&request.body),
        limits: HttpLimits {
            request_body_bytes: MAX_REQUEST_BODY,
            response_body_bytes: MAX_RESPONSE_BODY,
            timeout: Duration::from_secs(10),
        },
    };
    request.checked(allowed, AddressPolicy::default()).map(|_| ()).map_err(|error| refused(&error))
}

fn refused(error: &OutboundError) -> Problem {
    problem(error.code(), error.to_string())
}
