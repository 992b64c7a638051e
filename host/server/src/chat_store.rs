//! What chat connectors and moderation keep, in the store.

use async_trait::async_trait;
use neustream_chat::Place;
use neustream_chat::connector::{
    Commit, Committed, ConnectorStore, Finished, Memory, NewMessage, Recording, Saved, StoreFailure, Uuid,
    Waiting,
};
use neustream_chat::moderation::{LogFailure, VerdictLog, VerdictRecording};
use neustream_model::{TenantId, UnixMillis};
use neustream_plugin::chat::Outgoing;
use neustream_store::{
    ConnectorMemoryRow, ConnectorStep, FinishedRow, NewChatMessage, NewVerdictRecording, OutgoingRow,
    StepOutcome, Store, StoreError,
};
use serde::Serialize;

/// Answers connectors and moderation from the database.
pub struct ChatStore(pub Store);

#[async_trait]
impl ConnectorStore for ChatStore {
    async fn load(&self, at: Place) -> Result<Option<Saved>, StoreFailure> {
        let Some(row) = self.0.tenant(at.tenant).connector(at.installation).await.map_err(failed)? else {
            return Ok(None);
        };
        let token = Uuid::try_parse(&row.step).map_err(|error| damaged("step", error))?;
        Ok(Some(Saved { revision: row.revision, token, memory: memory(row.memory)? }))
    }

    async fn older(&self, at: Place, schema: u32) -> Result<Option<Memory>, StoreFailure> {
        let row = self.0.tenant(at.tenant).older_memory(at.installation, schema).await.map_err(failed)?;
        row.map(memory).transpose()
    }

    async fn commit(&self, at: Place, commit: &Commit) -> Result<Committed, StoreFailure> {
        let memory = ConnectorMemoryRow {
            state: commit.memory.state.clone(),
            state_schema: commit.memory.state_schema,
            digest: commit.memory.plugin.to_string(),
            config_digest: commit.memory.config.to_string(),
            kept: json(&commit.memory.kept)?,
        };
        let messages = commit.messages.iter().map(|new| message_row(&commit.platform, new));
        let messages: Vec<_> = messages.collect::<Result<_, _>>()?;
        let finished: Vec<_> = commit.finished.iter().map(finished_row).collect();
        let name = commit.token.to_string();
        let step = ConnectorStep {
            expected_revision: commit.expected_revision,
            step: &name,
            at: commit.at,
            memory: &memory,
            keeps_older: commit.keeps_older,
            messages: &messages,
            retractions: &commit.retractions,
            finished: &finished,
        };
        match self.0.tenant(at.tenant).write_step(at.installation, &step).await.map_err(failed)? {
            StepOutcome::MovedOn => Err(StoreFailure::Conflict),
            StepOutcome::Written { fresh, retracted } => {
                let fresh = fresh.iter().filter_map(|id| Uuid::try_parse(id).ok()).collect();
                Ok(Committed { fresh, retracted })
            }
        }
    }

    async fn enqueue(&self, at: Place, waiting: &Waiting, most: u32) -> Result<(), StoreFailure> {
        let row = OutgoingRow {
            id: waiting.outgoing.id.clone(),
            message_text: waiting.outgoing.text.clone(),
            reply_to: waiting.outgoing.reply_to.clone(),
            written_at: waiting.at,
            finished_at: None,
            problem_code: String::new(),
            problem_message: String::new(),
        };
        let queued = self.0.tenant(at.tenant).queue_outgoing(at.installation, &row, most).await;
        if queued.map_err(failed)? { Ok(()) } else { Err(StoreFailure::QueueFull(most)) }
    }

    async fn waiting(&self, at: Place) -> Result<Vec<Waiting>, StoreFailure> {
        let rows = self.0.tenant(at.tenant).waiting_outgoing(at.installation).await.map_err(failed)?;
        let waiting = |row: OutgoingRow| Waiting {
            outgoing: Outgoing { id: row.id, text: row.message_text, reply_to: row.reply_to },
            at: row.written_at,
        };
        Ok(rows.into_iter().map(waiting).collect())
    }

