//! The connector, and the deeds that only a chat connector can do.

use neustream_hostile_deeds::{Outcome, computing, failure, parsed, signing, telling};
use neustream_plugin::chat::{
    Alarm, ChatConnector, Connection, Effect, Endpoint, Event, Failure, Frame, Message, Payload, Request,
    Step, Transport,
};
use neustream_plugin::{AuthenticatingHost, Context, Error, Field, Problem, Value};

struct Gallery;

neustream_plugin::export_chat!(Gallery);

/// What stands in front of the setting `deed`, when `open` is to do it.
const SETTING: &str = "{\"deed\":\"";

impl ChatConnector for Gallery {
    fn open(host: &impl AuthenticatingHost, _: &Context) -> Result<Step, Error> {
        let config = host.config();
        match config.strip_prefix(SETTING).and_then(|rest| rest.strip_suffix("\"}")) {
            Some(deed) => perform(host, deed, &[]),
            None => {
                Ok(Step { state: b"open".to_vec(), effects: vec![Effect::Reopen(websocket(CHAT, vec![]))] })
            }
        }
    }

    fn handle(
        host: &impl AuthenticatingHost,
        _: &Context,
        state: &[u8],
        events: Vec<Event>,
    ) -> Result<Step, Error> {
        let mut last = Step { state: state.to_vec(), effects: vec![] };
        for event in events {
            let text = match event {
                Event::Received(Frame { payload: Payload::Text(text), .. }) => text,
                Event::Send(outgoing) => outgoing.text,
                Event::Delivered(delivery) => String::from_utf8_lossy(&delivery.body).into_owned(),
                Event::Timer(name) | Event::Remove(name) => name,
                Event::Answered(answer) => {
                    let bytes =
                        answer.outcome.map_or_else(|problem| problem.code.into_bytes(), |found| found.body);
                    last.state = bytes;
                    last.state.truncate(64 << 10);
                    continue;
                }
                Event::Received(_) | Event::Opened(_) | Event::Closed(_) => continue,
            };
            let mut step = perform(host, &text, &last.state)?;
            step.effects.splice(0..0, std::mem::take(&mut last.effects));
            last = step;
        }
        Ok(last)
    }
}

const CHAT: &str = "wss://chat.hostile.test/socket";

fn perform(host: &impl AuthenticatingHost, text: &str, state: &[u8]) -> Result<Step, Error> {
    let (deed, argument) = parsed(text);
    let effects = match deed {
        "keep" => vec![],
        "count" => return Ok(count(state)),
        "every-third" => return Ok(trap_on_every_third(state)),
        // Tells everybody what it was answered last, as another message each time that it is something else.
        "tell-state" => {
            let told = String::from_utf8_lossy(state).into_owned();
            telling::perform(host, "log", &told);
            let id = format!("told-{}", told.len());
            vec![Effect::Publish(message(&id, &told)), Effect::Status(Some(Problem::new("told", &told)))]
        }
        "state" => return Ok(Step { state: vec![7; number(argument)], effects: vec![] }),
        "state-and-publish" => {
            return Ok(Step {
                state: vec![7; (64 << 10) + 1],
                effects: vec![Effect::Publish(message("x", "x"))],
            });
        }
        _ => {
            let effects = publishing(deed, argument)
                .or_else(|| connecting(deed, argument))
                .or_else(|| asking(deed, argument));
            let Some(effects) = effects else {
                let learned = learned(host, deed, argument);
                let state = learned.unwrap_or_else(|| Err(failure("no-such-deed", deed)))?;
                return Ok(Step { state, effects: vec![] });
            };
            effects
        }
    };
    Ok(Step { state: state.to_vec(), effects })
}

