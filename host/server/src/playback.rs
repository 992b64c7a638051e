//! Playback tokens for the media path, and what is done about viewers now and then.

use std::time::Duration;

use neustream_accounts::PlaybackTokens;
use neustream_live::PlaybackTokenReader;
use neustream_model::{PlaybackClaims, UnixMillis, ViewerRefused};
use neustream_store::Store;

const PRUNING: Duration = Duration::from_hours(1);

/// Reads what the API issued.
pub struct SignedTokens(pub PlaybackTokens);

impl PlaybackTokenReader for SignedTokens {
    fn read(&self, token: &str) -> Result<PlaybackClaims, ViewerRefused> {
        self.0.read(token)
    }
}

/// Forgets revocations of tokens that ended by themselves, now and then, until dropped.
pub async fn prune_revocations(store: Store) {
    let mut now_and_then = tokio::time::interval(PRUNING);
    loop {
        now_and_then.tick().await;
        if let Err(error) = store.host().prune_playback_revocations(UnixMillis::now()).await {
            tracing::warn!(%error, "old revocations of playback tokens were not deleted");
        }
    }
}
