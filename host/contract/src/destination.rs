//! The contract of destination adapters (WIT package `neustream:destination`).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use neustream_model::UnixMillis;

use crate::package::Digest;
use crate::{Call, CallError, Manifest, Value};

/// What is about to be broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broadcast {
    /// Stable over every attempt of one session: `prepare` is idempotent per id.
    pub id: String,
    /// Title for the platform.
    pub title: String,
    /// `public`, `unlisted`, `private`: an open vocabulary.
    pub visibility: String,
}

/// How the host pushes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protocol {
    /// RTMP over TCP.
    Rtmp,
    /// RTMP over TLS.
    Rtmps,
    /// A protocol that this host does not speak yet, by name.
    Other(String),
}

/// What the platform accepts; the host warns the tenant, it does not transcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Highest video bitrate in kbit/s.
    pub video_kbps: u32,
    /// Highest audio bitrate in kbit/s.
    pub audio_kbps: u32,
    /// Longest keyframe interval.
    pub keyframe: Duration,
}

/// Where the host pushes. Already checked: the URL parses, its scheme fits the protocol, its host is one the
/// manifest (or the tenant's configuration, where the manifest says so) allows, and the key names only secrets
/// bound to that host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// How to push.
    pub protocol: Protocol,
    /// `rtmp[s]://host[:port]/app[/...]`, without the key.
    pub url: String,
    /// A second place to try when the first does not answer.
    pub backup_url: Option<String>,
    /// The stream key: the publishing name, appended by the host.
    pub key: Value,
    /// The platform's limits.
    pub limits: Option<Limits>,
    /// When `url` and `key` go stale and `prepare` must be asked again.
    pub expires_at: Option<UnixMillis>,
    /// The adapter's own memory of this broadcast, at most 16 KiB, handed back to `check` and `finish`.
    pub state: Vec<u8>,
}

/// The platform's own view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Whether the platform shows the broadcast; `None` where it does not tell.
    pub live: Option<bool>,
    /// Viewers there.
    pub viewers: Option<u64>,
}

/// A destination adapter of one plugin. Stateless between calls.
#[async_trait]
pub trait DestinationAdapter: Send + Sync {
    /// What the plugin says about itself.
    fn manifest(&self) -> &Manifest;

    /// Asks where to push. Idempotent per [`Broadcast::id`].
    async fn prepare(&self, call: &Call, broadcast: &Broadcast) -> Result<Target, CallError>;

    /// Asks the platform how it sees the broadcast that `state` came from.
    async fn check(&self, call: &Call, state: &[u8]) -> Result<Health, CallError>;

    /// Ends the broadcast on the platform.
    async fn finish(&self, call: &Call, state: &[u8]) -> Result<(), CallError>;

    /// Changes the title of the running broadcast that `state` came from. False where the plugin cannot (it does
    /// not export `metadata`).
    async fn retitle(&self, call: &Call, state: &[u8], title: &str) -> Result<bool, CallError>;
}

/// Finds adapters by the digest of their package.
#[async_trait]
pub trait DestinationAdapters: Send + Sync {
    /// The adapter in the package `plugin`, ready to be called.
    ///
    /// # Errors
    /// [`crate::CallErrorKind::NotRunnable`] when there is none or it may not run.
    async fn adapter(&self, plugin: &Digest) -> Result<Arc<dyn DestinationAdapter>, CallError>;
}