/// What the tenant is told.
fn publishing(deed: &str, argument: &str) -> Option<Vec<Effect>> {
    Some(match deed {
        "publish" => vec![Effect::Publish(message(argument, argument))],
        "publish-many" => {
            (0..number(argument)).map(|n| Effect::Publish(message(&n.to_string(), "x"))).collect()
        }
        "publish-twice" => vec![Effect::Publish(message("same", argument)); 2],
        "publish-long" => vec![Effect::Publish(message("long", &"x".repeat(number(argument))))],
        "publish-escapes" => {
            vec![Effect::Publish(message("\x1b]0;id\x07", "\x1b[2J\u{202e}\0<script>alert(1)</script>"))]
        }
        "publish-extras" => {
            let mut message = message("extras", "x");
            message.extra = vec![("k".to_owned(), "v".to_owned()); number(argument)];
            message.roles = vec!["role".to_owned(); number(argument)];
            vec![Effect::Publish(message)]
        }
        "tiny-effects" => vec![Effect::Close(String::new()); number(argument)],
        "sent-unknown" => vec![Effect::Sent("never-asked".to_owned()), Effect::Failed(unsent("never-asked"))],
        "status" => vec![Effect::Status(Some(Problem::new("\x1b[31mBad Code", "\x1b[2J\r\nforged")))],
        "status-long" => vec![Effect::Status(Some(Problem::new("long", "x".repeat(1 << 20))))],
        "retract-many" => vec![Effect::Retract("x".to_owned()); number(argument)],
        _ => return None,
    })
}

/// What connections are for.
fn connecting(deed: &str, argument: &str) -> Option<Vec<Effect>> {
    Some(match deed {
        "connections" => (0..number(argument)).map(|n| open_as(&format!("c{n}"), CHAT)).collect(),
        "connect" => vec![open_as("main", argument)],
        "lines" => vec![Effect::Reopen(connection("main", Transport::Line(endpoint(argument, vec![]))))],
        "poll" => vec![Effect::Reopen(connection("main", Transport::Poll(endpoint(argument, vec![]))))],
        "poll-fast" => {
            let at = Endpoint { interval_ms: 0, ..endpoint(argument, vec![]) };
            vec![Effect::Reopen(connection("main", Transport::Poll(at)))]
        }
        "webhook" => vec![Effect::Reopen(connection("main", Transport::Webhook("\x1b[2J".repeat(10_000))))],
        "connect-with" => {
            let (secret, url) = parsed(argument);
            vec![Effect::Reopen(websocket(
                url,
                vec![Field::new("authorization", Value::prefixed("Bearer ", secret))],
            ))]
        }
        "connect-with-query" => {
            let (secret, url) = parsed(argument);
            let mut at = endpoint(url, vec![]);
            at.query = vec![Field::new("token", Value::prefixed("", secret))];
            vec![Effect::Reopen(connection("main", Transport::Websocket(at)))]
        }
        "connect-headers" => {
            vec![Effect::Reopen(websocket(CHAT, vec![Field::new("x-a", "b"); number(argument)]))]
        }
        "connect-smuggle" => vec![Effect::Reopen(websocket(CHAT, vec![Field::new("x-a", "b\r\nx-evil: 1")]))],
        "connect-host" => vec![Effect::Reopen(websocket(CHAT, vec![Field::new("host", "internal.example")]))],
        "long-id" => vec![open_as(&"i".repeat(1 << 20), CHAT)],
        "transmit" => vec![transmit(Payload::Text(argument.to_owned()))],
        "transmit-many" => vec![transmit(Payload::Text("x".to_owned())); number(argument)],
        "transmit-giant" => vec![transmit(Payload::Binary(vec![1; number(argument)]))],
        "transmit-secret" => vec![transmit(Payload::Parts(vec![Value::prefixed("PASS oauth:", argument)]))],
        "transmit-parts" => {
            vec![transmit(Payload::Parts(vec![Value::secret("chat-token"); number(argument)]))]
        }
        "transmit-lines" => {
            vec![transmit(Payload::Parts(vec!["PRIVMSG #a :x\r\nQUIT".into()]))]
        }
        "transmit-to-nobody" => vec![Effect::Transmit(Frame {
            connection: "nobody".to_owned(),
            payload: Payload::Text("x".to_owned()),
        })],
        _ => return None,
    })
}

