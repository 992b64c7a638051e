//! Reads and writes a channel's chat on Example Live, a made-up platform: JSON texts over one WebSocket.

use neustream_plugin::chat::{
    ChatConnector, Connection, Effect, Endpoint, Event, Message, Outgoing, Payload, Step,
    Transport, is_id,
};
use neustream_plugin::json::{self, Value, json};
use neustream_plugin::{AuthenticatingHost, Context, Error, Level, Problem, query, read_config};
use serde::{Deserialize, Serialize};

/// The connector.
pub struct ExampleChat;

neustream_plugin::export_chat!(ExampleChat);

/// The only connection's name.
const SOCKET: &str = "chat";

/// The settings, as `config.schema.json` describes them.
#[derive(Deserialize)]
struct Config {
    channel: String,
}

/// All that is remembered from call to call: an instance may be dropped after each.
#[derive(Default, Serialize, Deserialize)]
struct State {
    /// Whether the connection is open.
    #[serde(default)]
    is_open: bool,
    /// Outgoing messages that the platform has not answered.
    #[serde(default)]
    waiting: Vec<String>,
}

/// What the platform says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Said {
    Message {
        id: String,
        author_id: String,
        author: String,
        text: String,
    },
    Removed {
        id: String,
    },
    Sent {
        r#ref: String,
    },
    Refused {
        r#ref: String,
        reason: String,
    },
}

impl ChatConnector for ExampleChat {
    // The host opens the socket, and again, with back-off, whenever it closes.
    fn open(host: &impl AuthenticatingHost, _: &Context) -> Result<Step, Error> {
        let config: Config = read_config(host)?;
        let channel = query::escape(&config.channel);
        let url = format!("wss://chat.live.example/v1/channels/{channel}");
        let socket = Connection::new(
            SOCKET,
            Transport::Websocket(Endpoint::new(url).bearer("token")),
        );
        Ok(State::default().step(vec![Effect::Reopen(socket)]))
    }

    // Events in; state and effects out. The same events come again until the step has been committed, so nothing may
    // depend on anything but these arguments.
    fn handle(
        host: &impl AuthenticatingHost,
        ctx: &Context,
        state: &[u8],
        events: Vec<Event>,
    ) -> Result<Step, Error> {
        // A state of another version: begin anew.
        let Ok(mut state) = json::from::<State>(state) else {
            return Self::open(host, ctx);
        };
        let mut effects = Vec::new();
        for event in events {
            match event {
                Event::Opened(_) => {
                    state.is_open = true;
                    effects.push(Effect::Status(None));
                }
                Event::Received(frame) => state.received(host, &frame.payload, &mut effects),
                Event::Closed(closing) => {
                    state.closed(&mut effects);
                    effects.push(Effect::Status(Some(closing.problem)));
                }
                Event::Send(outgoing) => state.send(outgoing, &mut effects),
                // The platform tells what was removed, as it does when somebody else removes it.
                Event::Remove(id) if state.is_open => {
                    effects.push(say(&json!({"type": "remove", "id": id})))
                }
                // Without a poll, a webhook, a request or a timer there is nothing else.
                _ => {}
            }
        }
        Ok(state.step(effects))
    }
}

/// A text for the platform.
fn say(text: &Value) -> Effect {
    Effect::text(SOCKET, text.to_string())
}

impl State {
    fn step(&self, effects: Vec<Effect>) -> Step {
        Step {
            state: json::to(self),
            effects,
        }
    }

