//! What must outlive the process, behind a trait.

use async_trait::async_trait;
use neustream_contract::chat::{Message, Outgoing, Problem};
use neustream_model::UnixMillis;
use uuid::Uuid;

use super::memory::Memory;
use super::recording::Recording;
use crate::Place;

/// What is saved of a connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Counts its steps, from 1.
    pub revision: u64,
    /// The [`Commit::token`] of the last one.
    pub token: Uuid,
    /// What it remembers.
    pub memory: Memory,
}

/// One step, written as a whole or not at all.
#[derive(Debug, Clone)]
pub struct Commit {
    /// The revision that the step was made from; 0 where nothing is saved.
    pub expected_revision: u64,
    /// Names this step. A store that has it already has it whole, and answers again what it answered then: so a
    /// commit whose answer was lost can be repeated.
    pub token: Uuid,
    /// When.
    pub at: UnixMillis,
    /// What is remembered from now on.
    pub memory: Memory,
    /// Keep what is replaced as the last memory of its own schema, for a rollback.
    pub keeps_older: bool,
    /// The platform's word, the second half of the plugin's id, such as `twitch`.
    pub platform: String,
    /// Messages to be stored, in order. One whose `(installation, id)` is stored is dropped.
    pub messages: Vec<NewMessage>,
    /// Platform ids of messages that were removed there.
    pub retractions: Vec<String>,
    /// Outgoing messages that are through.
    pub finished: Vec<Finished>,
}

/// A message to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// The host's id of it.
    pub id: Uuid,
    /// What the platform told.
    pub message: Message,
}

/// The end of an outgoing message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The host's id of it.
    pub id: String,
    /// Why it was not written; none where it was.
    pub problem: Option<Problem>,
}

/// What a commit did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// Ids of the messages that were not there yet.
    pub fresh: Vec<Uuid>,
    /// Platform ids of the messages that were there and are retracted now.
    pub retracted: Vec<String>,
}

/// An outgoing message that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// What to write.
    pub outgoing: Outgoing,
    /// When the tenant wrote it.
    pub at: UnixMillis,
}

/// How the store fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreFailure {
    /// It does not answer now; whether a commit was written is unknown.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// It does not take this: writing it again is useless, and nothing was written.
    #[error("the store refused a step: {0}")]
    Refused(String),
    /// Somebody else has moved on: what was committed does not follow what is saved.
    #[error("another host drives this connector")]
    Conflict,
    /// As many outgoing messages wait as may wait.
    #[error("{0} messages wait to be written already")]
    QueueFull(u32),
}

/// Keeps connectors' memory, messages and outgoing messages. The server implements it over the store.
#[async_trait]
pub trait ConnectorStore: Send + Sync {
    /// What is saved.
    async fn load(&self, at: Place) -> Result<Option<Saved>, StoreFailure>;

    /// The last memory of the newest schema that is at most `schema`.
    async fn older(&self, at: Place, schema: u32) -> Result<Option<Memory>, StoreFailure>;

    /// Writes a step, in one transaction.
    ///
    /// # Errors
    /// [`StoreFailure::Conflict`] when neither `expected_revision` nor `token` is what is saved.
    async fn commit(&self, at: Place, commit: &Commit) -> Result<Committed, StoreFailure>;

    /// Queues an outgoing message, if fewer than `most` wait.
    async fn enqueue(&self, at: Place, waiting: &Waiting, most: u32) -> Result<(), StoreFailure>;

    /// The outgoing messages that wait, oldest first.
    async fn waiting(&self, at: Place) -> Result<Vec<Waiting>, StoreFailure>;

    /// Marks outgoing messages as through, outside a step: they expired, or are poison.
    async fn finish(&self, at: Place, finished: &[Finished]) -> Result<(), StoreFailure>;

    /// Keeps the steps of late, in place of those that were kept before.
    async fn keep_recording(&self, at: Place, recording: &Recording) -> Result<(), StoreFailure>;

    /// The steps that were kept.
    async fn recording(&self, at: Place) -> Result<Option<Recording>, StoreFailure>;
}
