//! Destination adapters: where and how to push a broadcast to one platform.
//!
//! Media never enters the plugin: it names a [`Target`], the host connects to it. `prepare` is asked before every
//! push (again after a lost connection), `check` while it runs, `finish` at its end. What must be known later stands in
//! [`Target::state`].
//!
//! ```
//! use neustream_plugin::destination::{Broadcast, DestinationAdapter, Health, Protocol, Target};
//! use neustream_plugin::testing::{FakeHost, answer, broadcast};
//! use neustream_plugin::{Context, Error, Host, Request, Value};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Channel {
//!     live: bool,
//!     viewers: u64,
//! }
//!
//! struct Example;
//!
//! impl DestinationAdapter for Example {
//!     fn prepare(_: &impl Host, _: &Context, broadcast: &Broadcast) -> Result<Target, Error> {
//!         let key = Value::secret("stream-key");
//!         let state = broadcast.id.clone().into_bytes();
//!         Ok(Target { state, ..Target::new("rtmps://ingest.example/live", key) })
//!     }
//!
//!     fn check(host: &impl Host, _: &Context, _: &[u8]) -> Result<Health, Error> {
//!         let request = Request::get("https://api.example/v1/channel").bearer("account");
//!         let channel: Channel = host.send(&request)?.success("Example")?.json()?;
//!         Ok(Health { live: Some(channel.live), viewers: Some(channel.viewers) })
//!     }
//! }
//!
//! neustream_plugin::export_destination!(Example);
//!
//! let host = FakeHost::new("{}").expect(
//!     Request::get("https://api.example/v1/channel").bearer("account"),
//!     answer(200, &[], r#"{"live": true, "viewers": 12}"#),
//! );
//! let target = Example::prepare(&host, &host.context(), &broadcast())?;
//! assert_eq!(target.protocol, Protocol::Rtmps);
//! let health = Example::check(&host, &host.context(), &target.state)?;
//! assert_eq!(health.viewers, Some(12));
//! # Ok::<(), Error>(())
//! ```

mod platform;
mod push_url;

use crate::{Context, Error, Host, Value};

pub use crate::bindings::destination::exports::neustream::destination::adapter::{
    Broadcast, Health, Limits, Protocol, Target,
};

pub use platform::Platform;
pub use push_url::{PushUrl, PushUrlInvalid};

/// The manifest's name of a pasted stream key, by custom; [`PushUrl::into_target`] uses it.
///
/// ```
/// use neustream_plugin::Value;
/// use neustream_plugin::destination::{STREAM_KEY, Target};
///
/// let target = Target::new("rtmps://ingest.example/live", Value::secret(STREAM_KEY));
/// ```
pub const STREAM_KEY: &str = "stream-key";

/// One platform's knowledge of where and how to push. Holds nothing: an instance lives for one call.
///
/// ```
/// use neustream_plugin::destination::{Broadcast, DestinationAdapter, Target};
/// use neustream_plugin::{Context, Error, Host, Value};
///
/// struct Example;
///
/// impl DestinationAdapter for Example {
///     fn prepare(_: &impl Host, _: &Context, _: &Broadcast) -> Result<Target, Error> {
///         Ok(Target::new("rtmps://ingest.example/live", Value::secret("stream-key")))
///     }
/// }
/// ```
pub trait DestinationAdapter {
    /// Says where to push. Idempotent per [`Broadcast::id`]: a retry after a lost answer must not create a second
    /// broadcast on the platform, so what was created is kept in [`Host::kv_put`] or found again at the platform.
    fn prepare(host: &impl Host, ctx: &Context, broadcast: &Broadcast) -> Result<Target, Error>;

    /// Asks the platform how it sees the broadcast that `state` came from. Where there is no way to ask, it is
    /// unknown.
    fn check(_: &impl Host, _: &Context, _state: &[u8]) -> Result<Health, Error> {
        Ok(Health::UNKNOWN)
    }

    /// Ends the broadcast on the platform; one that has ended is a success. Where a broadcast ends with its
    /// connection there is nothing to do.
    fn finish(_: &impl Host, _: &Context, _state: &[u8]) -> Result<(), Error> {
        Ok(())
    }
}

