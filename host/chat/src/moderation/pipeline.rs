//! Gathering, and the way through a chain.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use neustream_contract::moderation::{Action, MAX_BATCH, Message, ModerationFilters};
use neustream_contract::{Call, CallError, Digest, Installed, Secrets, chat};
use neustream_model::{Secret, TenantId};
use neustream_outbound::Outbound;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::chain::{ChainLink, Decision, FilterChains, Judgement, Passage};
use super::lookup::Answers;
use super::recording::{Replay, VerdictLog, VerdictRecording};
use super::stage::judged;
use crate::access::EgressNotes;

/// Messages of a tenant that wait for their batch. One more is held for a moderator: `overloaded`.
const WAITING: usize = 1000;
/// Batches of a tenant at the same time.
const BATCHES: usize = 4;
/// Recordings on their way to the log. One more is dropped and counted: judging does not wait for it.
const RECORDINGS: usize = 1024;
/// Chains that are remembered; beyond, all are forgotten and read again.
const CHAINS: usize = 10_000;
/// Time that a replay may take: it is for people, and must not fail for being late.
const REPLAY_DEADLINE: Duration = Duration::from_secs(1);

/// What the pipeline is made of.
pub struct ModerationParts {
    /// What a call needs.
    pub installed: Arc<dyn Installed>,
    /// Where implementations are found.
    pub filters: Arc<dyn ModerationFilters>,
    /// Which filters a tenant has.
    pub chains: Arc<dyn FilterChains>,
    /// The way out, for lookups.
    pub outbound: Outbound,
    /// What is kept for appeals.
    pub log: Arc<dyn VerdictLog>,
    /// Where is written down what left.
    pub egress: Arc<dyn EgressNotes>,
    /// What authors' names are hidden with: the same for all hosts of this house, and secret.
    pub author_key: Secret,
}

/// How patient the pipeline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModerationSettings {
    /// How long a batch gathers after its first message.
    pub gather: Duration,
    /// Time for the lookups of a batch; what is not there by then is judged without.
    pub lookup_deadline: Duration,
    /// Time for one lookup; an answer that is too late for its batch is remembered for the next.
    pub lookup_timeout: Duration,
    /// How long an answer is remembered.
    pub remember_for: Duration,
    /// How long a failed lookup is.
    pub remember_failures_for: Duration,
    /// Time for judging the messages of a batch one by one after a fault.
    pub rescue_deadline: Duration,
    /// How long a tenant's chain is remembered without a [`Moderation::changed`].
    pub chain_for: Duration,
    /// How long a tenant's gatherer stays without messages.
    pub idle_after: Duration,
}

impl Default for ModerationSettings {
    fn default() -> Self {
        Self {
            gather: Duration::from_millis(3),
            lookup_deadline: Duration::from_millis(500),
            lookup_timeout: Duration::from_secs(2),
            remember_for: Duration::from_mins(5),
            remember_failures_for: Duration::from_secs(5),
            rescue_deadline: Duration::from_millis(250),
            chain_for: Duration::from_secs(10),
            idle_after: Duration::from_secs(30),
        }
    }
}

/// What all batches share.
pub(crate) struct Shared {
    pub(crate) installed: Arc<dyn Installed>,
    pub(crate) filters: Arc<dyn ModerationFilters>,
    pub(crate) outbound: Outbound,
    pub(crate) egress: Arc<dyn EgressNotes>,
    pub(crate) settings: ModerationSettings,
    pub(crate) answers: Answers,
    recordings: mpsc::Sender<VerdictRecording>,
}

impl Shared {
    /// Sends a recording to the log; answers its id.
    pub(crate) fn record(&self, recording: VerdictRecording) -> Uuid {
        let id = recording.id;
        if self.recordings.try_send(recording).is_err() {
            metrics::counter!("moderation_recordings_dropped_total").increment(1);
        }
        id
    }
}

/// The pipeline. Cheap to clone.
#[derive(Clone)]
pub struct Moderation(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    chains: Arc<dyn FilterChains>,
    author_key: Secret,
    known: Mutex<HashMap<TenantId, Known>>,
    gatherers: Mutex<HashMap<TenantId, mpsc::Sender<Waiting>>>,
}

/// A tenant's chain, and until when it need not be read again.
struct Known {
    until: Instant,
    chain: Arc<[ChainLink]>,
}

