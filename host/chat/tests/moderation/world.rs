//! What the tests share: a tenant with a chain of native filters.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use neustream_chat::moderation::{
    ChainLink, ChainUnavailable, FilterChains, Judgement, Moderation, ModerationParts, ModerationSettings,
    OnFailure, RecentVerdicts, VerdictLog, VerdictRecording,
};
use neustream_chat::testing::{Authority, Installations, Natives, Platform, outbound};
use neustream_chat::{EgressNotes, Place};
use neustream_contract::moderation::{Action, Found, Lookup, Message, ModerationFilter, Verdict};
use neustream_contract::{Call, CallError, CallErrorKind, Field, Grant, Manifest, Value};
use neustream_model::{Secret, TenantId, UnixMillis};

pub const MANIFEST: &str = r#"
schema = 1
id = "test/filter"
version = "1.0.0"
kind = "moderation"
name = "Filter"
license = "MIT"
"#;

pub const LOOKING: &str = r#"
schema = 1
id = "test/looking"
version = "1.0.0"
kind = "moderation"
name = "Looking"
license = "MIT"
[capabilities.http]
hosts = ["https://score.example.com"]
methods = ["GET", "POST"]
reason = "To score"
[capabilities.secrets.key]
kind = "string"
hosts = ["score.example.com"]
"#;

type Judge = dyn Fn(&Call, UnixMillis, &Message, &[Found]) -> Option<Action> + Send + Sync;

/// A filter from a closure; `Err` texts make it trap, slow ones are asked for by name.
pub struct Native {
    manifest: Manifest,
    judge: Box<Judge>,
    lookups: Vec<Lookup>,
    /// Calls of `judge`.
    pub calls: Arc<AtomicU32>,
    /// The largest batch.
    pub largest: Arc<AtomicU32>,
}

impl Native {
    pub fn new(
        judge: impl Fn(&Call, UnixMillis, &Message, &[Found]) -> Option<Action> + Send + Sync + 'static,
    ) -> Self {
        let manifest = Manifest::from_toml(MANIFEST).unwrap();
        let (calls, largest) = (Arc::default(), Arc::default());
        Self { manifest, judge: Box::new(judge), lookups: Vec::new(), calls, largest }
    }

    /// Replaces every text by that behind the arrow.
    pub fn replacing(from: &'static str, to: &'static str) -> Self {
        Self::new(move |_, _, message, _| {
            let is_found = message.text.contains(from);
            Some(if is_found { Action::Replace(message.text.replace(from, to)) } else { Action::Allow })
        })
    }

    /// Does this with messages that hold a word.
    pub fn on(word: &'static str, action: Action) -> Self {
        let action = move || action.clone();
        Self::new(move |_, _, message, _| {
            Some(if message.text.contains(word) { action() } else { Action::Allow })
        })
    }

    /// With lookups before it judges.
    pub fn looking(mut self, lookups: Vec<Lookup>) -> Self {
        self.manifest = Manifest::from_toml(LOOKING).unwrap();
        self.lookups = lookups;
        self
    }
}

#[async_trait]
impl ModerationFilter for Native {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn plan(&self, _: &Call, _: &[Message]) -> Result<Vec<Lookup>, CallError> {
        Ok(self.lookups.clone())
    }

    async fn judge(
        &self,
        call: &Call,
        batch: &[Message],
        found: &[Found],
    ) -> Result<Vec<Verdict>, CallError> {
        self.judge_at(call, UnixMillis::now(), batch, found).await
    }

    async fn judge_at(
        &self,
        call: &Call,
        now: UnixMillis,
        batch: &[Message],
        found: &[Found],
    ) -> Result<Vec<Verdict>, CallError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.largest.fetch_max(u32::try_from(batch.len()).unwrap(), Ordering::SeqCst);
        if batch.iter().any(|message| message.text.contains("TRAP")) {
            return Err(CallError::new(CallErrorKind::Trap, "trap", "unreachable"));
        }
        if batch.iter().any(|message| message.text.contains("HANG")) {
            std::future::pending::<()>().await;
        }
        let verdict = |message: &Message| {
            let action = (self.judge)(call, now, message, found)?;
            let (rule, reason) = ("test-rule".to_owned(), "because".to_owned());
            Some(Verdict { id: message.id.clone(), action, rule, reason })
        };
        Ok(batch.iter().filter_map(verdict).collect())
    }
}