/// A [`DestinationAdapter`] for a platform that takes a new title while the broadcast runs; exported with
/// [`export_destination_with_metadata!`](crate::export_destination_with_metadata).
///
/// ```
/// use neustream_plugin::destination::{Broadcast, DestinationAdapter, DestinationMetadata, Target};
/// use neustream_plugin::json::json;
/// use neustream_plugin::{Context, Error, Host, Request, Value};
///
/// struct Example;
///
/// impl DestinationAdapter for Example {
///     fn prepare(_: &impl Host, _: &Context, _: &Broadcast) -> Result<Target, Error> {
///         Ok(Target::new("rtmps://ingest.example/live", Value::secret("stream-key")))
///     }
/// }
///
/// impl DestinationMetadata for Example {
///     fn retitle(host: &impl Host, _: &Context, _: &[u8], title: &str) -> Result<(), Error> {
///         let request = Request::patch("https://api.example/v1/channel");
///         let request = request.bearer("account").json(&json!({"title": title}));
///         host.send(&request)?.success("Example").map(drop)
///     }
/// }
///
/// neustream_plugin::export_destination_with_metadata!(Example);
/// ```
pub trait DestinationMetadata: DestinationAdapter {
    /// Changes the title of the running broadcast that `state` came from.
    fn retitle(host: &impl Host, ctx: &Context, state: &[u8], title: &str) -> Result<(), Error>;
}

impl Target {
    /// A target without anything optional; the protocol is told by the scheme of `url` (`https` is WHIP).
    ///
    /// ```
    /// use neustream_plugin::Value;
    /// use neustream_plugin::destination::{Protocol, Target};
    ///
    /// let target = Target::new("rtmps://ingest.example/live", Value::secret("stream-key"));
    /// assert_eq!(target.protocol, Protocol::Rtmps);
    /// assert_eq!((target.backup_url, target.limits, target.expires_at), (None, None, None));
    /// ```
    pub fn new(url: impl Into<String>, key: impl Into<Value>) -> Self {
        let url = url.into();
        let protocol = match url.split_once("://").map_or("", |(scheme, _)| scheme) {
            "rtmp" => Protocol::Rtmp,
            "rtmps" => Protocol::Rtmps,
            "srt" => Protocol::Srt,
            "https" => Protocol::Whip,
            scheme => Protocol::Other(scheme.to_owned()),
        };
        Self {
            protocol,
            url,
            backup_url: None,
            key: key.into(),
            limits: None,
            expires_at: None,
            state: Vec::new(),
        }
    }
}

impl Health {
    /// The platform cannot be asked with what the tenant gave.
    ///
    /// ```
    /// use neustream_plugin::destination::Health;
    ///
    /// assert_eq!(Health::UNKNOWN.live, None);
    /// ```
    pub const UNKNOWN: Self = Self { live: None, viewers: None };
}

/// Makes a component of a [`DestinationAdapter`](crate::destination::DestinationAdapter). Only when built for wasm: a
/// native linker does not take the names of a component's exports, and tests call the adapter itself.
///
/// ```
/// # use neustream_plugin::destination::{Broadcast, DestinationAdapter, Target};
/// # use neustream_plugin::{Context, Error, Host, Value};
/// # struct Example;
/// # impl DestinationAdapter for Example {
/// #     fn prepare(_: &impl Host, _: &Context, _: &Broadcast) -> Result<Target, Error> {
/// #         Ok(Target::new("rtmps://ingest.example/live", Value::secret("stream-key")))
/// #     }
/// # }
/// neustream_plugin::export_destination!(Example);
/// ```
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

/// Makes a component of a [`DestinationMetadata`](crate::destination::DestinationMetadata), with everything of
/// [`export_destination!`](crate::export_destination).
///
/// ```
/// # use neustream_plugin::destination::{Broadcast, DestinationAdapter, DestinationMetadata, Target};
/// # use neustream_plugin::{Context, Error, Host, Value};
/// # struct Example;
/// # impl DestinationAdapter for Example {
/// #     fn prepare(_: &impl Host, _: &Context, _: &Broadcast) -> Result<Target, Error> {
/// #         Ok(Target::new("rtmps://ingest.example/live", Value::secret("stream-key")))
/// #     }
/// # }
/// # impl DestinationMetadata for Example {
/// #     fn retitle(_: &impl Host, _: &Context, _: &[u8], _: &str) -> Result<(), Error> {
/// #         Ok(())
/// #     }
/// # }
/// neustream_plugin::export_destination_with_metadata!(Example);
/// ```
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
