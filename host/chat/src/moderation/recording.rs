//! What is kept for appeals, and the replay.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use neustream_contract::moderation::{Found, Message, Verdict};
use neustream_contract::{Digest, Grant, PlanCeilings};
use neustream_model::{InstallationId, Reason, TenantId, UnixMillis};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Everything that one call of a filter depended on, and what came of it. JSON through serde.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictRecording {
    /// Its id.
    pub id: Uuid,
    /// Whose messages.
    pub tenant: TenantId,
    /// The filter's installation.
    pub installation: InstallationId,
    /// The package that judged.
    pub plugin: Digest,
    /// Its configuration then.
    pub config: String,
    /// Its grant then.
    pub grant: Grant,
    /// Its ceilings then: the budget of instructions depends on them.
    pub ceilings: PlanCeilings,
    /// The filter's clock.
    pub now: UnixMillis,
    /// What it was asked.
    pub batch: Vec<Message>,
    /// What its lookups found.
    pub found: Vec<Found>,
    /// What it answered.
    pub verdicts: Vec<Verdict>,
    /// How it failed, where it did; then there are no verdicts.
    pub fault: Option<Reason>,
}

/// What a replay gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// Whether it is what was recorded, byte for byte.
    pub is_equal: bool,
    /// The verdicts of now.
    pub verdicts: Vec<Verdict>,
    /// How it failed now.
    pub fault: Option<Reason>,
}

impl VerdictRecording {
    /// Compares a second run with this one.
    pub(crate) fn compared(&self, again: Result<Vec<Verdict>, Reason>) -> Replay {
        let bytes = |verdicts: &[Verdict]| serde_json::to_vec(verdicts).unwrap_or_default();
        match again {
            Ok(verdicts) => {
                let is_equal = self.fault.is_none() && bytes(&verdicts) == bytes(&self.verdicts);
                Replay { is_equal, verdicts, fault: None }
            }
            Err(fault) => {
                let is_equal = self.fault.as_ref().is_some_and(|before| before.code == fault.code);
                Replay { is_equal, verdicts: Vec::new(), fault: Some(fault) }
            }
        }
    }
}

/// Keeps recordings. The server implements it over the store.
#[async_trait]
pub trait VerdictLog: Send + Sync {
    /// Keeps a recording.
    async fn keep(&self, recording: &VerdictRecording) -> Result<(), LogFailure>;

    /// The recordings in which a message was judged, oldest first: one of each filter that had something to say.
    async fn about(&self, tenant: TenantId, message: &str) -> Result<Vec<VerdictRecording>, LogFailure>;
}

/// The log does not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the log of verdicts is unavailable: {0}")]
pub struct LogFailure(pub String);

/// The recordings of late, in memory: for hosts and tests without a store. The oldest go first.
#[derive(Debug)]
pub struct RecentVerdicts {
    ring: Mutex<VecDeque<VerdictRecording>>,
    most: usize,
}

impl RecentVerdicts {
    /// Room for `most` recordings.
    pub fn new(most: usize) -> Self {
        Self { ring: Mutex::default(), most }
    }
}

#[async_trait]
impl VerdictLog for RecentVerdicts {
    async fn keep(&self, recording: &VerdictRecording) -> Result<(), LogFailure> {
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        ring.push_back(recording.clone());
        while ring.len() > self.most {
            ring.pop_front();
        }
        Ok(())
    }

    async fn about(&self, tenant: TenantId, message: &str) -> Result<Vec<VerdictRecording>, LogFailure> {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let is_about = |recording: &&VerdictRecording| {
            recording.tenant == tenant && recording.batch.iter().any(|judged| judged.id == message)
        };
        Ok(ring.iter().filter(is_about).cloned().collect())
    }
}
