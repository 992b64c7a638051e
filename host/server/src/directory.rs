//! The media path's view of the store.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use neustream_live::{DestinationConfig, Directory, DirectoryError, SourceConfig};
use neustream_model::{SessionId, SourceId, StreamKey};
use neustream_plugin::Secrets;
use neustream_store::{ActiveDestination, HostStore, SourceRow, StoreError};

use crate::installed::PerDestination;

/// Answers the media path from the database.
pub struct StoreDirectory {
    pub store: HostStore,
    pub installed: Arc<PerDestination>,
}

#[async_trait]
impl Directory for StoreDirectory {
    async fn source_by_key(&self, key: &StreamKey) -> Result<Option<SourceConfig>, DirectoryError> {
        let row = self.store.source_by_key_digest(&key.digest()).await.map_err(unavailable)?;
        Ok(row.map(source_config))
    }

    async fn source(&self, id: SourceId) -> Result<Option<SourceConfig>, DirectoryError> {
        Ok(self.store.source_by_id(id).await.map_err(unavailable)?.map(source_config))
    }

    async fn destinations(&self, source: SourceId) -> Result<Vec<DestinationConfig>, DirectoryError> {
        let rows = self.store.active_destinations(source).await.map_err(unavailable)?;
        Ok(rows.into_iter().map(|row| destination_config(&self.installed, row)).collect())
    }

    async fn session_started(&self, session: SessionId, source: SourceId) -> Result<(), DirectoryError> {
        self.store.session_started(session, source).await.map_err(unavailable)
    }

    async fn session_ended(&self, session: SessionId) -> Result<(), DirectoryError> {
        self.store.session_ended(session).await.map_err(unavailable)
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

fn destination_config(installed: &PerDestination, active: ActiveDestination) -> DestinationConfig {
    DestinationConfig {
        id: active.row.id,
        installation: installed.of(active.row.id, &active.row.plugin),
        plugin: active.row.plugin,
        config: active.row.config,
        secrets: Secrets::new(active.secrets),
        revision: active.row.revision,
    }
}