struct Waiting {
    message: Message,
    judged: oneshot::Sender<Judgement>,
}

impl Moderation {
    /// A pipeline; call it within a runtime.
    pub fn new(parts: ModerationParts, settings: ModerationSettings) -> Self {
        let ModerationParts { installed, filters, chains, outbound, log, egress, author_key } = parts;
        let (recordings, to_be_kept) = mpsc::channel(RECORDINGS);
        tokio::spawn(keep(log, to_be_kept));
        let answers = Answers::default();
        let shared = Arc::new(Shared { installed, filters, outbound, egress, settings, answers, recordings });
        let (known, gatherers) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { shared, chains, author_key, known, gatherers }))
    }

    /// Judges one message, together with those that come at the same time.
    pub async fn judge(&self, tenant: TenantId, message: Message) -> Judgement {
        let id = message.id.clone();
        let (judged, judgement) = oneshot::channel();
        let waiting = Waiting { message, judged };
        if self.gatherer(tenant, waiting).is_err() {
            return held(id, "overloaded", "more messages come than are judged");
        }
        judgement.await.unwrap_or_else(|_| held(id, "overloaded", "the pipeline was stopped"))
    }

    /// Judges messages in batches of their order. Ids must differ.
    pub async fn judge_batch(&self, tenant: TenantId, messages: Vec<Message>) -> Vec<Judgement> {
        let chain = match self.chain(tenant).await {
            Ok(chain) => chain,
            Err(reason) => {
                let held = |message: Message| held(message.id, "filters-unknown", &reason);
                return messages.into_iter().map(held).collect();
            }
        };
        let mut passages: Vec<_> = messages.into_iter().map(Passage::new).collect();
        for batch in passages.chunks_mut(MAX_BATCH) {
            for link in chain.iter() {
                let open: Vec<_> = batch.iter_mut().filter(|passage| !passage.is_decided()).collect();
                let asked: Vec<_> = open.iter().map(|passage| passage.message.clone()).collect();
                if asked.is_empty() {
                    break;
                }
                let actions = judged(&self.0.shared, tenant, *link, &asked).await;
                for (passage, (action, decision)) in open.into_iter().zip(actions) {
                    passage.take(action, decision);
                }
            }
        }
        passages.into_iter().map(Passage::judgement).collect()
    }

    /// A tenant's filters, their order or the choices for them have changed.
    pub fn changed(&self, tenant: TenantId) {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&tenant);
    }

    /// Judges again what was recorded: same package, configuration, ceilings, clock, messages and answers. It is no
    /// call of the installation's: its figures and its breaker know nothing of it.
    ///
    /// # Errors
    /// [`neustream_contract::CallErrorKind::NotRunnable`] when the package is not there any more.
    pub async fn replay(&self, recording: &VerdictRecording) -> Result<Replay, CallError> {
        let filter = self.0.shared.filters.trial_filter(&recording.plugin).await?;
        let call = Call {
            tenant: recording.tenant,
            installation: recording.installation,
            plugin: recording.plugin,
            grant: recording.grant.clone(),
            ceilings: recording.ceilings,
            config: recording.config.clone(),
            secrets: Secrets::default(),
            attempt: 1,
            deadline: REPLAY_DEADLINE,
        };
        let again = filter.judge_at(&call, recording.now, &recording.batch, &recording.found).await;
        Ok(recording.compared(again.map_err(|error| error.reason())))
    }

    /// A connector's message as filters see it: the author's id is hidden behind a keyed digest, the same for all
    /// messages of one author on one platform of one tenant.
    pub fn message(&self, tenant: TenantId, platform: &str, id: &str, message: &chat::Message) -> Message {
        let key = self.0.author_key.expose();
        let text = format!("{}\0{key}\0{tenant}\0{platform}\0{}", key.len(), message.author_id);
        let mut author_hash = Digest::of(text.as_bytes()).to_hex();
        author_hash.truncate(32);
        Message {
            id: id.to_owned(),
            platform: platform.to_owned(),
            author_hash,
            roles: message.roles.clone(),
            text: message.text.clone(),
            traits: vec![("kind".to_owned(), message.kind.clone())],
        }
    }

    async fn chain(&self, tenant: TenantId) -> Result<Arc<[ChainLink]>, String> {
        let now = Instant::now();
        {
            let known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = known.get(&tenant)
                && known.until > now
            {
                return Ok(Arc::clone(&known.chain));
            }
        }
        let chain: Arc<[_]> = self.0.chains.chain(tenant).await.map_err(|error| error.to_string())?.into();
        let mut known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CHAINS {
            known.clear();
        }
        let until = now + self.0.shared.settings.chain_for;
        known.insert(tenant, Known { until, chain: Arc::clone(&chain) });
        Ok(chain)
    }

    /// Hands a message to the tenant's gatherer, which is made when there is none.
    fn gatherer(&self, tenant: TenantId, waiting: Waiting) -> Result<(), ()> {
        let mut gatherers = self.0.gatherers.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = match gatherers.get(&tenant) {
            Some(gatherer) => match gatherer.try_send(waiting) {
                Ok(()) => return Ok(()),
                Err(mpsc::error::TrySendError::Full(_)) => return Err(()),
                Err(mpsc::error::TrySendError::Closed(waiting)) => waiting,
            },
            None => waiting,
        };
        let (gatherer, messages) = mpsc::channel(WAITING);
        gatherer.try_send(waiting).map_err(|_| ())?;
        gatherers.insert(tenant, gatherer);
        // Ends by itself: when it is idle, or when the pipeline and with it the sender is gone.
        tokio::spawn(gather(Arc::downgrade(&self.0), tenant, messages));
        Ok(())
    }
}

