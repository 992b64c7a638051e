//! The media path's view of the store.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use neustream_contract::Secrets;
use neustream_live::{Allowance, DestinationConfig, Directory, DirectoryError, SessionUsage, SourceConfig};
use neustream_model::{InstallationId, SourceId, StreamKey, TenantId, UnixMillis};
use neustream_store::{ActiveDestination, HostStore, SourceRow, StoreError, StreamedSession, StreamingUse};

/// Answers the media path from the database.
pub struct StoreDirectory(pub HostStore);

#[async_trait]
impl Directory for StoreDirectory {
    async fn source_by_key(&self, key: &StreamKey) -> Result<Option<SourceConfig>, DirectoryError> {
        let row = self.0.source_by_key_digest(&key.digest()).await.map_err(unavailable)?;
        self.source_config(row).await
    }

    async fn source(&self, id: SourceId) -> Result<Option<SourceConfig>, DirectoryError> {
        let row = self.0.source_by_id(id).await.map_err(unavailable)?;
        self.source_config(row).await
    }

    async fn viewing_revisions(
        &self,
        sources: &[SourceId],
    ) -> Result<BTreeMap<SourceId, u64>, DirectoryError> {
        self.0.viewing_revisions(sources).await.map_err(unavailable)
    }

    async fn destinations(&self, source: SourceId) -> Result<Vec<DestinationConfig>, DirectoryError> {
        let rows = self.0.active_destinations(source).await.map_err(unavailable)?;
        Ok(rows.into_iter().map(destination_config).collect())
    }

    async fn record_usage(&self, sessions: &[SessionUsage]) -> Result<(), DirectoryError> {
        let sessions: Vec<_> = sessions.iter().map(streamed_session).collect();
        self.0.record_sessions(&sessions, UnixMillis::now()).await.map_err(unavailable)
    }

    async fn session_ended(&self, usage: &SessionUsage) -> Result<(), DirectoryError> {
        self.0.session_ended(&streamed_session(usage), UnixMillis::now()).await.map_err(unavailable)
    }

    async fn allowances(
        &self,
        tenants: &[TenantId],
    ) -> Result<BTreeMap<TenantId, Allowance>, DirectoryError> {
        let uses = self.0.streaming_use(tenants, UnixMillis::now()).await.map_err(unavailable)?;
        Ok(uses.into_iter().map(|one| (one.tenant, allowance(one))).collect())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn unavailable(error: StoreError) -> DirectoryError {
    DirectoryError(error.to_string())
}

fn streamed_session(usage: &SessionUsage) -> StreamedSession {
    StreamedSession {
        id: usage.session,
        tenant: usage.tenant,
        source: usage.source,
        started_at: usage.started_at,
        by_day: usage.by_day.clone(),
    }
}

fn allowance(use_of_plan: StreamingUse) -> Allowance {
    let limit = use_of_plan.max_hours.map(|hours| Duration::from_secs(hours.saturating_mul(3600)));
    Allowance { used: use_of_plan.streamed, limit }
}

impl StoreDirectory {
    async fn source_config(&self, row: Option<SourceRow>) -> Result<Option<SourceConfig>, DirectoryError> {
        let Some(row) = row else { return Ok(None) };
        Ok(Some(SourceConfig {
            viewing: self.0.viewing(&row).await.map_err(unavailable)?,
            id: row.id,
            tenant: row.tenant_id,
            name: row.name,
            playback_id: row.playback_id,
            second_publisher: row.second_publisher,
            reconnect_window: Duration::from_secs(row.reconnect_window_s),
        }))
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