/// The chain of one tenant, set by the test.
#[derive(Clone, Default)]
pub struct Chain(pub Arc<Mutex<Option<Vec<ChainLink>>>>);

#[async_trait]
impl FilterChains for Chain {
    async fn chain(&self, _: TenantId) -> Result<Vec<ChainLink>, ChainUnavailable> {
        self.0.lock().unwrap().clone().ok_or_else(|| ChainUnavailable("the database is away".to_owned()))
    }
}

pub struct World {
    pub natives: Natives,
    pub installations: Installations,
    pub chain: Chain,
    pub log: Arc<RecentVerdicts>,
    pub moderation: Moderation,
    pub score: Platform,
    pub tenant: TenantId,
}

impl World {
    pub async fn new(settings: ModerationSettings) -> Self {
        let authority = Authority::new();
        let score = Platform::start(&authority, "score.example.com", 443).await;
        let (natives, installations, chain) =
            (Natives::default(), Installations::default(), Chain::default());
        *chain.0.lock().unwrap() = Some(Vec::new());
        let log = Arc::new(RecentVerdicts::new(1000));
        let egress: Arc<dyn EgressNotes> = Arc::new(natives.clone());
        let parts = ModerationParts {
            installed: Arc::new(installations.clone()),
            filters: Arc::new(natives.clone()),
            chains: Arc::new(chain.clone()),
            outbound: outbound(&authority, &[&score]),
            log: log.clone(),
            egress,
            author_key: Secret::new("pepper"),
        };
        let moderation = Moderation::new(parts, settings);
        Self { natives, installations, chain, log, moderation, score, tenant: TenantId::new() }
    }

    /// A pipeline of one filter.
    pub async fn of(filter: Native, on_failure: OnFailure) -> Self {
        let mut world = Self::new(ModerationSettings::default()).await;
        world.add("one", filter, on_failure);
        world
    }

    /// Puts a filter at the end of the chain.
    pub fn add(&mut self, name: &str, filter: Native, on_failure: OnFailure) -> Place {
        let grant = Grant::all_of(&filter.manifest);
        let plugin = self.natives.filter(name, filter);
        // All installations are asked for as the tenant of the chain.
        let place = self.installations.install_for(self.tenant, plugin, grant);
        let link = ChainLink { installation: place.installation, on_failure };
        self.chain.0.lock().unwrap().as_mut().unwrap().push(link);
        self.moderation.changed(self.tenant);
        place
    }

    pub async fn judged(&self, texts: &[&str]) -> Vec<Judgement> {
        let messages = texts.iter().enumerate().map(|(number, text)| message(&number.to_string(), text));
        self.moderation.judge_batch(self.tenant, messages.collect()).await
    }

    pub async fn actions(&self, texts: &[&str]) -> Vec<Action> {
        self.judged(texts).await.into_iter().map(|judgement| judgement.action).collect()
    }

    /// The recordings about a message, as soon as there are any.
    pub async fn recordings(&self, message: &str) -> Vec<VerdictRecording> {
        let found = async {
            loop {
                let found = self.log.about(self.tenant, message).await.unwrap();
                if !found.is_empty() {
                    return found;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), found).await.expect("it is recorded")
    }
}

pub fn message(id: &str, text: &str) -> Message {
    Message {
        id: id.to_owned(),
        platform: "talk".to_owned(),
        author_hash: "a".to_owned(),
        roles: vec![],
        text: text.to_owned(),
        traits: vec![],
    }
}

pub fn lookup(id: &str, path: &str, body: &str) -> Lookup {
    let value = Value::Prefixed("Key ".to_owned(), "key".to_owned());
    Lookup {
        id: id.to_owned(),
        url: format!("https://score.example.com{path}"),
        headers: vec![Field { name: "authorization".to_owned(), value }],
        body: body.as_bytes().to_vec(),
    }
}
