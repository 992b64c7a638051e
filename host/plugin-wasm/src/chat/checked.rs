//! What a connector answered: bounded and well-formed, or refused as a whole.
//!
//! A step commits with all its effects or not at all, so one bad effect makes
//! the step an error. Whether a connection or a request may be made is for the
//! driver to say, which knows what is open and what was granted.

use std::time::Duration;

use neustream_contract::CallError;
use neustream_contract::chat::{
    Connection, Effect, Endpoint, MAX_STATE_BYTES, Message, Payload, Request, Step, Transport,
};
use neustream_model::UnixMillis;

use crate::answer::{at_most, fields, id, invalid, kept_state, problem, url, value, word};
use crate::bindings::chat::exports::neustream::chat::connector as wit;
use crate::state::CallState;
use crate::text::{printable, shown};

/// Effects of one step.
const MAX_EFFECTS: usize = 1000;
/// What one frame or request carries.
const MAX_PAYLOAD_BYTES: usize = 64 * 1024;
const MAX_PARTS: usize = 16;
const MAX_TEXT_BYTES: usize = 8 * 1024;
const MAX_NAME_BYTES: usize = 256;
const MAX_ROLES: usize = 16;
const MAX_EXTRAS: usize = 64;
const MAX_EXTRA_BYTES: usize = 2 * 1024;
const MAX_ADVICE_BYTES: usize = 500;
/// The shortest time between two questions of a poll.
const MIN_INTERVAL: Duration = Duration::from_millis(500);

/// The step, or why it is not one.
pub(super) fn step(step: wit::Step, state: &mut CallState) -> Result<Step, CallError> {
    at_most("effects", step.effects.len(), MAX_EFFECTS)?;
    let kept = kept_state(step.state, MAX_STATE_BYTES, state)?;
    let effects = step.effects.into_iter().map(|one| effect(one, state)).collect::<Result<_, _>>()?;
    Ok(Step { state: kept, effects })
}

fn effect(effect: wit::Effect, state: &CallState) -> Result<Effect, CallError> {
    Ok(match effect {
        wit::Effect::Publish(one) => Effect::Publish(message(one)?),
        wit::Effect::Retract(message) => Effect::Retract(id("a message's id", message)?),
        wit::Effect::Transmit(frame) => {
            Effect::Transmit(id("a connection's id", frame.connection)?, payload(frame.payload)?)
        }
        wit::Effect::Request(one) => Effect::Request(request(one)?),
        wit::Effect::Sent(message) => Effect::Sent(id("an outgoing message's id", message)?),
        wit::Effect::Failed(failure) => {
            Effect::Failed(id("an outgoing message's id", failure.id)?, problem(&failure.problem, state))
        }
        wit::Effect::Reopen(one) => Effect::Reopen(connection(one)?),
        wit::Effect::Close(connection) => Effect::Close(id("a connection's id", connection)?),
        wit::Effect::Wake(alarm) => {
            Effect::Wake(id("a timer's name", alarm.name)?, Duration::from_millis(alarm.after_ms.into()))
        }
        wit::Effect::Status(status) => Effect::Status(status.as_ref().map(|status| problem(status, state))),
    })
}

fn message(message: wit::Message) -> Result<Message, CallError> {
    at_most("roles of a message", message.roles.len(), MAX_ROLES)?;
    at_most("extras of a message", message.extra.len(), MAX_EXTRAS)?;
    let role = |role| word("a message's role", role);
    let extra =
        |(name, text): (String, String)| Ok((id("an extra's name", name)?, shown(&text, MAX_EXTRA_BYTES)));
    Ok(Message {
        id: id("a message's id", message.id)?,
        author_id: id("an author's id", message.author_id)?,
        author: shown(&message.author, MAX_NAME_BYTES),
        text: shown(&message.text, MAX_TEXT_BYTES),
        kind: word("a message's kind", message.kind)?,
        roles: message.roles.into_iter().map(role).collect::<Result<_, _>>()?,
        reply_to: message.reply_to.map(|message| id("a message's id", message)).transpose()?,
        sent_at: (message.sent_at > 0).then_some(UnixMillis(message.sent_at)),
        extra: message.extra.into_iter().map(extra).collect::<Result<_, CallError>>()?,
    })
}