/// Requests and timers.
fn asking(deed: &str, argument: &str) -> Option<Vec<Effect>> {
    Some(match deed {
        "request" => vec![Effect::Request(request("r", argument, vec![]))],
        "requests" => {
            let (many, url) = parsed(argument);
            (0..number(many)).map(|n| Effect::Request(request(&format!("r{n}"), url, vec![]))).collect()
        }
        "request-with" => {
            let (secret, url) = parsed(argument);
            vec![Effect::Request(request(
                "r",
                url,
                vec![Field::new("authorization", Value::prefixed("Bearer ", secret))],
            ))]
        }
        "request-giant" => {
            let body = vec![0; (64 << 10) + 1];
            vec![Effect::Request(Request { body, ..request("r", argument, vec![]) })]
        }
        "alarms" => (0..number(argument)).map(|n| wake(&format!("a{n}"), 60_000)).collect(),
        "alarm-now" => vec![wake("alarm-now", 1)],
        "alarm-far" => vec![wake("far", u32::MAX)],
        _ => return None,
    })
}

fn learned(host: &impl AuthenticatingHost, deed: &str, argument: &str) -> Outcome {
    computing::perform(deed, argument)
        .or_else(|| telling::perform(host, deed, argument))
        .or_else(|| signing::perform(host, deed, argument))
}

fn number(text: &str) -> usize {
    text.parse().unwrap_or_default()
}

/// Counts in the state: what a connector remembers that behaves.
fn count(state: &[u8]) -> Step {
    let next =
        std::str::from_utf8(state).ok().and_then(|text| text.parse::<u64>().ok()).unwrap_or_default() + 1;
    Step {
        state: next.to_string().into_bytes(),
        effects: vec![Effect::Publish(message(&next.to_string(), "counted"))],
    }
}

fn trap_on_every_third(state: &[u8]) -> Step {
    let step = count(state);
    if std::str::from_utf8(&step.state)
        .ok()
        .and_then(|text| text.parse::<u64>().ok())
        .is_some_and(|n| n % 3 == 0)
    {
        core::arch::wasm32::unreachable();
    }
    step
}

fn message(id: &str, text: &str) -> Message {
    Message {
        id: id.to_owned(),
        author_id: "author".to_owned(),
        author: "Author".to_owned(),
        text: text.to_owned(),
        kind: "message".to_owned(),
        roles: vec![],
        reply_to: None,
        sent_at: 0,
        extra: vec![],
    }
}

fn endpoint(url: &str, headers: Vec<Field>) -> Endpoint {
    Endpoint { url: url.to_owned(), query: vec![], headers, interval_ms: 500 }
}

fn connection(id: &str, transport: Transport) -> Connection {
    Connection { id: id.to_owned(), transport }
}

fn websocket(url: &str, headers: Vec<Field>) -> Connection {
    connection("main", Transport::Websocket(endpoint(url, headers)))
}

fn open_as(id: &str, url: &str) -> Effect {
    Effect::Reopen(connection(id, Transport::Websocket(endpoint(url, vec![]))))
}

fn transmit(payload: Payload) -> Effect {
    Effect::Transmit(Frame { connection: "main".to_owned(), payload })
}

fn request(id: &str, url: &str, headers: Vec<Field>) -> Request {
    Request {
        id: id.to_owned(),
        method: "GET".to_owned(),
        url: url.to_owned(),
        query: vec![],
        headers,
        body: vec![],
    }
}

fn wake(name: &str, after_ms: u32) -> Effect {
    Effect::Wake(Alarm { name: name.to_owned(), after_ms })
}

fn unsent(id: &str) -> Failure {
    Failure { id: id.to_owned(), problem: Problem::new("never", "It was never asked for.") }
}
