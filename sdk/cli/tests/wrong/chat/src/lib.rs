//! A chat connector that does one thing wrong, named after the rule that it breaks.

use neustream_plugin::chat::{
    ChatConnector, Connection, Delivery, Effect, Endpoint, Event, Frame, Message, Outgoing, Payload, Step, Transport,
    is_id,
};
use neustream_plugin::json::{self, json};
use neustream_plugin::{AuthenticatingHost, Context, Error, Level, Problem, hex, read_config};
use serde::{Deserialize, Serialize};

struct Wrong;

neustream_plugin::export_chat!(Wrong);

const SOCKET: &str = "chat";
const HOOK: &str = "hook";

#[derive(Deserialize)]
struct Config {
    channel: String,
    #[serde(default)]
    mistake: String,
}

#[derive(Default, Serialize, Deserialize)]
struct State {
    is_open: bool,
    /// Whether there ever was a login.
    has_logged_in: bool,
    waiting: Vec<String>,
    seen: Vec<String>,
    count: u64,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Said {
    Message { id: String, author: String, text: String },
    Sent { r#ref: String },
}

impl ChatConnector for Wrong {
    fn open(host: &impl AuthenticatingHost, _: &Context) -> Result<Step, Error> {
        let config: Config = read_config(host)?;
        let does = |mistake: &str| config.mistake == mistake;
        if does("answers-without-network") && config.channel.is_empty() {
            panic!("no channel");
        }
        if does("config-examples-work") {
            return Err(Error::invalid_config("/channel", "channel", "it is none of ours"));
        }
        if config.channel == "x" {
            return Err(match does("invalid-config-is-pointed-at") {
                true => Error::InvalidConfig(Problem::new("channel", "The channel is too short.")),
                false => Error::invalid_config("/channel", "channel", "it is too short"),
            });
        }
        let host_name = if does("effects-are-permitted") { "elsewhere.example" } else { "chat.live.example" };
        let socket = Endpoint::new(format!("wss://{host_name}/v1"));
        let connections = [
            Connection::new(SOCKET, Transport::Websocket(socket)),
            Connection::new(HOOK, Transport::Webhook("Paste this URL at Example Live.".to_owned())),
        ];
        let effects = connections.into_iter().map(Effect::Reopen).collect();
        Ok(Step { state: json::to(&State::default()), effects })
    }

    fn handle(
        host: &impl AuthenticatingHost,
        ctx: &Context,
        state: &[u8],
        events: Vec<Event>,
    ) -> Result<Step, Error> {
        let config: Config = read_config(host)?;
        let read = json::from::<State>(state);
        if config.mistake == "survives-unknown-state" && !state.is_empty() {
            read.as_ref().expect("our own state");
        }
        let Ok(mut state) = read else { return Self::open(host, ctx) };
        let mut effects = Vec::new();
        for event in events {
            match event {
                Event::Opened(id) if id == SOCKET => state.opened(&config, &mut effects),
                Event::Closed(closing) if closing.connection == SOCKET => state.closed(&mut effects),
                Event::Received(frame) => state.received(host, &config, &frame, &mut effects)?,
                Event::Delivered(delivery) => state.delivered(host, &config, &delivery, &mut effects)?,
                Event::Send(outgoing) => state.send(&config, outgoing, &mut effects),
                Event::Remove(id) => {
                    if config.mistake == "errors-have-codes" && id.is_empty() {
                        effects.push(Effect::Status(Some(Problem::new("Id Empty", "There is no id."))));
                    }
                }
                _ => {}
            }
        }
        if config.mistake == "within-budget" {
            (0..30).for_each(|_| host.log(Level::Info, &"chatter ".repeat(30), &[]));
        }
        Ok(Step { state: json::to(&state), effects })
    }
}

impl State {
    fn opened(&mut self, config: &Config, effects: &mut Vec<Effect>) {
        self.is_open = true;
        if !(config.mistake == "logs-in-again" && self.has_logged_in) {
            effects.push(Effect::text(SOCKET, json!({ "type": "join", "channel": config.channel }).to_string()));
        }
        self.has_logged_in = true;
    }

    fn closed(&mut self, effects: &mut Vec<Effect>) {
        self.is_open = false;
        for id in self.waiting.drain(..) {
            effects.push(Effect::failed(id, Problem::new("unconfirmed", "The connection closed.")));
        }
    }

    fn received(
        &mut self,
        host: &impl AuthenticatingHost,
        config: &Config,
        frame: &Frame,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Error> {
        let Payload::Text(text) = &frame.payload else { return Ok(()) };
        match json::from::<Said>(text.as_bytes()) {
            Ok(said) => self.said(host, config, said, effects),
            Err(error) if config.mistake == "survives-unknown-frames" => return Err(error),
            Err(_) => {}
        }
        Ok(())
    }

    fn delivered(
        &mut self,
        host: &impl AuthenticatingHost,
        config: &Config,
        delivery: &Delivery,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Error> {
        let header = delivery.headers.iter().find(|(name, _)| name == "x-signature");
        let tag = header.and_then(|(_, value)| hex::decode(value)).unwrap_or_default();
        let is_genuine = host.verify_hmac_sha256("signing", &delivery.body, &tag)?;
        if !is_genuine && config.mistake != "forged-delivery-is-refused" {
            return Err(Error::unauthorized("signature-wrong", "The signature is not Example Live's."));
        }
        if let Ok(said) = json::from::<Said>(&delivery.body) {
            self.said(host, config, said, effects);
        }
        Ok(())
    }

    fn said(
        &mut self,
        host: &impl AuthenticatingHost,
        config: &Config,
        said: Said,
        effects: &mut Vec<Effect>,
    ) {
        let does = |mistake: &str| config.mistake == mistake;
        match said {
            Said::Message { mut id, author, text } if is_id(&id) || does("ids-are-valid") => {
                self.count += 1;
                if does("redelivery-keeps-ids") {
                    id = format!("{id}-{}", self.count);
                }
                if does("keeps-secrets") {
                    host.log(Level::Info, "somebody wrote", &[("text", &text)]);
                }
                self.seen.push(id.clone());
                if self.seen.len() > 50 && !does("state-within-limit") {
                    self.seen.remove(0);
                }
                effects.push(Effect::Publish(Message { author_id: "u1".to_owned(), ..Message::new(id, author, text) }));
            }
            Said::Sent { r#ref } if self.waiting.contains(&r#ref) => {
                self.waiting.retain(|waiting| *waiting != r#ref);
                effects.push(Effect::Sent(r#ref));
            }
            _ => {}
        }
    }

    fn send(&mut self, config: &Config, outgoing: Outgoing, effects: &mut Vec<Effect>) {
        let does = |mistake: &str| config.mistake == mistake;
        assert!(!does("survives-odd-inputs") || outgoing.text.len() < 10_000, "a text that long");
        if does("sends-are-settled") {
            return;
        }
        if !self.is_open && !does("transmits-to-open-connections") {
            effects.push(Effect::failed(outgoing.id, Problem::new("not-connected", "There is no connection.")));
            return;
        }
        let text = json!({ "type": "send", "ref": outgoing.id, "text": outgoing.text });
        effects.push(Effect::text(SOCKET, text.to_string()));
        self.waiting.push(outgoing.id);
    }
}