fn connection(connection: wit::Connection) -> Result<Connection, CallError> {
    let transport = match connection.transport {
        wit::Transport::Websocket(one) => Transport::Websocket(endpoint(one)?),
        wit::Transport::Line(one) => Transport::Line(endpoint(one)?),
        wit::Transport::Poll(one) => {
            let endpoint = endpoint(one)?;
            if endpoint.interval < MIN_INTERVAL {
                return Err(invalid("a poll's interval", "is shorter than 500 ms"));
            }
            Transport::Poll(endpoint)
        }
        wit::Transport::Webhook(advice) => Transport::Webhook(printable(&advice, MAX_ADVICE_BYTES)),
    };
    Ok(Connection { id: id("a connection's id", connection.id)?, transport })
}

fn endpoint(endpoint: wit::Endpoint) -> Result<Endpoint, CallError> {
    Ok(Endpoint {
        url: url("a connection's URL", endpoint.url)?,
        query: fields("a connection's query parameters", endpoint.query)?,
        headers: fields("a connection's headers", endpoint.headers)?,
        interval: Duration::from_millis(endpoint.interval_ms.into()),
    })
}

fn payload(payload: wit::Payload) -> Result<Payload, CallError> {
    const WHAT: &str = "bytes of a frame";
    Ok(match payload {
        wit::Payload::Text(text) => {
            at_most(WHAT, text.len(), MAX_PAYLOAD_BYTES)?;
            Payload::Text(text)
        }
        wit::Payload::Binary(bytes) => {
            at_most(WHAT, bytes.len(), MAX_PAYLOAD_BYTES)?;
            Payload::Binary(bytes)
        }
        wit::Payload::Parts(parts) => {
            at_most("parts of a frame", parts.len(), MAX_PARTS)?;
            let part = |part| value("a frame's parts", part);
            Payload::Parts(parts.into_iter().map(part).collect::<Result<_, _>>()?)
        }
    })
}

fn request(request: wit::Request) -> Result<Request, CallError> {
    at_most("bytes of a request's body", request.body.len(), MAX_PAYLOAD_BYTES)?;
    let is_method = !request.method.is_empty()
        && request.method.len() <= 16
        && request.method.bytes().all(|byte| byte.is_ascii_uppercase());
    if !is_method {
        return Err(invalid("a request's method", "is not a word in capital letters"));
    }
    Ok(Request {
        id: id("a request's id", request.id)?,
        method: request.method,
        url: url("a request's URL", request.url)?,
        query: fields("a request's query parameters", request.query)?,
        headers: fields("a request's headers", request.headers)?,
        body: request.body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_platform() -> wit::Message {
        wit::Message {
            id: "m1".to_owned(),
            author_id: "u1".to_owned(),
            author: "Zoë\u{202e}".to_owned(),
            text: "family 👨\u{200d}👩\u{200d}👧\u{1b}[31m\u{0}".to_owned(),
            kind: "message".to_owned(),
            roles: vec!["moderator".to_owned()],
            reply_to: None,
            sent_at: 0,
            extra: vec![("color".to_owned(), "#ff0000\n".to_owned())],
        }
    }

    #[test]
    fn a_message_keeps_its_emoji_and_loses_what_would_act_on_a_reader() {
        let message = message(from_platform()).unwrap();
        assert_eq!(message.author, "Zoë");
        assert_eq!(message.text, "family 👨\u{200d}👩\u{200d}👧[31m");
        assert_eq!(message.sent_at, None);
        assert_eq!(message.extra[0].1, "#ff0000 ");
    }

    #[test]
    fn a_message_without_an_id_or_with_an_unreadable_kind_is_refused() {
        for bad in [
            wit::Message { id: String::new(), ..from_platform() },
            wit::Message { kind: "Super Chat".to_owned(), ..from_platform() },
            wit::Message { roles: vec!["x".to_owned(); 17], ..from_platform() },
            wit::Message { reply_to: Some("a\nb".to_owned()), ..from_platform() },
        ] {
            assert!(message(bad).is_err());
        }
    }

    #[test]
    fn a_poll_in_a_hurry_and_a_frame_that_is_too_large_are_refused() {
        let poll = |interval_ms| wit::Connection {
            id: "poll".to_owned(),
            transport: wit::Transport::Poll(wit::Endpoint {
                url: "https://api.example.com/chat".to_owned(),
                query: vec![],
                headers: vec![],
                interval_ms,
            }),
        };
        assert!(connection(poll(499)).is_err());
        assert!(connection(poll(500)).is_ok());
        assert!(payload(wit::Payload::Text("x".repeat(MAX_PAYLOAD_BYTES))).is_ok());
        let too_large = payload(wit::Payload::Binary(vec![0; MAX_PAYLOAD_BYTES + 1]));
        assert_eq!(too_large.unwrap_err().code, "answer-too-large");
    }
}
