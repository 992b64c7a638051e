//! Chat connectors: one platform's chat as a reducer.
//!
//! Events go in; a new state and effects come out. The host owns sockets, TLS, back-off, polls and timers, and commits
//! state and effects together: the same events come again until a step with them has committed.
//!
//! ```
//! use neustream_plugin::chat::{
//!     ChatConnector, Connection, Effect, Endpoint, Event, Frame, Message, Payload, Step, Transport,
//! };
//! use neustream_plugin::testing::chat::{Driver, Told};
//! use neustream_plugin::{AuthenticatingHost, Context, Error, Value};
//!
//! /// A made-up platform that sends `<id> <author> <text>`, a message a frame.
//! struct Example;
//!
//! impl ChatConnector for Example {
//!     fn open(_: &impl AuthenticatingHost, _: &Context) -> Result<Step, Error> {
//!         let endpoint = Endpoint::new("wss://chat.example/socket").bearer("account");
//!         let socket = Connection::new("chat", Transport::Websocket(endpoint));
//!         Ok(Step { state: Vec::new(), effects: vec![Effect::Reopen(socket)] })
//!     }
//!
//!     fn handle(
//!         _: &impl AuthenticatingHost,
//!         _: &Context,
//!         state: &[u8],
//!         events: Vec<Event>,
//!     ) -> Result<Step, Error> {
//!         let effects = events.into_iter().filter_map(|event| match event {
//!             // A secret joins at the socket.
//!             Event::Opened(connection) => Some(Effect::Transmit(Frame {
//!                 connection,
//!                 payload: Payload::Parts(vec!["LOGIN ".into(), Value::secret("account")]),
//!             })),
//!             Event::Received(Frame { payload: Payload::Text(line), .. }) => {
//!                 let mut words = line.splitn(3, ' ');
//!                 let (id, author, text) = (words.next()?, words.next()?, words.next()?);
//!                 Some(Effect::Publish(Message::new(id, author, text)))
//!             }
//!             _ => None,
//!         });
//!         Ok(Step { effects: effects.collect(), state: state.to_vec() })
//!     }
//! }
//!
//! neustream_plugin::export_chat!(Example);
//!
//! let mut driver = Driver::<Example>::open("{}", &[("account", "t0ken")])?;
//! driver.opened("chat");
//! assert_eq!(driver.next_transmitted(), Some(("chat".to_owned(), "LOGIN t0ken".to_owned())));
//! driver.received("chat", "7 ronni hello there");
//! assert_eq!(driver.take_told(), [Told::Published(Message::new("7", "ronni", "hello there"))]);
//! # Ok::<(), Error>(())
//! ```
//!
//! What comes in, besides frames:
//!
//! ```
//! use neustream_plugin::Problem;
//! use neustream_plugin::chat::{Answer, Closing, Delivery, Event, Outgoing};
//!
//! fn shown(event: &Event) -> String {
//!     match event {
//!         Event::Answered(Answer { id, outcome: Ok(response) }) => format!("{id}: {}", response.status),
//!         Event::Answered(Answer { id, outcome: Err(problem) }) => format!("{id}: {}", problem.code),
//!         Event::Closed(Closing { connection, problem }) => format!("{connection}: {}", problem.code),
//!         Event::Delivered(Delivery { connection, body, .. }) => format!("{connection}: {} bytes", body.len()),
//!         Event::Send(Outgoing { id, text, .. }) => format!("{id}: write {text}"),
//!         _ => String::new(),
//!     }
//! }
//!
//! let problem = Problem::new("closed", "The server closed the connection.");
//! let closing = Closing { connection: "chat".to_owned(), problem };
//! assert_eq!(shown(&Event::Closed(closing)), "chat: closed");
//! ```

mod recent;
mod words;

use crate::{AuthenticatingHost, Context, Error};

pub use crate::bindings::chat::exports::neustream::chat::connector::{
    Alarm, Answer, Closing, Connection, Delivery, Effect, Endpoint, Event, Failure, Frame, Message, Outgoing,
    Payload, Request, Response, Step, Transport,
};

pub use recent::Recent;