    async fn finish(&self, at: Place, finished: &[Finished]) -> Result<(), StoreFailure> {
        let rows: Vec<_> = finished.iter().map(finished_row).collect();
        let now = UnixMillis::now();
        self.0.tenant(at.tenant).finish_outgoing(at.installation, &rows, now).await.map_err(failed)
    }

    async fn keep_recording(&self, at: Place, recording: &Recording) -> Result<(), StoreFailure> {
        let steps = json(recording)?;
        let now = UnixMillis::now();
        self.0.tenant(at.tenant).keep_recording(at.installation, &steps, now).await.map_err(failed)
    }

    async fn recording(&self, at: Place) -> Result<Option<Recording>, StoreFailure> {
        let steps = self.0.tenant(at.tenant).recording(at.installation).await.map_err(failed)?;
        // One of another host's version is of no use, and no reason to stop.
        Ok(steps.and_then(|steps| serde_json::from_str(&steps).ok()))
    }
}

#[async_trait]
impl VerdictLog for ChatStore {
    async fn keep(&self, recording: &VerdictRecording) -> Result<(), LogFailure> {
        let unavailable = |error: String| LogFailure(error);
        let text = serde_json::to_string(recording).map_err(|error| unavailable(error.to_string()))?;
        let messages: Vec<_> = recording.batch.iter().map(|message| message.id.as_str()).collect();
        let id = recording.id.to_string();
        let new = NewVerdictRecording {
            id: &id,
            installation: recording.installation,
            messages: &messages,
            recording: &text,
            at: recording.now,
        };
        let kept = self.0.tenant(recording.tenant).keep_verdicts(&new).await;
        kept.map_err(|error| unavailable(error.to_string()))
    }

    async fn about(&self, tenant: TenantId, message: &str) -> Result<Vec<VerdictRecording>, LogFailure> {
        let texts = self.0.tenant(tenant).verdicts_about(message).await;
        let texts = texts.map_err(|error| LogFailure(error.to_string()))?;
        let read = |text: &String| serde_json::from_str(text).map_err(|error| LogFailure(error.to_string()));
        texts.iter().map(read).collect()
    }
}

fn memory(row: ConnectorMemoryRow) -> Result<Memory, StoreFailure> {
    Ok(Memory {
        plugin: row.digest.parse().map_err(|error| damaged("digest", error))?,
        config: row.config_digest.parse().map_err(|error| damaged("config_digest", error))?,
        kept: serde_json::from_str(&row.kept).map_err(|error| damaged("kept", error))?,
        state: row.state,
        state_schema: row.state_schema,
    })
}

fn message_row(platform: &str, new: &NewMessage) -> Result<NewChatMessage, StoreFailure> {
    let message = &new.message;
    Ok(NewChatMessage {
        id: new.id.to_string(),
        platform: platform.to_owned(),
        platform_id: message.id.clone(),
        author_id: message.author_id.clone(),
        author_name: message.author.clone(),
        message_text: message.text.clone(),
        kind: message.kind.clone(),
        roles: json(&message.roles)?,
        reply_to: message.reply_to.clone(),
        sent_at: message.sent_at,
        extra: json(&message.extra)?,
    })
}

fn finished_row(finished: &Finished) -> FinishedRow {
    let words = |problem: &neustream_plugin::chat::Problem| {
        (problem.reason.code.clone(), problem.reason.message.clone())
    };
    FinishedRow { id: finished.id.clone(), problem: finished.problem.as_ref().map(words) }
}

fn json(value: &impl Serialize) -> Result<String, StoreFailure> {
    serde_json::to_string(value).map_err(|error| StoreFailure::Refused(error.to_string()))
}

fn damaged(column: &str, error: impl std::fmt::Display) -> StoreFailure {
    StoreFailure::Unavailable(format!("the column `{column}` cannot be read: {error}"))
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn failed(error: StoreError) -> StoreFailure {
    match error {
        StoreError::Sql(error) => StoreFailure::Refused(error.to_string()),
        other => StoreFailure::Unavailable(other.to_string()),
    }
}
