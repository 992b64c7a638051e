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
mod acting;
mod admin;
mod api_keys;
mod apps;
mod audit_export;
mod audit_log;
mod auth;
mod catalogue;
mod chat;
mod chat_connectors;
mod client;
mod completion;
mod compression;
mod data_rights;
mod destinations;
mod development;
mod drivers;
mod error;
mod extract;
mod guard;
mod health;
mod hls;
mod hooks;
mod idempotency;
mod identity;
mod installations;
mod installations_activity;
mod installations_upgrade;
mod invitations;
mod limiter;
mod link_preview;
mod live_streams;
mod machine;
mod mail;
mod maintenance;
mod measure;
mod moderation;
mod moment;
mod next_step;
mod oauth;
mod oauth_clients;
mod oembed;
mod openapi;
mod organisations;
mod page;
mod pages;
mod partners;
mod password_work;
mod payments;
mod plans;
mod platform;
mod playback_tokens;
mod pre_flight;
mod publishers;
mod rate_guard;
mod rate_limits;
mod rate_shared;
mod realtime;
mod refusals;
mod request_id;
mod review;
mod rollouts;
mod router;
mod seats;
mod serve;
mod settings;
mod sources;
mod standings;
mod state;
mod stream_control;
mod stream_health;
mod streams;
mod subscriptions;
mod team;
mod team_invitations;
mod text;

pub use data_rights::{DataRights, DataRightsParts};
pub use drivers::{ChatControl, ModerationControl, PaymentControl};
pub use hooks::{HookDelivery, HookOutcome, HookSink};
pub use machine::{CheckStatus, DiskSpace, Machine, MachineCheck, MachineChecks, MachineFigures};
pub use mail::{Mail, MailError, Mailer, Postbox, Postman};
pub use rate_shared::{RedisUrl, RedisUrlMalformed};
pub use router::{openapi_document, router};
pub use serve::serve;
pub use settings::{Allowance, AllowancesMalformed, ApiSettings, MAX_PLAYBACK_TOKEN_AGE, RateLimits};
pub use state::{ApiParts, DestinationUrlCheck};
pub use stream_control::StreamControl;
