//! Lookups: made, remembered, bounded.
//!
//! A lookup goes to the hosts of the filter's manifest as far as they were
//! granted, with secrets toward the hosts they are bound to. Its answer is
//! remembered for a while, for its installation alone: the answer may depend on
//! that tenant's key. A failure is remembered more shortly. The memory is
//! bounded in entries and bytes; what expires first goes first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use neustream_contract::chat::Problem;
use neustream_contract::moderation::{Found, Lookup, ModerationFilter};
use neustream_contract::{Digest, Egress, Secrets};
use neustream_outbound::{
    CheckedRequest, Echoes, Endpoint, HttpLimits, HttpRequest, Network, OutboundError, Rules,
};
use tokio::time::Instant;

use super::pipeline::Shared;
use crate::access::{Access, Place};
use crate::joined::{Joiner, problem, secrets_in};

/// Answers that are remembered.
const MAX_ENTRIES: usize = 4096;
/// Bytes of answers that are remembered.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// Largest body of a question and of an answer.
const MAX_QUESTION: usize = 256 * 1024;
const MAX_ANSWER: usize = 256 * 1024;

/// Answers of late.
#[derive(Debug, Default)]
pub(crate) struct Answers(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    by_question: HashMap<Key, Answer>,
    bytes: usize,
}

type Key = (Place, Digest);

#[derive(Debug)]
struct Answer {
    outcome: Result<Vec<u8>, Problem>,
    until: Instant,
}

impl Answers {
    fn find(&self, key: &Key) -> Option<Result<Vec<u8>, Problem>> {
        let remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = remembered.by_question.get(key).filter(|answer| answer.until > Instant::now())?;
        Some(answer.outcome.clone())
    }

    fn keep(&self, key: Key, outcome: &Result<Vec<u8>, Problem>, ttl: Duration) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = Answer { outcome: outcome.clone(), until: Instant::now() + ttl };
        remembered.bytes += answer.bytes();
        if let Some(before) = remembered.by_question.insert(key, answer) {
            remembered.bytes -= before.bytes();
        }
        if remembered.by_question.len() > MAX_ENTRIES || remembered.bytes > MAX_BYTES {
            remembered.make_room();
        }
    }
}

impl Answer {
    fn bytes(&self) -> usize {
        128 + self.outcome.as_ref().map_or(0, Vec::len)
    }
}

impl Remembered {
    /// Forgets what expires first, until a quarter is free: so it is seldom done.
    fn make_room(&mut self) {
        let mut ends: Vec<_> = self.by_question.iter().map(|(key, answer)| (answer.until, *key)).collect();
        ends.sort_by_key(|(until, _)| *until);
        for (_, key) in ends {
            if self.by_question.len() <= MAX_ENTRIES * 3 / 4 && self.bytes <= MAX_BYTES * 3 / 4 {
                break;
            }
            if let Some(forgotten) = self.by_question.remove(&key) {
                self.bytes -= forgotten.bytes();
            }
        }
    }
}

/// The answers to `lookups`, in their order, within the time for lookups.
pub(crate) async fn found(
    shared: &Arc<Shared>,
    place: Place,
    access: &Arc<Access<dyn ModerationFilter>>,
    lookups: Vec<Lookup>,
) -> Vec<Found> {
    let deadline = Instant::now() + shared.settings.lookup_deadline;
    let asked: Vec<_> = lookups
        .into_iter()
        .map(|lookup| {
            let (shared, access) = (Arc::clone(shared), Arc::clone(access));
            let id = lookup.id.clone();
            // A task of its own: an answer that comes too late is remembered for the next batch.
            let task = tokio::spawn(async move { asked(&shared, place, &access, &lookup).await });
            (id, task)
        })
        .collect();
    let mut found = Vec::with_capacity(asked.len());
    for (id, task) in asked {
        let outcome = match tokio::time::timeout_at(deadline, task).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(problem("lookup-failed", "the lookup was given up")),
            Err(_) => Err(problem("timed-out", "there was no answer in time")),
        };
        found.push(Found { id, outcome });
    }
    found
}

async fn asked(
    shared: &Shared,
    place: Place,
    access: &Access<dyn ModerationFilter>,
    lookup: &Lookup,
) -> Result<Vec<u8>, Problem> {
    let key = (place, digest(access.call.plugin, lookup));
    if let Some(outcome) = shared.answers.find(&key) {
        return outcome;
    }
    let outcome = made(shared, place, access, lookup).await;
    let ttl =
        if outcome.is_ok() { shared.settings.remember_for } else { shared.settings.remember_failures_for };
    shared.answers.keep(key, &outcome, ttl);
    outcome
}

