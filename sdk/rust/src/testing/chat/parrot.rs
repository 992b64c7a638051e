//! A connector for the examples of this documentation, not for plugins.

use crate::chat::{
    Answer, ChatConnector, Connection, Effect, Endpoint, Event, Frame, Message, Payload, Request, Step,
    Transport,
};
use crate::json::json;
use crate::{AuthenticatingHost, Context, Error, Problem, Value};

/// Greets on its socket `chat`, publishes each `<id> <text>` that comes over it, asks `news` every two seconds, writes by a
/// request and pings every half a minute. Its state counts the calls.
#[doc(hidden)]
#[derive(Debug)]
pub struct Parrot;

impl ChatConnector for Parrot {
    fn open(_: &impl AuthenticatingHost, _: &Context) -> Result<Step, Error> {
        let socket = Endpoint::new("wss://chat.example/socket").bearer("token");
        let news = Endpoint::new("https://chat.example/news").bearer("token").every_ms(2000);
        let effects = vec![
            Effect::Reopen(Connection::new("chat", Transport::Websocket(socket))),
            Effect::Reopen(Connection::new("news", Transport::Poll(news))),
            Effect::wake_after_ms("ping", 30_000),
        ];
        Ok(Step { state: vec![1], effects })
    }

    fn handle(
        _: &impl AuthenticatingHost,
        _: &Context,
        state: &[u8],
        events: Vec<Event>,
    ) -> Result<Step, Error> {
        let mut effects = Vec::new();
        for event in events {
            match event {
                Event::Opened(connection) if connection == "chat" => {
                    let parts = vec![Value::from("LOGIN "), Value::secret("token")];
                    effects.push(Effect::Transmit(Frame { connection, payload: Payload::Parts(parts) }));
                }
                Event::Received(Frame { payload: Payload::Text(line), .. }) => {
                    let message = line.split_once(' ').map(|(id, text)| Message::new(id, "parrot", text));
                    effects.extend(message.map(Effect::Publish));
                }
                Event::Closed(closing) => effects.push(Effect::Status(Some(closing.problem))),
                Event::Answered(answer) => effects.push(answered(answer)),
                Event::Send(outgoing) => {
                    let request = Request::new(outgoing.id, "POST", "https://chat.example/messages");
                    let request = request.bearer("token").json(&json!({"text": outgoing.text}));
                    effects.push(Effect::Request(request));
                }
                Event::Remove(id) => effects.push(Effect::Retract(id)),
                Event::Timer(name) => effects.push(Effect::wake_after_ms(name, 30_000)),
                _ => {}
            }
        }
        Ok(Step { state: state.iter().map(|count| count.wrapping_add(1)).collect(), effects })
    }
}

fn answered(answer: Answer) -> Effect {
    match answer.outcome {
        Ok(response) if response.is_success() && answer.id == "news" => Effect::Status(None),
        Ok(response) if response.is_success() => Effect::Sent(answer.id),
        Ok(response) => Effect::failed(answer.id, response.error_of_status("Example").into_problem()),
        Err(problem) if answer.id == "news" => Effect::Status(Some(problem)),
        Err(problem) => Effect::failed(answer.id, Problem::new("unconfirmed", problem.message)),
    }
}
