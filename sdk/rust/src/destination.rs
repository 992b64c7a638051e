//! A destination adapter as a Rust trait, and its way into a component.

use crate::{Context, Error, Host};

pub use crate::bindings::destination::exports::neustream::destination::adapter::{
    Broadcast, Health, Limits, Protocol, Target,
};

/// The manifest's name of a pasted stream key.
pub const STREAM_KEY: &str = "stream-key";

/// The platform cannot be asked with what the tenant gave.
pub const UNKNOWN: Health = Health { live: None, viewers: None };

/// One platform's knowledge of where and how to push. Stateless: an instance lives for one call.
pub trait DestinationAdapter {
    /// Says where to push. Idempotent per broadcast id.
    fn prepare(host: &impl Host, ctx: &Context, broadcast: &Broadcast) -> Result<Target, Error>;

    /// Asks the platform how it sees the broadcast that `state` came from. Where there is no way to ask, it is
    /// unknown.
    fn check(_: &impl Host, _: &Context, _state: &[u8]) -> Result<Health, Error> {
        Ok(UNKNOWN)
    }

    /// Ends the broadcast on the platform; one that has ended is a success. Where a broadcast ends with its
    /// connection there is nothing to do.
    fn finish(_: &impl Host, _: &Context, _state: &[u8]) -> Result<(), Error> {
        Ok(())
    }
}

/// A [`DestinationAdapter`] for a platform that takes a new title while the broadcast runs.
pub trait DestinationMetadata: DestinationAdapter {
    /// Changes the title of the running broadcast that `state` came from.
    fn retitle(host: &impl Host, ctx: &Context, state: &[u8], title: &str) -> Result<(), Error>;
}

/// Makes a component of a [`DestinationAdapter`]. Only when built for wasm: a native linker does not take the
/// names of a component's exports, and tests call the adapter itself.
#[macro_export]
macro_rules! export_destination {
    ($adapter:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::destination::exports::neustream::destination::adapter;
            use $crate::destination::{Broadcast, DestinationAdapter, Health, Target};
            use $crate::{Context, Error, Imports};

            struct Component;

            impl adapter::Guest for Component {
                fn prepare(ctx: Context, broadcast: Broadcast) -> Result<Target, Error> {
                    $crate::report_panics();
                    <$adapter as DestinationAdapter>::prepare(&Imports, &ctx, &broadcast)
                }

                fn check(ctx: Context, state: Vec<u8>) -> Result<Health, Error> {
                    $crate::report_panics();
                    <$adapter as DestinationAdapter>::check(&Imports, &ctx, &state)
                }

                fn finish(ctx: Context, state: Vec<u8>) -> Result<(), Error> {
                    $crate::report_panics();
                    <$adapter as DestinationAdapter>::finish(&Imports, &ctx, &state)
                }
            }

    $crate::bindings::destination::export!(Component with_types_in $crate::bindings::destination);
        };
    };
}

/// Makes a component of a [`DestinationMetadata`], with everything of [`export_destination!`].
///
/// [`export_destination!`]: crate::export_destination
#[macro_export]
macro_rules! export_destination_with_metadata {
    ($adapter:ty) => {
        $crate::export_destination!($adapter);

        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::metadata::exports::neustream::destination::metadata;
            use $crate::destination::DestinationMetadata;
            use $crate::{Context, Error, Imports};

            struct Component;

            impl metadata::Guest for Component {
                fn retitle(ctx: Context, state: Vec<u8>, title: String) -> Result<(), Error> {
                    $crate::report_panics();
                    <$adapter as DestinationMetadata>::retitle(&Imports, &ctx, &state, &title)
                }
            }

    $crate::bindings::metadata::export!(Component with_types_in $crate::bindings::metadata);
        };
    };
}
