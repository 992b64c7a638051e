//! What happened, in the guest's words.

use neustream_contract::Value;
use neustream_contract::chat::{Event, Payload, Response};

use crate::answer;
use crate::bindings::chat::exports::neustream::chat::connector as wit;
use crate::bindings::neustream::host::types;

/// An event for the guest.
pub(super) fn event(event: &Event) -> wit::Event {
    match event {
        Event::Opened(connection) => wit::Event::Opened(connection.clone()),
        Event::Received(connection, frame) => {
            wit::Event::Received(wit::Frame { connection: connection.clone(), payload: payload(frame) })
        }
        Event::Closed(connection, problem) => wit::Event::Closed(wit::Closing {
            connection: connection.clone(),
            problem: answer::told(problem),
        }),
        Event::Answered(id, outcome) => wit::Event::Answered(wit::Answer {
            id: id.clone(),
            outcome: outcome.as_ref().map(response).map_err(answer::told),
        }),
        Event::Delivered { connection, headers, body } => wit::Event::Delivered(wit::Delivery {
            connection: connection.clone(),
            headers: headers.clone(),
            body: body.clone(),
        }),
        Event::Timer(name) => wit::Event::Timer(name.clone()),
        Event::Send(outgoing) => wit::Event::Send(wit::Outgoing {
            id: outgoing.id.clone(),
            text: outgoing.text.clone(),
            reply_to: outgoing.reply_to.clone(),
        }),
        Event::Remove(message) => wit::Event::Remove(message.clone()),
    }
}

fn payload(payload: &Payload) -> wit::Payload {
    match payload {
        Payload::Text(text) => wit::Payload::Text(text.clone()),
        Payload::Binary(bytes) => wit::Payload::Binary(bytes.clone()),
        Payload::Parts(parts) => wit::Payload::Parts(parts.iter().map(value).collect()),
    }
}

fn value(value: &Value) -> types::Value {
    match value {
        Value::Plain(text) => types::Value::Plain(text.clone()),
        Value::Secret(name) => types::Value::Secret(name.clone()),
        Value::Prefixed(text, name) => types::Value::Prefixed((text.clone(), name.clone())),
        Value::Basic(user, name) => types::Value::Basic((user.clone(), name.clone())),
    }
}

fn response(response: &Response) -> wit::Response {
    wit::Response { status: response.status, headers: response.headers.clone(), body: response.body.clone() }
}
