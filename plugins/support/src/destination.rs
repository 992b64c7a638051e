//! A destination adapter as a Rust trait, and its way into a component.

use crate::{Broadcast, Context, Error, Host, Target};

/// The manifest's name of a pasted stream key.
pub const STREAM_KEY: &str = "stream-key";

/// How the platform sees a broadcast.
pub use crate::bindings::exports::neustream::destination::adapter::Health;

/// The platform cannot be asked with what the tenant gave.
pub const UNKNOWN: Health = Health { live: None, viewers: None };

/// One platform's knowledge of where and how to push. Stateless: an instance lives for one call.
pub trait DestinationAdapter {
    /// Says where to push. Idempotent per broadcast id.
    fn prepare(host: &impl Host, ctx: &Context, broadcast: &Broadcast) -> Result<Target, Error>;

    /// Asks the platform how it sees the broadcast that `state` came from.
    fn check(host: &impl Host, ctx: &Context, state: &[u8]) -> Result<Health, Error>;

    /// Ends the broadcast on the platform. Ending one that has ended is a success.
    fn finish(host: &impl Host, ctx: &Context, state: &[u8]) -> Result<(), Error>;
}

/// Makes a component of a [`DestinationAdapter`]. Only when built for wasm: a native linker does not take the
/// names of a component's exports, and tests call the adapter itself.
#[macro_export]
macro_rules! export_destination {
    ($adapter:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::exports::neustream::destination::adapter;
            use $crate::{Broadcast, Context, DestinationAdapter, Error, Imports, Target};

            struct Component;

            impl adapter::Guest for Component {
                fn prepare(ctx: Context, broadcast: Broadcast) -> Result<Target, Error> {
                    $crate::report_panics();
                    <$adapter as DestinationAdapter>::prepare(&Imports, &ctx, &broadcast)
                }

                fn check(ctx: Context, state: Vec<u8>) -> Result<adapter::Health, Error> {
                    $crate::report_panics();
                    <$adapter as DestinationAdapter>::check(&Imports, &ctx, &state)
                }

                fn finish(ctx: Context, state: Vec<u8>) -> Result<(), Error> {
                    $crate::report_panics();
                    <$adapter as DestinationAdapter>::finish(&Imports, &ctx, &state)
                }
            }

    $crate::bindings::export!(Component with_types_in $crate::bindings);
        };
    };
}
