//! What chat connectors and moderation keep, in the store.

use async_trait::async_trait;
use neustream_chat::Place;
use neustream_chat::connector::{
    Commit, Committed, ConnectorStore, Finished, Memory, NewMessage, Recording, Saved, StoreFailure, Uuid,
    Waiting,
};
use neustream_chat::moderation::{LogFailure, VerdictLog, VerdictRecording};
use neustream_contract::chat::Outgoing;
use neustream_model::{TenantId, UnixMillis};
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
    let words = |problem: &neustream_contract::chat::Problem| {
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

fn failed(error: StoreError) -> StoreFailure {
    match error {
        StoreError::Sql(error) => StoreFailure::Refused(error.to_string()),
        other => StoreFailure::Unavailable(other.to_string()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that panics has failed")]
mod tests {
    use std::sync::Arc;

    use neustream_chat::EgressNotes;
    use neustream_chat::connector::{ChatEventKind, ConnectorParts, ConnectorSettings, Connectors};
    use neustream_chat::testing::{
        Authority, Installations, MANIFEST, Natives, Peer, Platform, SECRET, Talk, outbound,
    };
    use neustream_contract::moderation::{Action, Message, Verdict};
    use neustream_contract::{Digest, Grant, Manifest, PlanCeilings};
    use neustream_store::NewAccount;
    use neustream_store::testing::{TestStore, on_both};

    use super::*;

    /// A connector on the real store, and its platform.
    struct World {
        platform: Platform,
        store: Store,
        parts: Box<dyn Fn() -> ConnectorParts>,
        place: Place,
    }

    async fn tenant(t: &TestStore) -> TenantId {
        let account = NewAccount {
            email: "ada@example.com".to_owned(),
            display_name: "Ada".to_owned(),
            password_hash: "$argon2id$".to_owned(),
            role: "member".to_owned(),
        };
        t.store.host().create_account(&account).await.unwrap().tenant_id
    }

    impl World {
        async fn on(t: &TestStore) -> Self {
            let authority = Authority::new();
            let platform = Platform::start(&authority, "talk.example.com", 6697).await;
            let (natives, installations) = (Natives::default(), Installations::default());
            let plugin = natives.connector("talk", Talk::over_lines());
            let grant = Grant::all_of(&Manifest::from_toml(MANIFEST).unwrap());
            let place = installations.install_for(tenant(t).await, plugin, grant);
            installations.set_secrets(place, &[("token", SECRET)]);
            let outbound = outbound(&authority, &[&platform]);
            let store = t.store.clone();
            let own = store.clone();
            let parts = Box::new(move || ConnectorParts {
                installed: Arc::new(installations.clone()),
                connectors: Arc::new(natives.clone()),
                outbound: outbound.clone(),
                store: Arc::new(ChatStore(own.clone())),
                egress: Arc::new(natives.clone()) as Arc<dyn EgressNotes>,
            });
            Self { platform, store, parts, place }
        }

        /// A host that begins, and its connection, logged in.
        async fn host(&self) -> (Connectors, Peer) {
            let connectors = Connectors::new((self.parts)(), ConnectorSettings::default());
            connectors.start(self.place.tenant, self.place.installation);
            let mut peer = self.platform.peer().await;
            assert_eq!(peer.line().await.unwrap(), format!("PASS {SECRET}"));
            (connectors, peer)
        }
    }

    async fn next(
        events: &mut tokio::sync::broadcast::Receiver<neustream_chat::connector::ChatEvent>,
    ) -> ChatEventKind {
        loop {
            let event = events.recv().await.unwrap();
            if !matches!(event.kind, ChatEventKind::Status(_)) {
                return event.kind;
            }
        }
    }

    #[tokio::test]
    async fn a_chat_goes_on_from_the_database_after_the_host_was_killed() {
        on_both(async |t| {
            let world = World::on(&t).await;
            let (host, mut peer) = world.host().await;
            let mut events = host.subscribe();
            peer.write("MSG 1 ada hello\r\nMSG 2 bob hi\r\nMSG 1 ada hello\r\nDEL 2\r\n").await;
            for _ in 0..3 {
                next(&mut events).await;
            }
            let id =
                host.send(world.place.tenant, world.place.installation, "good evening", None).await.unwrap();
            assert_eq!(peer.line().await.unwrap(), format!("SAY {id} good evening"));
            drop(host);

            let (host, mut peer) = world.host().await;
            let mut events = host.subscribe();
            peer.write(&format!("MSG 2 bob hi\r\nACK {id}\r\nMSG 3 ada bye\r\n")).await;
            assert_eq!(next(&mut events).await, ChatEventKind::Sent(id.clone()));
            assert!(
                matches!(next(&mut events).await, ChatEventKind::Message { message, .. } if message.id == "3")
            );
            host.shutdown().await;

            let tenant = world.store.tenant(world.place.tenant);
            let rows = tenant.chat_messages(Some(world.place.installation), None, 10).await.unwrap();
            let ids: Vec<_> = rows.iter().map(|row| row.platform_id.as_str()).collect();
            assert_eq!(ids, ["3", "2", "1"]);
            assert_eq!((rows[1].platform.as_str(), rows[1].author_name.as_str()), ("talk", "bob"));
            assert!(rows[1].retracted_at.is_some() && rows[2].retracted_at.is_none());
            assert!(tenant.outgoing(&id).await.unwrap().unwrap().finished_at.is_some());
            let recording = ChatStore(world.store.clone()).recording(world.place).await.unwrap().unwrap();
            assert!(recording.steps.iter().any(|step| !step.told.is_empty()));
        })
        .await;
    }

    #[tokio::test]
    async fn a_recording_of_verdicts_comes_back_as_it_was() {
        on_both(async |t| {
            let message = |id: &str| Message {
                id: id.to_owned(),
                platform: "talk".to_owned(),
                author_hash: "a".to_owned(),
                roles: vec!["moderator".to_owned()],
                text: "hi".to_owned(),
                traits: vec![],
            };
            let recording = VerdictRecording {
                id: Uuid::now_v7(),
                tenant: tenant(&t).await,
                installation: neustream_model::InstallationId::new(),
                plugin: Digest::of(b"filter"),
                config: "{}".to_owned(),
                grant: Grant::new(["kv:1".to_owned()]),
                ceilings: PlanCeilings::default(),
                now: UnixMillis(1_800_000_000_000),
                batch: vec![message("m1"), message("m2")],
                found: vec![],
                verdicts: vec![Verdict {
                    id: "m1".to_owned(),
                    action: Action::Timeout(std::time::Duration::from_secs(5)),
                    rule: "caps".to_owned(),
                    reason: "shouting".to_owned(),
                }],
                fault: None,
            };
            let log = ChatStore(t.store.clone());
            log.keep(&recording).await.unwrap();
            assert_eq!(log.about(recording.tenant, "m2").await.unwrap(), std::slice::from_ref(&recording));
            assert_eq!(log.about(TenantId::new(), "m2").await.unwrap(), []);
        })
        .await;
    }
}
