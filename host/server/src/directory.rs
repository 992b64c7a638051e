//! The media path's view of the store.

use std::time::Duration;

use async_trait::async_trait;
use neustream_contract::Secrets;
use neustream_live::{DestinationConfig, Directory, DirectoryError, SourceConfig};
use neustream_model::{InstallationId, SessionId, SourceId, StreamKey};
use neustream_store::{ActiveDestination, HostStore, SourceRow, StoreError};

/// Answers the media path from the database.
pub struct StoreDirectory(pub HostStore);

#[async_trait]
impl Directory for StoreDirectory {
    async fn source_by_key(&self, key: &StreamKey) -> Result<Option<SourceConfig>, DirectoryError> {
        let row = self.0.source_by_key_digest(&key.digest()).await.map_err(unavailable)?;
        Ok(row.map(source_config))
    }

    async fn source(&self, id: SourceId) -> Result<Option<SourceConfig>, DirectoryError> {
        Ok(self.0.source_by_id(id).await.map_err(unavailable)?.map(source_config))
    }

    async fn destinations(&self, source: SourceId) -> Result<Vec<DestinationConfig>, DirectoryError> {
        let rows = self.0.active_destinations(source).await.map_err(unavailable)?;
        Ok(rows.into_iter().map(destination_config).collect())
    }

    async fn session_started(&self, session: SessionId, source: SourceId) -> Result<(), DirectoryError> {
        self.0.session_started(session, source).await.map_err(unavailable)
    }

    async fn session_ended(&self, session: SessionId) -> Result<(), DirectoryError> {
        self.0.session_ended(session).await.map_err(unavailable)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn unavailable(error: StoreError) -> DirectoryError {
    DirectoryError(error.to_string())
}

fn source_config(row: SourceRow) -> SourceConfig {
    SourceConfig {
        id: row.id,
        tenant: row.tenant_id,
        name: row.name,
        playback_id: row.playback_id,
        second_publisher: row.second_publisher,
        reconnect_window: Duration::from_secs(row.reconnect_window_s),
    }
}

fn destination_config(active: ActiveDestination) -> DestinationConfig {
    DestinationConfig {
        id: active.row.id,
        // One that has none (its plugin is not on this host) is told that there is no such installation.
        installation: active.row.installation.unwrap_or_else(InstallationId::new),
        plugin: active.row.plugin,
        config: active.row.config,
        secrets: Secrets::new(active.secrets),
        revision: active.row.revision,
    }
}