/// Gathers a tenant's messages into batches, and judges some of these side by side.
async fn gather(pipeline: std::sync::Weak<Inner>, tenant: TenantId, mut messages: mpsc::Receiver<Waiting>) {
    let under_way = Arc::new(Semaphore::new(BATCHES));
    while let Some(settings) = pipeline.upgrade().map(|inner| inner.shared.settings) {
        let idle_at = Instant::now() + settings.idle_after;
        let first = match timeout_at(idle_at, messages.recv()).await {
            Ok(Some(first)) => first,
            Ok(None) => return,
            Err(_) => {
                // Under the lock that guards its sender: a message is either here, or comes to another gatherer.
                let Some(inner) = pipeline.upgrade() else { return };
                let mut gatherers = inner.gatherers.lock().unwrap_or_else(PoisonError::into_inner);
                let Ok(first) = messages.try_recv() else {
                    gatherers.remove(&tenant);
                    return;
                };
                first
            }
        };
        let mut batch = vec![first];
        let until = Instant::now() + settings.gather;
        while batch.len() < MAX_BATCH {
            match timeout_at(until, messages.recv()).await {
                Ok(Some(next)) => batch.push(next),
                Ok(None) | Err(_) => break,
            }
        }
        let Ok(turn) = Arc::clone(&under_way).acquire_owned().await else { return };
        let Some(inner) = pipeline.upgrade() else { return };
        tokio::spawn(async move {
            let (messages, askers): (Vec<_>, Vec<_>) =
                batch.into_iter().map(|waiting| (waiting.message, waiting.judged)).unzip();
            let judgements = Moderation(inner).judge_batch(tenant, messages).await;
            for (asker, judgement) in askers.into_iter().zip(judgements) {
                // Whoever asked may have gone.
                let _ = asker.send(judgement);
            }
            drop(turn);
        });
    }
}

/// Writes recordings into the log. One that cannot be written is tried three times and then counted.
async fn keep(log: Arc<dyn VerdictLog>, mut recordings: mpsc::Receiver<VerdictRecording>) {
    while let Some(recording) = recordings.recv().await {
        let mut wait = Duration::from_millis(200);
        for attempt in 1..=3 {
            match log.keep(&recording).await {
                Ok(()) => break,
                Err(error) if attempt == 3 => {
                    tracing::warn!(tenant = %recording.tenant, %error, "a recording of verdicts is lost");
                    metrics::counter!("moderation_recordings_dropped_total").increment(1);
                }
                Err(_) => {
                    tokio::time::sleep(wait).await;
                    wait *= 4;
                }
            }
        }
    }
}

/// A judgement that no filter made.
fn held(id: String, rule: &str, reason: &str) -> Judgement {
    let decision =
        Decision { installation: None, rule: rule.to_owned(), reason: reason.to_owned(), recording: None };
    Judgement { id, action: Action::Hold, decision: Some(decision) }
}
