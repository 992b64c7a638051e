//! The SDK for Neustream plugins in Rust.
//!
//! A plugin is a WebAssembly component that knows one platform: where to push a broadcast, how to read a chat, what a
//! message is worth, how a payment is taken. An author implements one trait and writes one macro line:
//!
//! ```
//! use neustream_plugin::moderation::{Action, Found, Message, ModerationFilter, Verdict};
//! use neustream_plugin::{Context, PureHost, read_config};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Config {
//!     words: Vec<String>,
//! }
//!
//! struct Words;
//!
//! impl ModerationFilter for Words {
//!     fn judge(host: &impl PureHost, _: &Context, batch: &[Message], _: &[Found]) -> Vec<Verdict> {
//!         // Without a verdict, the tenant's own choice holds.
//!         let Ok(Config { words }) = read_config(host) else { return Vec::new() };
//!         let judge = |message: &Message| match words.iter().find(|word| message.text.contains(*word)) {
//!             Some(word) => Verdict::new(message, Action::Hold, "words", format!("It says {word:?}.")),
//!             None => Verdict::clean(message),
//!         };
//!         batch.iter().map(judge).collect()
//!     }
//! }
//!
//! neustream_plugin::export_moderation!(Words);
//! # fn main() {
//! # use neustream_plugin::testing::{FakeHost, judge, message};
//! # let host = FakeHost::new(r#"{"words": ["darn"]}"#);
//! # assert_eq!(judge::<Words>(&host, &[message("darn!")])[0].action, Action::Hold);
//! # }
//! ```
//!
//! `neustream-plugin new` makes a project of it, `neustream-plugin build` the package, `neustream-plugin test` runs it in
//! the production runtime with the production limits.
//!
//! # Kinds
//!
//! | Kind | Trait | Host | Macro |
//! |---|---|---|---|
//! | [`destination`] | [`DestinationAdapter`](destination::DestinationAdapter), [`DestinationMetadata`](destination::DestinationMetadata) | [`Host`] | [`export_destination!`], [`export_destination_with_metadata!`] |
//! | [`chat`] | [`ChatConnector`](chat::ChatConnector) | [`AuthenticatingHost`] | [`export_chat!`] |
//! | [`moderation`] | [`ModerationFilter`](moderation::ModerationFilter) | [`PureHost`] | [`export_moderation!`] |
//! | [`payment`] | [`PaymentProvider`](payment::PaymentProvider) | [`Host`] | [`export_payment!`] |
//!
//! Types are those of `wit/`, under the names that they have there. What all kinds share stands here, what one kind has
//! in its module.
//!
//! # Asking a platform
//!
//! A plugin has no sockets. It describes a [`Request`], the host sends it, if the manifest and the tenant allow it. A
//! secret is a name; the host puts its bytes in, and only toward the hosts that the manifest binds it to:
//!
//! ```
//! use neustream_plugin::json::json;
//! use neustream_plugin::{Error, Host, Request};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Created {
//!     id: String,
//! }
//!
//! fn create(host: &impl Host, title: &str) -> Result<String, Error> {
//!     let request = Request::post("https://api.example/v1/broadcasts")
//!         .bearer("account")
//!         .json(&json!({"title": title}));
//!     let created: Created = host.send(&request)?.success("Example")?.json()?;
//!     Ok(created.id)
//! }
//! ```
//!
//! [`json`], [`query`], [`paging`], [`time`] and [`hex`] have what platforms speak.
//!
//! # Testing
//!
//! A trait's functions take any host, so tests run natively, in milliseconds, with a [`testing::FakeHost`] that expects
//! exactly what a test announces. It is a feature for tests only; a project that `neustream-plugin new` made has it:
//!
//! ```toml
//! [dependencies]
//! neustream-plugin = "0.1"
//!
//! [dev-dependencies]
//! neustream-plugin = { version = "0.1", features = ["testing"] }
//! ```
//!
//! Unit tests say whether the code is right. Whether manifest, permissions and limits are, says `neustream-plugin test`.
//!
//! # Limits
//!
//! | Kind | memory | CPU a call | time a call | an instance lives for |
//! |---|---|---|---|---|
//! | moderation | 16 MiB | 10 ms | 50 ms | one call; one on an empty batch comes before it |
//! | chat | 16 MiB | 20 ms | 100 ms | one call; its state goes in and out |
//! | destination | 32 MiB | 100 ms | 10 s | one call |
//! | payment | 32 MiB | 100 ms | 30 s | one call |
//!
//! 20 requests a call, 1 MiB out and 4 MiB in each. A panic ends the call; its message and place are what the tenant and
//! the author read in the installation's log. So return errors for what the world does wrong, and keep panics for what
//! cannot be.
//!
//! # Absent
//!
//! An HTTP client, sockets, files, a clock but [`Context::now`], randomness. A plugin has what its host offers, and the
//! host checks everything again.

#[doc(hidden)]
pub mod bindings;
pub mod chat;
mod config;
pub mod destination;
pub mod hex;
mod host;
mod imports;
pub mod json;
pub mod moderation;
pub mod paging;
pub mod payment;
pub mod query;
mod request;
mod response;
#[cfg(feature = "testing")]
pub mod testing;
pub mod time;
mod words;

pub use bindings::neustream::host::http::{Content, Request, Response};
pub use bindings::neustream::host::kv::Entry;
pub use bindings::neustream::host::telemetry::Level;
pub use bindings::neustream::host::types::{Context, Error, Field, Problem, Value};
pub use config::read_config;
pub use host::{AuthenticatingHost, Host, PureHost};
pub use imports::last_words;
#[doc(hidden)]
pub use imports::{Imports, report_panics};
