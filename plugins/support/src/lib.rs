//! What destination adapters share: bindings, the host behind a trait, push URLs.
//!
//! An adapter is a type that implements [`DestinationAdapter`] over any
//! [`Host`], so its tests run natively against a strict [`stand_in`], and the
//! same code becomes a component by one line: [`export_destination!`].
//!
//! Absent: JSON beyond serde, an HTTP client, URLs of other schemes. A plugin
//! has what its host offers, and the host checks everything again.

pub mod bindings;
mod config;
mod destination;
mod failure;
mod host;
mod imports;
mod push_url;
#[cfg(feature = "stand-in")]
pub mod stand_in;

pub use bindings::exports::neustream::destination::adapter::{Broadcast, Limits, Protocol, Target};
pub use bindings::neustream::host::http::{Content, Request, Response};
pub use bindings::neustream::host::kv::Entry;
pub use bindings::neustream::host::telemetry::Level;
pub use bindings::neustream::host::types::{Context, Error, Field, Problem, Value};
pub use config::{Platform, read_config};
pub use destination::{DestinationAdapter, Health, STREAM_KEY, UNKNOWN};
pub use failure::{error_of_status, invalid_config, unavailable};
pub use host::Host;
pub use imports::{Imports, report_panics};
pub use push_url::{PushUrl, PushUrlInvalid};
