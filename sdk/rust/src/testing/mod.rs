//! A strict stand-in of the host, for a plugin's own unit tests: native, fast, without a runtime.
//!
//! [`FakeHost`] answers exactly the requests that a test announced, in their order, and panics at any other; a request
//! that was announced and never came fails the test as well. Instead of a script a test may give it a platform, which
//! sees requests as they would leave, secrets joined. Its memory has revisions, expiry and ceilings like the real one.
//! For chat connectors, [`chat`] stands in for the driver.
//!
//! Feature `testing`, for `[dev-dependencies]`.
//!
//! ```
//! use neustream_plugin::json::json;
//! use neustream_plugin::testing::{FakeHost, answer};
//! use neustream_plugin::{Error, Host, Request};
//!
//! fn rename(host: &impl Host, title: &str) -> Result<(), Error> {
//!     let request = Request::patch("https://api.example/v1/channel");
//!     let request = request.bearer("account").json(&json!({"title": title}));
//!     host.send(&request)?.success("Example").map(drop)
//! }
//!
//! // In a test: a title that the platform refuses is an error.
//! let request = Request::patch("https://api.example/v1/channel");
//! let request = request.bearer("account").json(&json!({"title": "Hi"}));
//! let host = FakeHost::new("{}").expect(request, answer(422, &[], ""));
//! assert_eq!(rename(&host, "Hi").unwrap_err().code(), "refused");
//! ```
//!
//! Absent: the manifest's rules. `neustream-plugin test` runs the plugin with all of them.

pub mod chat;
mod difference;
mod filter;
mod host;
mod joined;
mod memory;
mod project;
mod samples;
mod schema;

pub use filter::judge;
pub use host::FakeHost;
pub use joined::Joined;
pub use project::{assert_same_hosts, config_of_examples};
pub use samples::{answer, broadcast, charge, message, unreachable, webhook};
