//! The contract of moderation filters (WIT package `neustream:moderation`).
//!
//! A filter is deterministic: the same package, configuration, batch and
//! answers give the same verdicts, byte for byte.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use neustream_model::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::chat::Problem;
use crate::package::Digest;
use crate::{Call, CallError, Field, Manifest};

/// Messages of one batch.
pub const MAX_BATCH: usize = 100;
/// Lookups of one batch.
pub const MAX_LOOKUPS: usize = 8;

/// A message to be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// Where it was written.
    pub platform: String,
    /// The same for all messages of one author.
    pub author_hash: String,
    /// `broadcaster`, `moderator`, ...
    pub roles: Vec<String>,
    /// What was written.
    pub text: String,
    /// Such as `account-age-days`.
    pub traits: Vec<(String, String)>,
}

/// A question to a service, asked by the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// The filter's name for it.
    pub id: String,
    /// An absolute URL.
    pub url: String,
    /// Headers; secrets may stand in them.
    pub headers: Vec<Field>,
    /// Posted when it is not empty.
    pub body: Vec<u8>,
}

/// Its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The filter's name for the question.
    pub id: String,
    /// The body of a 200, or why there is none.
    pub outcome: Result<Vec<u8>, Problem>,
}

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is shown.
    Allow,
    /// It is shown with this text.
    Replace(String),
    /// It waits for a moderator.
    Hold,
    /// Only its author and moderators see it.
    Hide,
    /// It is removed.
    Delete,
    /// It is removed, and its author may not write for so long.
    Timeout(Duration),
}

/// A judgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The message's id.
    pub id: String,
    /// What becomes of it.
    pub action: Action,
    /// Which rule decided.
    pub rule: String,
    /// A sentence for the moderator.
    pub reason: String,
}

/// A moderation filter of one plugin. Stateless between calls.
#[async_trait]
pub trait ModerationFilter: Send + Sync {
    /// What the plugin says about itself; lookups are held to it and to the grant.
    fn manifest(&self) -> &Manifest;

    /// What must be known before `batch` can be judged.
    async fn plan(&self, call: &Call, batch: &[Message]) -> Result<Vec<Lookup>, CallError>;

    /// Judges. Messages without a verdict get the tenant's default.
    async fn judge(&self, call: &Call, batch: &[Message], found: &[Found])
    -> Result<Vec<Verdict>, CallError>;

    /// [`ModerationFilter::judge`] with `now` as the filter's clock: what a driver records with the verdicts, and
    /// what an appeal replays. A filter without a clock need not tell it from `judge`.
    async fn judge_at(
        &self,
        call: &Call,
        now: UnixMillis,
        batch: &[Message],
        found: &[Found],
    ) -> Result<Vec<Verdict>, CallError> {
        let _ = now;
        self.judge(call, batch, found).await
    }
}

/// Finds filters by the digest of their package.
#[async_trait]
pub trait ModerationFilters: Send + Sync {
    /// The filter in the package `plugin`, ready to be called.
    ///
    /// # Errors
    /// [`crate::CallErrorKind::NotRunnable`] when there is none or it may not run.
    async fn filter(&self, plugin: &Digest) -> Result<Arc<dyn ModerationFilter>, CallError>;

    /// The same, for calls that are not the installation's: nothing is counted, nothing reaches its log, its breaker
    /// does not matter. For appeals.
    ///
    /// # Errors
    /// As [`ModerationFilters::filter`].
    async fn trial_filter(&self, plugin: &Digest) -> Result<Arc<dyn ModerationFilter>, CallError>;
}
