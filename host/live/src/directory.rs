//! What the media path asks of whoever keeps the configuration.

use async_trait::async_trait;
use neustream_contract::Secrets;
use neustream_model::{
    DestinationId, InstallationId, PlaybackId, SecondPublisher, SessionId, SourceId, StreamKey, TenantId,
};
use std::time::Duration;

/// A source as the media path needs it.
#[derive(Debug, Clone)]
pub struct SourceConfig {
    /// The source.
    pub id: SourceId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Its name, which is also the title of its broadcasts.
    pub name: String,
    /// Its public name for viewers.
    pub playback_id: PlaybackId,
    /// What a second publisher meets.
    pub second_publisher: SecondPublisher,
    /// How long destinations and viewers are kept when the publisher vanishes.
    pub reconnect_window: Duration,
}

/// A switched-on destination as the media path needs it.
#[derive(Debug, Clone)]
pub struct DestinationConfig {
    /// The destination.
    pub id: DestinationId,
    /// The plugin that prepares it, such as `neustream/twitch`.
    pub plugin: String,
    /// The installation of that plugin that it belongs to: package, grant, configuration and secrets.
    pub installation: InstallationId,
    /// What the destination sets over the installation's configuration: a JSON object as text.
    pub config: String,
    /// What the destination sets over the installation's secrets, unsealed; they are joined into the target at the
    /// socket.
    pub secrets: Secrets,
    /// Changes with every edit, so that an edited destination is restarted and an untouched one is not.
    pub revision: u64,
}

/// The keeper of the configuration does not answer.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the directory is unavailable: {0}")]
pub struct DirectoryError(pub String);

/// Looks up sources and destinations. Implemented outside, so that the media path knows no database.
#[async_trait]
pub trait Directory: Send + Sync + 'static {
    /// The source that `key` belongs to. An unknown and a wrong key look alike.
    async fn source_by_key(&self, key: &StreamKey) -> Result<Option<SourceConfig>, DirectoryError>;

    /// The source with this id, or `None` when it was deleted.
    async fn source(&self, id: SourceId) -> Result<Option<SourceConfig>, DirectoryError>;

    /// The switched-on destinations of a source.
    async fn destinations(&self, source: SourceId) -> Result<Vec<DestinationConfig>, DirectoryError>;

    /// A session began.
    async fn session_started(&self, session: SessionId, source: SourceId) -> Result<(), DirectoryError>;

    /// A session ended.
    async fn session_ended(&self, session: SessionId) -> Result<(), DirectoryError>;
}
