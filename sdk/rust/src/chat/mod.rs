//! A chat connector as a Rust trait, and its way into a component.

mod recent;

use crate::{AuthenticatingHost, Context, Error};

pub use crate::bindings::chat::exports::neustream::chat::connector::{
    Alarm, Answer, Closing, Connection, Delivery, Effect, Endpoint, Event, Failure, Frame, Message, Outgoing,
    Payload, Request, Response, Step, Transport,
};

pub use recent::Recent;

/// The largest state in bytes; the interface's own ceiling.
pub const MAX_STATE_BYTES: usize = 64 * 1024;

/// Whether the host takes `text` for an id: 1 to 256 bytes without control characters. What a platform sends may be
/// anything, and one bad id makes the whole step an error.
pub fn is_id(text: &str) -> bool {
    (1..=256).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// One platform's chat as a reducer: events go in, a new state and effects come out. Holds nothing: an instance
/// may be dropped after every call and replaced by another version.
pub trait ChatConnector {
    /// Begins without a state that this version reads.
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

/// Makes a component of a [`ChatConnector`]. Only when built for wasm.
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
