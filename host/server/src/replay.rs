//! Tries a new version on what happened of late, before an automatic upgrade.

use std::sync::Arc;

use async_trait::async_trait;
use neustream_chat::Place;
use neustream_chat::connector::{ConnectorStore, ShadowOutcome, shadow};
use neustream_contract::Call;
use neustream_installations::{Replayed, ShadowReplay};
use neustream_model::Reason;
use neustream_plugin_wasm::Plugins;

/// Replays the recordings of chat connectors.
pub struct ConnectorReplay {
    pub plugins: Arc<Plugins>,
    pub store: Arc<dyn ConnectorStore>,
}

#[async_trait]
impl ShadowReplay for ConnectorReplay {
    async fn replay(&self, _present: &Call, next: &Call) -> Replayed {
        let at = Place { tenant: next.tenant, installation: next.installation };
        let recording = match self.store.recording(at).await {
            Ok(Some(recording)) => recording,
            Ok(None) => return Replayed::NothingRecorded,
            Err(error) => return Replayed::Failed(Reason::new("recording-unavailable", error.to_string())),
        };
        let connector = match self.plugins.trial_connector(&next.plugin).await {
            Ok(connector) => connector,
            Err(error) => return Replayed::Failed(error.reason()),
        };
        match shadow(&*connector, next, &recording).await {
            ShadowOutcome::NothingRecorded => Replayed::NothingRecorded,
            ShadowOutcome::Same { steps } => Replayed::Passed { events: steps as u64 },
            ShadowOutcome::Differs { revision, .. } => Replayed::Failed(Reason::new(
                "replay-differs",
                format!("At step {revision} it tells other messages than the present version did."),
            )),
            ShadowOutcome::Fault { revision, error } => Replayed::Failed(Reason::new(
                error.code.clone(),
                format!("At step {revision}: {}", error.message),
            )),
        }
    }
}
