//! What the media path asks of whoever keeps the configuration.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use neustream_contract::Secrets;
use neustream_model::{
    DestinationId, InstallationId, PlaybackId, SecondPublisher, SessionId, SourceId, StreamKey, TenantId,
    UnixMillis, Viewing,
};

use crate::Allowance;

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
    /// Who may watch.
    pub viewing: Viewing,
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

/// How long a session was streamed so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionUsage {
    /// The session.
    pub session: SessionId,
    /// The source that it is a run of.
    pub source: SourceId,
    /// Whose it is.
    pub tenant: TenantId,
    /// When it began.
    pub started_at: UnixMillis,
    /// Its total of every day (UTC) on which somebody published, under the day's beginning.
    pub by_day: Vec<(UnixMillis, Duration)>,
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

    /// The revisions of [`SourceConfig::viewing`]. A source that is gone is left out.
    async fn viewing_revisions(
        &self,
        sources: &[SourceId],
    ) -> Result<BTreeMap<SourceId, u64>, DirectoryError>;

    /// The switched-on destinations of a source.
    async fn destinations(&self, source: SourceId) -> Result<Vec<DestinationConfig>, DirectoryError>;

    /// These sessions run, and were streamed so long. Told when a session begins and every `usage_interval`. Figures
    /// are totals: to be told again, late or in another order counts nothing twice and takes nothing away.
    async fn record_usage(&self, sessions: &[SessionUsage]) -> Result<(), DirectoryError>;

    /// A session ended, with its last figures. Told again until it is taken.
    async fn session_ended(&self, usage: &SessionUsage) -> Result<(), DirectoryError>;

    /// What these organisations may still stream. One that is gone is left out.
    async fn allowances(&self, tenants: &[TenantId])
    -> Result<BTreeMap<TenantId, Allowance>, DirectoryError>;
}