/// Names a question: the package too, whose secrets may be others.
fn digest(plugin: Digest, lookup: &Lookup) -> Digest {
    let mut text = plugin.as_bytes().to_vec();
    let mut add = |part: &[u8]| {
        text.extend_from_slice(&(part.len() as u64).to_be_bytes());
        text.extend_from_slice(part);
    };
    add(lookup.url.as_bytes());
    for field in &lookup.headers {
        add(field.name.as_bytes());
        add(format!("{:?}", field.value).as_bytes());
    }
    add(&lookup.body);
    Digest::of(&text)
}

async fn made(
    shared: &Shared,
    place: Place,
    access: &Access<dyn ModerationFilter>,
    lookup: &Lookup,
) -> Result<Vec<u8>, Problem> {
    let caller = LookupCaller {
        rules: &access.rules,
        secrets: &access.call.secrets,
        echoes: access.echoes(),
        timeout: shared.settings.lookup_timeout,
    };
    let (outcome, left) = look_up(&shared.outbound, &caller, lookup).await;
    if let Some((host, traffic)) = left {
        shared.egress.note(place, &host, traffic);
    }
    outcome
}

/// For whom a lookup is made, and what it may do.
#[derive(Clone, Copy)]
pub struct LookupCaller<'a> {
    /// What manifest and grant allow.
    pub rules: &'a Rules,
    /// The installation's secrets.
    pub secrets: &'a Secrets,
    /// What takes them out of the answer.
    pub echoes: &'a Echoes,
    /// How long it may take.
    pub timeout: Duration,
}

/// Makes one lookup: checked against the rules, with its secrets joined. The body of a 200, or why there is none;
/// and what left the platform, if anything did.
pub async fn look_up(
    network: &dyn Network,
    caller: &LookupCaller<'_>,
    lookup: &Lookup,
) -> (Result<Vec<u8>, Problem>, Option<(String, Egress)>) {
    let failed = |error: &OutboundError| {
        let code = match error {
            OutboundError::BodyTooLarge { .. } => "too-large",
            other => other.code(),
        };
        problem(code, caller.echoes.starred_text(error.to_string()))
    };
    let request = match outgoing(network, caller, lookup, &failed) {
        Ok(request) => request,
        Err(refused) => return (Err(refused), None),
    };
    let host = request.endpoint().host.to_string();
    let HttpRequest { url, headers, body, .. } = request.request();
    let headers: usize = headers.iter().map(|(name, value)| name.len() + value.expose().len()).sum();
    let sent = url.len() + body.len() + headers;
    let answer = network.exchange(request).await;
    let traffic = (!answer.as_ref().is_err_and(OutboundError::is_refusal)).then(|| {
        let received = answer.as_ref().map_or(0, |answer| answer.body.len());
        let secrets = secrets_in(lookup.headers.iter().map(|field| &field.value));
        (host.clone(), Egress { requests: 1, bytes_out: sent as u64, bytes_in: received as u64, secrets })
    });
    let outcome = match answer {
        Ok(answer) if answer.body.len() > MAX_ANSWER => {
            Err(failed(&OutboundError::BodyTooLarge { direction: "response", limit: MAX_ANSWER }))
        }
        Ok(answer) if answer.status == 200 => Ok(caller.echoes.starred(Vec::from(answer.body))),
        Ok(answer) => {
            let message = format!("`{host}` answered {}", answer.status);
            let seconds = answer.header("retry-after").and_then(|value| value.trim().parse().ok());
            Err(Problem { retry_after: seconds.map(Duration::from_secs), ..problem("refused", message) })
        }
        Err(error) => Err(failed(&error)),
    };
    (outcome, traffic)
}

/// The request that a lookup becomes, every rule kept.
fn outgoing(
    network: &dyn Network,
    caller: &LookupCaller<'_>,
    lookup: &Lookup,
    failed: &impl Fn(&OutboundError) -> Problem,
) -> Result<CheckedRequest, Problem> {
    let endpoint = Endpoint::parse(&lookup.url).map_err(|error| failed(&error))?;
    let allowed = caller.rules.http().filter(|allowed| allowed.permits(&endpoint));
    let denied = || failed(&OutboundError::HostDenied { origin: endpoint.to_string() });
    let allowed = allowed.ok_or_else(denied)?;
    let joiner = Joiner { rules: caller.rules, secrets: caller.secrets, endpoint: &endpoint };
    let limits = HttpLimits {
        request_body_bytes: MAX_QUESTION,
        response_body_bytes: MAX_ANSWER,
        timeout: caller.timeout,
    };
    let request = HttpRequest {
        method: if lookup.body.is_empty() { "GET" } else { "POST" }.to_owned(),
        url: joiner.url(&lookup.url, &[])?,
        headers: joiner.headers(&lookup.headers)?,
        body: Bytes::copy_from_slice(&lookup.body),
        limits,
    };
    request.checked(allowed, network.policy()).map_err(|error| failed(&error))
}