    fn received(
        &mut self,
        host: &impl AuthenticatingHost,
        payload: &Payload,
        effects: &mut Vec<Effect>,
    ) {
        let Payload::Text(text) = payload else { return };
        match json::from(text.as_bytes()) {
            // The host refuses a whole step for one bad id, and a platform may send anything.
            Ok(Said::Message {
                id,
                author_id,
                author,
                text,
            }) if is_id(&id) && is_id(&author_id) => {
                effects.push(Effect::Publish(Message {
                    author_id,
                    ..Message::new(id, author, text)
                }));
            }
            Ok(Said::Removed { id }) if is_id(&id) => effects.push(Effect::Retract(id)),
            Ok(Said::Sent { r#ref }) if self.answered(&r#ref) => effects.push(Effect::Sent(r#ref)),
            Ok(Said::Refused { r#ref, reason }) if self.answered(&r#ref) => {
                effects.push(Effect::failed(r#ref, Problem::new("refused", reason)));
            }
            // Something newer. Never log what people wrote.
            _ => host.log(Level::Debug, "the platform said something unknown", &[]),
        }
    }

    /// Whether `id` was waited for; it is not any more.
    fn answered(&mut self, id: &str) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|waiting| waiting != id);
        self.waiting.len() < before
    }

    fn send(&mut self, outgoing: Outgoing, effects: &mut Vec<Effect>) {
        if !self.is_open {
            let problem = Problem::new("not-connected", "Example Live's chat is not connected.");
            effects.push(Effect::failed(outgoing.id, problem));
            return;
        }
        effects.push(say(
            &json!({"type": "send", "ref": outgoing.id, "text": outgoing.text}),
        ));
        self.waiting.push(outgoing.id);
    }

    /// What was under way may or may not have been written.
    fn closed(&mut self, effects: &mut Vec<Effect>) {
        self.is_open = false;
        for id in self.waiting.drain(..) {
            let message =
                "The connection closed before Example Live said whether it took the message.";
            effects.push(Effect::failed(id, Problem::new("unconfirmed", message)));
        }
    }
}

#[cfg(test)]
mod tests {
    use neustream_plugin::testing::chat::{Driver, Told};
    use neustream_plugin::testing::config_of_examples;

    use super::*;

    /// A driver whose connection is open.
    fn connected() -> Driver<ExampleChat> {
        let config = config_of_examples(include_str!("../config.schema.json"));
        let mut driver = Driver::open(&config, &[("token", "t0ken")]).expect("the connector opens");
        driver.opened(SOCKET);
        assert_eq!(driver.take_told(), [Told::Status(None)]);
        driver
    }

    #[test]
    fn the_channels_socket_is_kept_open() {
        let driver = connected();
        let endpoint = driver.endpoint(SOCKET).expect("a connection");
        assert_eq!(
            *endpoint,
            Endpoint::new("wss://chat.live.example/v1/channels/ronni").bearer("token")
        );
    }

    #[test]
    fn messages_and_removals_are_told() {
        let mut driver = connected();
        driver.received(
            SOCKET,
            r#"{"type": "message", "id": "m-1", "author_id": "42", "author": "Ronni", "text": "hi"}"#,
        );
        driver.received(SOCKET, r#"{"type": "removed", "id": "m-1"}"#);
        let message = Message {
            author_id: "42".to_owned(),
            ..Message::new("m-1", "Ronni", "hi")
        };
        assert_eq!(
            driver.take_told(),
            [Told::Published(message), Told::Retracted("m-1".to_owned())]
        );
    }

    #[test]
    fn what_is_written_is_sent_once_the_platform_says_so() {
        let mut driver = connected();
        driver.send("o-1", "hello", None);
        let (_, text) = driver.next_transmitted().expect("a text");
        assert_eq!(text, r#"{"ref":"o-1","text":"hello","type":"send"}"#);
        assert_eq!(driver.take_told(), []);
        driver.received(SOCKET, r#"{"type": "sent", "ref": "o-1"}"#);
        assert_eq!(driver.take_told(), [Told::Sent("o-1".to_owned())]);
    }

    #[test]
    fn what_is_refused_or_lost_has_failed() {
        let mut driver = connected();
        driver.send("o-1", "hello", None);
        driver.received(
            SOCKET,
            r#"{"type": "refused", "ref": "o-1", "reason": "Slow mode."}"#,
        );
        assert_eq!(
            driver.take_told(),
            [Told::Failed("o-1".to_owned(), "refused".to_owned())]
        );
        driver.send("o-2", "hello", None);
        driver.closed(SOCKET);
        let told = driver.take_told();
        assert_eq!(
            told[0],
            Told::Failed("o-2".to_owned(), "unconfirmed".to_owned())
        );
        assert_eq!(told[1], Told::Status(Some("closed".to_owned())));
        driver.send("o-3", "hello", None);
        assert_eq!(
            driver.take_told(),
            [Told::Failed("o-3".to_owned(), "not-connected".to_owned())]
        );
    }

    #[test]
    fn nonsense_is_passed_over() {
        let mut driver = connected();
        for text in [
            "",
            "{}",
            "[1",
            r#"{"type": "dance"}"#,
            r#"{"type": "removed", "id": ""}"#,
        ] {
            driver.received(SOCKET, text);
        }
        assert_eq!(driver.take_told(), []);
    }
}
