//! What the plugins share: bindings, the host behind traits, and for each kind a trait and its way into a
//! component.
//!
//! | Kind | Trait | Host | Macro |
//! |---|---|---|---|
//! | [`destination`] | [`DestinationAdapter`], [`DestinationMetadata`] | [`Host`] | [`export_destination!`], [`export_destination_with_metadata!`] |
//! | [`chat`] | [`ChatConnector`](chat::ChatConnector) | [`AuthenticatingHost`] | [`export_chat!`] |
//! | [`moderation`] | [`ModerationFilter`](moderation::ModerationFilter) | [`PureHost`] | [`export_moderation!`] |
//! | [`payment`] | [`PaymentProvider`](payment::PaymentProvider) | [`Host`] | [`export_payment!`] |
//!
//! A plugin is a type that implements its kind's trait over any host, so its
//! tests run natively against a strict [`testing`], and the same code becomes
//! a component by one line.
//!
//! Absent: JSON beyond serde, an HTTP client, sockets, a clock. A plugin has
//! what its host offers, and the host checks everything again.

pub mod bindings;
pub mod chat;
mod config;
pub mod destination;
mod failure;
mod host;
mod imports;
pub mod moderation;
pub mod payment;
mod push_url;
#[cfg(feature = "testing")]
pub mod testing;

pub use bindings::neustream::host::http::{Content, Request, Response};
pub use bindings::neustream::host::kv::Entry;
pub use bindings::neustream::host::telemetry::Level;
pub use bindings::neustream::host::types::{Context, Error, Field, Problem, Value};
pub use config::{Platform, read_config};
pub use destination::{
    Broadcast, DestinationAdapter, DestinationMetadata, Health, Limits, Protocol, STREAM_KEY, Target, UNKNOWN,
};
pub use failure::{error_of_status, invalid_config, plain, problem, retry_after_ms, unavailable};
pub use host::{AuthenticatingHost, Host, PureHost};
pub use imports::{Imports, report_panics};
pub use push_url::{PushUrl, PushUrlInvalid};
