//! HTTP API, HLS, realtime events and pages.
//!
//! [`router`] lists every address on one screen; each resource has a file of
//! its own; `identity` turns a token into a tenant's scope of the
//! store, so that a handler cannot reach another tenant's rows; `error` is the
//! one place that maps errors to HTTP. When a change matters to what runs, the
//! handler tells the media path after the commit, even if its client hung up.
//!
//! The server wires it so:
//!
//! ```no_run
//! # use std::sync::Arc;
//! # async fn wire(
//! #     store: neustream_store::Store,
//! #     live: neustream_live::Live,
//! #     plugins: Arc<dyn neustream_plugin::Catalogue>,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! use neustream_accounts::{AccessTokens, fresh_signing_key};
//! use neustream_api::{ApiParts, ApiSettings, router, serve};
//!
//! let signing_key = store.host().signing_key(fresh_signing_key).await?;
//! let router = router(ApiParts {
//!     settings: ApiSettings { rtmp_port: 1935, ..ApiSettings::default() },
//!     store,
//!     tokens: AccessTokens::new(&signing_key),
//!     live: Arc::new(live),
//!     plugins,
//!     // In the server: `outbound.check_url(url)`.
//!     check_destination_url: Arc::new(|_url| Ok(())),
//!     metrics: None,
//! });
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! serve(listener, router, std::future::pending()).await;
//! # Ok(())
//! # }
//! ```
//!
//! Absent: SQL, plugins' runtime, sockets toward the outside.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod auth;
mod client;
mod completion;
mod destinations;
mod docs;
mod error;
mod extract;
mod guard;
mod health;
mod hls;
mod identity;
mod limiter;
mod measure;
mod moment;
mod openapi;
mod pages;
mod password_work;
mod platform;
mod plugins;
mod realtime;
mod router;
mod serve;
mod settings;
mod sources;
mod state;
mod stream_control;
mod streams;
mod text;

pub use router::{openapi_document, router};
pub use serve::serve;
pub use settings::{Allowance, ApiSettings};
pub use state::{ApiParts, DestinationUrlCheck};
pub use stream_control::StreamControl;
