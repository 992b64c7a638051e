//! Making the words of a chat connector.

use super::{Alarm, Connection, Effect, Frame, Message, Payload, Transport};
use crate::Problem;

impl Message {
    /// A message of kind `message` that says nothing else. `author` is the author's name and, until another is set, id.
    ///
    /// ```
    /// use neustream_plugin::chat::Message;
    ///
    /// let message = Message { author_id: "42".to_owned(), ..Message::new("m-1", "ronni", "hello") };
    /// assert_eq!(message.kind, "message");
    /// ```
    pub fn new(id: impl Into<String>, author: impl Into<String>, text: impl Into<String>) -> Self {
        let author = author.into();
        Self {
            id: id.into(),
            author_id: author.clone(),
            author,
            text: text.into(),
            kind: "message".to_owned(),
            roles: Vec::new(),
            reply_to: None,
            sent_at: 0,
            extra: Vec::new(),
        }
    }
}

impl Connection {
    /// A connection that the host keeps open.
    ///
    /// ```
    /// use neustream_plugin::chat::{Connection, Endpoint, Transport};
    ///
    /// let irc = Connection::new("irc", Transport::Line(Endpoint::new("tls://irc.example:6697")));
    /// ```
    pub fn new(id: impl Into<String>, transport: Transport) -> Self {
        Self { id: id.into(), transport }
    }
}

impl Effect {
    /// Sends a text over a connection.
    ///
    /// ```
    /// use neustream_plugin::chat::Effect;
    ///
    /// let pong = Effect::text("irc", "PONG :tmi.twitch.tv");
    /// ```
    pub fn text(connection: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Transmit(Frame { connection: connection.into(), payload: Payload::Text(text.into()) })
    }

    /// Sets the timer `name`, or moves it; 0 takes it back.
    ///
    /// ```
    /// use neustream_plugin::chat::{Alarm, Effect};
    ///
    /// let alarm = Alarm { name: "ping".to_owned(), after_ms: 30_000 };
    /// assert_eq!(Effect::wake_after_ms("ping", 30_000), Effect::Wake(alarm));
    /// ```
    pub fn wake_after_ms(name: impl Into<String>, after_ms: u32) -> Self {
        Self::Wake(Alarm { name: name.into(), after_ms })
    }

    /// Says that the outgoing message `id` was not written, and why.
    ///
    /// ```
    /// use neustream_plugin::Problem;
    /// use neustream_plugin::chat::{Effect, Failure};
    ///
    /// let problem = Problem::new("too-long", "The platform takes 500 characters.");
    /// let failure = Failure { id: "o-1".to_owned(), problem: problem.clone() };
    /// assert_eq!(Effect::failed("o-1", problem), Effect::Failed(failure));
    /// ```
    pub fn failed(id: impl Into<String>, problem: Problem) -> Self {
        Self::Failed(super::Failure { id: id.into(), problem })
    }
}