/// The largest state in bytes; the interface's own ceiling.
///
/// ```
/// use neustream_plugin::chat::MAX_STATE_BYTES;
///
/// assert_eq!(MAX_STATE_BYTES, 65_536);
/// ```
pub const MAX_STATE_BYTES: usize = 64 * 1024;

/// Whether the host takes `text` for an id: 1 to 256 bytes without control characters. What a platform sends may be
/// anything, and one bad id makes the whole step an error.
///
/// ```
/// use neustream_plugin::chat::is_id;
///
/// assert!(is_id("885196de-cb67-427a-baa8-82f9b0fcd05f"));
/// assert!(!is_id("") && !is_id("a\nb"));
/// ```
pub fn is_id(text: &str) -> bool {
    (1..=256).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// One platform's chat as a reducer: events go in, a new state and effects come out. Holds nothing: an instance
/// may be dropped after every call and replaced by another version. The [module](self) has an example.
///
/// ```
/// use neustream_plugin::chat::{
///     ChatConnector, Connection, Effect, Event, Step, Transport,
/// };
/// use neustream_plugin::{AuthenticatingHost, Context, Error};
///
/// struct Example;
///
/// impl ChatConnector for Example {
///     fn open(_: &impl AuthenticatingHost, _: &Context) -> Result<Step, Error> {
///         let advice = "Add this URL to the webhooks of your channel.";
///         let hook = Connection::new("hook", Transport::Webhook(advice.to_owned()));
///         Ok(Step { state: Vec::new(), effects: vec![Effect::Reopen(hook)] })
///     }
///
///     fn handle(
///         _: &impl AuthenticatingHost,
///         _: &Context,
///         state: &[u8],
///         events: Vec<Event>,
///     ) -> Result<Step, Error> {
///         let is_listening = events.iter().any(|event| matches!(event, Event::Opened(_)));
///         let effects = is_listening.then_some(Effect::Status(None)).into_iter().collect();
///         Ok(Step { state: state.to_vec(), effects })
///     }
/// }
/// ```
pub trait ChatConnector {
    /// Begins: which connections to keep, and the first state. Called when there is no state that this version reads.
    fn open(host: &impl AuthenticatingHost, ctx: &Context) -> Result<Step, Error>;

    /// Moves on. The same events come again until a step with them has committed, so the answer may depend on
    /// `state`, `events`, the configuration and `ctx.now` only.
    fn handle(
        host: &impl AuthenticatingHost,
        ctx: &Context,
        state: &[u8],
        events: Vec<Event>,
    ) -> Result<Step, Error>;
}

/// Makes a component of a [`ChatConnector`](crate::chat::ChatConnector). Only when built for wasm.
///
/// ```
/// # use neustream_plugin::chat::{ChatConnector, Event, Step};
/// # use neustream_plugin::{AuthenticatingHost, Context, Error};
/// # struct Example;
/// # impl ChatConnector for Example {
/// #     fn open(_: &impl AuthenticatingHost, _: &Context) -> Result<Step, Error> {
/// #         Ok(Step { state: Vec::new(), effects: Vec::new() })
/// #     }
/// #     fn handle(
/// #         _: &impl AuthenticatingHost,
/// #         _: &Context,
/// #         state: &[u8],
/// #         _: Vec<Event>,
/// #     ) -> Result<Step, Error> {
/// #         Ok(Step { state: state.to_vec(), effects: Vec::new() })
/// #     }
/// # }
/// neustream_plugin::export_chat!(Example);
/// ```
#[macro_export]
macro_rules! export_chat {
    ($connector:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::chat::exports::neustream::chat::connector;
            use $crate::chat::{ChatConnector, Event, Step};
            use $crate::{Context, Error, Imports};

            struct Component;

            impl connector::Guest for Component {
                fn open(ctx: Context) -> Result<Step, Error> {
                    $crate::report_panics();
                    <$connector as ChatConnector>::open(&Imports, &ctx)
                }

                fn handle(ctx: Context, state: Vec<u8>, events: Vec<Event>) -> Result<Step, Error> {
                    $crate::report_panics();
                    <$connector as ChatConnector>::handle(&Imports, &ctx, &state, events)
                }
            }

    $crate::bindings::chat::export!(Component with_types_in $crate::bindings::chat);
        };
    };
}
