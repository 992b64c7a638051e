//! Ingest, broadcast, destination supervisors, play and the HLS window.
//!
//! The tokio shell around the sans-IO crates. A frame's walk: `ingest` reads a
//! socket into an RTMP session, `session` places its frames on one timeline,
//! `ring` encodes them once, and every reader (`destination`, `play`,
//! `hls_window`) has a cursor of its own in `broadcast`.
//!
//! What is absent: any database (see [`Directory`]), any platform (see
//! `neustream-contract`), any HTTP.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod accounting;
mod audience;
mod broadcast;
mod context;
mod destination;
mod directory;
mod feed;
mod flow;
mod handle;
mod health;
mod hls_window;
mod ingest;
mod key_guard;
mod link;
mod meter;
mod play;
mod quota;
mod ring;
mod session;
mod settings;
mod streamed;
mod timeline;
mod tracks;
mod viewers;

pub use destination::{DestinationProbe, ProbeOutcome};
pub use directory::{DestinationConfig, Directory, DirectoryError, SessionUsage, SourceConfig};
pub use handle::Live;
pub use hls_window::{HlsError, HlsRequest, HlsResponse};
pub use quota::Allowance;
pub use settings::LiveSettings;
pub use viewers::{PlaybackTokenReader, Viewer};
