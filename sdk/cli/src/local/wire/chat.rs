//! `neustream:chat`.

use std::time::Duration;

use neustream_contract::chat::{
    Connection, Effect, Endpoint, Event, Message, Outgoing, Payload, Problem, Request, Response, Step,
    Transport,
};
use neustream_model::Reason;
use serde_json::{Map, Value, json};

use super::write::{bytes, fields, millis, problem, value};
use super::{At, Read};

/// `event`
pub fn event(at: &At<'_>) -> Read<Event> {
    let (name, payload) = at.variant()?;
    let payload = at.payload(name, payload)?;
    Ok(match name {
        "opened" => Event::Opened(payload.text()?),
        "received" => {
            let frame = payload.with_keys(&["connection", "payload"])?;
            Event::Received(frame.field("connection")?.text()?, self::payload(&frame.field("payload")?)?)
        }
        "closed" => {
            let closing = payload.with_keys(&["connection", "problem"])?;
            Event::Closed(closing.field("connection")?.text()?, told(&closing.field("problem")?)?)
        }
        "answered" => {
            let answer = payload.with_keys(&["id", "outcome"])?;
            Event::Answered(answer.field("id")?.text()?, outcome(&answer.field("outcome")?)?)
        }
        "delivered" => {
            let delivery = payload.with_keys(&["connection", "headers", "body"])?;
            Event::Delivered {
                connection: delivery.field("connection")?.text()?,
                headers: delivery.optional_list("headers", At::texts)?,
                body: delivery.optional_bytes("body")?,
            }
        }
        "timer" => Event::Timer(payload.text()?),
        "send" => {
            let outgoing = payload.with_keys(&["id", "text", "reply-to"])?;
            Event::Send(Outgoing {
                id: outgoing.field("id")?.text()?,
                text: outgoing.field("text")?.text()?,
                reply_to: outgoing.optional("reply-to")?.map(|id| id.text()).transpose()?,
            })
        }
        "remove" => Event::Remove(payload.text()?),
        _ => {
            let known = "`opened`, `received`, `closed`, `answered`, `delivered`, `timer`, `send`, `remove`";
            return Err(at.malformed(format!("there is no event `{name}`; there are {known}")));
        }
    })
}

fn payload(at: &At<'_>) -> Read<Payload> {
    let (name, payload) = at.variant()?;
    let payload = at.payload(name, payload)?;
    match name {
        "text" => Ok(Payload::Text(match payload.json() {
            Value::Object(members) if members.len() == 1 && members.contains_key("json") => {
                members["json"].to_string()
            }
            _ => payload.text()?,
        })),
        "binary" => payload.bytes().map(Payload::Binary),
        _ => Err(at.malformed("expected `text` or `binary`: nothing else comes in")),
    }
}

fn told(at: &At<'_>) -> Read<Problem> {
    let at = at.clone().with_keys(&["code", "message", "retry-after-ms"])?;
    let reason = Reason::new(at.field("code")?.text()?, at.field("message")?.text()?);
    let retry_after = at.optional("retry-after-ms")?.map(|ms| ms.number()).transpose()?;
    Ok(Problem { reason, retry_after: retry_after.map(Duration::from_millis) })
}

/// `{"ok": response}`, or `{"err": problem}`.
fn outcome(at: &At<'_>) -> Read<Result<Response, Problem>> {
    let (name, payload) = at.variant()?;
    let payload = at.payload(name, payload)?;
    match name {
        "ok" => {
            let response = payload.with_keys(&["status", "headers", "body"])?;
            Ok(Ok(Response {
                status: response.field("status")?.number()?,
                headers: response.optional_list("headers", At::texts)?,
                body: response.optional_bytes("body")?,
            }))
        }
        "err" => told(&payload).map(Err),
        _ => Err(at.malformed("expected `{ \"ok\": response }` or `{ \"err\": problem }`")),
    }
}

/// `step`
pub fn step(step: &Step) -> Value {
    json!({ "state": bytes(&step.state), "effects": step.effects.iter().map(effect).collect::<Value>() })
}

/// `effect`
pub fn effect(effect: &Effect) -> Value {
    match effect {
        Effect::Publish(one) => json!({ "publish": message(one) }),
        Effect::Retract(id) => json!({ "retract": id }),
        Effect::Transmit(connection, payload) => {
            json!({ "transmit": { "connection": connection, "payload": outward(payload) } })
        }
        Effect::Request(one) => json!({ "request": request(one) }),
        Effect::Sent(id) => json!({ "sent": id }),
        Effect::Failed(id, why) => json!({ "failed": { "id": id, "problem": problem(why) } }),
        Effect::Reopen(one) => json!({ "reopen": connection(one) }),
        Effect::Close(id) => json!({ "close": id }),
        Effect::Wake(name, after) => json!({ "wake": { "name": name, "after-ms": millis(*after) } }),
        Effect::Status(status) => json!({ "status": status.as_ref().map(problem) }),
    }
}

fn message(message: &Message) -> Value {
    json!({
        "id": message.id,
        "author-id": message.author_id,
        "author": message.author,
        "text": message.text,
        "kind": message.kind,
        "roles": message.roles,
        "reply-to": message.reply_to,
        "sent-at": message.sent_at.map_or(0, |at| at.0),
        "extra": message.extra,
    })
}

fn outward(payload: &Payload) -> Value {
    match payload {
        Payload::Text(text) => json!({ "text": text }),
        Payload::Binary(binary) => json!({ "binary": bytes(binary) }),
        Payload::Parts(parts) => json!({ "parts": parts.iter().map(value).collect::<Value>() }),
    }
}

fn request(request: &Request) -> Value {
    json!({
        "id": request.id,
        "method": request.method,
        "url": request.url,
        "query": fields(&request.query),
        "headers": fields(&request.headers),
        "body": bytes(&request.body),
    })
}

fn connection(connection: &Connection) -> Value {
    let transport = match &connection.transport {
        Transport::Websocket(one) => json!({ "websocket": endpoint(one) }),
        Transport::Line(one) => json!({ "line": endpoint(one) }),
        Transport::Poll(one) => json!({ "poll": endpoint(one) }),
        Transport::Webhook(advice) => json!({ "webhook": advice }),
    };
    json!({ "id": connection.id, "transport": transport })
}

fn endpoint(endpoint: &Endpoint) -> Value {
    let mut members = Map::from_iter([
        ("url".to_owned(), Value::from(endpoint.url.as_str())),
        ("query".to_owned(), fields(&endpoint.query)),
        ("headers".to_owned(), fields(&endpoint.headers)),
    ]);
    members.insert("interval-ms".to_owned(), millis(endpoint.interval));
    Value::Object(members)
}
