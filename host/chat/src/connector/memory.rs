//! What is remembered between two steps: the connector's own state, and what the host keeps for it.
//!
//! Both commit together. After a restart the driver goes on from here: it opens
//! the connections, sets the timers, and answers the requests that were under
//! way, whose answers nobody has heard, with the code `interrupted`.

use std::collections::{BTreeMap, BTreeSet};

use neustream_contract::Digest;
use neustream_contract::chat::{
    Connection, Effect, Event, MAX_ALARMS, MAX_CONNECTIONS, MAX_REQUESTS_UNDER_WAY, MAX_STATE_BYTES, Step,
    Transport,
};
use neustream_model::UnixMillis;
use serde::{Deserialize, Serialize};

use super::StepInvalid;

/// Most effects of one step.
const MAX_EFFECTS: usize = 1024;
/// Longest name that a connector gives something, and longest id of a platform.
const MAX_NAME_BYTES: usize = 256;
/// Longest text of a message.
const MAX_TEXT_BYTES: usize = 16 * 1024;
/// Most entries of `roles` and `extra`, and bytes of all of them.
const MAX_ENTRIES: usize = 64;
/// Longest URL, query and headers of an endpoint together.
const MAX_ENDPOINT_BYTES: usize = 16 * 1024;
/// Largest body of a request.
const MAX_REQUEST_BODY: usize = 64 * 1024;

/// A connector's memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// The connector's own state; at most 64 KiB.
    pub state: Vec<u8>,
    /// The version of that state, as the manifest says it.
    pub state_schema: u32,
    /// The package that made it.
    pub plugin: Digest,
    /// The digest of the configuration that it was begun with. Another configuration begins anew.
    pub config: Digest,
    /// What the host keeps for it.
    pub kept: Kept,
}

/// What the host keeps for a connector besides its state. JSON through serde.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The connections that are to be open, by name.
    pub connections: BTreeMap<String, Transport>,
    /// The timers, by name: when they are due.
    pub alarms: BTreeMap<String, UnixMillis>,
    /// The requests whose answers the connector has not seen.
    pub requests: BTreeSet<String>,
}

impl Kept {
    /// What is to be kept after a step: `events` were its input, `effects` are what it wants.
    ///
    /// A timer that has fired and was not set again is gone; so is a request that was answered.
    pub(crate) fn after(
        &self,
        events: &[Event],
        effects: &[Effect],
        now: UnixMillis,
    ) -> Result<Self, StepInvalid> {
        let mut kept = self.clone();
        for event in events {
            match event {
                Event::Timer(name) => drop(kept.alarms.remove(name)),
                Event::Answered(id, _) => drop(kept.requests.remove(id)),
                _ => {}
            }
        }
        for effect in effects {
            match effect {
                Effect::Reopen(Connection { id, transport }) => {
                    kept.connections.insert(id.clone(), transport.clone());
                }
                Effect::Close(id) => drop(kept.connections.remove(id)),
                Effect::Wake(name, after) if after.is_zero() => drop(kept.alarms.remove(name)),
                Effect::Wake(name, after) => drop(kept.alarms.insert(name.clone(), now.plus(*after))),
                Effect::Request(request) => drop(kept.requests.insert(request.id.clone())),
                _ => {}
            }
        }
        if kept.connections.len() > MAX_CONNECTIONS {
            return Err(StepInvalid::TooMany { what: "connections", max: MAX_CONNECTIONS });
        }
        if kept.alarms.len() > MAX_ALARMS {
            return Err(StepInvalid::TooMany { what: "timers", max: MAX_ALARMS });
        }
        // Those beyond what may be under way are answered with a problem, so they are kept until then.
        if kept.requests.len() > MAX_REQUESTS_UNDER_WAY + MAX_EFFECTS {
            return Err(StepInvalid::TooMany { what: "requests", max: MAX_REQUESTS_UNDER_WAY });
        }
        Ok(kept)
    }
}

/// Checks what a connector answered against the sizes of the contract, before anything of it is done.
pub(crate) fn check(step: &Step) -> Result<(), StepInvalid> {
    let too_large = |what, max| Err(StepInvalid::TooLarge { what, max });
    if step.state.len() > MAX_STATE_BYTES {
        return too_large("the state", MAX_STATE_BYTES);
    }
    if step.effects.len() > MAX_EFFECTS {
        return Err(StepInvalid::TooMany { what: "effects", max: MAX_EFFECTS });
    }
    for effect in &step.effects {
        let name = match effect {
            Effect::Publish(message) => &message.id,
            Effect::Retract(name)
            | Effect::Transmit(name, _)
            | Effect::Sent(name)
            | Effect::Failed(name, _)
            | Effect::Close(name)
            | Effect::Wake(name, _) => name,
            Effect::Request(request) => &request.id,
            Effect::Reopen(connection) => &connection.id,
            Effect::Status(_) => continue,
        };
        if name.is_empty() || name.len() > MAX_NAME_BYTES {
            return Err(StepInvalid::Name(MAX_NAME_BYTES));
        }
        match effect {
            Effect::Publish(message) => {
                let short = [&message.author, &message.author_id, &message.kind];
                let roles: usize = message.roles.iter().map(String::len).sum();
                let extra: usize = message.extra.iter().map(|(name, value)| name.len() + value.len()).sum();
                if message.text.len() > MAX_TEXT_BYTES || roles + extra > MAX_TEXT_BYTES {
                    return too_large("a message", MAX_TEXT_BYTES);
                }
                let reply_to = message.reply_to.as_ref();
                if short.into_iter().chain(reply_to).any(|text| text.len() > MAX_NAME_BYTES) {
                    return too_large("a message's author, kind or reply", MAX_NAME_BYTES);
                }
                if message.roles.len() > MAX_ENTRIES || message.extra.len() > MAX_ENTRIES {
                    return Err(StepInvalid::TooMany { what: "entries of a message", max: MAX_ENTRIES });
                }
            }
            Effect::Request(request) if request.body.len() > MAX_REQUEST_BODY => {
                return too_large("a request's body", MAX_REQUEST_BODY);
            }
            Effect::Reopen(Connection { transport, .. }) if bytes_of(transport) > MAX_ENDPOINT_BYTES => {
                return too_large("a connection's URL, query and headers", MAX_ENDPOINT_BYTES);
            }
            _ => {}
        }
    }
    Ok(())
}

fn bytes_of(transport: &Transport) -> usize {
    match transport {
        Transport::Webhook(text) => text.len(),
        Transport::Websocket(endpoint) | Transport::Line(endpoint) | Transport::Poll(endpoint) => {
            let fields = endpoint.query.iter().chain(&endpoint.headers);
            let bytes: usize = fields
                .map(|field| {
                    use neustream_contract::Value as V;
                    field.name.len()
                        + match &field.value {
                            V::Plain(text) | V::Secret(text) => text.len(),
                            V::Prefixed(text, name) | V::Basic(text, name) => text.len() + name.len(),
                        }
                })
                .sum();
            endpoint.url.len() + bytes
        }
    }
}
