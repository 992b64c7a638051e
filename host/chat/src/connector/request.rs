//! Requests that the driver makes for a connector: those of its effects, and polls.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use neustream_contract::chat::{Problem, Request, Response};
use neustream_model::Reason;
use neustream_outbound::{Endpoint, HttpLimits, HttpRequest, HttpResponse, OutboundError};

use super::link::{ConnectorAccess, Shared, Traffic, printable};
use crate::access::Place;
use crate::joined::{Joiner, problem, secrets_in};

/// Largest request body in bytes.
pub(crate) const MAX_REQUEST_BODY: usize = 64 * 1024;
/// Largest response body in bytes.
pub(crate) const MAX_RESPONSE_BODY: usize = 1024 * 1024;
/// The longest that a platform can make a poll wait.
const MAX_RETRY_AFTER: Duration = Duration::from_hours(1);

/// Makes one request: the answer of any status, or why there is none. The flag tells a refusal by this host, which a
/// repetition does not change.
pub(crate) async fn answer(
    shared: &Shared,
    place: Place,
    access: &ConnectorAccess,
    request: &Request,
) -> (Result<Response, Problem>, bool) {
    let (endpoint, outgoing) = match outgoing(shared, access, request) {
        Ok(outgoing) => outgoing,
        Err(problem) => return (Err(problem), true),
    };
    let Some(allowed) = access.rules.http() else {
        return (Err(problem("http-denied", "requests are not among what was granted")), true);
    };
    let fields = request.query.iter().chain(&request.headers).map(|field| &field.value);
    let mut traffic = Traffic::new(Arc::clone(&shared.egress), place, endpoint.host.to_string());
    let bytes = outgoing.url.len() + outgoing.body.len();
    let headers: usize = outgoing.headers.iter().map(|(name, value)| name.len() + value.expose().len()).sum();
    match shared.outbound.http(allowed, outgoing).await {
        Ok(response) => {
            traffic.received(response.body.len());
            traffic.request(bytes + headers, secrets_in(fields));
            (Ok(incoming(access, response)), false)
        }
        Err(error) => {
            // What was refused here has not left.
            if !error.is_refusal() {
                traffic.request(bytes + headers, secrets_in(fields));
            }
            (Err(failed(access, &error)), error.is_refusal())
        }
    }
}

/// When a poll may be asked again according to `answer`, besides its interval; and whether it failed.
pub(crate) fn patience(answer: &Result<Response, Problem>) -> (Option<Duration>, bool) {
    match answer {
        Ok(response) => {
            let header = response.headers.iter().find(|(name, _)| name == "retry-after");
            let seconds = header.and_then(|(_, value)| value.trim().parse().ok()).map(Duration::from_secs);
            let asks = matches!(response.status, 429 | 503);
            let failed = response.status == 429 || response.status >= 500;
            (seconds.filter(|_| asks).map(|wait| wait.min(MAX_RETRY_AFTER)), failed)
        }
        Err(problem) => (problem.retry_after, true),
    }
}

fn outgoing(
    shared: &Shared,
    access: &ConnectorAccess,
    request: &Request,
) -> Result<(Endpoint, HttpRequest), Problem> {
    let endpoint = Endpoint::parse(&request.url).map_err(|error| failed(access, &error))?;
    if !access.rules.http().is_some_and(|allowed| allowed.permits(&endpoint)) {
        return Err(failed(access, &OutboundError::HostDenied { origin: endpoint.to_string() }));
    }
    let joiner = Joiner { rules: &access.rules, secrets: &access.call.secrets, endpoint: &endpoint };
    let url = joiner.url(&request.url, &request.query)?;
    let headers = joiner.headers(&request.headers)?;
    let limits = HttpLimits {
        request_body_bytes: MAX_REQUEST_BODY,
        response_body_bytes: MAX_RESPONSE_BODY,
        timeout: shared.settings.request_timeout,
    };
    let body = Bytes::copy_from_slice(&request.body);
    Ok((endpoint, HttpRequest { method: request.method.clone(), url, headers, body, limits }))
}

fn incoming(access: &ConnectorAccess, response: HttpResponse) -> Response {
    let echoes = access.echoes();
    let headers = response.headers.into_iter();
    let headers =
        headers.map(|(name, value)| (echoes.starred_text(name), echoes.starred_text(value))).collect();
    Response { status: response.status, headers, body: echoes.starred(Vec::from(response.body)) }
}

fn failed(access: &ConnectorAccess, error: &OutboundError) -> Problem {
    let message = printable(&access.echoes().starred_text(error.to_string()));
    let code = match error {
        OutboundError::BodyTooLarge { .. } => "too-large",
        other => other.code(),
    };
    Problem { reason: Reason::new(code, message), retry_after: None }
}
