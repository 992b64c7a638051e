//! A store in memory, which can fail and lose answers.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use neustream_contract::chat::Message;
use neustream_model::UnixMillis;
use uuid::Uuid;

use crate::Place;
use crate::connector::{
    Commit, Committed, ConnectorStore, Finished, Memory, Recording, Saved, StoreFailure, Waiting,
};

/// [`ConnectorStore`] in memory. Clones are the same.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Tables>>);

#[derive(Default)]
struct Tables {
    saved: HashMap<Place, Saved>,
    answers: HashMap<Uuid, Committed>,
    older: HashMap<Place, BTreeMap<u32, Memory>>,
    messages: HashMap<Place, Vec<StoredMessage>>,
    outgoing: HashMap<Place, Vec<(Waiting, Option<Finished>)>>,
    recordings: HashMap<Place, Recording>,
    known: HashSet<(Place, String)>,
    commits: u64,
    refusals: u64,
    refused: u32,
    unstorable: Option<String>,
    unanswered: u32,
}

/// A message as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessage {
    /// The host's id.
    pub id: Uuid,
    /// What the platform told.
    pub message: Message,
    /// Whether it was removed there.
    pub is_retracted: bool,
}

impl MemoryStore {
    /// The next `count` commits are refused: nothing is written.
    pub fn refuse_commits(&self, count: u32) {
        self.0.lock().unwrap().refused = count;
    }

    /// Steps with a message that holds this text are refused for ever.
    pub fn cannot_store(&self, text: &str) {
        self.0.lock().unwrap().unstorable = Some(text.to_owned());
    }

    /// The next `count` commits are written, but nobody hears of it.
    pub fn lose_answers(&self, count: u32) {
        self.0.lock().unwrap().unanswered = count;
    }

    /// How many commits were refused.
    pub fn refusals(&self) -> u64 {
        self.0.lock().unwrap().refusals
    }

    /// How many commits were written.
    pub fn commits(&self) -> u64 {
        self.0.lock().unwrap().commits
    }

    /// The messages of an installation, in the order in which they were stored.
    pub fn messages(&self, place: Place) -> Vec<StoredMessage> {
        self.0.lock().unwrap().messages.get(&place).cloned().unwrap_or_default()
    }

    /// What is saved of a connector.
    pub fn saved(&self, place: Place) -> Option<Saved> {
        self.0.lock().unwrap().saved.get(&place).cloned()
    }

    /// How an outgoing message ended.
    pub fn finished(&self, place: Place, id: &str) -> Option<Finished> {
        let tables = self.0.lock().unwrap();
        let mut all = tables.outgoing.get(&place)?.iter();
        all.find(|(waiting, _)| waiting.outgoing.id == id)?.1.clone()
    }

    /// Queues an outgoing message as if it had been written at `at`.
    pub fn queue(&self, place: Place, waiting: Waiting) {
        self.0.lock().unwrap().outgoing.entry(place).or_default().push((waiting, None));
    }
}

impl Tables {
    fn finish(&mut self, at: Place, finished: &[Finished]) {
        for (waiting, end) in self.outgoing.entry(at).or_default() {
            if end.is_none() {
                *end = finished.iter().find(|finished| finished.id == waiting.outgoing.id).cloned();
            }
        }
    }

    fn commit(&mut self, at: Place, commit: &Commit) -> Committed {
        self.commits += 1;
        let mut committed = Committed::default();
        let messages = self.messages.entry(at).or_default();
        for new in &commit.messages {
            if self.known.insert((at, new.message.id.clone())) {
                let (id, message) = (new.id, new.message.clone());
                messages.push(StoredMessage { id, message, is_retracted: false });
                committed.fresh.push(new.id);
            }
        }
        for id in &commit.retractions {
            let found = messages.iter_mut().find(|stored| stored.message.id == *id && !stored.is_retracted);
            if let Some(stored) = found {
                stored.is_retracted = true;
                committed.retracted.push(id.clone());
            }
        }
        self.finish(at, &commit.finished);
        let saved = Saved {
            revision: commit.expected_revision + 1,
            token: commit.token,
            memory: commit.memory.clone(),
        };
        if let Some(before) = self.saved.insert(at, saved)
            && commit.keeps_older
        {
            self.older.entry(at).or_default().insert(before.memory.state_schema, before.memory);
        }
        self.answers.insert(commit.token, committed.clone());
        committed
    }
}

#[async_trait]
impl ConnectorStore for MemoryStore {
    async fn load(&self, at: Place) -> Result<Option<Saved>, StoreFailure> {
        Ok(self.0.lock().unwrap().saved.get(&at).cloned())
    }

    async fn older(&self, at: Place, schema: u32) -> Result<Option<Memory>, StoreFailure> {
        let tables = self.0.lock().unwrap();
        let older = tables.older.get(&at).and_then(|older| older.range(..=schema).next_back());
        Ok(older.map(|(_, memory)| memory.clone()))
    }

    async fn commit(&self, at: Place, commit: &Commit) -> Result<Committed, StoreFailure> {
        let mut tables = self.0.lock().unwrap();
        if tables.refused > 0 {
            tables.refused -= 1;
            tables.refusals += 1;
            return Err(StoreFailure::Unavailable("refused by the test".to_owned()));
        }
        if let Some(text) = &tables.unstorable
            && commit.messages.iter().any(|new| new.message.text.contains(text.as_str()))
        {
            return Err(StoreFailure::Refused("not a text for this store".to_owned()));
        }
        if let Some(committed) = tables.answers.get(&commit.token) {
            return Ok(committed.clone());
        }
        let revision = tables.saved.get(&at).map_or(0, |saved| saved.revision);
        if revision != commit.expected_revision {
            return Err(StoreFailure::Conflict);
        }
        let committed = tables.commit(at, commit);
        if tables.unanswered > 0 {
            tables.unanswered -= 1;
            return Err(StoreFailure::Unavailable("the answer was lost by the test".to_owned()));
        }
        Ok(committed)
    }

    async fn enqueue(&self, at: Place, waiting: &Waiting, most: u32) -> Result<(), StoreFailure> {
        let mut tables = self.0.lock().unwrap();
        let outgoing = tables.outgoing.entry(at).or_default();
        if outgoing.iter().filter(|(_, end)| end.is_none()).count() >= most as usize {
            return Err(StoreFailure::QueueFull(most));
        }
        outgoing.push((waiting.clone(), None));
        Ok(())
    }

    async fn waiting(&self, at: Place) -> Result<Vec<Waiting>, StoreFailure> {
        let tables = self.0.lock().unwrap();
        let outgoing = tables.outgoing.get(&at).into_iter().flatten();
        Ok(outgoing.filter(|(_, end)| end.is_none()).map(|(waiting, _)| waiting.clone()).collect())
    }

    async fn finish(&self, at: Place, finished: &[Finished]) -> Result<(), StoreFailure> {
        self.0.lock().unwrap().finish(at, finished);
        Ok(())
    }

    async fn keep_recording(&self, at: Place, recording: &Recording) -> Result<(), StoreFailure> {
        self.0.lock().unwrap().recordings.insert(at, recording.clone());
        Ok(())
    }

    async fn recording(&self, at: Place) -> Result<Option<Recording>, StoreFailure> {
        Ok(self.0.lock().unwrap().recordings.get(&at).cloned())
    }
}

impl Waiting {
    /// A message written now.
    pub fn now(id: &str, text: &str) -> Self {
        let outgoing =
            neustream_contract::chat::Outgoing { id: id.to_owned(), text: text.to_owned(), reply_to: None };
        Self { outgoing, at: UnixMillis::now() }
    }
}
