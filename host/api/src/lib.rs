//! HTTP API, HLS, realtime events and pages.
//!
//! [`router`] lists every address on one screen; each resource has a file of
//! its own; `identity` turns a token into a tenant's scope of the
//! store, so that a handler cannot reach another tenant's rows; `error` is the
//! one place that maps errors to HTTP. When a change matters to what runs, the
//! handler tells the media path after the commit, even if its client hung up.
//!
//! The server puts [`ApiParts`] together and serves what [`router`] makes of
//! them:
//!
//! ```no_run
//! # async fn wire(parts: neustream_api::ApiParts) -> std::io::Result<()> {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! neustream_api::serve(listener, neustream_api::router(parts), std::future::pending()).await;
//! # Ok(())
//! # }
//! ```
//!
//! Absent: SQL, plugins' runtime, sockets toward the outside.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod access;
mod auth;
mod catalogue;
mod chat;
mod client;
mod completion;
mod destinations;
mod development;
mod drivers;
mod error;
mod extract;
mod guard;
mod health;
mod hls;
mod hooks;
mod identity;
mod installations;
mod installations_activity;
mod installations_upgrade;
mod invitations;
mod limiter;
mod mail;
mod measure;
mod moderation;
mod moment;
mod next_step;
mod oauth;
mod oauth_clients;
mod openapi;
mod pages;
mod partners;
mod password_work;
mod payments;
mod platform;
mod publishers;
mod realtime;
mod refusals;
mod review;
mod rollouts;
mod router;
mod seats;
mod serve;
mod settings;
mod sources;
mod state;
mod stream_control;
mod streams;
mod text;

pub use drivers::{ChatControl, ModerationControl, PaymentControl};
pub use hooks::{HookDelivery, HookOutcome, HookSink};
pub use mail::{Mail, MailError, Mailer, Postbox, Postman};
pub use router::{openapi_document, router};
pub use serve::serve;
pub use settings::{Allowance, ApiSettings};
pub use state::{ApiParts, DestinationUrlCheck};
pub use stream_control::StreamControl;
